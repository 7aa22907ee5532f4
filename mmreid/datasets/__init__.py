"""Data sets as lists of records, their samplers and transforms."""

from mmreid.datasets.market1501 import Market1501
from mmreid.datasets.reid_dataset import ReIDDataset
from mmreid.datasets.samplers import IdentitySampler
from mmreid.datasets.transforms import LoadImage

__all__ = ['IdentitySampler', 'LoadImage', 'Market1501', 'ReIDDataset']
