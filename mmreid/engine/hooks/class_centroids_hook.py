"""Filling a memory of classes with what the model makes of their pictures."""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from mmengine.dist import all_reduce
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import Tensor
from torch.utils.data import DataLoader

from mmreid.data_loaders import list_loaders
from mmreid.engine.loops.stop_signals import shield_workers
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
        self._loss_of(runner)
        cfg = runner.cfg.train_dataloader
        pipeline = self.pipeline
        if pipeline is None:
            tests = list_loaders(runner.cfg, 'test_dataloader')
            if not tests:
                raise ValueError(
                    'pipeline must be given where there is no test_dataloader to take '
                    'it from; write pipeline=_base_.test_pipeline.'
                )
            pipeline = tests[0].dataset.pipeline
        self._pictures = Runner.build_dataloader(
            dict(
                batch_size=self.batch_size,
                num_workers=self.num_workers,
                sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
                collate_fn=cfg.get('collate_fn', dict(type='default_collate')),
                dataset={**cfg.dataset, 'pipeline': pipeline},
            ),
            seed=runner.seed,
        )
        shield_workers(self._pictures)
        # Loading draws a number, which must not be one of the training's.
        self._pictures.generator = torch.Generator()

    def before_train_epoch(self, runner: Runner) -> None:
        """Embed the training pictures and set the memory's rows."""
        done, _ = runner.message_hub.runtime_info.get('batches_done', (0, 0))
        if done:
            return
        loss = self._loss_of(runner)
        rows = centroids(unwrap_model(runner.model), self._pictures, len(loss.memory))
        loss.set_rows(rows)

    def _loss_of(self, runner: Runner) -> Any:
        """Find the loss whose memory is filled."""
        found: Any = unwrap_model(runner.model)
        for name in self.loss.split('.'):
            found = getattr(found, name, None)
        if not hasattr(found, 'set_rows'):
            raise ValueError(
                f'loss must name a part of the model with a memory, such as '
                f'ClusterMemoryLoss, got {self.loss!r}, which is '
                f'{type(found).__name__}.'
            )
        return found


@torch.no_grad()
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
    training = model.training
    model.eval()
    vectors, labels = [], []
    for batch in pictures:
        for sample in model.val_step(batch):
            vectors.append(sample.embedding.cpu())
            labels.append(sample.gt_label.cpu().flatten())
    model.train(training)
    if not vectors:
        raise ValueError('pictures must be at least one for each process, got none.')
    places = torch.cat(labels)
    if int(places.min()) < 0 or int(places.max()) >= num_classes:
        raise ValueError(
            f'labels must lie in [0, {num_classes}), the rows of the memory, got '
            f'{int(places.min())} to {int(places.max())}; set model.head.num_classes.'
        )
    unit = F.normalize(torch.stack(vectors).double())
    # On the CPU, where the order of the summands is always the same.
    sums = unit.new_zeros(num_classes, unit.shape[1]).index_add_(0, places, unit)
    all_reduce(sums)
    return F.normalize(sums)
