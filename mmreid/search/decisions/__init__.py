"""Yes, no and unknown: thresholds at an error rate, and probabilities.

An ``OperatingPoint`` holds a threshold with what it was fitted on, and a
``Calibration`` that turns distances into probabilities. It extends the
``OperatingThreshold`` of ``mmreid.evaluation``; the files of either are read by both.
The way in is ``fitting.py``; ``evidence/`` holds pairs and searches,
``pair_threshold.py`` and ``search_threshold.py`` find thresholds of either,
``person_jackknife.py`` bounds their rates, since they are not independent, and
``guarantee.py`` has a rate hold for other persons.
"""

from mmreid.search.decisions.calibration import Calibration
from mmreid.search.decisions.evidence import LabelledPairs
from mmreid.search.decisions.fitting import fit_operating_point
from mmreid.search.decisions.operating_point import OperatingPoint
from mmreid.search.decisions.point_file import (
    load_operating_point,
    save_operating_point,
)

__all__ = [
    'Calibration',
    'LabelledPairs',
    'OperatingPoint',
    'fit_operating_point',
    'load_operating_point',
    'save_operating_point',
]
