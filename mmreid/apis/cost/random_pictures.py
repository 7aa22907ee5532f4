"""A data set that needs no files, for measuring speed."""

import torch
from mmpretrain.structures import DataSample
from torch.utils.data import Dataset

from mmreid.registry import DATASETS


@DATASETS.register_module()
class RandomPictures(Dataset):
    """Noise in the form that a training pipeline gives pictures.

    Args:
        size (tuple[int, int]): Height and width.
        num_ids (int): Number of identities.
        num_instances (int): Pictures of each. Defaults to 8.
    """

    def __init__(
        self, size: tuple[int, int], num_ids: int, num_instances: int = 8
    ) -> None:
        self.size = tuple(size)
        self.num_ids = num_ids
        self.num_instances = num_instances
        self.metainfo = dict(dataset='random pictures', num_ids=num_ids)

    def __len__(self) -> int:
        return self.num_ids * self.num_instances

    def get_data_info(self, index: int) -> dict:
        """Tell a picture's label, as samplers ask for it."""
        return dict(gt_label=index // self.num_instances)

    def __getitem__(self, index: int) -> dict:
        """Draw a picture ``(3, H, W)``, uint8, always the same one."""
        if not 0 <= index < len(self):
            raise IndexError(f'index must lie in [0, {len(self)}), got {index}.')
        generator = torch.Generator().manual_seed(index)
        inputs = torch.randint(
            256, (3, *self.size), dtype=torch.uint8, generator=generator
        )
        sample = DataSample().set_gt_label(self.get_data_info(index)['gt_label'])
        return dict(inputs=inputs, data_samples=sample)
