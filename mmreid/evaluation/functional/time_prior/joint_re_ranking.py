"""k-reciprocal re-ranking by the joint distance of vectors and times."""

from collections.abc import Callable, Iterator

import numpy as np

from mmreid.evaluation.functional.counting import count_up
from mmreid.evaluation.functional.ranking.given_distances import DistanceBlock
from mmreid.evaluation.functional.re_ranking.k_reciprocal import check_re_ranking
from mmreid.evaluation.functional.re_ranking.mixing import Options, mix_blocks
from mmreid.evaluation.functional.re_ranking.neighbours import Neighbours
from mmreid.evaluation.functional.time_prior.joint import (
    JointDistances,
    joint_score,
    row_slices,
)
from mmreid.evaluation.functional.time_prior.prior import TimePrior
from mmreid.evaluation.test_set import Images, TestSet

# Pairs that are looked up together.
_PAIRS = 1 << 11


def re_rank_joint_blocks(
    test_set: TestSet,
    prior: TimePrior,
    k1: int = 20,
    k2: int = 6,
    lambda_value: float = 0.3,
    *,
    squared: bool = False,
    memory_budget: int = 256 << 20,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[DistanceBlock]:
    """Stream k-reciprocal distances made of the joint distance.

    As st-ReID's program does it: the joint distance of all pictures, queries and
    gallery, stands where :func:`re_rank_blocks` has the squared Euclidean one. Memory
    beside the vectors: two copies of them, ``O(N (k1 + k2))`` for lists and encodings,
    and a block. Neighbours are those of float32 products, equal ones in order of index.
    A picture need not be its own neighbour, for two of one camera are unlikely in time.

    Args:
        test_set (TestSet): Queries and gallery with vectors, cameras and times.
        prior (TimePrior): Of times.
        k1 (int): As of :func:`re_rank_blocks`. Defaults to 20.
        k2 (int): As of it. Defaults to 6.
        lambda_value (float): Weight of the joint distance. Defaults to 0.3.
        squared (bool): Whether joint distances are squared. Defaults to False.
        memory_budget (int): Bytes for a block; one row is the least. Defaults to 256
            MiB.
        progress (Callable, optional): Called with the pairs compared so far and in all.
            Defaults to None.

    Yields:
        DistanceBlock: The slice of the queries and their ``(n, num_gallery)`` float32
        distances.

    Raises:
        ValueError: An impossible option, or as :class:`JointDistances`.
    """
    check_re_ranking(k1, k2, lambda_value, squared)
    options = Options(k1, k2, lambda_value, squared)
    everything = _Everything(test_set, prior)
    count, num_query = len(everything), everything.num_query
    num_gallery = count - num_query
    advance = count_up(progress, count * count + num_query * num_gallery)
    neighbours = everything.find_neighbours(
        max(options.lengths), memory_budget, advance
    )
    parts = row_slices(num_query, num_gallery, memory_budget)
    yield from mix_blocks(everything, neighbours, options, parts, advance)


class _Everything(JointDistances):
    """Queries, then the gallery, as one set.

    Args:
        test_set (TestSet): Queries and gallery.
        prior (TimePrior): Of times.
    """

    def __init__(self, test_set: TestSet, prior: TimePrior) -> None:
        super().__init__(_join(test_set), prior, 'query and gallery')
        self.num_query = len(test_set.queries)

    def to_gallery(self, rows: slice) -> np.ndarray:
        """Return the distances of some queries to the gallery, float64.

        Args:
            rows (slice): The queries.
        """
        return self.to(self, rows)[:, self.num_query :]

    def fast(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return the distances of pairs, ``(n,)`` float64.

        Args:
            left (np.ndarray): ``(n,)`` indices.
            right (np.ndarray): ``(n,)`` indices.
        """
        found = np.empty(len(left))
        for start in range(0, len(left), _PAIRS):
            part = slice(start, start + _PAIRS)
            pair = left[part], right[part]
            cosines = np.einsum('nd,nd->n', *(self.units[index] for index in pair))
            likely = self.prior.of_pairs(*(self.pictures.take(index) for index in pair))
            found[part] = 1 - joint_score(cosines, likely)
        return found

    def find_neighbours(
        self, length: int, memory_budget: int, progress: Callable[[int], None]
    ) -> Neighbours:
        """Find the nearest of all, nearest first.

        Args:
            length (int): Of the lists.
            memory_budget (int): Bytes for a block.
            progress (Callable): Called with the pairs compared since the last call.
        """
        length = min(length, len(self))
        indices = np.empty((len(self), length), np.int32)
        farthest = np.empty(len(self))
        for rows in row_slices(len(self), len(self), memory_budget):
            block = self.to(self, rows)
            farthest[rows] = block.max(axis=1)
            for point, row in enumerate(block, rows.start):
                close = np.flatnonzero(row <= np.partition(row, length - 1)[length - 1])
                indices[point] = close[np.argsort(row[close], kind='stable')[:length]]
            progress(block.size)
        return Neighbours(indices, farthest)


def _join(test_set: TestSet) -> Images:
    """Put queries and gallery one after another."""
    halves = (test_set.queries, test_set.gallery)
    times = [
        np.full(len(half), np.nan) if half.time is None else half.time
        for half in halves
    ]
    return Images(
        vectors=np.concatenate([np.asarray(half.vectors) for half in halves]),
        person_id=np.concatenate([half.person_id for half in halves]),
        cam_id=np.concatenate([half.cam_id for half in halves]),
        time=np.concatenate(times),
    )
