"""Embeddings with their labels."""

from dataclasses import dataclass, field

import numpy as np

# What every features file of ours holds; the rest may be missing.
ARRAYS = ('embedding', 'person_id', 'cam_id', 'is_query', 'img_path')


@dataclass(frozen=True, eq=False)
class Features:
    """Embeddings of a test set, queries and gallery together.

    Attributes:
        embedding: ``(N, D)`` float32.
        person_id: ``(N,)`` int64; 0 is a distractor, -1 junk.
        cam_id: ``(N,)`` int64.
        is_query: ``(N,)`` bool.
        img_path: ``(N,)`` unicode, where each image was read; empty strings where
            that is not known.
        meta: Plain Python: what the embeddings were made of, and their scores if
            known.
        clothes_id: ``(N,)`` int64, or None where clothes were not recorded.

    Raises:
        ValueError: Arrays of different lengths.
    """

    embedding: np.ndarray
    person_id: np.ndarray
    cam_id: np.ndarray
    is_query: np.ndarray
    img_path: np.ndarray
    meta: dict = field(default_factory=dict)
    clothes_id: np.ndarray | None = None

    def __post_init__(self) -> None:
        lengths = {name: len(array) for name, array in self.arrays().items()}
        if len(set(lengths.values())) > 1 or self.embedding.ndim != 2:
            raise ValueError(
                'Features need embeddings (N, D) and one entry per embedding in every '
                f'other array, but the embeddings are {self.embedding.shape} and the '
                f'lengths are {lengths}'
            )

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays by name, without those that are not known."""
        arrays = {name: getattr(self, name) for name in ARRAYS}
        if self.clothes_id is not None:
            arrays['clothes_id'] = self.clothes_id
        return arrays

    def halves(self) -> tuple[slice | np.ndarray, slice | np.ndarray]:
        """Return the indices of the queries and of the gallery.

        Slices, which index without a copy, where the queries stand before the gallery,
        as ``DumpEmbeddings`` writes them.
        """
        num_query = int(self.is_query.sum())
        if self.is_query[:num_query].all():
            return slice(0, num_query), slice(num_query, None)
        return self.is_query, ~self.is_query

    def ranking_inputs(self) -> tuple[np.ndarray, ...]:
        """Return what ``evaluate_ranking`` and ``top_ranks`` take by position.

        Query and gallery embeddings, their persons, their cameras. Queries that
        stand before the gallery, as ``DumpEmbeddings`` writes them, are views.
        """
        arrays = (self.embedding, self.person_id, self.cam_id)
        return tuple(array[half] for array in arrays for half in self.halves())
