"""Batches of P identities with K images each."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mmreid.datasets.samplers.record_labels import group_by_label, read_labels
from mmreid.datasets.samplers.visit_sampler import (
    Epoch,
    Instances,
    VisitSampler,
    require_positive,
)
from mmreid.registry import DATA_SAMPLERS


@DATA_SAMPLERS.register_module()
class IdentitySampler(VisitSampler):
    """Draw batches of ``num_ids`` distinct identities with ``num_instances`` images.

    Unlike the samplers of mmengine it decides what a batch holds: the data loader's
    ``batch_size`` must be ``num_ids * num_instances``. How an epoch is drawn:

    1. Its length is fixed. ``epoch='images'`` visits about every image once,
       ``epoch='identities'`` every identity once; ``repeat`` multiplies either.
       Only whole batches are drawn: the remainder is left out, by lot.
    2. Its visits are shared out among the identities, in proportion to their numbers
       of images or equally. A share of 4.3 visits becomes 4 or 5, by lot.
    3. The visits are dealt to the batches at random, no identity twice to one batch.
    4. A visit takes the ``num_instances`` images of the identity that the epoch has
       used least, by lot among equals. With ``instances='other-cameras'`` this holds
       for the first one; all further ones are those used least of the images that
       other cameras than the first one's have taken of the identity.

    In corner cases:

    - An identity with fewer images than ``num_instances`` gives all of them once,
      then again until the visit is full. So do the images of other cameras, where they
      are too few beside the first one. An identity that one camera alone has seen is
      drawn as by ``instances='any'``.
    - An identity whose share exceeds the number of batches is in every batch, and the
      others share the rest.
    - ``epoch='images'`` visits an identity with few images in some epochs only, so
      that its images are seen as often as all others.
    - When an epoch would hold less than one batch, it holds one.

    On several processes every process draws the same batches of
    ``num_ids * world_size`` identities and keeps its own ``num_ids`` of each. The
    order depends on ``seed``, the epoch and the data set's labels only (and cameras,
    where asked for).

    Positives of other cameras are those that retrieval has to find. The visits of
    fast-reid's ``BalancedIdentitySampler`` and of Cluster-Contrast's
    ``RandomMultipleGallerySampler`` are ``epoch='identities'`` with
    ``instances='other-cameras'``; they draw by lot where this sampler takes what was
    used least.

    Args:
        dataset (Sequence): Data set whose records have ``gt_label``: one with
            ``get_data_info`` (then no image is read), or a list of records.
        num_ids (int): Identities in a process's batch (P).
        num_instances (int): Images of each of them (K).
        epoch (str): ``'images'`` or ``'identities'``, the meaning of an epoch.
            Defaults to 'images'.
        repeat (int): Times an epoch goes through all images or identities.
            Defaults to 1.
        seed (int, optional): Seed, the same on every process. Defaults to None: one
            drawn by mmengine and shared between the processes.
        num_batches (int, optional): Batches of an epoch, whatever ``repeat`` makes of
            it. Defaults to None: as many as fit.
        instances (str): ``'any'`` images of an identity, or beside a first one those
            of ``'other-cameras'`` (records then have ``cam_id``). Defaults to 'any'.

    Raises:
        ValueError: When an argument is out of range, the data set has no training
            labels, too few identities for one batch, or no cameras where they are
            asked for.
    """

    def __init__(
        self,
        dataset: Sequence[Any],
        num_ids: int,
        num_instances: int,
        epoch: Epoch = 'images',
        repeat: int = 1,
        seed: int | None = None,
        num_batches: int | None = None,
        instances: Instances = 'any',
    ) -> None:
        require_positive(repeat=repeat, num_batches=num_batches)
        super().__init__(
            num_ids, num_instances, epoch, num_batches or 1, instances, seed
        )
        self.images = group_by_label(_training_labels(dataset))
        if self.ids_per_step > len(self.images):
            raise ValueError(
                f'A batch needs {self.ids_per_step} distinct identities (num_ids='
                f'{num_ids} on {self.world_size} process(es)), but the data set has '
                f'{len(self.images)}; lower num_ids and with it batch_size, with '
                f'--cfg-options train_dataloader.sampler.num_ids={self._most_ids} '
                f'train_dataloader.batch_size={self._most_ids * num_instances}.'
            )
        cameras = self.cameras_of(dataset)
        if cameras is not None:
            self.cameras = [cameras[images] for images in self.images]
        if num_batches is None:
            step = self.ids_per_step * (num_instances if epoch == 'images' else 1)
            self.num_batches = max(1, int(self.weights.sum()) * repeat // step)

    @property
    def _most_ids(self) -> int:
        """The largest ``num_ids`` that the data set allows."""
        return len(self.images) // self.world_size


def _training_labels(dataset: Sequence[Any]) -> np.ndarray:
    """Read the labels of a split for training."""
    labels = read_labels(dataset)
    if (labels < 0).any():
        raise ValueError(
            f'Records to sample need gt_label >= 0, but record '
            f"{int(labels.argmin())} has {labels.min()}; use split='train'."
        )
    return labels
