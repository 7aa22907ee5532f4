"""Turning data sets as they are published into pictures and tables.

``convert_cuhk03`` is the way in: ``cuhk03_release.py`` reads what was published,
``cuhk03_pictures.py`` and ``cuhk03_tables.py`` write, ``cuhk03_files.py`` names what is
written and how much it must hold. ``open_mat`` reads any MATLAB file. A conversion
holds one picture in memory and goes on where it was killed: keep that. Another data set
gets files of its own name here and a tool in ``tools/dataset_converters``.
"""

from mmreid.datasets.conversion.cuhk03 import convert_cuhk03
from mmreid.datasets.conversion.mat_file import open_mat

__all__ = ['convert_cuhk03', 'open_mat']
