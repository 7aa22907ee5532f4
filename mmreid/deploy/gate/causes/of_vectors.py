"""Causes that both sets of vectors tell by themselves."""

import numpy as np

from mmreid.deploy.gate.closeness import Closeness
from mmreid.deploy.gate.limits import LIMITS

# Lengths that are 1, and lengths that are not.
_UNIT, _NOT_UNIT = 1e-3, 1e-2
# Rows that are looked for elsewhere, the worst ones.
_SOUGHT = 256
# Rows of the network that they are compared with at a time.
_ROWS = 1024
# Of two explanations one is better where the squared error is this share at most.
CLEARLY = 0.25
# Among many rows one is always somewhat nearer.
_SURELY = 0.05
# Slopes and shifts (in deviations) that are no rounding.
_SLOPE, _SHIFT = 0.25, 0.5
# Pictures of which something is wrong with some.
_FEW = 0.1
# Vectors that are the same but for rounding.
_ROUNDED_COSINE, _ROUNDED = 0.99999, 1e-3
# A variance of which so little is left is what is wrong, and so are so many components.
_LOST_VARIANCE, _LOST_COMPONENTS = 0.5, 0.05
# In float32 no rounding leaves less than this median.
_PRECISION = 0.9
# Of one vector of another picture, or of a hypothesis, to the file's.
MATCHING = dict(float32=0.999, bfloat16=0.99, int8=0.9)


def find_vector_cause(
    exact: np.ndarray, given: np.ndarray, closeness: Closeness, precision: str
) -> str:
    """Name the likeliest cause of what differs.

    What is neither collapsed nor told by lengths, rows or single components is put down
    to the precision where the vectors still tell the pictures apart as the network's
    do: in float32 (a runtime may compute in less than it was told to) with a median
    cosine from 0.9 on, below it with a deviation up to 1. Beyond that the cause is
    unknown. What a network computes of pictures that were prepared wrongly is found by
    experiment, see :func:`find_cause`.

    Args:
        exact (np.ndarray): ``(N, D)`` of the network, finite.
        given (np.ndarray): ``(N, D)`` of the file, finite.
        closeness (Closeness): Of both.
        precision (str): ``'float32'``, ``'bfloat16'`` or ``'int8'``.

    Returns:
        str: A key of :data:`~.causes.ADVICE`.
    """
    if cause := _of_lengths(closeness, MATCHING[precision]):
        return cause
    if _are_rows_elsewhere(exact, given, closeness, MATCHING[precision]):
        return 'order of rows'
    if 0 < len(closeness.strangers) <= _FEW * len(exact):
        return 'single pictures'
    least = max(LIMITS[precision].collapsed, _LOST_COMPONENTS) * exact.shape[1]
    if closeness.collapsed > least or closeness.variance_ratio < _LOST_VARIANCE:
        return 'collapsed variance'
    if _are_components_scaled(closeness):
        return 'components scaled differently'
    median = float(np.median(closeness.cosines))
    if median >= _ROUNDED_COSINE and closeness.deviation <= _ROUNDED:
        return 'near-ties'
    near = median >= _PRECISION if precision == 'float32' else closeness.deviation <= 1
    return 'precision' if near else 'unknown'


def _of_lengths(closeness: Closeness, matching: float) -> str | None:
    """Tell an L2 normalisation that only one of both has."""
    if np.median(closeness.cosines) < matching:
        return None
    network, file = np.abs(closeness.lengths - 1)
    if file.max() <= _UNIT and np.median(network) > _NOT_UNIT:
        return 'L2 normalisation extra'
    if network.max() <= _UNIT and np.median(file) > _NOT_UNIT:
        return 'L2 normalisation missing'
    return None


def _are_rows_elsewhere(
    exact: np.ndarray, given: np.ndarray, closeness: Closeness, matching: float
) -> bool:
    """Whether the worst rows are the vectors of other pictures."""
    worst = np.argsort(closeness.cosines)[:_SOUGHT]
    off = worst[closeness.cosines[worst] < matching]
    # Vectors of an untrained network may all be so near each other.
    rows = off if len(off) else worst
    scales = np.where(closeness.lengths > 0, closeness.lengths, 1)
    sought = given[rows] / scales[1, rows, None]
    gaps, best = _nearest(sought, exact, scales[0])
    found = (1 - gaps / 2 >= matching) & (best != rows)
    found &= gaps / 2 <= _SURELY * (1 - closeness.cosines[rows])
    # One picture that is the nearest to all is so because they have collapsed. Rows
    # whose picture has left the set, at the end of a shift, match nothing.
    most = np.bincount(best).max()
    return bool(found.mean() >= 0.9 and most <= len(best) / 2)


def _nearest(
    sought: np.ndarray, exact: np.ndarray, lengths: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Find the nearest of the network's directions: squared distances and rows."""
    least, best = np.full(len(sought), np.inf), np.zeros(len(sought), np.int64)
    for start in range(0, len(exact), _ROWS):
        part = slice(start, start + _ROWS)
        network = exact[part] / lengths[part, None]
        # Counted from one of them, or products would round what tells them apart.
        one, two = sought - network[0], network - network[0]
        gaps = np.square(one).sum(axis=1)[:, None] + np.square(two).sum(axis=1)
        gaps -= 2 * one @ two.T
        place = gaps.argmin(axis=1)
        gap = np.square(one - two[place]).sum(axis=1)
        nearer = gap < least
        least[nearer], best[nearer] = gap[nearer], start + place[nearer]
    return least, best


def _are_components_scaled(closeness: Closeness) -> bool:
    """Whether most of the error is in components that follow lines of their own."""
    moments = closeness.moments
    places = np.flatnonzero(moments.varying & (moments.variance[1] > 0))
    if not len(places):
        return False
    variance, means = moments.variance[:, places], moments.mean[:, places]
    slopes = moments.covariance[places] / variance[0]
    usual = np.median(slopes)
    shifts = means[1] - usual * means[0]
    # Of what the usual slope leaves, and of what each component's own line leaves.
    errors = variance[1] + usual * (usual - 2 * slopes) * variance[0] + shifts**2
    left = variance[1] - slopes**2 * variance[0]
    own = np.abs(slopes - usual) > _SLOPE * abs(usual)
    own |= np.abs(shifts) > _SHIFT * np.sqrt(variance[0]) * abs(usual)
    if errors[own].sum() <= errors.sum() / 2:
        return False
    most = min(errors[own].sum(), variance[1, own].sum())
    return bool(left[own].sum() <= CLEARLY * most)
