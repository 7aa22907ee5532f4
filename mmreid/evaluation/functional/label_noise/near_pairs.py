"""Pairs of pictures whose vectors are nearly the same."""

from collections.abc import Callable

import numpy as np

from mmreid.evaluation.functional.label_noise.cosines import Cosines


def find_near_pairs(
    vectors: np.ndarray,
    groups: np.ndarray,
    least_cosine: float,
    largest: int = 100_000,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[np.ndarray, np.ndarray, int]:
    """Find pairs of different groups above a cosine, the nearest first.

    Args:
        vectors (np.ndarray): ``(N, D)``, of no zero length.
        groups (np.ndarray): ``(N,)`` whole numbers; pairs of one group do not count.
        least_cosine (float): Of a pair.
        largest (int): Number of pairs that are kept. Defaults to 100,000.
        progress (Callable, optional): Called with pictures done and in all.
            Defaults to None.

    Returns:
        tuple[np.ndarray, np.ndarray, int]: Pairs ``(n, 2)`` int64 of ascending indices,
        their cosines ``(n,)`` float64, and how many there are with those that were not
        kept.
    """
    pairs, cosines, found = np.zeros((0, 2), np.int64), np.zeros(0), 0
    everything = np.arange(len(groups))
    for rows, values in Cosines(vectors).blocks(everything, progress):
        near = values >= least_cosine
        near &= everything > rows[:, None]
        near &= groups != groups[rows, None]
        places, others = np.nonzero(near)
        found += len(places)
        pairs = np.concatenate([pairs, np.stack([rows[places], others], axis=1)])
        cosines = np.concatenate([cosines, values[places, others]])
        if len(pairs) > 2 * largest:
            pairs, cosines = _nearest(pairs, cosines, largest)
    return *_nearest(pairs, cosines, largest), found


def _nearest(
    pairs: np.ndarray, cosines: np.ndarray, number: int
) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(-cosines, kind='stable')[:number]
    return pairs[order], cosines[order]


def nearest_of_group(vectors: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return the cosine of each picture to the nearest other one of its group.

    Args:
        vectors (np.ndarray): ``(N, D)``, of no zero length.
        groups (np.ndarray): ``(N,)`` whole numbers; those below 0 are left out.

    Returns:
        np.ndarray: ``(n,)`` float64 of the pictures of groups of two and more.
    """
    order = np.argsort(groups, kind='stable')
    order = order[groups[order] >= 0]
    _, starts = np.unique(groups[order], return_index=True)
    nearest = [np.zeros(0)]
    for rows in np.split(order, starts[1:]):
        if len(rows) < 2:
            continue
        own = np.asarray(vectors[rows], np.float64)
        own /= np.linalg.norm(own, axis=1, keepdims=True)
        cosines = own @ own.T
        np.fill_diagonal(cosines, -np.inf)
        nearest.append(cosines.max(axis=1))
    return np.concatenate(nearest)
