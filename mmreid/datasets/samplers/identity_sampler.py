"""Batches of P identities with K images each."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal, get_args

import numpy as np
from mmengine.dist import get_dist_info, sync_random_seed
from torch.utils.data import Sampler

from mmreid.arguments import check_choice
from mmreid.datasets.samplers.dealing import deal, share_out
from mmreid.registry import DATA_SAMPLERS

Epoch = Literal['images', 'identities']
Instances = Literal['any', 'other-cameras']


@DATA_SAMPLERS.register_module()
class IdentitySampler(Sampler[int]):
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
        check_choice('epoch', epoch, get_args(Epoch))
        check_choice('instances', instances, get_args(Instances))
        sizes = dict(num_ids=num_ids, num_instances=num_instances, repeat=repeat)
        for name, value in {**sizes, 'num_batches': num_batches}.items():
            if value is not None and value < 1:
                raise ValueError(f'{name} must be at least 1, got {value}.')
        self.rank, self.world_size = get_dist_info()
        self.num_ids = num_ids
        self.num_instances = num_instances
        self.seed = sync_random_seed() if seed is None else seed
        self.epoch = 0
        self.images = group_by_label(dataset)
        if self.ids_per_step > len(self.images):
            raise ValueError(
                f'A batch needs {self.ids_per_step} distinct identities (num_ids='
                f'{num_ids} on {self.world_size} process(es)), but the data set has '
                f'{len(self.images)}; lower num_ids and with it batch_size, with '
                f'--cfg-options train_dataloader.sampler.num_ids={self._most_ids} '
                f'train_dataloader.batch_size={self._most_ids * num_instances}.'
            )
        self.cameras = None
        if instances == 'other-cameras':
            cameras = read_cameras(dataset)
            self.cameras = [cameras[images] for images in self.images]
        counts = np.array([len(images) for images in self.images])
        self.weights = counts if epoch == 'images' else np.ones_like(counts)
        step = self.ids_per_step * (num_instances if epoch == 'images' else 1)
        fitting = max(1, int(self.weights.sum()) * repeat // step)
        self.num_batches = num_batches or fitting

    @property
    def _most_ids(self) -> int:
        """The largest ``num_ids`` that the data set allows."""
        return len(self.images) // self.world_size

    @property
    def ids_per_step(self) -> int:
        """Identities in one step of all processes together."""
        return self.num_ids * self.world_size

    def __iter__(self) -> Iterator[int]:
        rng = np.random.default_rng((self.seed, self.epoch))
        total = self.num_batches * self.ids_per_step
        visits = share_out(total, self.weights, self.num_batches, rng)
        used = [np.zeros(len(images), dtype=int) for images in self.images]
        own = slice(self.rank * self.num_ids, (self.rank + 1) * self.num_ids)
        for batch in deal(visits, self.num_batches, rng):
            # Also what other processes keep is drawn: `rng` and `used` stay the same.
            drawn = [self._visit(identity, used[identity], rng) for identity in batch]
            yield from np.concatenate(drawn[own]).tolist()

    def _visit(
        self, identity: int, used: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        """Take the least used images of an identity and count them in ``used``."""
        order = np.argsort(used + rng.random(len(used)))
        if self.cameras is not None:
            cameras = self.cameras[identity][order]
            elsewhere = order[cameras != cameras[0]]
            if len(elsewhere):
                # The first one comes once: the others fill the visit.
                rest = np.resize(elsewhere, self.num_instances - 1)
                order = np.concatenate([order[:1], rest])
        taken = np.resize(order[: self.num_instances], self.num_instances)
        used += np.bincount(taken, minlength=len(used))
        return self.images[identity][taken]

    def __len__(self) -> int:
        """Number of indices that this process draws in an epoch."""
        return self.num_batches * self.num_ids * self.num_instances

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch whose order the next iteration draws.

        Args:
            epoch (int): Its number, from 0.
        """
        self.epoch = epoch


def group_by_label(dataset: Sequence[Any]) -> list[np.ndarray]:
    """List the indices of every label, in the order of the labels.

    Args:
        dataset (Sequence): Data set with ``get_data_info``, or a list of records.

    Returns:
        list[np.ndarray]: Ascending indices, one array per label that occurs.

    Raises:
        ValueError: When a label is negative, as in a test split.
    """
    record = getattr(dataset, 'get_data_info', dataset.__getitem__)
    labels = np.array([record(i)['gt_label'] for i in range(len(dataset))], dtype=int)
    if (labels < 0).any():
        raise ValueError(
            f'Records to sample need gt_label >= 0, but record '
            f"{int(labels.argmin())} has {labels.min()}; use split='train'."
        )
    order = np.argsort(labels, kind='stable')
    starts = np.flatnonzero(np.diff(labels[order])) + 1
    return np.split(order, starts) if len(order) else []


def read_cameras(dataset: Sequence[Any]) -> np.ndarray:
    """List the camera of every record.

    Args:
        dataset (Sequence): Data set with ``get_data_info``, or a list of records.

    Returns:
        np.ndarray: Their numbers, (N, ).

    Raises:
        ValueError: When the data set has no cameras.
    """
    record = getattr(dataset, 'get_data_info', dataset.__getitem__)
    known = getattr(dataset, 'metainfo', {}).get('cameras', True)
    cameras = [record(i).get('cam_id') for i in range(len(dataset))]
    if not known or None in cameras:
        raise ValueError(
            "instances='other-cameras' needs the camera of every picture, but the data "
            "set does not tell them; set train_dataloader.sampler.instances='any'."
        )
    return np.array(cameras, dtype=int)
