"""Turning data sets as they are published into pictures and tables."""

from mmreid.datasets.conversion.cuhk03 import convert_cuhk03
from mmreid.datasets.conversion.mat_file import open_mat

__all__ = ['convert_cuhk03', 'open_mat']
