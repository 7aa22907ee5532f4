"""What the pairs and the searches of a test set tell of a threshold."""

from dataclasses import dataclass

import numpy as np

from mmreid.evaluation.functional.distances.measures import stream_distances
from mmreid.evaluation.functional.distances.streamed import StreamedDistances
from mmreid.evaluation.functional.open_set.identification import FirstAnswers
from mmreid.evaluation.functional.open_set.labelled_pairs import PairStream
from mmreid.evaluation.functional.ranking.relevance import Relevance
from mmreid.evaluation.test_set import DISTRACTOR, JUNK, TestSet
from mmreid.search.decisions.evidence.labelled_pairs import Trials

_MEMORY = 256 << 20
# Pairs of two persons from which probabilities are fitted; more change no digit shown.
_SAMPLE = 200_000


@dataclass(frozen=True, eq=False)
class Persons:
    """Who is who in a test set, from 0; each distractor is somebody else.

    Attributes:
        queries: ``(num_query,)`` int64.
        gallery: ``(num_gallery,)`` int64; -1 of junk.
        count: Number of persons.
    """

    queries: np.ndarray
    gallery: np.ndarray
    count: int


def number_persons(test_set: TestSet) -> Persons:
    """Number the persons of a test set.

    Args:
        test_set (TestSet): Queries and gallery.

    Returns:
        Persons: Their numbers.
    """
    asked, shown = test_set.queries.person_id, test_set.gallery.person_id
    known, places = np.unique(np.concatenate([asked, shown]), return_inverse=True)
    queries, gallery = np.split(places.astype(np.int64), [len(asked)])
    count = len(known)
    if DISTRACTOR not in asked:
        others = np.flatnonzero(shown == DISTRACTOR)
        gallery[others] = count + np.arange(len(others))
        count += len(others)
    gallery[shown == JUNK] = -1
    _, dense = np.unique(np.concatenate([queries, gallery]), return_inverse=True)
    shift = int((gallery == -1).any())
    queries, gallery = np.split(dense - shift, [len(queries)])
    return Persons(queries, gallery, int(max(queries.max(), gallery.max())) + 1)


def collect_pairs(
    test_set: TestSet, persons: Persons, threshold: float, seed: int
) -> tuple[Trials, Trials, Trials]:
    """Measure the pairs that matter, in float64.

    Args:
        test_set (TestSet): Queries and gallery.
        persons (Persons): Of :func:`number_persons`.
        threshold (float): Accept below.
        seed (int): Of the draw.

    Returns:
        tuple[Trials, Trials, Trials]: All pairs of one person, the accepted pairs of
        two, and pairs of two drawn at random, or all of them where they are few.
    """
    relevance = Relevance(test_set)
    distances = stream_distances(test_set, 'cosine', _MEMORY)
    stream = PairStream(distances, relevance)
    accepted, _ = _near(distances, stream, persons, threshold)
    # These the same pass has found.
    right = stream.positive
    positive = _measure(distances, persons, right.query, right.gallery)
    return positive, accepted, _draw(distances, persons, seed)


def collect_near(
    test_set: TestSet, persons: Persons, threshold: float
) -> tuple[Trials, np.ndarray]:
    """Measure the pairs of two persons below a threshold, in float64.

    Args:
        test_set (TestSet): Queries and gallery.
        persons (Persons): Of :func:`number_persons`.
        threshold (float): Accept below.

    Returns:
        tuple[Trials, np.ndarray]: The pairs, and ``(n,)`` the query of each.
    """
    distances = stream_distances(test_set, 'cosine', _MEMORY)
    stream = PairStream(distances, Relevance(test_set))
    return _near(distances, stream, persons, threshold)


def first_answers(test_set: TestSet) -> tuple[FirstAnswers, np.ndarray]:
    """Find the nearest right and wrong answer of each query.

    Args:
        test_set (TestSet): Queries and gallery.

    Returns:
        tuple[FirstAnswers, np.ndarray]: The answers, and ``(num_query,)`` bool, which
        queries have a right one.
    """
    relevance = Relevance(test_set)
    distances = stream_distances(test_set, 'cosine', _MEMORY)
    return FirstAnswers(distances, relevance), relevance.num_matches > 0


def _near(
    distances: StreamedDistances,
    stream: PairStream,
    persons: Persons,
    threshold: float,
) -> tuple[Trials, np.ndarray]:
    """Measure the pairs of two persons below a threshold, and tell their queries."""
    near = stream.around([(-np.inf, float(distances.key(threshold)))])[0]
    trials = _measure(distances, persons, near.query, near.gallery)
    below = trials.distances < threshold
    return trials.take(below), near.query[below]


def _draw(distances: StreamedDistances, persons: Persons, seed: int) -> Trials:
    """Draw pairs of two persons."""
    answers = np.flatnonzero(persons.gallery >= 0)
    size = len(persons.queries) * len(answers)
    places = np.arange(size)
    if size > _SAMPLE:
        rng = np.random.default_rng(seed)
        places = np.unique(rng.integers(size, size=_SAMPLE))
    query, gallery = places // len(answers), answers[places % len(answers)]
    wrong = persons.queries[query] != persons.gallery[gallery]
    return _measure(distances, persons, query[wrong], gallery[wrong])


def _measure(
    distances: StreamedDistances,
    persons: Persons,
    query: np.ndarray,
    gallery: np.ndarray,
) -> Trials:
    """Compute float64 distances of pairs that are sorted by query."""
    starts = np.flatnonzero(np.diff(query, prepend=-1))
    parts = np.split(gallery, starts[1:]) if len(starts) else []
    exact = map(distances.exact, query[starts].tolist(), parts)
    values = np.concatenate([np.empty(0), *exact])
    return Trials(values, persons.queries[query], persons.gallery[gallery])
