"""Queries and gallery as one set of points: fast values, exact distances, bounds."""

import numpy as np

from mmreid.evaluation.functional.distances.vectors import (
    Vectors,
    rounding_bound,
)

# Few enough float64 rows to stay in the second-level cache while they are compared.
_EXACT_ROWS = 32
_TILE_ROWS = 128
# Underflow in products of tiny components; lengths are at most 1.
_UNDERFLOW = 1e-30


class Points:
    """Query and gallery vectors one after another, moved to their mean and scaled.

    Moving and scaling change no order of Euclidean distances, and a float32 product
    then keeps its digits where the vectors have a long part in common, as those of
    non-negative features do. What has to be exact is computed from the vectors as
    they were given.

    Fast values are squared distances from products. Those of points of lengths ``a``
    and ``b`` differ from the exact ones by at most ``c (a + b)**2``, where ``c`` is the
    error of ``|x|**2 + |y|**2 - 2 x.y`` (a product of any order of summation, the
    roundings of the vectors and of the sums) together with that of :meth:`exact`.

    Args:
        query (Vectors): Query vectors, which become the first points.
        gallery (Vectors, optional): Gallery vectors of the same length. Defaults to
            None: the points are those of one set, without a gallery.

    Attributes:
        values (np.ndarray): ``(N, D)`` float32, within the unit ball.
        squares (np.ndarray): ``(N,)`` float64, their squared lengths.
        first (np.ndarray): ``(N,)`` int64, for each point the first one that is
            identical.
        errors (dict[type, float]): ``c`` of products in float32 and in float64.

    Raises:
        ValueError: Vectors of different lengths.
    """

    def __init__(self, query: Vectors, gallery: Vectors | None = None) -> None:
        sets = [query] if gallery is None else [query, gallery]
        query.check_comparable(sets[-1])
        self.dim = query.dim
        self.num_query = len(query)
        self._given = tuple(vectors.array for vectors in sets)
        self._scale = _unit_scale(max(vectors.norms.max() for vectors in sets))
        self._centre = self._mean()
        self.values = np.empty((len(self), self.dim), np.float32)
        self.squares = np.empty(len(self))
        hashes = np.empty(len(self), np.int64)
        for start in range(0, len(self), _TILE_ROWS):
            part = np.arange(start, min(start + _TILE_ROWS, len(self)))
            given = self._rows(part)
            # Adding zero gives both zeros the same bytes.
            hashes[part] = [hash(row.tobytes()) for row in given + 0.0]
            tile = self._moved(given).astype(np.float32)
            self.values[part] = tile
            self.squares[part] = np.square(tile, dtype=np.float64).sum(axis=1)
        self.first = self._first_copies(hashes)
        self._lengths = np.sqrt(self.squares)
        exact = rounding_bound(2 * self.dim + 16, np.dtype(np.float64))
        self.errors: dict[type, float] = {
            kind: rounding_bound(self.dim + 16, np.dtype(kind)) / 2
            + 8 * float(np.finfo(kind).eps)
            + exact
            for kind in (np.float32, np.float64)
        }

    def __len__(self) -> int:
        return sum(len(array) for array in self._given)

    @property
    def unit(self) -> float:
        """What the squared distance one of the vectors as given is in fast values."""
        return self._scale**2

    def wide_values(self, points: np.ndarray) -> np.ndarray:
        """Return what ``values`` would be in float64, ``(n, D)``.

        Args:
            points (np.ndarray): ``(n,)`` indices.
        """
        return self._moved(self._rows(points))

    def exact(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return float64 squared distances of pairs of points, ``(n,)``.

        A distance depends on the two vectors alone, not on their order or on what
        else is asked for. It is in the units of ``values``.

        Args:
            left (np.ndarray): ``(n,)`` indices.
            right (np.ndarray): ``(n,)`` indices.
        """
        distances = np.empty(len(left))
        for start in range(0, len(left), _EXACT_ROWS):
            part = slice(start, start + _EXACT_ROWS)
            rows = self._rows(left[part])
            rows -= self._rows(right[part])
            rows *= self._scale
            np.square(rows, out=rows)
            distances[part] = rows.sum(axis=1)
        return distances

    def fast(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return squared distances of pairs of points from float32 products, ``(n,)``.

        Identical points have identical distances.

        Args:
            left (np.ndarray): ``(n,)`` indices.
            right (np.ndarray): ``(n,)`` indices.
        """
        left, right = self.first[left], self.first[right]
        products = np.empty(len(left), np.float32)
        for start in range(0, len(left), 2 * _EXACT_ROWS):
            part = slice(start, start + 2 * _EXACT_ROWS)
            pair = self.values[left[part]], self.values[right[part]]
            np.einsum('nd,nd->n', *pair, out=products[part])
        distances = self.squares[left] + self.squares[right] - 2.0 * products
        distances[left == right] = 0
        return np.maximum(distances, 0)

    def pair_errors(
        self, left: np.ndarray, right: np.ndarray, kind: type = np.float32
    ) -> np.ndarray:
        """Bound the difference of fast values of pairs to the exact distances.

        Args:
            left (np.ndarray): Indices.
            right (np.ndarray): Indices; both are broadcast.
            kind (type): Of the products. Defaults to ``np.float32``.
        """
        lengths = self._lengths[left] + self._lengths[right]
        return self.errors[kind] * np.square(lengths) + _UNDERFLOW

    def limits(
        self, points: np.ndarray, values: np.ndarray, k: int, kind: type = np.float32
    ) -> np.ndarray:
        """Return how large a fast value can be for one of the k nearest, ``(n,)``.

        Args:
            points (np.ndarray): ``(n,)`` indices.
            values (np.ndarray): ``(n, m)`` fast values between each of them and some
                of all points, which need not be all there are.
            k (int): Length of the lists of nearest points.
            kind (type): Of the products. Defaults to ``np.float32``.
        """
        if values.shape[1] < k:
            return np.full(len(points), np.inf)
        kth = np.partition(values, k - 1)[:, k - 1].astype(np.float64)
        # |y| <= |x| + d, so the error is at most c (2 |x| + d)**2. The k-th nearest is
        # then no farther than the d that solves d**2 - c (2 |x| + d)**2 = kth ...
        length, c = self._lengths[points], self.errors[kind]
        shift = 2 * length * c
        inside = shift**2 + (1 - c) * (4 * c * length**2 + np.maximum(kth, 0))
        distance = (shift + np.sqrt(inside)) / (1 - c)
        # ... and the fast value of such a neighbour exceeds d**2 by no more than that.
        limit = distance**2 + c * np.square(2 * length + distance)
        return limit * (1 + 1e-6) + _UNDERFLOW

    def _rows(self, points: np.ndarray) -> np.ndarray:
        """Return points as they were given, in float64 of the caller's own."""
        query, gallery = self._given[0], self._given[-1]
        of_query = points < self.num_query
        if of_query.all():
            return query[points].astype(np.float64)
        if not of_query.any():
            return gallery[points - self.num_query].astype(np.float64)
        rows = np.empty((len(points), self.dim))
        rows[of_query] = query[points[of_query]]
        rows[~of_query] = gallery[points[~of_query] - self.num_query]
        return rows

    def _moved(self, rows: np.ndarray) -> np.ndarray:
        rows -= self._centre
        rows *= self._scale
        return rows

    def _mean(self) -> np.ndarray:
        total = np.zeros(self.dim)
        for array in self._given:
            for start in range(0, len(array), _TILE_ROWS):
                tile = array[start : start + _TILE_ROWS].astype(np.float64)
                total += (tile * self._scale).sum(axis=0)
        return total / len(self) / self._scale

    def _first_copies(self, hashes: np.ndarray) -> np.ndarray:
        """Return, for each point, the first identical one."""
        first = np.arange(len(self))
        seen: dict[int, int] = {}
        for point, key in enumerate(hashes.tolist()):
            other = seen.setdefault(key, point)
            if other != point:
                pair = self._rows(np.array([other, point]))
                if np.array_equal(pair[0], pair[1]):
                    first[point] = other
        return first


def _unit_scale(longest: float) -> float:
    """Return the power of two that brings all pairs of vectors within length one."""
    return 2.0 ** -(np.frexp(longest)[1] + 1) if longest > 0 else 1.0
