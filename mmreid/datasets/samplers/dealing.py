"""Dealing visits to batches, so that shares are exact and nobody comes twice."""

from collections.abc import Iterator

import numpy as np


def share_out(
    total: int, weights: np.ndarray, limit: int, rng: np.random.Generator
) -> np.ndarray:
    """Divide ``total`` visits in proportion to weights, at most ``limit`` each.

    Args:
        total (int): Visits to share out, at most ``limit * len(weights)``.
        weights (np.ndarray): Positive integers, (I, ).
        limit (int): Largest share.
        rng (np.random.Generator): Decides where a fraction is rounded up.

    Returns:
        np.ndarray: (I, ) integers with sum ``total``, each the exact share rounded up
        or down, in the mean over ``rng`` the share itself.
    """
    full = np.zeros(len(weights), dtype=bool)
    while True:
        rest = total - limit * int(full.sum())
        weight = int(weights[~full].sum())
        above = ~full & (weights * rest > limit * weight)
        if not above.any():
            break
        full |= above
    visits = np.where(full, limit, 0)
    order = rng.permutation(np.flatnonzero(~full))
    # Systematic sampling in integers: marks one `weight` apart on a line of segments.
    ends = weights[order].cumsum() * rest + rng.integers(weight)
    visits[order] = np.diff(ends // weight, prepend=0)
    return visits


def deal(
    visits: np.ndarray, num_batches: int, rng: np.random.Generator
) -> Iterator[np.ndarray]:
    """Deal visits to batches of one size, no identity twice to one batch.

    An identity enters a batch with the probability (visits it has left) / (batches
    left), so one that has as many visits left as there are batches is never missed.

    Args:
        visits (np.ndarray): (I, ) integers, at most ``num_batches`` each, whose sum
            ``num_batches`` divides.
        num_batches (int): Number of batches.
        rng (np.random.Generator): Source of chance.

    Yields:
        np.ndarray: Identities of a batch, (G, ), in random order.
    """
    size = int(visits.sum()) // num_batches
    left = visits.copy()
    for batches_left in range(num_batches, 0, -1):
        order = rng.permutation(len(left))
        marks = rng.integers(batches_left) + batches_left * np.arange(size)
        chosen = order[np.searchsorted(left[order].cumsum(), marks, side='right')]
        left[chosen] -= 1
        yield chosen
