"""Cosines of all pairs of pictures, streamed."""

from collections.abc import Callable, Iterator

import numpy as np

from mmreid.evaluation.functional.distances.measures import stream_distances
from mmreid.evaluation.test_set import Images, TestSet

_BUDGET = 256 * 2**20
_ROWS = 512


class Cosines:
    """Rows of the cosines of pictures, whose matrix of all pairs never exists.

    Args:
        vectors (np.ndarray): ``(N, D)``, of no zero length.
    """

    def __init__(self, vectors: np.ndarray) -> None:
        none = np.zeros(len(vectors), np.int64)
        images = Images(vectors, none, none)
        self._distances = stream_distances(TestSet(images, images), 'cosine', _BUDGET)

    def blocks(
        self, rows: np.ndarray, progress: Callable[[int, int], None] | None = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield some pictures ``(b,)`` and their cosines to all, ``(b, N)``.

        The cosines are scratch memory that the caller may change and must not keep.

        Args:
            rows (np.ndarray): ``(n,)`` indices of pictures, ascending.
            progress (Callable, optional): Called with pictures done and in all.
                Defaults to None.
        """
        done = 0
        for block in self._distances.blocks(rows, self._distances.precisions[0]):
            for part in block.split(_ROWS):
                self._distances.finish(part.values)
                yield part.queries, np.negative(part.values, out=part.values)
                done += len(part.queries)
                if progress is not None:
                    progress(done, len(rows))
