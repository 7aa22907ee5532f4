"""Transforms that mmcv and mmpretrain lack, or are slow at.

One file for each registered transform; each keeps the arguments and the pictures of the
one that it replaces. ``LoadImage`` is where a picture enters; what it shares with other
readers of pictures is in ``mmreid.pictures``.
"""

from mmreid.datasets.transforms.load_image import LoadImage
from mmreid.datasets.transforms.pack_inputs import PackInputs
from mmreid.datasets.transforms.random_crop import RandomCrop
from mmreid.datasets.transforms.random_erasing import RandomErasing
from mmreid.datasets.transforms.random_flip import RandomFlip

__all__ = ['LoadImage', 'PackInputs', 'RandomCrop', 'RandomErasing', 'RandomFlip']
