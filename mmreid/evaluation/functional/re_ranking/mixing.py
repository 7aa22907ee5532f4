"""Re-ranked distances: those of k-reciprocal encodings mixed with the original ones."""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, Protocol

import numpy as np

from mmreid.evaluation.functional.re_ranking.encoding import Comparable, encode
from mmreid.evaluation.functional.re_ranking.jaccard import JaccardDistances
from mmreid.evaluation.functional.re_ranking.neighbours import Neighbours


class Rankable(Comparable, Protocol):
    """Queries, then the gallery, whose original distances are known block by block.

    Attributes:
        num_query (int): Number of queries.
    """

    num_query: int

    def to_gallery(self, rows: slice) -> np.ndarray:
        """Return distances of some queries, ``(n, num_gallery)`` of the caller's."""


class Options(NamedTuple):
    """What re-ranking depends on beside the distances, checked.

    Attributes:
        k1: Number of neighbours.
        k2: Number of neighbours whose encodings are averaged.
        lambda_value: Weight of the original distance.
        squared: Whether the original distance is squared once more.
    """

    k1: int
    k2: int
    lambda_value: float
    squared: bool

    @property
    def lengths(self) -> tuple[int, int, int]:
        """Lengths of the neighbour lists that encodings need.

        The first two are those of the k1 and (half as many, ties to even) k1 / 2
        nearest others and the point itself, the last one that of the local query
        expansion.
        """
        return self.k1 + 1, round(self.k1 / 2) + 1, self.k2


def mix_blocks(
    points: Rankable,
    neighbours: Neighbours,
    options: Options,
    parts: Iterable[slice],
    advance: Callable[[int], None],
) -> Iterator[tuple[slice, np.ndarray]]:
    """Stream ``(1 - lambda_value) * jaccard + lambda_value * original``.

    Original distances are divided for each query by its farthest one.

    Args:
        points (Rankable): Queries and gallery.
        neighbours (Neighbours): Of the points, exact for the lengths of the options.
        options (Options): How to re-rank.
        parts (Iterable[slice]): The queries of each block.
        advance (Callable[[int], None]): Called with the number of pairs compared since
            the last call.

    Yields:
        tuple[slice, np.ndarray]: The queries and their ``(n, num_gallery)`` float32
        distances, which the caller may keep and change.
    """
    *_, lambda_value, squared = options
    farthest = neighbours.farthest
    encodings = encode(points, neighbours, options.lengths, farthest, squared)
    jaccard = JaccardDistances(encodings, points.num_query)
    # The weight is squared with the distance.
    weight = math.sqrt(lambda_value) if squared else lambda_value
    # Where all images are identical the original distance is zero.
    weights = weight / np.where(farthest > 0, farthest, 1)
    for rows in parts:
        block = points.to_gallery(rows)
        block *= weights[rows, None].astype(block.dtype)
        block = np.ascontiguousarray(block, np.float32)
        if squared:
            np.square(block, out=block)
        jaccard.add_to(block, rows.start, 1 - lambda_value)
        advance(block.size)
        yield rows, block
