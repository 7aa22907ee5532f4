"""Which gallery images answer a query: the Market-1501 protocol."""

from collections.abc import Sequence

import numpy as np
import torch

from mmreid.evaluation.functional.distances.ranges import join_ranges

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
        persons, cameras = gallery_ids[self._order], gallery_cams[self._order]
        self._start = np.searchsorted(persons, query_ids, 'left')
        self._stop = np.searchsorted(persons, query_ids, 'right')
        # Junk has no person.
        self._stop = np.where(query_ids == JUNK, self._start, self._stop)
        self._find_camera_spans(query_cams, persons, cameras)
        # Those in cameras before the query's own, and those behind.
        starts = np.stack((self._start, self._camera_stop), axis=1).ravel()
        stops = np.stack((self._camera_start, self._stop), axis=1).ravel()
        lengths = (stops - starts).reshape(-1, 2).sum(axis=1)
        self._set_matches(self._order[join_ranges(starts, stops)], lengths)

    def _set_matches(self, matches: np.ndarray, num_matches: np.ndarray) -> None:
        """Keep the right answers, which stand one query after another."""
        self.num_matches = num_matches
        self._matches, self._ends = matches, num_matches.cumsum()

    def _find_camera_spans(
        self, query_cams: np.ndarray, persons: np.ndarray, cameras: np.ndarray
    ) -> None:
        """Locate, within each person's span, the query's own camera.

        Args:
            query_cams: Camera of each query.
            persons: Persons of the ordered gallery.
            cameras: Its cameras.
        """
        known, codes = np.unique(cameras, return_inverse=True)
        # Ascending with the person, then with the camera.
        width = len(known) + 1
        places = persons.searchsorted(persons) * width + codes
        wanted = self._start * width
        low = wanted + known.searchsorted(query_cams, 'left')
        high = wanted + known.searchsorted(query_cams, 'right')
        bounds = self._start, self._stop
        self._camera_start = places.searchsorted(low, 'left').clip(*bounds)
        self._camera_stop = places.searchsorted(high, 'left').clip(*bounds)

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
        stop = self._ends[query]
        return self._matches[stop - self.num_matches[query] : stop]

    def all_matches(self, queries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the right answers of some queries, one query after another.

        Args:
            queries: ``(n,)`` queries.

        Returns:
            For each right answer its query's place in ``queries``, and its gallery
            index.
        """
        stops, lengths = self._ends[queries], self.num_matches[queries]
        rows = np.arange(len(queries)).repeat(lengths)
        return rows, self._matches[join_ranges(stops - lengths, stops)]

    def all_same_person(self, queries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return likewise the pictures of each query's person in any camera."""
        starts, stops = self._start[queries], self._stop[queries]
        rows = np.arange(len(queries)).repeat(stops - starts)
        return rows, self._order[join_ranges(starts, stops)]


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
