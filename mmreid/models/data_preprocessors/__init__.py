"""What happens to a batch on the device, before the network sees it."""

from mmreid.models.data_preprocessors.batch_random_erasing import BatchRandomErasing
from mmreid.models.data_preprocessors.batch_random_flip import BatchRandomFlip
from mmreid.models.data_preprocessors.reid_data_preprocessor import (
    ReIDDataPreprocessor,
)

__all__ = ['BatchRandomErasing', 'BatchRandomFlip', 'ReIDDataPreprocessor']
