"""Who may be who: pairs of tracklets nearer than the threshold, found by blocks."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from mmreid.search.tracklets.constraints import Constraints

# Distances held at once, in float32: 64 MB.
_BLOCK = 1 << 24
# What float32 may be wrong by; candidates may be a few more.
_ROUNDING = 1e-4

Progress = Callable[[int, int], None]


def near_pairs(
    unit: np.ndarray,
    threshold: float,
    constraints: Constraints,
    progress: Progress | None = None,
) -> Iterator[np.ndarray]:
    """Find pairs below the threshold that may be one person.

    Args:
        unit (np.ndarray): ``(N, D)`` unit vectors.
        threshold (float): Cosine distance.
        constraints (Constraints): What cannot be.
        progress (Callable | None): Called with rows done and in all. Defaults to None.

    Yields:
        np.ndarray: ``(M, 2)`` pairs of a block of rows, the smaller number first. Some
        are a little farther than the threshold.
    """
    count = len(unit)
    rough = unit.astype(np.float32)
    step = max(1, _BLOCK // max(1, count))
    for start in range(0, count, step):
        rows = np.arange(start, min(count, start + step))
        near = 1 - rough[rows] @ rough[start:].T < threshold + _ROUNDING
        i, j = np.nonzero(near)
        ordered = i < j
        pairs = np.stack([rows[i[ordered]], start + j[ordered]], 1)
        yield pairs[~constraints.forbidden_pairs(pairs)]
        if progress is not None:
            progress(int(rows[-1]) + 1, count)


def possible_groups(groups: np.ndarray, pairs: Iterable[np.ndarray]) -> np.ndarray:
    """Find parts that no chain of near pairs connects: they share no identity.

    Args:
        groups (np.ndarray): ``(N,)`` number of what must be one.
        pairs (Iterable[np.ndarray]): Of :func:`near_pairs`.

    Returns:
        np.ndarray: ``(N,)`` number of the part of each tracklet.
    """
    count = int(groups.max(initial=-1)) + 1
    parts = np.arange(count)
    for block in pairs:
        ends = parts[groups[block]]
        ones = np.ones(len(ends), bool)
        graph = coo_matrix((ones, (ends[:, 0], ends[:, 1])), shape=(count, count))
        _, joined = connected_components(graph, directed=False)
        parts = joined[parts]
    return parts[groups]
