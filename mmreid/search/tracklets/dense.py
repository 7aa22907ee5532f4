"""Agglomerative clustering of a few thousand points, with all distances in memory."""

import numpy as np

LINKAGES = ('average', 'complete', 'single')


def merge_dense(
    distances: np.ndarray, sizes: np.ndarray, threshold: float, linkage: str
) -> np.ndarray:
    """Merge the two nearest clusters until none are nearer than a threshold.

    The distance of two clusters follows from their parts' (Lance and Williams, The
    Computer Journal 1967). An infinite one stays infinite whatever joins either side:
    so a pair that cannot be one keeps apart all clusters that its two come into. Of
    each row the nearest is remembered, and looked for again only where it may lead
    (the generic algorithm of Müllner, arXiv:1109.2378): quadratic in time, usually.

    Args:
        distances (np.ndarray): ``(N, N)`` float64, symmetric; overwritten. Infinite
            between two that cannot be one.
        sizes (np.ndarray): ``(N,)`` points in each cluster at the start.
        threshold (float): Merge below it.
        linkage (str): ``'average'``, ``'complete'`` or ``'single'``.

    Returns:
        np.ndarray: ``(N,)`` number of each one's cluster: its first member. Of equally
        near pairs the one with the smallest numbers is merged first.
    """
    count = len(distances)
    sizes = sizes.astype(np.float64)
    np.fill_diagonal(distances, np.inf)
    members = [[place] for place in range(count)]
    nearest = distances.argmin(1)
    least = distances[np.arange(count), nearest]
    sure = np.ones(count, bool)
    while True:
        one = int(least.argmin())
        if not least[one] < threshold:
            break
        if not sure[one]:
            nearest[one] = distances[one].argmin()
            least[one] = distances[one, nearest[one]]
            sure[one] = True
            continue
        keep, gone = sorted((one, int(nearest[one])))
        row = _joined(distances[keep], distances[gone], sizes[[keep, gone]], linkage)
        row[[keep, gone]] = np.inf
        distances[keep] = distances[:, keep] = row
        distances[gone] = distances[:, gone] = np.inf
        least[gone] = row[gone] = np.inf
        sizes[keep] += sizes[gone]
        members[keep] += members[gone]
        nearest[keep], least[keep] = row.argmin(), row.min()
        # No distance shrinks: what was the least of another row still bounds it. An
        # equal one is looked for again too, since of equals the first is taken.
        again = (nearest == keep) | (nearest == gone) | (row <= least)
        again[keep] = False
        least = np.minimum(least, row)
        sure &= ~again
        sure[keep] = True
        members[gone] = []
    labels = np.zeros(count, np.int64)
    for group in members:
        labels[group] = min(group, default=0)
    return labels


def _joined(
    one: np.ndarray, other: np.ndarray, sizes: np.ndarray, linkage: str
) -> np.ndarray:
    """Return the distances of two clusters made one."""
    if linkage == 'average':
        return (sizes[0] * one + sizes[1] * other) / sizes.sum()
    if linkage == 'complete':
        return np.maximum(one, other)
    never = np.isinf(one) | np.isinf(other)
    return np.where(never, np.inf, np.minimum(one, other))
