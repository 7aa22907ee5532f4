"""Transforms that mmcv and mmpretrain lack."""

from mmreid.datasets.transforms.load_image import LoadImage

__all__ = ['LoadImage']
