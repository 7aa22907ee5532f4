"""How far fast squared distances of points may be from the exact ones."""

import numpy as np

from mmreid.evaluation.functional.re_ranking.points import PointSet

# Underflow in products of tiny components; lengths are at most 1.
_UNDERFLOW = 1e-30


class ErrorBounds:
    """What the fast squared distances of a set of points tell about the exact ones.

    Those of points of lengths ``a`` and ``b`` differ by at most ``c (a + b)**2``, see
    :meth:`PointSet.error_factor`. From this follows how much larger than the k-th
    smallest fast value that of one of the k nearest points can be.

    Args:
        points: The points.
        dtype: The precision of the fast distances.

    Attributes:
        useful: False where a vector has so many components that the bound says
            nothing.
    """

    def __init__(self, points: PointSet, dtype: np.dtype) -> None:
        self._lengths = np.sqrt(points.squares)
        self._factor = points.error_factor(dtype)
        self.useful = 0 < self._factor < 0.01

    def of_pairs(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Bound the errors of pairs of points (index arrays that broadcast)."""
        lengths = self._lengths[rows] + self._lengths[columns]
        return self._factor * np.square(lengths) + _UNDERFLOW

    def limits(self, rows: np.ndarray, kth: np.ndarray) -> np.ndarray:
        """Return how large a fast value can be for one of the k nearest, ``(n,)``.

        Args:
            rows: Points, ``(n,)``.
            kth: Their k-th smallest fast value among some points, ``(n,)``.
        """
        # |y| <= |x| + d, so the error is at most c (2 |x| + d)**2. The k-th nearest is
        # then no farther than the d that solves d**2 - c (2 |x| + d)**2 = kth ...
        length, c = self._lengths[rows], self._factor
        shift = 2 * length * c
        inside = shift**2 + (1 - c) * (4 * c * length**2 + np.maximum(kth, 0))
        distance = (shift + np.sqrt(inside)) / (1 - c)
        # ... and the fast value of such a neighbour exceeds d**2 by no more than that.
        limit = distance**2 + c * np.square(2 * length + distance)
        return limit * (1 + 1e-6) + _UNDERFLOW
