"""Which gallery images answer a query: the Market-1501 protocol."""

from collections.abc import Sequence

import numpy as np
import torch

Labels = np.ndarray | torch.Tensor | Sequence[int]

# Market-1501's mark of a bad detection.
JUNK = -1
# Market-1501's mark of whoever is not looked for.
DISTRACTOR = 0


class MarketRelevance:
    """Right, wrong and ignored gallery images of each query.

    Junk (person ``-1``) is ignored, and so is the query's person in the query's own
    camera. What is left of the query's person is right; everything else is wrong,
    distractors (Market's person ``0``, which no query has) included.

    Args:
        query_ids: Person of each query, ``(num_query,)``.
        gallery_ids: Person of each gallery image, ``(num_gallery,)``.
        query_cams: Camera of each query.
        gallery_cams: Camera of each gallery image.
        num_query: Number of query vectors the labels belong to.
        num_gallery: Number of gallery vectors the labels belong to.

    Attributes:
        junk: ``(num_gallery,)`` bool.
        num_matches: ``(num_query,)`` int64, right answers of each query.

    Raises:
        ValueError: Labels that are not whole numbers, one per vector.
    """

    def __init__(
        self,
        query_ids: Labels,
        gallery_ids: Labels,
        query_cams: Labels,
        gallery_cams: Labels,
        num_query: int,
        num_gallery: int,
    ) -> None:
        query_ids = check_labels(query_ids, 'query_ids', num_query)
        query_cams = check_labels(query_cams, 'query_cams', num_query)
        gallery_ids = check_labels(gallery_ids, 'gallery_ids', num_gallery)
        gallery_cams = check_labels(gallery_cams, 'gallery_cams', num_gallery)
        self.junk = gallery_ids == JUNK
        self._order = np.lexsort((gallery_cams, gallery_ids))
        self._find_spans(query_ids, gallery_ids[self._order])
        self._find_camera_spans(query_cams, gallery_cams[self._order])
        self.num_matches = self._stop - self._start
        self.num_matches -= self._camera_stop - self._camera_start

    def _find_spans(self, persons: np.ndarray, ordered: np.ndarray) -> None:
        """Locate each query's person in the ordered gallery; junk has no person."""
        self._start = np.searchsorted(ordered, persons, 'left')
        self._stop = np.searchsorted(ordered, persons, 'right')
        self._stop = np.where(persons == JUNK, self._start, self._stop)

    def _find_camera_spans(self, cameras: np.ndarray, ordered: np.ndarray) -> None:
        """Locate, within each person's span, the query's own camera."""
        self._camera_start = np.empty_like(self._start)
        self._camera_stop = np.empty_like(self._stop)
        spans = zip(self._start, self._stop, cameras, strict=True)
        for query, (start, stop, camera) in enumerate(spans):
            span = ordered[start:stop]
            self._camera_start[query] = start + span.searchsorted(camera, 'left')
            self._camera_stop[query] = start + span.searchsorted(camera, 'right')

    def same_person(self, query: int) -> np.ndarray:
        """Return the gallery indices of the query's person in any camera."""
        return self._order[self._start[query] : self._stop[query]]

    def same_camera(self, query: int) -> np.ndarray:
        """Return the gallery indices of the query's person in the query's camera."""
        return self._order[self._camera_start[query] : self._camera_stop[query]]

    def ignored(self, query: int) -> np.ndarray:
        """Return the gallery indices of the query's person that are no answers."""
        return self.same_camera(query)

    def matches(self, query: int) -> np.ndarray:
        """Return the gallery indices of the right answers."""
        before = self._order[self._start[query] : self._camera_start[query]]
        behind = self._order[self._camera_stop[query] : self._stop[query]]
        return np.concatenate((before, behind))


def check_labels(labels: Labels, name: str, count: int) -> np.ndarray:
    """Return labels as int64 ``(count,)``.

    Args:
        labels: Whole numbers, one per vector.
        name: What error messages call them.
        count: Number of vectors.

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
            f'{name} must hold one label for each of the {count} vectors, but its '
            f'shape is {array.shape}: index {first} is the first without a partner'
        )
    if len(array) and array.dtype.kind not in 'iu':
        raise ValueError(f'{name} must hold whole numbers, but is {array.dtype}')
    return array.astype(np.int64)
