"""Batches of P clusters with K images each, of clusters that change."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from mmreid.datasets.samplers.record_labels import group_by_label, read_labels
from mmreid.datasets.samplers.visit_sampler import Epoch, Instances, VisitSampler
from mmreid.registry import DATA_SAMPLERS


@DATA_SAMPLERS.register_module()
class ClusterSampler(VisitSampler):
    """Draw batches of ``num_ids`` clusters with ``num_instances`` images.

    The visits are those of :class:`IdentitySampler`, on every process alike, with
    clusters for identities. What differs:

    - The labels are read whenever an epoch begins, since they are others then; images
      with a negative label, those without a cluster, are left out.
    - The length of an epoch is an argument, known before there are labels.
    - Where there are fewer clusters than a batch visits, some come more than once,
      none twice more than another. A further visit takes other images of the cluster,
      as far as it has them.

    Args:
        dataset (Sequence): Data set whose records have ``gt_label``, such as
            :class:`ClusteredDataset`, or a list of records.
        num_ids (int): Clusters in a process's batch (P).
        num_instances (int): Images of each of them (K).
        num_batches (int): Batches of an epoch. Defaults to 200.
        epoch (str): Visit clusters in proportion to their numbers of ``'images'``, or
            all ``'identities'`` alike. Defaults to 'identities'.
        instances (str): ``'any'`` images of a cluster, or beside a first one those of
            ``'other-cameras'``. Defaults to 'other-cameras'.
        seed (int, optional): Seed, the same on every process. Defaults to None: one
            drawn by mmengine and shared between the processes.

    Raises:
        ValueError: When an argument is out of range, or the data set has no cameras
            where they are asked for; when an epoch begins, if no image has a cluster.
    """

    def __init__(
        self,
        dataset: Sequence[Any],
        num_ids: int,
        num_instances: int,
        num_batches: int = 200,
        epoch: Epoch = 'identities',
        instances: Instances = 'other-cameras',
        seed: int | None = None,
    ) -> None:
        super().__init__(num_ids, num_instances, epoch, num_batches, instances, seed)
        self.dataset = dataset
        self.all_cameras = self.cameras_of(dataset)

    def __iter__(self) -> Iterator[int]:
        self.images = group_by_label(read_labels(self.dataset))
        if not self.images:
            raise ValueError(
                f'At least one of the {len(self.dataset)} images must have a cluster '
                'when an epoch begins, but all labels are negative; add '
                "dict(type='ClusterHook') to custom_hooks, which sets them."
            )
        if self.all_cameras is not None:
            self.cameras = [self.all_cameras[images] for images in self.images]
        yield from super().__iter__()

    def deal(self, rng: np.random.Generator) -> Iterator[np.ndarray]:
        """Draw the clusters of an epoch's batches.

        Args:
            rng (np.random.Generator): Source of chance.

        Yields:
            np.ndarray: Those of all processes together, (ids_per_step, ) for each
            batch.
        """
        rounds, rest = divmod(self.ids_per_step, len(self.images))
        every = np.tile(np.arange(len(self.images)), rounds)
        for batch in self.deal_distinct(rest, rng):
            yield rng.permutation(np.concatenate([every, batch])) if rounds else batch
