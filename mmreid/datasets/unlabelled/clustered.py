"""A training set whose labels are clusters, which change while it is trained on."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from mmreid.registry import DATASETS

#: What results say of the version of data whose persons nobody has told.
WITHOUT_LABELS = '(without labels)'


@DATASETS.register_module()
class ClusteredDataset:
    """A data set of pictures whose persons are not known, or not to be used.

    Pictures and their order are those of the data set within. A record's ``gt_label``
    is the picture's cluster, -1 where it has none: before there are clusters, and for
    noise. The labels within stay in ``person_id``, for logs; ``metainfo`` has no
    ``num_ids``, and says in ``version`` that the data was used without labels.

    The clusters lie in shared memory: worker processes that stay from epoch to epoch
    see them change.

    Args:
        dataset (dict | Any): A training set, or its config.
        lazy_init (bool): Read nothing before :meth:`full_init`. Defaults to False.
    """

    #: Number of persons to train on: nobody knows.
    declared_ids = None

    def __init__(self, dataset: Any, lazy_init: bool = False) -> None:
        if isinstance(dataset, Mapping):
            told = dict(lazy_init=True) if lazy_init else {}
            dataset = DATASETS.build({**told, **dataset})
        self.dataset = dataset
        self._labels: torch.Tensor | None = None
        if not lazy_init:
            self.full_init()

    def full_init(self) -> None:
        """Read the records within; none of them has a cluster yet."""
        if self._labels is not None:
            return
        if hasattr(self.dataset, 'full_init'):
            self.dataset.full_init()
        self._labels = torch.full((len(self.dataset),), -1).share_memory_()

    @property
    def metainfo(self) -> dict[str, Any]:
        """What is known of the data set within, without its persons."""
        return _without_persons(getattr(self.dataset, 'metainfo', {}))

    @property
    def labels(self) -> np.ndarray:
        """The cluster of every picture, (N, ) int64, -1 for none; a copy."""
        return self._shared().numpy().copy()

    def set_labels(self, labels: np.ndarray | torch.Tensor) -> None:
        """Give every picture a cluster.

        Args:
            labels (np.ndarray | torch.Tensor): (N, ) integers, -1 for none.

        Raises:
            ValueError: They are not as many as the pictures.
        """
        own, new = self._shared(), torch.as_tensor(labels)
        if new.shape != own.shape:
            raise ValueError(
                f'labels must be one for each of the {len(own)} pictures, got '
                f'{tuple(new.shape)}.'
            )
        own.copy_(new)

    def get_data_info(self, idx: int) -> dict[str, Any]:
        """Return a record, its picture not read.

        Args:
            idx (int): Index of the picture.

        Returns:
            dict: The record within, with the cluster as ``gt_label``.
        """
        return {**self.dataset.get_data_info(idx), 'gt_label': self._label_of(idx)}

    def get_cat_ids(self, idx: int) -> list[int]:
        """Return what mmengine's ``ClassBalancedDataset`` balances: clusters.

        Args:
            idx (int): Index of a record.

        Returns:
            list[int]: Its cluster.
        """
        return [self._label_of(idx)]

    def __len__(self) -> int:
        return len(self._shared())

    def __getitem__(self, idx: int) -> Any:
        sample = self.dataset[idx]
        sample['data_samples'].set_gt_label(self._label_of(idx))
        return sample

    def _label_of(self, idx: int) -> int:
        return int(self._shared()[idx])

    def _shared(self) -> torch.Tensor:
        """The labels themselves, after reading what is within."""
        self.full_init()
        assert self._labels is not None
        return self._labels


def _without_persons(metainfo: Mapping[str, Any]) -> dict[str, Any]:
    """Leave the number of persons out and say that nobody told them."""
    meta = {key: value for key, value in metainfo.items() if key != 'num_ids'}
    meta['version'] = f'{meta.get("version", "")} {WITHOUT_LABELS}'.lstrip()
    if 'parts' in meta:
        meta['parts'] = [_without_persons(part) for part in meta['parts']]
    return meta
