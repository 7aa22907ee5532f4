"""All pictures of a training, embedded as in a test, and the memory for them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from mmengine.dist import all_gather_object, is_main_process
from mmengine.runner import Runner
from torch import Tensor
from torch.utils.data import DataLoader

from mmreid.data_loaders import list_loaders
from mmreid.engine.loops.stop_signals import shield_workers
from mmreid.engine.model_wrappers import unwrap_model

# Vectors that are widened to float64 at a time.
_ROWS = 4096
# What a config has that prepares its pictures, or wraps one that does.
_PREPARED = frozenset(('pipeline', 'dataset', 'datasets'))


def load_pictures(
    runner: Runner,
    pipeline: Sequence[dict] | None,
    batch_size: int,
    num_workers: int,
) -> DataLoader:
    """Make a loader of a process's share of the training pictures, each once.

    Args:
        runner (Runner): Its config has the training data.
        pipeline (Sequence[dict], optional): How the pictures are prepared; None as
            those of the (first) test data set are.
        batch_size (int): Pictures that are embedded at once.
        num_workers (int): Processes that load them.

    Returns:
        DataLoader: It draws none of the training's random numbers.

    Raises:
        ValueError: Neither pipeline nor test data is given.
    """
    cfg = runner.cfg.train_dataloader
    if pipeline is None:
        tests = list_loaders(runner.cfg, 'test_dataloader')
        if not tests:
            raise ValueError(
                'pipeline must be given where there is no test_dataloader to take it '
                'from; write pipeline=_base_.test_pipeline.'
            )
        pipeline = tests[0].dataset.pipeline
    loader = Runner.build_dataloader(
        dict(
            batch_size=batch_size,
            num_workers=num_workers,
            sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
            collate_fn=cfg.get('collate_fn', dict(type='default_collate')),
            dataset=with_pipeline(cfg.dataset, pipeline),
        ),
        seed=runner.seed,
    )
    shield_workers(loader)
    # Loading draws a number, which must not be one of the training's.
    loader.generator = torch.Generator()
    return loader


def with_pipeline(dataset: Any, pipeline: Sequence[dict]) -> Any:
    """Return the config of a data set with another pipeline, also of what it wraps.

    Args:
        dataset (Any): The config; it stays as it is.
        pipeline (Sequence[dict]): The steps.

    Returns:
        Any: A config.
    """
    changed = dict(dataset)
    if isinstance(dataset.get('dataset'), Mapping):
        return {**changed, 'dataset': with_pipeline(dataset['dataset'], pipeline)}
    if 'datasets' in dataset:
        # A union gives its own to the parts without one; mmengine's ConcatDataset,
        # all of whose parts have one, takes none.
        own = [not _PREPARED.isdisjoint(part) for part in dataset['datasets']]
        changed['datasets'] = [
            with_pipeline(part, pipeline) if prepared else part
            for part, prepared in zip(dataset['datasets'], own, strict=True)
        ]
        if all(own) and 'pipeline' not in dataset:
            return changed
    return {**changed, 'pipeline': pipeline}


@torch.no_grad()
def embed(
    model: Any,
    pictures: DataLoader,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Tensor, Tensor]:
    """Embed a process's share of the pictures.

    Args:
        model (Any): Embeds by ``val_step``; it stays in the mode it was in.
        pictures (DataLoader): Loads them.
        progress (Callable, optional): Called with the batches done and in all.
            Defaults to None.

    Returns:
        tuple[Tensor, Tensor]: Vectors ``(n, D)`` and labels ``(n, )``, on the CPU.

    Raises:
        ValueError: There is no picture.
    """
    training = model.training
    model.eval()
    vectors, labels = [], []
    for done, batch in enumerate(pictures, start=1):
        for sample in model.val_step(batch):
            vectors.append(sample.embedding.cpu())
            labels.append(sample.gt_label.flatten().cpu())
        if progress is not None:
            progress(done, len(pictures))
    model.train(training)
    if not vectors:
        raise ValueError('pictures must be at least one for each process, got none.')
    return torch.stack(vectors), torch.cat(labels)


def gather_vectors(vectors: Tensor, total: int) -> Tensor:
    """Bring all vectors to the first process, in the order of the pictures.

    Args:
        vectors (Tensor): Of this process's share, ``(n, D)``: process r of R has
            pictures r, r + R, ...
        total (int): Number of pictures N.

    Returns:
        Tensor: ``(N, D)``; on other processes than the first it means nothing.
    """
    from mmreid.evaluation.metrics.collecting import gather_rows

    sizes = all_gather_object(len(vectors))
    everything = vectors.new_empty(total if is_main_process() else 0, vectors.shape[1])
    for rank, start, rows in gather_rows(iter([vectors]), sizes, vectors[:0]):
        first = rank + start * len(sizes)
        everything[first :: len(sizes)][: len(rows)] = rows
    return everything


def sum_classes(vectors: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """Add the unit vectors of each class.

    Args:
        vectors (Tensor): ``(N, D)``, of any lengths; on the CPU, where the order of
            the summands is always the same.
        labels (Tensor): ``(N, )`` in [0, K); those with another one are left out.
        num_classes (int): Number of classes K.

    Returns:
        Tensor: ``(K, D)`` in float64.
    """
    sums = torch.zeros(num_classes, vectors.shape[1], dtype=torch.float64)
    for rows, own in zip(vectors.split(_ROWS), labels.split(_ROWS), strict=True):
        known = (own >= 0) & (own < num_classes)
        sums.index_add_(0, own[known], F.normalize(rows[known].double()))
    return sums


def set_rows(runner: Runner, name: str, rows: Tensor) -> None:
    """Give the memory rows, as many as there are classes now.

    A moving average of the model (``EMAHook``) gets them too: it copies or averages
    the memory, which must be of one size in both.

    Args:
        runner (Runner): Holds the model and the hooks.
        name (str): Where in the model the loss is.
        rows (Tensor): Vectors ``(K, D)``.

    Raises:
        ValueError: The model has no such loss.
    """
    averages = [h.ema_model.module for h in runner.hooks if hasattr(h, 'ema_model')]
    for model in (runner.model, *averages):
        find_memory(model, name).set_rows(rows)


def find_memory(model: Any, name: str) -> Any:
    """Find the loss whose memory is filled.

    Args:
        model (Any): The model, wrapped or not.
        name (str): Where in the model the loss is.

    Returns:
        Any: The loss, which has ``memory`` and ``set_rows``.

    Raises:
        ValueError: The model has no such loss.
    """
    found: Any = unwrap_model(model)
    for part in name.split('.'):
        found = getattr(found, part, None)
    if not hasattr(found, 'set_rows'):
        raise ValueError(
            f'loss must name a part of the model with a memory, such as '
            f'ClusterMemoryLoss, got {name!r}, which is {type(found).__name__}.'
        )
    return found
