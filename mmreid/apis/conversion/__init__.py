"""Weights of other programs, renamed to ours.

``convert.py`` is the way in and lists the layouts; each program has a file in
``programs/`` that renames its weights with the ``Entries`` of ``entries.py``.
``architecture.py`` tells networks apart, ``facts.py`` has what no file tells. A new
layout is a file, a line in ``LAYOUTS``, one among the families of
``mmreid.engine.checkpoints`` and a choice of the command.
"""

from mmreid.apis.conversion.convert import LAYOUTS, convert_checkpoint
from mmreid.apis.conversion.entries import Conversion, UnknownLayoutError
from mmreid.apis.conversion.facts import FACTS

__all__ = ['FACTS', 'LAYOUTS', 'Conversion', 'UnknownLayoutError', 'convert_checkpoint']
