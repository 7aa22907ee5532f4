"""Sums over clusters of queries, and what their resamples and flips make of means."""

import numpy as np

# Weights of this many resampled clusters are held at once.
BLOCK_SIZE = 1 << 20


class ClusterSums:
    """Sums of values over clusters.

    Args:
        values (np.ndarray): ``(n,)`` or ``(n, M)``.
        clusters (np.ndarray | None): ``(n,)`` labels; None: every value is its own.

    Attributes:
        sums: ``(C, M)`` float64.
        sizes: ``(C,)`` float64, values in each cluster.
        mean: Mean of the values, of ``shape``.
        shape: ``()`` or ``(M,)``.

    Raises:
        ValueError: No value, NaN or infinity (its index is named), or labels of
            another length.
    """

    def __init__(self, values: np.ndarray, clusters: np.ndarray | None) -> None:
        values = np.asarray(values, np.float64)
        if values.ndim not in (1, 2) or not values.size:
            raise ValueError(
                'values must be one per query, (n,), or (n, M) for M metrics, but '
                f'their shape is {values.shape}.'
            )
        self.shape = values.shape[1:]
        table = values.reshape(len(values), -1)
        wrong = ~np.isfinite(table).all(axis=1)
        if wrong.any():
            raise ValueError(
                f'The value of query {wrong.argmax()} is NaN or infinite '
                f'({wrong.sum()} of {len(wrong)} queries are affected); leave out '
                'queries without a right answer first.'
            )
        self.mean = values.mean(axis=0)
        labels = np.arange(len(table)) if clusters is None else np.asarray(clusters)
        if labels.shape != (len(table),):
            raise ValueError(
                f'clusters must hold one label for each of the {len(table)} values, '
                f'got the shape {labels.shape}.'
            )
        _, place, counts = np.unique(labels, return_inverse=True, return_counts=True)
        self.sizes = counts.astype(np.float64)
        self.sums = np.zeros((len(counts), table.shape[1]))
        np.add.at(self.sums, place, table)


def check_draws(resamples: int, confidence: float) -> int:
    """Return the number of resamples, or refuse it or the confidence.

    Args:
        resamples (int): At least 1.
        confidence (float): Between 0 and 1.

    Raises:
        ValueError: One of them is out of its range.
    """
    if resamples < 1:
        raise ValueError(f'resamples must be at least 1, got {resamples}.')
    if not 0 < confidence < 1:
        raise ValueError(
            f'confidence must lie between 0 and 1, 0.95 for 95 %, got {confidence}.'
        )
    return resamples


def resampled_means(groups: ClusterSums, resamples: int, seed: int) -> np.ndarray:
    """Average clusters that are drawn with replacement, each with all its values.

    Args:
        groups (ClusterSums): C clusters of M columns; a resample takes the same
            clusters in all columns.
        resamples (int): Number of resamples R.
        seed (int): Of the draws.

    Returns:
        np.ndarray: ``(R, M)`` means.
    """
    rng = np.random.default_rng(seed)
    count = len(groups.sizes)
    means = []
    step = max(1, BLOCK_SIZE // count)
    for start in range(0, resamples, step):
        rows = min(step, resamples - start)
        drawn = rng.integers(count, size=(rows, count))
        drawn += count * np.arange(rows)[:, None]
        # How often each cluster was drawn: a product then takes all sums at once.
        weights = np.bincount(drawn.ravel(), minlength=rows * count)
        weights = weights.reshape(rows, count).astype(np.float64)
        means.append((weights @ groups.sums) / (weights @ groups.sizes)[:, None])
    return np.concatenate(means)


def flipped_sums(groups: ClusterSums, resamples: int, seed: int) -> np.ndarray:
    """Add up the clusters' sums, each with a sign that is drawn.

    Args:
        groups (ClusterSums): C clusters of M columns; a draw gives a cluster the same
            sign in all columns.
        resamples (int): Number of draws R.
        seed (int): Of the draws.

    Returns:
        np.ndarray: ``(R, M)`` sums.
    """
    rng = np.random.default_rng((seed, 1))
    count = len(groups.sizes)
    sums = []
    step = max(1, BLOCK_SIZE // count)
    for start in range(0, resamples, step):
        rows = min(step, resamples - start)
        signs = rng.integers(2, size=(rows, count)) * 2.0 - 1
        sums.append(signs @ groups.sums)
    return np.concatenate(sums)


def percentile_ends(means: np.ndarray, confidence: float) -> np.ndarray:
    """Return the two ends of the percentile interval.

    Args:
        means (np.ndarray): ``(R, ...)`` resampled values.
        confidence (float): Level of the interval.

    Returns:
        np.ndarray: ``(2, ...)`` low and high.
    """
    tail = (1 - confidence) / 2
    return np.quantile(means, (tail, 1 - tail), axis=0)
