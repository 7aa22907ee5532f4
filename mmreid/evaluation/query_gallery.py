"""The two halves of a test set, as the ranking takes them."""

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from mmreid.evaluation.functional.distances.vectors import Vectors
from mmreid.evaluation.functional.ranking.multi_query import pool_queries
from mmreid.evaluation.functional.ranking.relevance import JUNK
from mmreid.evaluation.test_set import Features

_TILE_ROWS = 1024


@dataclass(frozen=True, eq=False)
class QueryGallery:
    """Queries and gallery: each field is a pair, the queries' first.

    Attributes:
        vectors: ``(num_query, D)`` and ``(num_gallery, D)``.
        ids: Persons.
        cams: Cameras.
        clothes: Clothes, or None and None.
    """

    vectors: tuple[np.ndarray, np.ndarray]
    ids: tuple[np.ndarray, np.ndarray]
    cams: tuple[np.ndarray, np.ndarray]
    clothes: tuple[np.ndarray, np.ndarray] | tuple[None, None] = (None, None)

    @classmethod
    def of_features(cls, features: Features, with_clothes: bool) -> 'QueryGallery':
        """Divide features, without a copy where the queries come first.

        Args:
            features: Queries and gallery.
            with_clothes: Whether clothes are needed; otherwise they are left out.

        Raises:
            ValueError: No query, no gallery image, or no clothes where they are
                needed.
        """
        num_query, size = int(features.is_query.sum()), len(features.is_query)
        if num_query in (0, size):
            raise ValueError(
                f'The test set has {num_query} queries and {size - num_query} gallery '
                'images; both are needed in one data set, told apart by is_query'
            )
        query, gallery, *labels = features.ranking_inputs()
        return cls(
            vectors=(query, gallery),
            ids=(labels[0], labels[1]),
            cams=(labels[2], labels[3]),
            clothes=_clothes(features) if with_clothes else (None, None),
        )

    @property
    def labels(self) -> tuple[np.ndarray, ...]:
        """Persons and cameras, in the order of ``evaluate_ranking``'s arguments."""
        return (*self.ids, *self.cams)

    @property
    def worn(self) -> dict[str, Any]:
        """Clothes, by the names of ``evaluate_ranking``'s arguments."""
        return dict(query_clothes=self.clothes[0], gallery_clothes=self.clothes[1])

    def pooled(self, pooling: str) -> tuple['QueryGallery', np.ndarray]:
        """Join queries of the same person and camera (and clothes, if needed).

        Args:
            pooling: ``'mean'`` or ``'max'``, see :func:`pool_queries`.

        Returns:
            The test set with fewer queries, and the first picture of each.
        """
        (query, gallery), clothes = self.vectors, self.clothes[0]
        pool = pool_queries(query, self.ids[0], self.cams[0], pooling, clothes)
        joined = replace(self.take(pool.first), vectors=(pool.vectors, gallery))
        return joined, pool.first

    def take(self, queries: np.ndarray) -> 'QueryGallery':
        """Return a copy with some of the queries, by their indices."""
        return self._index(0, queries)

    def without_junk(self) -> 'QueryGallery':
        """Leave out gallery junk, a copy where there is any."""
        keep = self.ids[1] != JUNK
        if keep.all():
            return self
        # What is wrong with a vector is to be told with its index in the whole.
        Vectors(self.vectors[1], 'gallery')
        return self._index(1, keep)

    def _index(self, half: int, index: np.ndarray) -> 'QueryGallery':
        """Return a copy of which one half is indexed."""
        pairs: dict = {
            field.name: list(getattr(self, field.name)) for field in fields(self)
        }
        for pair in pairs.values():
            if pair[half] is not None:
                pair[half] = pair[half][index]
        return replace(self, **{name: tuple(pair) for name, pair in pairs.items()})

    def directions(self) -> tuple[np.ndarray, np.ndarray]:
        """Return copies of the vectors brought to length one.

        Raises:
            ValueError: A vector of length zero, the first one named.
        """
        query, gallery = self.vectors
        return _directions(query, 'query'), _directions(gallery, 'gallery')


def _clothes(features: Features) -> tuple[np.ndarray, np.ndarray]:
    """Divide what people wear."""
    if features.clothes_id is None:
        raise ValueError(
            'The protocol compares clothes, but not every sample has a clothes_id: '
            'take a data set that knows them (LTCC, PRCC, or your own with clothes in '
            "its file names or table), and dict(type='PackInputs', meta_keys=(..., "
            "'clothes_id'))"
        )
    query, gallery = features.halves()
    return features.clothes_id[query], features.clothes_id[gallery]


def _directions(values: np.ndarray, name: str) -> np.ndarray:
    vectors = Vectors(values, name)
    vectors.check_directions()
    wide = vectors.array.dtype == np.float64
    units = np.empty(vectors.array.shape, np.float64 if wide else np.float32)
    for start in range(0, len(units), _TILE_ROWS):
        part = np.arange(start, min(start + _TILE_ROWS, len(units)))
        units[part] = vectors.exact(part) / vectors.norms[part, None]
    return units
