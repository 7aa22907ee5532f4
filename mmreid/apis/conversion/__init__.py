"""Weights of other programs, renamed to ours.

``convert.py`` is the way in and lists the layouts; each program has a file in
``programs/`` that renames its weights with the ``Entries`` of ``entries.py``.
``architecture.py`` tells networks apart, ``facts.py`` settles what no file tells,
``unknown_files.py`` what is said of files of nobody. ``fitting.py`` checks that a
network takes all, ``writing.py`` writes and reports. A new layout is a file, a line in
``LAYOUTS`` and one among the families of ``mmreid.engine.checkpoints``.
"""

from mmreid.apis.conversion.convert import LAYOUTS, Converted, convert_file
from mmreid.apis.conversion.entries import Conversion, UnknownLayoutError
from mmreid.apis.conversion.writing import convert_checkpoint
from mmreid.network_facts import FACTS

__all__ = [
    'FACTS',
    'LAYOUTS',
    'Conversion',
    'Converted',
    'UnknownLayoutError',
    'convert_checkpoint',
    'convert_file',
]
