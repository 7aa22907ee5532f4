"""What pictures look like, in numbers: sharpness, light, size, likeness.

``measuring.py`` looks at one picture, ``close_pairs.py`` finds those that are nearly
one by their perceptual hashes, ``outliers.py`` those that stand out by a measure.
"""

from mmreid.datasets.picture_measures.close_pairs import ClosePairs, find_close_pairs
from mmreid.datasets.picture_measures.measuring import Measures, measure_picture
from mmreid.datasets.picture_measures.outliers import (
    KINDS,
    Outliers,
    Quality,
    find_outliers,
)

__all__ = [
    'KINDS',
    'ClosePairs',
    'Measures',
    'Outliers',
    'Quality',
    'find_close_pairs',
    'find_outliers',
    'measure_picture',
]
