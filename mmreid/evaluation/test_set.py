"""The one shape of a test set: images that are asked for, and the gallery that answers.

Everything below ``mmreid.evaluation`` takes it, and here its labels are explained:

* ``person_id``: who is shown, a whole number. In a gallery ``-1`` is junk, a bad
  detection that is no answer to anybody, and ``0`` a distractor, somebody who is not
  looked for (unless a query shows person 0: then it is a person like others).
* ``cam_id``: the camera, a whole number. A picture of the query's person in the query's
  own camera is no answer. Where no cameras are known each picture is its own.
* ``clothes_id``: what the person wears, a whole number, compared within a person only.
* ``tracklet_id``: which frames of a video belong together, a whole number, compared
  within a person and a camera only; ``-1`` is a picture by itself.
* ``time``: when it was taken, a number, NaN where that is not known. ``meta['clock']``
  tells whether all cameras count by one clock (``'shared'``) or each by its own
  (``'camera'``).
* ``img_path``: where the picture was read, text; empty where that is not known.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch

Array = np.ndarray | torch.Tensor
Labels = np.ndarray | torch.Tensor | Sequence[int]

# Market-1501's marks of a bad detection and of whoever is not looked for.
JUNK, DISTRACTOR = -1, 0
# What every features file of ours holds; the rest may be missing.
ARRAYS = ('embedding', 'person_id', 'cam_id', 'is_query', 'img_path')
FURTHER = ('clothes_id', 'tracklet_id', 'time')


@dataclass(frozen=True, eq=False)
class Images:
    """One half of a test set; every array has an entry for each image.

    Attributes:
        vectors: ``(N, D)`` embeddings, float16, float32 or float64, NumPy
            (memory-mapped files too) or torch on any device; ``(N, 0)`` where
            distances are known without them.
        person_id: ``(N,)`` int64.
        cam_id: ``(N,)`` int64.
        clothes_id: ``(N,)`` int64; None where clothes were not recorded.
        img_path: ``(N,)`` unicode; None where no paths are known.
        tracklet_id: ``(N,)`` int64; None where there are none, or they are pooled.
        time: ``(N,)`` float64; None where no time is known.
        origin: ``(N,)`` int64, of images taken from a larger half their indices in
            it; None where they are a whole half.
    """

    vectors: Array
    person_id: np.ndarray
    cam_id: np.ndarray
    clothes_id: np.ndarray | None = None
    img_path: np.ndarray | None = None
    origin: np.ndarray | None = None
    tracklet_id: np.ndarray | None = None
    time: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.person_id)

    def take(self, index: np.ndarray) -> 'Images':
        """Return some of the images.

        Args:
            index (np.ndarray): ``(n,)`` whole numbers, or ``(N,)`` bool.
        """
        size = len(self.person_id)
        origin = np.arange(size) if self.origin is None else self.origin
        return Images(
            vectors=self.vectors[index],
            person_id=self.person_id[index],
            cam_id=self.cam_id[index],
            clothes_id=None if self.clothes_id is None else self.clothes_id[index],
            img_path=None if self.img_path is None else self.img_path[index],
            origin=origin[index],
            tracklet_id=None if self.tracklet_id is None else self.tracklet_id[index],
            time=None if self.time is None else self.time[index],
        )


class TestSet:
    """Queries and the gallery that they are looked for in.

    Args:
        queries (Images): Images that are asked for.
        gallery (Images): Images that answer.
        meta (dict, optional): Plain Python: what the embeddings were made of.
            Defaults to None: nothing is known.
    """

    # Not a class of tests, whatever pytest thinks of its name.
    __test__ = False

    def __init__(
        self, queries: Images, gallery: Images, meta: dict | None = None
    ) -> None:
        self._halves = queries, gallery
        self.meta = meta or {}

    @classmethod
    def from_arrays(
        cls,
        query: Array,
        gallery: Array,
        query_ids: Labels,
        gallery_ids: Labels,
        query_cams: Labels,
        gallery_cams: Labels,
        query_clothes: Labels | None = None,
        gallery_clothes: Labels | None = None,
    ) -> 'TestSet':
        """Make a test set of what the public functions take.

        Args:
            query (Array): ``(num_query, D)`` vectors, which are not looked at.
            gallery (Array): ``(num_gallery, D)`` vectors, likewise.
            query_ids (Labels): Person of each query.
            gallery_ids (Labels): Person of each gallery image.
            query_cams (Labels): Camera of each query.
            gallery_cams (Labels): Camera of each gallery image.
            query_clothes (Labels, optional): Clothes of each query. Defaults to None.
            gallery_clothes (Labels, optional): Of each gallery image.
                Defaults to None.

        Raises:
            ValueError: Labels that are not whole numbers, one per vector; the first
                index without a partner is named.
        """
        return cls(
            _label('query', query, query_ids, query_cams, query_clothes),
            _label('gallery', gallery, gallery_ids, gallery_cams, gallery_clothes),
        )

    @property
    def queries(self) -> Images:
        """The images that the gallery is ranked for."""
        return self._halves[0]

    @property
    def gallery(self) -> Images:
        """The images that are ranked for each query."""
        return self._halves[1]

    @property
    def has_clothes(self) -> bool:
        """Whether all queries and gallery images have labels of clothes."""
        halves = (self.queries, self.gallery)
        return all(half.clothes_id is not None for half in halves)

    @property
    def has_tracklets(self) -> bool:
        """Whether pictures of a half are frames of tracklets."""
        halves = (self.queries, self.gallery)
        return any(half.tracklet_id is not None for half in halves)

    def check_complete(self) -> None:
        """Refuse a test set of which a half is empty.

        Raises:
            ValueError: No query or no gallery image.
        """
        if not len(self.queries) or not len(self.gallery):
            raise ValueError(
                f'The test set has {len(self.queries)} queries and '
                f'{len(self.gallery)} gallery images; both are needed in one data set, '
                'told apart by is_query.'
            )

    def take(self, queries: np.ndarray) -> 'TestSet':
        """Return some of the queries with the whole gallery.

        Args:
            queries (np.ndarray): ``(n,)`` indices, or ``(num_query,)`` bool.
        """
        return TestSet(self.queries.take(queries), self.gallery, self.meta)

    def without_junk(self) -> 'TestSet':
        """Leave out gallery junk; a copy where there is any."""
        answers = self.gallery.person_id != JUNK
        if answers.all():
            return self
        return TestSet(self.queries, self.gallery.take(answers), self.meta)

    def with_queries(self, vectors: np.ndarray) -> 'TestSet':
        """Return the same labels with other vectors of the queries.

        Args:
            vectors (np.ndarray): ``(num_query, D)``.
        """
        return TestSet(replace(self.queries, vectors=vectors), self.gallery, self.meta)

    def ranking_inputs(self) -> tuple[Any, ...]:
        """Return what ``evaluate_ranking`` and its relatives take by position.

        Returns:
            tuple: Query and gallery vectors, their persons, their cameras.
        """
        names = ('vectors', 'person_id', 'cam_id')
        halves = (self.queries, self.gallery)
        return tuple(getattr(half, name) for name in names for half in halves)


@dataclass(frozen=True, eq=False)
class Features(TestSet):
    """A test set as files hold it: queries and gallery in common arrays.

    Attributes:
        embedding: ``(N, D)`` float32.
        person_id: ``(N,)`` int64.
        cam_id: ``(N,)`` int64.
        is_query: ``(N,)`` bool.
        img_path: ``(N,)`` unicode, where each image was read; empty strings where
            that is not known.
        meta: Plain Python: what the embeddings were made of, and their scores if
            known.
        clothes_id: ``(N,)`` int64, or None where clothes were not recorded.
        tracklet_id: ``(N,)`` int64, or None where no picture is of a tracklet.
        time: ``(N,)`` float64, NaN where it is not known, or None where none is.

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
    tracklet_id: np.ndarray | None = None
    time: np.ndarray | None = None

    def __post_init__(self) -> None:
        lengths = {name: len(array) for name, array in self.arrays().items()}
        if len(set(lengths.values())) > 1 or self.embedding.ndim != 2:
            raise ValueError(
                'Features need embeddings (N, D) and one entry per embedding in every '
                f'other array, but the embeddings are {self.embedding.shape} and the '
                f'lengths are {lengths}.'
            )

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays by name, without those that are not known."""
        arrays = {name: getattr(self, name) for name in ARRAYS}
        further = {name: getattr(self, name) for name in FURTHER}
        known = {name: array for name, array in further.items() if array is not None}
        return arrays | known

    @cached_property
    def queries(self) -> Images:
        """Images that are asked for; no copy where they stand before the gallery."""
        return self._half(0)

    @cached_property
    def gallery(self) -> Images:
        """Images that answer; no copy where the queries stand before them."""
        return self._half(1)

    def _half(self, half: int) -> Images:
        num_query = int(self.is_query.sum())
        index: Any = (self.is_query, ~self.is_query)[half]
        if self.is_query[:num_query].all():
            index = (slice(num_query), slice(num_query, None))[half]
        everything = Images(
            vectors=self.embedding,
            person_id=self.person_id,
            cam_id=self.cam_id,
            clothes_id=self.clothes_id,
            img_path=self.img_path,
            tracklet_id=self.tracklet_id,
            time=self.time,
        )
        return replace(everything.take(index), origin=None)


def _label(
    name: str, vectors: Array, ids: Labels, cams: Labels, clothes: Labels | None
) -> Images:
    """Put checked labels beside vectors."""
    size = len(vectors)
    return Images(
        vectors,
        person_id=check_labels(ids, f'{name}_ids', size),
        cam_id=check_labels(cams, f'{name}_cams', size),
        clothes_id=None
        if clothes is None
        else check_labels(clothes, f'{name}_clothes', size),
    )


def check_labels(labels: Labels, name: str, count: int) -> np.ndarray:
    """Return labels as int64 ``(count,)``.

    Args:
        labels (Labels): Whole numbers, one per vector.
        name (str): What error messages call them.
        count (int): Number of vectors.

    Raises:
        ValueError: Another length or another type; the first index without a partner
            is named.
    """
    if isinstance(labels, torch.Tensor):
        labels = labels.detach().cpu().numpy()
    array = np.asarray(labels)
    if array.ndim != 1 or len(array) != count:
        first = min(array.size, count) if array.ndim == 1 else 0
        raise ValueError(
            f'{name} must hold one label for each of the {count} vectors, got the '
            f'shape {array.shape}: index {first} is the first without a partner.'
        )
    if len(array) and array.dtype.kind not in 'iu':
        raise ValueError(f'{name} must hold whole numbers, got {array.dtype}.')
    return array.astype(np.int64)
