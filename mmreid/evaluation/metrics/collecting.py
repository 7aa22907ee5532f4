"""The embeddings of a test set, from the batches of all processes.

Embeddings move as rows of tensors: mmengine's own collection pickles one object per
sample to the disk or to every process, and 93,820 vectors of 3,840 floats take 73
seconds and four times their memory.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import torch
from mmengine.dist import (
    all_gather_object,
    broadcast_object_list,
    gather,
    gather_object,
    get_comm_device,
    get_world_size,
    is_main_process,
)
from torch import Tensor

from mmreid.evaluation.test_set import Features

# Columns of a batch's labels.
LABELS = ('sample_idx', 'person_id', 'cam_id', 'is_query', 'clothes_id', 'tracklet_id')
# What stands for a label that a sample does not have; -1 is a picture by itself.
DEFAULTS = dict.fromkeys(LABELS, 0) | dict(tracklet_id=-1)
# How an embedding was made; samples may not say so.
RECIPE = ('flip_test', 'normalize', 'runtime', 'precision', 'side_information')
# Of these, how many must be the same for all; what a network is told of a picture
# beside its pixels is not known of every picture.
_SHARED = 4
# What exported files alone tell.
_OF_FILES = ('runtime', 'precision')
T = TypeVar('T')


@dataclass
class EmbeddingBatch:
    """What a metric keeps of a batch.

    Attributes:
        embedding: ``(n, D)`` float32, with memory of its own.
        labels: ``(n, 6)`` int64, in the order of ``LABELS``.
        times: ``(n,)`` float64, NaN where a sample tells no time.
        has_clothes: Whether every sample tells its clothes_id, which else is 0.
        paths: File names of the images.
        recipes: The values of ``RECIPE`` that occur.
    """

    embedding: Tensor
    labels: np.ndarray
    times: np.ndarray
    has_clothes: bool
    paths: list[str]
    recipes: set[tuple]


def collect_features(batches: list[EmbeddingBatch], size: int) -> Features | None:
    """Bring the embeddings of all processes to the main one.

    Samples that a distributed sampler repeated to fill its last round are dropped by
    their ``sample_idx``. The embeddings exist once: batches are given up as they are
    copied to their place.

    Args:
        batches (list[EmbeddingBatch]): What this process has seen; empty afterwards.
        size (int): Number of samples of the data set.

    Returns:
        On the main process the features, queries before gallery, each in the order of
        ``sample_idx``; ``meta`` holds ``flip_test`` and ``normalize`` (None if the
        samples do not tell), ``runtime`` and ``precision`` of an exported file and, of
        a network that has it, ``side_information``, all
        that occur; ``clothes_id`` only if every sample tells,
        ``tracklet_id`` and ``time`` if any does. None elsewhere.

    Raises:
        ValueError: Embeddings of several lengths or made in several ways, or another
            number of samples than ``size``.
        RuntimeError: On the other processes, when the main one fails.
    """
    summaries = all_gather_object(_summary(batches))
    dim, recipe = _agreement(summaries)
    sizes = [summary['rows'] for summary in summaries]
    records = gather_object(_records(batches))
    # Fails, if it must, before the others have begun to send.
    table = on_main_process(lambda: _Table(records, size, dim), share=False)
    device = batches[0].embedding.device if batches else None
    like = torch.empty((0, dim), device=device)
    first_rows = np.cumsum([0, *sizes])
    for rank, start, rows in gather_rows(_give_up(batches), sizes, like):
        table.put(first_rows[rank] + start, rows.numpy())
    if table is None:
        return None
    _, person_id, cam_id, is_query, clothes_id, tracklet_id = table.labels.T
    has_clothes = all(summary['has_clothes'] for summary in summaries)
    return Features(
        embedding=table.embedding,
        person_id=person_id,
        cam_id=cam_id,
        is_query=is_query.astype(bool),
        img_path=table.paths,
        meta=recipe,
        clothes_id=clothes_id if has_clothes else None,
        tracklet_id=tracklet_id if (tracklet_id >= 0).any() else None,
        time=None if np.isnan(table.times).all() else table.times,
    )


class _Table:
    """The test set in its final order; embeddings are filled in as they arrive.

    Args:
        records (list): Labels ``(n, 6)``, times ``(n,)`` and paths of each process.
        size (int): Number of samples of the data set.
        dim (int): Length of an embedding.

    Attributes:
        embedding: ``(size, dim)`` float32.
        labels: ``(size, 6)`` int64.
        times: ``(size,)`` float64.
        paths: ``(size,)`` unicode.
    """

    def __init__(
        self,
        records: list[tuple[np.ndarray, np.ndarray, list[str]]],
        size: int,
        dim: int,
    ) -> None:
        labels = np.concatenate([labels for labels, _, _ in records])
        samples, first = np.unique(labels[:, 0], return_index=True)
        if len(samples) != size:
            raise ValueError(
                f'The data set has {size} samples, but {len(samples)} different '
                f'sample_idx were evaluated ({len(labels)} with repetitions). A '
                'sample_idx must be unique over the whole data set; put query and '
                'gallery into one data set instead of concatenating two.'
            )
        is_query = labels[first, LABELS.index('is_query')]
        rows = first[np.argsort(1 - is_query, kind='stable')]
        names = [name for _, _, names in records for name in names]
        self.labels = labels[rows]
        self.times = np.concatenate([times for _, times, _ in records])[rows]
        self.paths = np.array([names[row] for row in rows], np.str_)
        self.embedding = np.empty((size, dim), np.float32)
        self._place = np.full(len(labels), -1)
        self._place[rows] = np.arange(size)

    def put(self, first: int, rows: np.ndarray) -> None:
        """Write gathered rows, of which the first has index ``first``."""
        place = self._place[first : first + len(rows)]
        kept = place >= 0
        self.embedding[place[kept]] = rows[kept]


def _summary(batches: list[EmbeddingBatch]) -> dict[str, Any]:
    """Describe a process's batches to the others."""
    return dict(
        rows=sum(len(batch.embedding) for batch in batches),
        dims={tuple(batch.embedding.shape[1:]) for batch in batches},
        recipes=set().union(*(batch.recipes for batch in batches)),
        has_clothes=all(batch.has_clothes for batch in batches),
    )


def _records(
    batches: list[EmbeddingBatch],
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return labels ``(n, 6)``, times and paths of a process's batches."""
    nothing = np.empty((0, len(LABELS)), np.int64)
    labels = np.concatenate([nothing, *(batch.labels for batch in batches)])
    times = np.concatenate([np.empty(0), *(batch.times for batch in batches)])
    return labels, times, [path for batch in batches for path in batch.paths]


def _agreement(summaries: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
    """Return the dimension and the recipe that all batches of all processes share."""
    dims = set().union(*(summary['dims'] for summary in summaries))
    recipes = set().union(*(summary['recipes'] for summary in summaries))
    if not dims:
        raise ValueError(
            'There is nothing to evaluate: no process has seen a sample; check that '
            'the test data set is not empty.'
        )
    if len(dims) > 1 or any(len(shape) != 1 for shape in dims):
        raise ValueError(
            f'Every embedding must be a vector (D,) of one length, got {sorted(dims)}.'
        )
    shared = {recipe[:_SHARED] for recipe in recipes}
    if len(shared) > 1:
        raise ValueError(
            f'All embeddings must be made in one way, but {RECIPE[:_SHARED]} take the '
            f'values {sorted(shared, key=repr)}.'
        )
    side = sorted({recipe[-1] for recipe in recipes if recipe[-1] is not None})
    meta = dict(zip(RECIPE, shared.pop(), strict=False))
    for key in [key for key in _OF_FILES if meta[key] is None]:
        del meta[key]
    if side:
        meta['side_information'] = ', '.join(side)
    return dims.pop()[0], meta


def _give_up(batches: list[EmbeddingBatch]) -> Iterator[Tensor]:
    """Yield the embeddings and free each batch once it has been used."""
    batches.reverse()
    while batches:
        yield batches.pop().embedding


def on_main_process(step: Callable[[], T], share: bool = True) -> T:
    """Run a step on the main process and give every process its result.

    Args:
        step (Callable): Called on the main process only; a shared result must be
            picklable.
        share (bool): Otherwise the other processes get None.

    Raises:
        Exception: What the step raised, on the main process.
        RuntimeError: On the others where it raised, so that none waits for ever.
    """
    result: Any = None
    failure = None
    if is_main_process():
        try:
            result = step()
        except Exception as error:
            failure = error
    cause = failure and f'{type(failure).__name__}: {failure}'
    message: list[Any] = [cause, result if share else None]
    broadcast_object_list(message)
    if failure is not None:
        raise failure
    if message[0] is not None:
        raise RuntimeError(
            f'This process stops because the main process failed with {message[0]}'
        )
    return result if is_main_process() or not share else message[1]


def gather_rows(
    batches: Iterator[Tensor],
    sizes: Sequence[int],
    like: Tensor,
    chunk_bytes: int = 4 << 20,
) -> Iterator[tuple[int, int, Tensor]]:
    """Send the rows of all processes to the main one, a chunk at a time.

    Every process must exhaust the iterator; only the main one is given anything.

    Args:
        batches (Iterator[Tensor]): This process's rows ``(n, ...)``, read one batch at
            a time.
        sizes (Sequence[int]): Number of rows of each process.
        like (Tensor): A tensor ``(0, ...)`` with the shape, type and device of the
            rows.
        chunk_bytes (int): About how much all processes together send at a time.

    Yields:
        tuple: Process, index of the first row within that process's rows, and rows on
        the CPU, which are valid until the next step.
    """
    row_bytes = like.element_size() * like.shape[1:].numel()
    step = max(1, chunk_bytes // max(1, row_bytes * len(sizes)))
    source = _rechunk(batches, like, step)
    for start in range(0, max(sizes), step):
        rows = next(source, like)
        height = min(step, max(sizes) - start)
        if len(rows) < height:
            # Processes with fewer rows fill up: what is gathered is of one shape.
            padding = rows.new_zeros((height - len(rows), *rows.shape[1:]))
            rows = torch.cat((rows, padding))
        if get_world_size() > 1:
            rows = rows.to(get_comm_device())
        for rank, received in enumerate(gather(rows)):
            count = min(sizes[rank] - start, height)
            if count > 0:
                yield rank, start, received[:count].cpu()


def _rechunk(batches: Iterator[Tensor], like: Tensor, step: int) -> Iterator[Tensor]:
    """Cut and join batches to tensors of ``step`` rows; the last may have fewer."""
    parts, count = [], 0
    for batch in batches:
        rest = batch
        while count + len(rest) >= step:
            parts.append(rest[: step - count])
            rest = rest[step - count :]
            yield torch.cat(parts) if len(parts) > 1 else parts[0]
            parts, count = [], 0
        parts.append(rest)
        count += len(rest)
    if count:
        yield torch.cat([like, *parts])
