"""SynthReID: a procedural pedestrian data set in the layout of Market-1501.

``build.py`` is the way in: ``plan.py`` decides which pictures there are, ``shot.py``
draws one of them, of a person (``pedestrian.py``) in a place (``scene.py``) before a
camera (``camera.py``). ``manifest.py`` says whether a folder is complete.
"""

from mmreid.datasets.synthetic.build import render_synthreid
from mmreid.datasets.synthetic.manifest import folder_checksum
from mmreid.datasets.synthetic.plan import SIZES, DatasetSize
from mmreid.datasets.synthetic.sheet import contact_sheet

__all__ = [
    'SIZES',
    'DatasetSize',
    'contact_sheet',
    'folder_checksum',
    'render_synthreid',
]
