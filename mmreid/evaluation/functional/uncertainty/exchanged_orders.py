"""How two measurements would agree were every order of the methods as likely."""

from itertools import permutations

import numpy as np
import scipy.stats

from mmreid.evaluation.functional.uncertainty.clusters import BLOCK_SIZE

# All orders of so many methods are gone through where scores are tied.
_MOST_ENUMERATED = 8


def agreement_p_value(
    one: np.ndarray, two: np.ndarray, resamples: int, seed: int
) -> float:
    """Tell how often orders of methods, all of them as likely, agree as much.

    Args:
        one (np.ndarray): ``(M, M)`` of -1, 0 and 1, which of each two methods is
            better.
        two (np.ndarray): ``(M, M)``, the same by another measurement.
        resamples (int): Orders that are drawn where more than eight methods have ties.
        seed (int): Of the draws.

    Returns:
        float: Two-sided.
    """
    count = len(one)
    if min(np.count_nonzero(one), np.count_nonzero(two)) == count * (count - 1):
        places = one.sum(axis=1), two.sum(axis=1)
        return float(scipy.stats.kendalltau(*places, method='exact').pvalue)
    observed = abs((one * two).sum())
    if count <= _MOST_ENUMERATED:
        orders = np.array(list(permutations(range(count))))
        return float((_exchanged(one, two, orders) >= observed).mean())
    rows = np.broadcast_to(np.arange(count), (resamples, count))
    orders = np.random.default_rng((seed, 1)).permuted(rows, axis=1)
    extreme = int((_exchanged(one, two, orders) >= observed).sum())
    return (1 + extreme) / (1 + resamples)


def _exchanged(one: np.ndarray, two: np.ndarray, orders: np.ndarray) -> np.ndarray:
    """Return how far signs agree, either way, with methods in other orders."""
    parts = np.array_split(orders, max(1, len(orders) * len(one) ** 2 // BLOCK_SIZE))
    sums = [
        np.einsum('ij,bij->b', one, two[part[:, :, None], part[:, None, :]])
        for part in parts
    ]
    return np.abs(np.concatenate(sums))
