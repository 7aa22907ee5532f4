"""What a mean over queries is worth: intervals, paired tests, spread over runs.

Queries of one person are not independent draws: they share clothes, right answers and
look-alikes. A test set is made by choosing persons and then taking all their pictures,
and the question behind a number is how it would have come out for other persons. So
the functions here resample and flip whole clusters (pass the persons as ``clusters``);
with ``clusters=None`` every query is its own, which gives narrower intervals and
smaller p values than the data support. Bootstrap: Efron and Tibshirani, An
Introduction to the Bootstrap, 1993, chapters 8 and 13; clusters: Davison and Hinkley,
Bootstrap Methods and their Application, 1997, section 3.8; the p value's correction:
Phipson and Smyth, Permutation P-values Should Never Be Zero, 2010.
"""

from dataclasses import dataclass

import numpy as np

# Weights of this many resampled clusters are held at once.
BLOCK_SIZE = 1 << 20


@dataclass(frozen=True, eq=False)
class Interval:
    """A mean and where it would have fallen for other queries.

    Attributes:
        value: The mean, a NumPy scalar or ``(M,)`` for M columns.
        low: Lower end, of the shape of ``value``.
        high: Upper end, of the shape of ``value``.
        confidence: The interval's level.
    """

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    confidence: float


@dataclass(frozen=True, eq=False)
class PairedDifference(Interval):
    """How far two results on the same queries differ.

    Attributes:
        value: Mean of the differences, a NumPy scalar or ``(M,)`` for M columns.
        low: Lower end of the bootstrap interval, of the shape of ``value``.
        high: Upper end, of the shape of ``value``.
        confidence: The interval's level.
        p_value: Two-sided, of the sign-flip permutation test, of the shape of
            ``value``.
    """

    p_value: np.ndarray


@dataclass(frozen=True)
class Spread:
    """Several runs of one method.

    Attributes:
        mean: Over the runs.
        deviation: The sample standard deviation (divisor n - 1); NaN of a single run.
        count: Number of runs.
    """

    mean: float
    deviation: float
    count: int


def bootstrap_interval(
    values: np.ndarray,
    clusters: np.ndarray | None = None,
    *,
    resamples: int = 10_000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Bound the mean over queries by the percentile bootstrap.

    As many clusters as there are are drawn with replacement, each with all its
    queries; the mean is that of the queries drawn.

    Args:
        values (np.ndarray): ``(n,)`` or, for M metrics that are resampled together,
            ``(n, M)``.
        clusters (np.ndarray, optional): ``(n,)`` label of each query's cluster.
            Defaults to None: every query is drawn by itself.
        resamples (int): Number of resamples. Defaults to 10,000.
        confidence (float): Level of the interval. Defaults to 0.95.
        seed (int): Of the draws. Defaults to 0.

    Raises:
        ValueError: No value, NaN or infinity (its index is named), labels of another
            length, or an option out of its range.
    """
    groups = _Groups(values, clusters)
    means = _resampled_means(groups, _checked(resamples, confidence), seed)
    low, high = _percentiles(means, confidence, groups.shape)
    return Interval(groups.mean, low, high, confidence)


def compare_paired(
    first: np.ndarray,
    second: np.ndarray,
    clusters: np.ndarray | None = None,
    *,
    resamples: int = 10_000,
    confidence: float = 0.95,
    seed: int = 0,
) -> PairedDifference:
    """Compare two results on the same queries, query by query.

    The interval is the percentile bootstrap of the differences. The p value answers
    whether the names of the two results could be exchanged: the sign of every
    cluster's differences is flipped at random, and ``(1 + #{|mean flipped| >= |mean|})
    / (1 + resamples)`` is its two-sided value, which is never zero.

    Args:
        first (np.ndarray): ``(n,)`` or ``(n, M)`` values.
        second (np.ndarray): Values of the same queries; differences are ``second -
            first``.
        clusters (np.ndarray, optional): As in :func:`bootstrap_interval`.
        resamples (int): Of the bootstrap and of the test. Defaults to 10,000.
        confidence (float): Level of the interval. Defaults to 0.95.
        seed (int): Of the draws. Defaults to 0.

    Raises:
        ValueError: As :func:`bootstrap_interval`, or values of different shapes.
    """
    first, second = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if first.shape != second.shape:
        raise ValueError(
            'A paired comparison needs the values of the same queries twice, but '
            f'their shapes are {first.shape} and {second.shape}.'
        )
    groups = _Groups(second - first, clusters)
    means = _resampled_means(groups, _checked(resamples, confidence), seed)
    low, high = _percentiles(means, confidence, groups.shape)
    p_value = _flipped_p_value(groups, resamples, seed)
    return PairedDifference(groups.mean, low, high, confidence, p_value)


def spread(values: np.ndarray) -> Spread:
    """Return the mean and the sample standard deviation of several runs.

    Args:
        values (np.ndarray): ``(runs,)`` one number per seed or split.

    Raises:
        ValueError: Not one or more numbers in a row.
    """
    runs = np.asarray(values, np.float64)
    if runs.ndim != 1 or not len(runs):
        raise ValueError(f'values must be one number per run, got {runs.shape}.')
    deviation = runs.std(ddof=1) if len(runs) > 1 else np.nan
    return Spread(float(runs.mean()), float(deviation), len(runs))


class _Groups:
    """Sums of values over clusters.

    Args:
        values (np.ndarray): ``(n,)`` or ``(n, M)``.
        clusters (np.ndarray | None): ``(n,)`` labels or None.

    Attributes:
        sums: ``(C, M)`` float64.
        sizes: ``(C,)`` float64, values in each cluster.
        mean: Mean of the values, of ``shape``.
        shape: ``()`` or ``(M,)``.
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


def _checked(resamples: int, confidence: float) -> int:
    """Return the number of resamples, or refuse it or the confidence."""
    if resamples < 1:
        raise ValueError(f'resamples must be at least 1, got {resamples}.')
    if not 0 < confidence < 1:
        raise ValueError(
            f'confidence must lie between 0 and 1, 0.95 for 95 %, got {confidence}.'
        )
    return resamples


def _resampled_means(groups: _Groups, resamples: int, seed: int) -> np.ndarray:
    """Return ``(resamples, M)`` means of clusters drawn with replacement."""
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


def _percentiles(
    means: np.ndarray, confidence: float, shape: tuple[int, ...]
) -> np.ndarray:
    """Return the two ends of the interval, ``(2, *shape)``."""
    tail = (1 - confidence) / 2
    return np.quantile(means, (tail, 1 - tail), axis=0).reshape(2, *shape)


def _flipped_p_value(groups: _Groups, resamples: int, seed: int) -> np.ndarray:
    """Return the two-sided p value of sign flips, of the groups' shape."""
    rng = np.random.default_rng((seed, 1))
    count = len(groups.sizes)
    # Sums that are equal in exact arithmetic must count as equal.
    slack = 1e-12 * np.abs(groups.sums).sum(axis=0)
    least = np.abs(groups.sums.sum(axis=0)) - slack
    extreme = np.zeros(len(least), np.int64)
    step = max(1, BLOCK_SIZE // count)
    for start in range(0, resamples, step):
        rows = min(step, resamples - start)
        signs = rng.integers(2, size=(rows, count)) * 2.0 - 1
        extreme += (np.abs(signs @ groups.sums) >= least).sum(axis=0)
    return ((1 + extreme) / (1 + resamples)).reshape(groups.shape)
