"""Filling a memory of classes with what the model makes of their pictures."""

from collections.abc import Sequence
from typing import Any

import torch.nn.functional as F
from mmengine.dist import all_reduce
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import Tensor
from torch.utils.data import DataLoader

from mmreid.engine.hooks.memories.training_pictures import (
    embed,
    find_memory,
    load_pictures,
    sum_classes,
)
from mmreid.engine.model_wrappers import unwrap_model
from mmreid.registry import HOOKS


@HOOKS.register_module()
class ClassCentroidsHook(Hook):
    """Makes the memory of a loss anew before every epoch.

    All training pictures are embedded as in a test, by the model as it then is; a
    class's row is the mean of its pictures' unit vectors, scaled to unit length
    (`PCL-CLIP <https://arxiv.org/abs/2310.17218>`_). Several processes embed a share
    of the pictures each and have the same rows.

    An epoch that is resumed goes on with the memory of its checkpoint, so that the
    training is the uninterrupted one.

    Args:
        loss (str): Name of the loss in the model; it has a ``memory`` of one row per
            class and ``set_rows``. Defaults to ``'head.embedding_loss'``.
        pipeline (Sequence[dict], optional): How the pictures are prepared. Defaults to
            None, as those of the config's (first) test data set are.
        batch_size (int): Pictures that are embedded at once. Defaults to 64.
        num_workers (int): Processes that load them. Defaults to 4.

    Raises:
        ValueError: In ``before_train``, if the model has no such loss, or neither
            pipeline nor test data is given.
    """

    _pictures: DataLoader

    def __init__(
        self,
        loss: str = 'head.embedding_loss',
        pipeline: Sequence[dict] | None = None,
        batch_size: int = 64,
        num_workers: int = 4,
    ) -> None:
        self.loss = loss
        self.pipeline = pipeline
        self.batch_size = batch_size
        self.num_workers = num_workers

    def before_train(self, runner: Runner) -> None:
        """Find the loss and read the list of the training pictures."""
        find_memory(runner.model, self.loss)
        self._pictures = load_pictures(
            runner, self.pipeline, self.batch_size, self.num_workers
        )

    def before_train_epoch(self, runner: Runner) -> None:
        """Embed the training pictures and set the memory's rows."""
        done, _ = runner.message_hub.runtime_info.get('batches_done', (0, 0))
        if done:
            return
        loss = find_memory(runner.model, self.loss)
        rows = centroids(unwrap_model(runner.model), self._pictures, len(loss.memory))
        loss.set_rows(rows)


def centroids(model: Any, pictures: DataLoader, num_classes: int) -> Tensor:
    """Average the unit vectors of each class's pictures, those of all processes.

    Args:
        model (Any): Embeds by ``val_step``; it stays in the mode it was in.
        pictures (DataLoader): This process's share of the pictures.
        num_classes (int): Number of classes K.

    Returns:
        Tensor: Unit vectors ``(K, D)`` in float64, zero where a class has no picture.

    Raises:
        ValueError: There is no picture, or a label is not one of the K classes.
    """
    vectors, labels = embed(model, pictures)
    if int(labels.min()) < 0 or int(labels.max()) >= num_classes:
        raise ValueError(
            f'labels must lie in [0, {num_classes}), the rows of the memory, got '
            f'{int(labels.min())} to {int(labels.max())}; set model.head.num_classes.'
        )
    sums = sum_classes(vectors, labels, num_classes)
    all_reduce(sums)
    return F.normalize(sums)
