"""Batches of visits: some identities, with several images of each."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal, get_args

import numpy as np
from mmengine.dist import get_dist_info, sync_random_seed
from torch.utils.data import Sampler

from mmreid.arguments import check_choice
from mmreid.datasets.samplers.dealing import deal, share_out
from mmreid.datasets.samplers.record_labels import read_cameras

Epoch = Literal['images', 'identities']
Instances = Literal['any', 'other-cameras']


class VisitSampler(Sampler[int]):
    """What :class:`IdentitySampler` and :class:`ClusterSampler` share.

    A subclass sets ``images``, the indices of each identity's images, and where
    ``instances`` asks for them ``cameras``, those of the same images.

    Args:
        num_ids (int): Identities in a process's batch (P).
        num_instances (int): Images of each of them (K).
        epoch (str): Visit identities in proportion to their numbers of ``'images'``,
            or all ``'identities'`` alike.
        num_batches (int): Batches of an epoch.
        instances (str): ``'any'`` images of an identity, or beside a first one those
            of ``'other-cameras'``.
        seed (int, optional): Seed, the same on every process. Defaults to None: one
            drawn by mmengine and shared between the processes.

    Raises:
        ValueError: When an argument is out of range.
    """

    images: list[np.ndarray]
    cameras: list[np.ndarray] | None = None

    def __init__(
        self,
        num_ids: int,
        num_instances: int,
        epoch: Epoch,
        num_batches: int,
        instances: Instances,
        seed: int | None = None,
    ) -> None:
        check_choice('epoch', epoch, get_args(Epoch))
        check_choice('instances', instances, get_args(Instances))
        require_positive(
            num_ids=num_ids, num_instances=num_instances, num_batches=num_batches
        )
        self.rank, self.world_size = get_dist_info()
        self.num_ids = num_ids
        self.num_instances = num_instances
        self.visited = epoch
        self.num_batches = num_batches
        self.instances = instances
        self.seed = sync_random_seed() if seed is None else seed
        self.epoch = 0

    @property
    def ids_per_step(self) -> int:
        """Identities in one step of all processes together."""
        return self.num_ids * self.world_size

    @property
    def weights(self) -> np.ndarray:
        """In which proportions the identities are visited, (I, )."""
        counts = np.array([len(images) for images in self.images])
        return counts if self.visited == 'images' else np.ones_like(counts)

    def __iter__(self) -> Iterator[int]:
        rng = np.random.default_rng((self.seed, self.epoch))
        used = [np.zeros(len(images), dtype=int) for images in self.images]
        own = slice(self.rank * self.num_ids, (self.rank + 1) * self.num_ids)
        for batch in self.deal(rng):
            # Also what other processes keep is drawn: `rng` and `used` stay the same.
            drawn = [self._visit(identity, used[identity], rng) for identity in batch]
            yield from np.concatenate(drawn[own]).tolist()

    def deal(self, rng: np.random.Generator) -> Iterator[np.ndarray]:
        """Draw the identities of an epoch's batches.

        Args:
            rng (np.random.Generator): Source of chance.

        Returns:
            Iterator[np.ndarray]: Those of all processes together, (ids_per_step, ) for
            each batch.
        """
        return self.deal_distinct(self.ids_per_step, rng)

    def deal_distinct(
        self, size: int, rng: np.random.Generator
    ) -> Iterator[np.ndarray]:
        """Draw batches of identities, none twice to one batch.

        Args:
            size (int): Identities of a batch, at most as many as there are.
            rng (np.random.Generator): Source of chance.

        Returns:
            Iterator[np.ndarray]: ``num_batches`` batches, (size, ) each.
        """
        visits = share_out(size * self.num_batches, self.weights, self.num_batches, rng)
        return deal(visits, self.num_batches, rng)

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

    def cameras_of(self, dataset: Sequence[Any]) -> np.ndarray | None:
        """Read the camera of every record, where ``instances`` asks for it.

        Args:
            dataset (Sequence): Data set with ``get_data_info``, or a list of records.

        Returns:
            np.ndarray | None: (N, ); None where cameras do not matter.

        Raises:
            ValueError: When the data set has no cameras.
        """
        return read_cameras(dataset) if self.instances == 'other-cameras' else None


def require_positive(**numbers: int | None) -> None:
    """Refuse numbers below 1; None is a number that is not given.

    Args:
        **numbers (int | None): By the names of their arguments.

    Raises:
        ValueError: One is below 1.
    """
    for name, value in numbers.items():
        if value is not None and value < 1:
            raise ValueError(f'{name} must be at least 1, got {value}.')
