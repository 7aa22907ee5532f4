"""How fast a network computes vectors, by every way that there is to run it.

``measuring.py`` is the way in: it opens the ways and lets them take turns.
``ways.py`` is their list, ``eager.py`` the way without mmreid's speed, which the others
are compared with, and ``exported_files.py`` makes the files that runtimes run.
``processor.py`` tells what the processor can do, ``speeds.py`` what was found.
"""

from mmreid.apis.cost.runtimes.measuring import measure_runtimes
from mmreid.apis.cost.runtimes.speeds import RuntimeSpeeds, Speed
from mmreid.apis.cost.runtimes.ways import WAYS

__all__ = ['WAYS', 'RuntimeSpeeds', 'Speed', 'measure_runtimes']
