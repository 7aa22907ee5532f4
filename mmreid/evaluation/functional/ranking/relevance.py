"""Which gallery images answer a query: the Market-1501 protocol, and clothes.

Zheng et al., Scalable Person Re-identification: A Benchmark, ICCV 2015. Where people
change their clothes: LTCC (Qian et al., Long-Term Cloth-Changing Person
Re-identification, ACCV 2020) scores one gallery twice, by the Market rule (its standard
setting), and with the query's person in the query's clothes left out as well (its
cloth-changing setting). PRCC (Yang et al., Person Re-identification by Contour Sketch
under Moderate Clothing Change, TPAMI 2019) tells queries in the gallery's clothes from
queries in others. The rules here are those of the public evaluation that most later
papers share, mode ``CC`` and mode ``SC`` of
https://github.com/guxinqian/Simple-CCReID (Gu et al., CVPR 2022): a picture of the
query's person in the query's camera *or* in the unwanted clothes is ignored, and no
other picture is.
"""

import numpy as np

from mmreid.arguments import check_choice
from mmreid.evaluation.test_set import JUNK, Labels, TestSet

# Which right answers count.
CLOTHES = ('changed', 'same')


class Relevance:
    """Right, wrong and ignored gallery images of each query.

    Junk (person ``-1``) is ignored, and so is the query's person in the query's own
    camera. What is left of the query's person is right; everything else is wrong,
    distractors (Market's person ``0``, which no query has) included.

    Args:
        test_set (TestSet): Queries and gallery, of which the labels count.
        clothes (str, optional): ``'changed'``: the query's person in the query's
            clothes is ignored as well; ``'same'``: in other clothes than the query's.
            Defaults to None: clothes play no part.

    Attributes:
        junk: ``(num_gallery,)`` bool.
        num_matches: ``(num_query,)`` int64, right answers of each query.

    Raises:
        ValueError: A test set that does not know the clothes.
    """

    def __init__(self, test_set: TestSet, clothes: str | None = None) -> None:
        queries, gallery = test_set.queries, test_set.gallery
        self.junk = gallery.person_id == JUNK
        self._order = np.lexsort((gallery.cam_id, gallery.person_id))
        persons, cameras = gallery.person_id[self._order], gallery.cam_id[self._order]
        self._start = np.searchsorted(persons, queries.person_id, 'left')
        self._stop = np.searchsorted(persons, queries.person_id, 'right')
        # Junk has no person.
        self._stop = np.where(queries.person_id == JUNK, self._start, self._stop)
        self._find_camera_spans(queries.cam_id, persons, cameras)
        # What is not in the right clothes, by query; None: whatever they are.
        self._ignored: list[np.ndarray] | None = None
        if clothes is not None:
            self._heed_clothes(test_set, clothes)
            return
        # Those in cameras before the query's own, and those behind.
        starts = np.stack((self._start, self._camera_stop), axis=1).ravel()
        stops = np.stack((self._camera_start, self._stop), axis=1).ravel()
        lengths = (stops - starts).reshape(-1, 2).sum(axis=1)
        self._set_matches(self._order[join_ranges(starts, stops)], lengths)

    def _heed_clothes(self, test_set: TestSet, clothes: str) -> None:
        """Find the right answers of a protocol that compares clothes."""
        worn, seen = test_set.queries.clothes_id, test_set.gallery.clothes_id
        if worn is None or seen is None:
            raise ValueError(
                f'clothes={clothes!r} compares what people wear: give query_clothes '
                'and gallery_clothes, one whole number per vector.'
            )
        self._ignored, matches = [], [np.empty(0, np.int64)]
        for query, wear in enumerate(worn):
            person = self.same_person(query)
            right = (seen[person] == wear) == (clothes == 'same')
            # The query's camera is a part of the person's span.
            first = self._camera_start[query] - self._start[query]
            last = self._camera_stop[query] - self._start[query]
            right[first:last] = False
            matches.append(person[right])
            self._ignored.append(person[~right])
        lengths = np.array([len(answers) for answers in matches[1:]], np.int64)
        self._set_matches(np.concatenate(matches), lengths)

    def _set_matches(self, matches: np.ndarray, num_matches: np.ndarray) -> None:
        """Keep the right answers, which stand one query after another."""
        self.num_matches = num_matches
        self._matches, self._ends = matches, num_matches.cumsum()

    def _find_camera_spans(
        self, query_cams: np.ndarray, persons: np.ndarray, cameras: np.ndarray
    ) -> None:
        """Locate, within each person's span, the query's own camera.

        Args:
            query_cams (np.ndarray): Camera of each query.
            persons (np.ndarray): Persons of the ordered gallery.
            cameras (np.ndarray): Its cameras.
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

    def ignored(self, query: int) -> np.ndarray:
        """Return the gallery indices of the query's person that are no answers."""
        if self._ignored is not None:
            return self._ignored[query]
        return self._order[self._camera_start[query] : self._camera_stop[query]]

    def matches(self, query: int) -> np.ndarray:
        """Return the gallery indices of the right answers."""
        stop = self._ends[query]
        return self._matches[stop - self.num_matches[query] : stop]

    def all_matches(self, queries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the right answers of some queries, one query after another.

        Args:
            queries (np.ndarray): ``(n,)`` queries.

        Returns:
            tuple: For each right answer its query's place in ``queries``, and its
            gallery index.
        """
        stops, lengths = self._ends[queries], self.num_matches[queries]
        rows = np.arange(len(queries)).repeat(lengths)
        return rows, self._matches[join_ranges(stops - lengths, stops)]

    def all_same_person(self, queries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the pictures of the person of each of some queries, in any camera.

        Args:
            queries (np.ndarray): ``(n,)`` queries.

        Returns:
            tuple: For each picture its query's place in ``queries``, and its gallery
            index.
        """
        starts, stops = self._start[queries], self._stop[queries]
        rows = np.arange(len(queries)).repeat(stops - starts)
        return rows, self._order[join_ranges(starts, stops)]


def check_clothes(
    clothes: str | None, query_clothes: Labels | None, gallery_clothes: Labels | None
) -> None:
    """Refuse unknown rules about clothes, and labels without a rule.

    Args:
        clothes (str, optional): As of :class:`Relevance`.
        query_clothes (Labels, optional): Clothes of each query.
        gallery_clothes (Labels, optional): Clothes of each gallery image.

    Raises:
        ValueError: Unknown ``clothes``, or the labels are given and it is not.
    """
    check_choice('clothes', clothes, (None, *CLOTHES))
    if clothes is None and not (query_clothes is None and gallery_clothes is None):
        raise ValueError(
            'query_clothes and gallery_clothes say what people wear, but not what that '
            f'means: give clothes as well, one of {CLOTHES}, or leave them out.'
        )


def join_ranges(starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """Return the numbers of many ranges, one range after another.

    Args:
        starts (np.ndarray): ``(n,)`` first numbers.
        stops (np.ndarray): ``(n,)`` where the ranges end; ``stops`` itself is not in
            the range. A range that ends before it starts is empty.

    Returns:
        np.ndarray: int64, of the ranges' lengths together.

    Example:
        >>> join_ranges(np.array([3, 8, 0]), np.array([5, 8, 3]))
        array([3, 4, 0, 1, 2])
    """
    lengths = np.maximum(stops - starts, 0)
    ends = lengths.cumsum()
    total = ends[-1] if len(ends) else 0
    return np.arange(total) + (starts - (ends - lengths)).repeat(lengths)
