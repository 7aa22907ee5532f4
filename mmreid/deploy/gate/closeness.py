"""How near the vectors of a file are to those of the network, in float64."""

from dataclasses import dataclass

import numpy as np

# Rows that are converted to float64 at a time.
_ROWS = 1024
# A component has collapsed where its deviation is this share of the network's, at
# equal median lengths.
_COLLAPSED = 0.01
# Components that vary less than this share of the usual one tell nothing: what is left
# of their variance is rounding.
_VARYING = 1e-4
# Times the usual deviation.
_UNUSUAL = 5


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums over pictures, by component, of both sets of vectors.

    Attributes:
        mean: ``(2, D)`` of the network's and the file's.
        variance: ``(2, D)``, with the divisor N.
        covariance: ``(D,)`` of both.
    """

    mean: np.ndarray
    variance: np.ndarray
    covariance: np.ndarray

    @property
    def varying(self) -> np.ndarray:
        """Which components tell pictures apart in the network, ``(D,)`` bool."""
        deviation = np.sqrt(self.variance[0])
        return deviation > _VARYING * np.sqrt(self.variance[0].mean())


@dataclass(frozen=True, eq=False)
class Closeness:
    """Two sets of vectors of the same pictures, compared row by row.

    Attributes:
        cosines: ``(N,)`` of a picture's two vectors; 1 where both are zero, 0 where
            one is.
        length_ratios: ``(N,)``, the file's over the network's; 1 where both are zero.
        lengths: ``(2, N)`` of the network's and the file's vectors.
        deviations: ``(N,)`` distance of a picture's two vectors, over the root of the
            mean squared distance of the network's from their mean; of directions under
            the cosine distance. Infinite where the network's are all the same.
        variance_ratio: Total variance of the file's vectors over the network's; NaN
            where the network's do not vary.
        collapsed: Number of components that vary in the network's vectors only.
        moments: By component.
    """

    cosines: np.ndarray
    length_ratios: np.ndarray
    lengths: np.ndarray
    deviations: np.ndarray
    variance_ratio: float
    collapsed: int
    moments: Moments

    @property
    def deviation(self) -> float:
        """Root of the mean of the squared deviations."""
        return float(np.sqrt(np.square(self.deviations).mean()))

    @property
    def strangers(self) -> np.ndarray:
        """Rows where both vectors have no more in common than two pictures have.

        They are further apart than pictures from their mean, and five times as far as
        is usual in this file.
        """
        usual = float(np.median(self.deviations))
        return np.flatnonzero(self.deviations > max(1.0, _UNUSUAL * usual))


def compare_vectors(exact: np.ndarray, given: np.ndarray, distance: str) -> Closeness:
    """Compare two vectors of each picture.

    Args:
        exact (np.ndarray): ``(N, D)`` of the network, finite.
        given (np.ndarray): ``(N, D)`` of the file, finite.
        distance (str): ``'cosine'`` or ``'euclidean'``.
    """
    lengths = np.stack([_lengths(exact), _lengths(given)])
    both_zero = (lengths == 0).all(axis=0)
    with np.errstate(divide='ignore', invalid='ignore'):
        ratios = np.where(both_zero, 1.0, lengths[1] / lengths[0])
    scales = np.where(lengths > 0, lengths, 1)
    cosines = np.where(both_zero, 1.0, _cosines(exact, given, scales))
    moments = _moments(exact, given)
    totals = moments.variance.sum(axis=1)
    return Closeness(
        cosines=cosines,
        length_ratios=ratios,
        lengths=lengths,
        deviations=_deviations(
            exact, given, scales if distance == 'cosine' else np.ones_like(scales)
        ),
        variance_ratio=float(totals[1] / totals[0]) if totals[0] > 0 else np.nan,
        collapsed=_count_collapsed(moments, float(np.median(ratios))),
        moments=moments,
    )


def _blocks(count: int) -> list[slice]:
    return [slice(start, start + _ROWS) for start in range(0, count, _ROWS)]


def _lengths(vectors: np.ndarray) -> np.ndarray:
    squares = [
        np.square(vectors[rows].astype(np.float64)).sum(axis=1)
        for rows in _blocks(len(vectors))
    ]
    return np.sqrt(np.concatenate(squares))


def _cosines(exact: np.ndarray, given: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """Return cosines from the distance of directions, which rounds 1 to 1."""
    parts = []
    for rows in _blocks(len(exact)):
        one = exact[rows].astype(np.float64) / scales[0, rows, None]
        two = given[rows].astype(np.float64) / scales[1, rows, None]
        squares = [np.square(x).sum(axis=1) for x in (one, two, one - two)]
        parts.append((squares[0] + squares[1] - squares[2]) / 2)
    return np.clip(np.concatenate(parts), -1, 1)


def _deviations(exact: np.ndarray, given: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """Return how far vectors are from each other, over how far they are spread."""
    # Counted from the first vector, so that nothing is lost where all are near it.
    origin = exact[0].astype(np.float64) / scales[0, 0]
    gaps, squares, total = [], 0.0, np.zeros(exact.shape[1])
    for rows in _blocks(len(exact)):
        one = exact[rows].astype(np.float64) / scales[0, rows, None]
        two = given[rows].astype(np.float64) / scales[1, rows, None]
        gaps.append(np.square(two - one).sum(axis=1))
        one -= origin
        squares += np.square(one).sum()
        total += one.sum(axis=0)
    spread = squares - np.square(total).sum() / len(exact)
    if spread <= 0:
        return np.full(len(exact), np.inf)
    return np.sqrt(np.concatenate(gaps) / (spread / len(exact)))


def _moments(exact: np.ndarray, given: np.ndarray) -> Moments:
    """Sum up by component, counted from the first vectors."""
    count, dim = exact.shape
    sets = exact, given
    origins = np.stack([vectors[0].astype(np.float64) for vectors in sets])
    sums, squares, product = np.zeros((2, dim)), np.zeros((2, dim)), np.zeros(dim)
    for rows in _blocks(count):
        shifted = [x[rows] - origin for x, origin in zip(sets, origins, strict=True)]
        for place, block in enumerate(shifted):
            sums[place] += block.sum(axis=0)
            squares[place] += np.square(block).sum(axis=0)
        product += (shifted[0] * shifted[1]).sum(axis=0)
    means = sums / count
    variance = np.maximum(squares / count - np.square(means), 0)
    return Moments(means + origins, variance, product / count - means[0] * means[1])


def _count_collapsed(moments: Moments, ratio: float) -> int:
    """Count the components that do not vary any more."""
    deviation = np.sqrt(moments.variance)
    still = deviation[1] < _COLLAPSED * ratio * deviation[0]
    return int((still & moments.varying).sum())
