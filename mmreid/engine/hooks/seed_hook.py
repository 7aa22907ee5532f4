"""Random numbers that depend on where training stands, not on how it got there."""

import random
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any

import numpy as np
import torch
from mmengine.device import get_device
from mmengine.dist import get_rank
from mmengine.hooks import Hook
from mmengine.runner import IterBasedTrainLoop, Runner

from mmreid.registry import HOOKS


class _Purpose(IntEnum):
    """Keeps the streams of an epoch, an iteration and a batch apart."""

    EPOCH = 0
    ITERATION = 1
    BATCH = 2


def seed_everything(*key: int) -> None:
    """Seed python, numpy and torch (all devices) from a key of non-negative integers.

    Args:
        *key (int): Different keys give independent streams.
    """
    # With its length, because SeedSequence takes a key and the key with zeros appended
    # for the same.
    words = np.random.SeedSequence([len(key), *key]).generate_state(3)
    random.seed(int(words[0]))
    np.random.seed(int(words[1]))
    if get_device() == 'cpu':
        # Of torch's own function all but this line seeds devices, and where there are
        # none it notes the call and its stack for when they come, once each step.
        torch.default_generator.manual_seed(int(words[2]))
    else:
        torch.manual_seed(int(words[2]))


class SeededBatches:
    """Fetches a batch after seeding with (seed, rank, epoch, indices of the batch).

    torch asks a data set that has ``__getitems__`` for a whole batch at once, in the
    worker process or in the main one. Seeding there makes the augmentation a function
    of the batch alone: it is the same for any number of workers, persistent or not,
    and an image that is drawn twice for a batch is augmented twice.

    Args:
        dataset (Any): A map-style data set.
        seed (int): Seed of the run.
        rank (int): Rank of this process.
    """

    def __init__(self, dataset: Any, seed: int, rank: int) -> None:
        self.dataset = dataset
        self.seed = seed
        self.rank = rank
        # In shared memory, because persistent workers keep their copy of everything
        # else from the first epoch on.
        self.epoch = torch.zeros((), dtype=torch.int64).share_memory_()

    def __call__(self, indices: Sequence[int]) -> list:
        """Return the samples of the batch."""
        epoch = int(self.epoch)
        seed_everything(self.seed, self.rank, _Purpose.BATCH, epoch, *map(int, indices))
        own: Callable | None = getattr(type(self.dataset), '__getitems__', None)
        if own is not None:
            return own(self.dataset, indices)
        return [self.dataset[index] for index in indices]


@HOOKS.register_module()
class SeedHook(Hook):
    """Makes a resumed run continue as if it had never stopped.

    Seeds every epoch by (seed, rank, epoch), every iteration by (seed, rank, iter)
    and every batch of the training data by (seed, rank, epoch, indices), so that
    dropout and augmentation need no random state in the checkpoint. At the start of
    an epoch an interrupted run is then bitwise equal to an uninterrupted one, with any
    ``num_workers`` and with ``persistent_workers``. mmengine alone repeats the same
    augmentation in every epoch (workers that are not persistent), or does not resume
    its random numbers.

    The data set needs no preparation; the hook gives the instance that the data loader
    holds a ``__getitems__``. Only the workers of an ``IterBasedTrainLoop``, which start
    before any hook, are out of its reach. Set ``randomness=dict(seed=...)`` in the
    config: without it, samplers of a resumed run start from a new seed.
    """

    # Before the hooks that draw random numbers.
    priority = 'VERY_HIGH'

    _batches: SeededBatches

    def before_train(self, runner: Runner) -> None:
        """Let the training data loader fetch seeded batches."""
        loader = runner.train_dataloader
        if isinstance(runner.train_loop, IterBasedTrainLoop) and loader.num_workers:
            runner.logger.warning(
                'SeedHook does not seed the augmentation here: the workers of an '
                'IterBasedTrainLoop start before any hook. Train by epochs.'
            )
        dataset: Any = loader.dataset
        self._batches = SeededBatches(dataset, runner.seed, get_rank())
        dataset.__getitems__ = self._batches

    def before_train_epoch(self, runner: Runner) -> None:
        """Seed the main process and tell the workers the epoch."""
        self._batches.epoch.fill_(runner.epoch)
        seed_everything(runner.seed, get_rank(), _Purpose.EPOCH, runner.epoch)

    def before_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None
    ) -> None:
        """Seed the main process, however many draws fetching the batch took."""
        seed_everything(runner.seed, get_rank(), _Purpose.ITERATION, runner.iter)
