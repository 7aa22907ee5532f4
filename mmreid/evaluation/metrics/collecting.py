"""The embeddings of a test set, from the batches of all processes."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from mmengine.dist import all_gather_object
from torch import Tensor

from mmreid.evaluation.functional import Features
from mmreid.evaluation.metrics.embedding_batch import LABELS, RECIPE, EmbeddingBatch
from mmreid.evaluation.metrics.gather import gather_rows, on_main_process


def collect_features(batches: list[EmbeddingBatch], size: int) -> Features | None:
    """Bring the embeddings of all processes to the main one.

    Samples that a distributed sampler repeated to fill its last round are dropped by
    their ``sample_idx``. The embeddings exist once: batches are given up as they are
    copied to their place.

    Args:
        batches: What this process has seen; empty afterwards.
        size: Number of samples of the data set.

    Returns:
        On the main process the features, queries before gallery, each in the order of
        ``sample_idx``; ``meta`` holds ``flip_test`` and ``normalize`` (None if the
        samples do not tell); ``clothes_id`` only if every sample tells. None
        elsewhere.

    Raises:
        ValueError: Embeddings of several lengths or made in several ways, or another
            number of samples than ``size``.
        RuntimeError: On the other processes, when the main one fails.
    """
    summaries = all_gather_object(_summary(batches))
    dim, recipe = _agreement(summaries)
    sizes = [summary['rows'] for summary in summaries]
    width = max(summary['path_bytes'] for summary in summaries)
    labels = _gather_whole(
        [batch.labels for batch in batches], sizes, torch.int64, len(LABELS)
    )
    paths = _gather_whole(
        [_encode(batch.paths, width) for batch in batches], sizes, torch.uint8, width
    )
    # Fails, if it must, before the others have begun to send.
    table = on_main_process(lambda: _Table(labels, size, dim), share=False)
    device = batches[0].embedding.device if batches else None
    like = torch.empty((0, dim), device=device)
    first_rows = np.cumsum([0, *sizes])
    for rank, start, rows in gather_rows(_give_up(batches), sizes, like):
        table.put(first_rows[rank] + start, rows.numpy())
    if table is None:
        return None
    _, person_id, cam_id, is_query, clothes_id = labels[table.rows].T
    has_clothes = all(summary['has_clothes'] for summary in summaries)
    return Features(
        embedding=table.embedding,
        person_id=person_id,
        cam_id=cam_id,
        is_query=is_query.astype(bool),
        img_path=_decode(paths[table.rows]),
        meta=dict(zip(RECIPE, recipe, strict=True)),
        clothes_id=clothes_id if has_clothes else None,
    )


class _Table:
    """The embeddings in their final order, filled as they arrive.

    Attributes:
        rows: ``(size,)`` which of the gathered rows each embedding is.
        embedding: ``(size, dim)`` float32.
    """

    def __init__(self, labels: np.ndarray, size: int, dim: int) -> None:
        samples, first = np.unique(labels[:, 0], return_index=True)
        if len(samples) != size:
            raise ValueError(
                f'The data set has {size} samples, but {len(samples)} different '
                f'sample_idx were evaluated ({len(labels)} with repetitions). A '
                'sample_idx must be unique over the whole data set; put query and '
                'gallery into one data set instead of concatenating two'
            )
        is_query = labels[first, LABELS.index('is_query')]
        self.rows = first[np.argsort(1 - is_query, kind='stable')]
        self.embedding = np.empty((size, dim), np.float32)
        self._place = np.full(len(labels), -1)
        self._place[self.rows] = np.arange(size)

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
        path_bytes=max(
            (len(path.encode()) for batch in batches for path in batch.paths), default=0
        ),
        recipes=set().union(*(batch.recipes for batch in batches)),
        has_clothes=all(batch.has_clothes for batch in batches),
    )


def _agreement(summaries: list[dict[str, Any]]) -> tuple[int, tuple]:
    """Return the dimension and the recipe that all batches of all processes share."""
    dims = set().union(*(summary['dims'] for summary in summaries))
    recipes = set().union(*(summary['recipes'] for summary in summaries))
    if not dims:
        raise ValueError(
            'There is nothing to evaluate: no process has seen a sample; check that '
            'the test data set is not empty'
        )
    if len(dims) > 1 or any(len(shape) != 1 for shape in dims):
        raise ValueError(
            f'Every embedding must be a vector (D,) of one length, got {sorted(dims)}'
        )
    if len(recipes) > 1:
        raise ValueError(
            f'All embeddings must be made in one way, but {RECIPE} take the values '
            f'{sorted(recipes, key=repr)}'
        )
    return dims.pop()[0], recipes.pop()


def _gather_whole(
    batches: list[Tensor], sizes: list[int], dtype: torch.dtype, width: int
) -> np.ndarray:
    """Gather small rows ``(n, width)`` of all processes, in their order."""
    like = torch.empty((0, width), dtype=dtype)
    chunks = list(gather_rows(iter(batches), sizes, like))
    chunks.sort(key=lambda chunk: chunk[:2])
    return torch.cat([like, *(rows for *_, rows in chunks)]).numpy()


def _give_up(batches: list[EmbeddingBatch]) -> Iterator[Tensor]:
    """Yield the embeddings and free each batch once it has been used."""
    batches.reverse()
    while batches:
        yield batches.pop().embedding


def _encode(paths: list[str], width: int) -> Tensor:
    """Write strings as rows of UTF-8 bytes, filled up with zeros."""
    array = np.array([path.encode() for path in paths], f'S{max(1, width)}')
    return torch.from_numpy(array.view(np.uint8).reshape(len(paths), -1).copy())


def _decode(rows: np.ndarray) -> np.ndarray:
    """Read back what :func:`_encode` wrote, as a unicode array."""
    data = np.ascontiguousarray(rows).view(f'S{rows.shape[1]}').ravel()
    return np.array([path.decode() for path in data], dtype=np.str_)
