"""Neighbour feature centralisation: vectors moved to their mutual neighbours."""

from collections.abc import Callable

import numpy as np

from mmreid.arguments import check_count
from mmreid.evaluation.functional.counting import count_up
from mmreid.evaluation.functional.distances.vectors import Vectors
from mmreid.evaluation.functional.re_ranking.neighbours import find_neighbours
from mmreid.evaluation.functional.re_ranking.points import Points
from mmreid.evaluation.test_set import Array

# Rows that are added up together.
_ROWS = 1024


def check_centralisation(k1: int, k2: int) -> None:
    """Refuse impossible parameters.

    Args:
        k1 (int): Length of a vector's list of neighbours.
        k2 (int): Length of the neighbours' own lists.

    Raises:
        ValueError: One of them is no whole number from 1.
    """
    check_count('k1', k1)
    check_count('k2', k2)


def centralise_features(
    vectors: Array,
    k1: int = 2,
    k2: int = 2,
    *,
    search: str = 'blocks',
    name: str = 'gallery',
    progress: Callable[[int, int], None] | None = None,
) -> np.ndarray:
    """Add to each vector its mutual nearest neighbours of the same set.

    Neighbour feature centralisation of Yuan et al., From Poses to Identity:
    Training-Free Person Re-Identification via Feature Centralization, CVPR 2025
    (https://github.com/yuanc3/Pose2ID): vectors are brought to length one; j counts for
    i if j is among the ``k1`` nearest others of i and i among the ``k2`` nearest others
    of j; what counts is added, and the sum brought to length one. Nobody's person or
    camera is looked at.

    Nearest is by exact float64 distances of the vectors of length one, equal ones in
    order of index. Memory beside the vectors: three float32 copies and
    ``O(N (k1 + k2))``.

    Args:
        vectors (Array): ``(N, D)`` of one set, float16, float32 or float64, NumPy
            (memory-mapped files too) or torch on any device.
        k1 (int): Length of a vector's list; where there are fewer others, all. Defaults
            to 2, as published.
        k2 (int): Length of the neighbours' own lists. Defaults to 2, as published.
        search (str): ``'blocks'`` or ``'faiss'``, as of :func:`re_rank_blocks`.
            Defaults to ``'blocks'``.
        name (str): What errors call the vectors. Defaults to 'gallery'.
        progress (Callable, optional): Called with the pairs of vectors compared so far
            and in all. Defaults to None.

    Returns:
        np.ndarray: ``(N, D)`` of length one, float32 unless the vectors are float64.

    Raises:
        ValueError: ``k1`` or ``k2`` below 1, a vector with NaN, infinity or no
            direction, or one whose neighbours cancel it out; the first one is named.

    Example:
        >>> import numpy as np
        >>> centralise_features(
        ...     np.array([[1.0, 0.0], [0.0, 1.0], [0.0, -2.0]]), k1=1, k2=1).round(3)
        array([[ 0.707,  0.707],
               [ 0.707,  0.707],
               [ 0.   , -1.   ]])
    """
    check_centralisation(k1, k2)
    units = Vectors(vectors, name).directions()
    if len(units) == 1:  # nobody else
        return units
    first, second = _find_others(units, (k1, k2), search, progress)
    moved = np.empty_like(units)
    for start in range(0, len(units), _ROWS):
        rows = np.arange(start, min(start + _ROWS, len(units)))
        others = first[rows]
        mutual = (second[others] == rows[:, None, None]).any(axis=2)
        total = units[rows].astype(np.float64)
        for column, counts in zip(others.T, mutual.T, strict=True):
            total[counts] += units[column[counts]]
        lengths = np.linalg.norm(total, axis=1, keepdims=True)
        if (lengths < 1e-9).any():
            raise ValueError(
                f'{name} vector {rows[lengths.argmin()]} and its mutual neighbours '
                'cancel out; with so few vectors, leave out the centralisation.'
            )
        moved[rows] = total / lengths
    return moved


def _find_others(
    units: np.ndarray,
    lengths: tuple[int, int],
    search: str,
    progress: Callable[[int, int], None] | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return, for both lengths k, the k nearest others of each vector, ``(N, k)``."""
    advance = count_up(progress, len(units) * (len(units) + 1) // 2)
    points = Points(Vectors(units, 'units'))
    wanted = [length for k in lengths for length in (k, k + 1)]
    lists = find_neighbours(points, wanted, search, advance).indices
    return _without_self(lists, lengths[0]), _without_self(lists, lengths[1])


def _without_self(lists: np.ndarray, k: int) -> np.ndarray:
    """Take the k nearest others from lists that hold the point itself, ``(N, k)``.

    The first k + 1 hold the point itself, unless identical ones before it keep it out.
    """
    longest = lists[:, : k + 1]
    own = longest == np.arange(len(lists))[:, None]
    # Where it is not there, the last one is one too many.
    own[~own.any(axis=1), -1] = True
    return longest[~own].reshape(len(lists), -1)
