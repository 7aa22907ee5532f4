"""Pictures of each identity that come before a query's matches."""

from collections.abc import Iterator

import numpy as np

from mmreid.evaluation.functional.distances.streamed import StreamedDistances
from mmreid.evaluation.functional.ranking.relevance import Relevance
from mmreid.evaluation.test_set import DISTRACTOR, JUNK, TestSet


class GalleryShots:
    """A gallery's pictures sorted by identity, for drawing one of each.

    Every distractor (person 0, unless a query shows it) counts as an identity of its
    own: what is on these pictures has nothing in common, and drawing one for all of
    them would throw the others away. Junk is left out.

    Args:
        test_set (TestSet): Queries and gallery, of which the labels count.
        other_camera (bool): Whether a query's gallery has no picture of the query's
            camera at all; otherwise only the query's own person is missing from it
            there.
    """

    def __init__(self, test_set: TestSet, other_camera: bool) -> None:
        gallery_ids = test_set.gallery.person_id
        gallery_cams = test_set.gallery.cam_id
        self._query_cams = test_set.queries.cam_id
        self._other_camera = other_camera
        alone = np.zeros(len(gallery_ids), bool)
        if DISTRACTOR not in test_set.queries.person_id:
            alone = gallery_ids == DISTRACTOR
        drawn = ~alone & (gallery_ids != JUNK)
        persons, identity = np.unique(gallery_ids[drawn], return_inverse=True)
        self.num_identities = len(persons)
        # One number behind those of the identities stands for every picture that is
        # an identity of its own (and for junk, which is never met).
        self._identity = np.full(len(gallery_ids), len(persons))
        self._identity[drawn] = identity
        self._everywhere = self._count(self._identity)
        self._by_camera = gallery_cams.argsort(kind='stable')
        self._ordered_cams = gallery_cams[self._by_camera]

    def hidden(self, query: int) -> np.ndarray:
        """Return the pictures that a query's gallery lacks, whoever they show."""
        if not self._other_camera:
            return np.empty(0, np.int64)
        camera = self._query_cams[query]
        start = self._ordered_cams.searchsorted(camera, 'left')
        stop = self._ordered_cams.searchsorted(camera, 'right')
        return self._by_camera[start:stop]

    def sizes(self, query: int) -> np.ndarray:
        """Return the pictures of each identity, ``(num_identities,)``.

        The query's own person is counted as well, though it is never a wrong answer.
        """
        return self._everywhere - self._count(self._identity[self.hidden(query)])

    def _count(self, identities: np.ndarray) -> np.ndarray:
        counts = np.bincount(identities, minlength=self.num_identities + 1)
        return counts[: self.num_identities]

    def nearer(
        self, pictures: np.ndarray, places: np.ndarray, num_matches: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Count the pictures that come before each match.

        Args:
            pictures (np.ndarray): ``(n,)`` gallery indices of wrong answers.
            places (np.ndarray): ``(n,)`` how many of the matches come before each of
                them.
            num_matches (int): Number of matches.

        Returns:
            ``(m,)`` pictures that are alone, and ``(m, num_identities)`` of each
            identity, for the matches in the order of the ranking.
        """
        width = self.num_identities + 1
        cells = places * width + self._identity[pictures]
        counts = np.bincount(cells, minlength=num_matches * width)
        counts = counts[: num_matches * width].reshape(num_matches, width)
        counts = counts.cumsum(axis=0)
        return counts[:, -1], counts[:, :-1]


def stream_shots(
    distances: StreamedDistances, relevance: Relevance, shots: GalleryShots
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Yield each query that has a match with the pictures before its matches.

    As in the ranking of a whole gallery, what float32 cannot tell apart is compared in
    float64, and equal distances are ordered by gallery index.

    Args:
        distances (StreamedDistances): Streamed distances in which junk is infinitely
            far.
        relevance (Relevance): The right answers.
        shots (GalleryShots): The gallery by identity.

    Yields:
        tuple: The query, and the two results of :meth:`GalleryShots.nearer`.
    """
    pending = np.flatnonzero(relevance.num_matches)
    # From here on a row of the float64 product costs less than its single distances.
    patience = max(64, len(distances.gallery) // 128)
    for dtype in distances.precisions:
        finest = dtype == distances.precisions[-1]
        postponed = []
        for query, values, margin in distances.rows(pending, dtype):
            matches = relevance.matches(query)
            keys = np.sort(values[matches])
            values[relevance.same_person(query)] = np.inf
            values[shots.hidden(query)] = np.inf
            wrong = np.flatnonzero(values <= keys[-1] + margin)
            places = keys.searchsorted(values[wrong] - margin, 'left')
            unsure = keys.searchsorted(values[wrong] + margin, 'right') > places
            if not finest and unsure.sum() > patience:
                postponed.append(query)
                continue
            if unsure.any():
                close = wrong[unsure]
                places[unsure] = _places(distances, query, matches, close)
            yield query, *shots.nearer(wrong, places, len(matches))
        pending = np.array(postponed, np.int64)


def _places(
    distances: StreamedDistances, query: int, matches: np.ndarray, close: np.ndarray
) -> np.ndarray:
    """Count the matches that come before each of some pictures, in float64."""
    pictures = np.concatenate((matches, close))
    order = np.lexsort((pictures, distances.exact(query, pictures)))
    before = np.empty(len(order), np.int64)
    before[order] = (order < len(matches)).cumsum()
    return before[len(matches) :]
