"""Thresholds from pictures, features and galleries, and yes or no for two pictures.

``sources.py`` tells what a command was given and fits a gallery's own threshold,
``measuring.py`` measures labelled pairs, ``comparing.py`` answers. The mathematics is
in ``mmreid.search.decisions``; what is here knows files and networks.
"""

from mmreid.apis.decisions.comparing import SamePerson, same_person
from mmreid.apis.decisions.measuring import (
    MeasuredPairs,
    measure_features,
    measure_pictures,
)
from mmreid.apis.decisions.sources import find_kind, fit_features, fit_gallery

__all__ = [
    'MeasuredPairs',
    'SamePerson',
    'find_kind',
    'fit_features',
    'fit_gallery',
    'measure_features',
    'measure_pictures',
    'same_person',
]
