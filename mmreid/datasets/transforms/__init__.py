"""Transforms that mmcv and mmpretrain lack, or are slow at."""

from mmreid.datasets.transforms.load_image import LoadImage
from mmreid.datasets.transforms.pack_inputs import PackInputs
from mmreid.datasets.transforms.random_crop import RandomCrop
from mmreid.datasets.transforms.random_erasing import RandomErasing
from mmreid.datasets.transforms.random_flip import RandomFlip

__all__ = ['LoadImage', 'PackInputs', 'RandomCrop', 'RandomErasing', 'RandomFlip']
