"""What a page of results shows: plain arrays and texts, whoever computed them.

``n`` is the number of queries, ``m`` of gallery pictures, ``k`` of answers shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np


class Verdict(IntEnum):
    """What the ranking makes of an answer.

    Only right and wrong answers have ranks: the others stand in a list where they would
    be, and count neither for nor against a model.
    """

    #: The list ends before: the gallery has no further picture that counts.
    NOTHING = 0
    #: The query's person, as the protocol wants it.
    RIGHT = 1
    #: Another person, or a distractor, whom nobody looks for.
    WRONG = 2
    #: A bad detection (person -1), left out.
    JUNK = 3
    #: The query's person, but in the query's camera (or in the clothes that the
    #: protocol does not want): left out.
    IGNORED = 4


@dataclass(frozen=True, eq=False)
class ReportedImages:
    """Queries, or a gallery.

    Attributes:
        path: ``(n,)`` unicode, where the pictures are to be read; empty where unknown.
        person_id: ``(n,)`` int64; -1 is junk.
        cam_id: ``(n,)`` int64; -1 where unknown.
    """

    path: np.ndarray
    person_id: np.ndarray
    cam_id: np.ndarray

    def __post_init__(self) -> None:
        lengths = [len(array) for array in vars(self).values()]
        if len(set(lengths)) > 1:
            raise ValueError(
                'Images need a path (empty where unknown), a person and a camera each, '
                f'got {lengths} of them.'
            )

    def __len__(self) -> int:
        return len(self.path)


@dataclass(frozen=True, eq=False)
class Answers:
    """The first answers of every query, the nearest first.

    Attributes:
        indices: ``(n, k)`` int64 into the gallery; -1 where ``NOTHING``.
        distances: ``(n, k)`` float64, those that were ranked; NaN where ``NOTHING``.
        verdicts: ``(n, k)`` uint8, a :class:`Verdict` each.
    """

    indices: np.ndarray
    distances: np.ndarray
    verdicts: np.ndarray


@dataclass(frozen=True)
class Score:
    """A score in percent, with its interval (NaN where there is none)."""

    value: float
    low: float = np.nan
    high: float = np.nan


@dataclass(frozen=True)
class Difference:
    """How much a model's score is above another's, in points of percent.

    Attributes:
        value: The difference.
        low: Where its interval begins; NaN where there is none.
        high: Where it ends.
        p_value: How often chance makes one as large; NaN where it was not tested.
    """

    value: float
    low: float = np.nan
    high: float = np.nan
    p_value: float = np.nan


@dataclass(frozen=True)
class PairedDifference:
    """Two models on the same queries.

    Attributes:
        first: Name of the model that is compared with.
        second: Name of the other.
        differences: By metric, what the second has more than the first.
    """

    first: str
    second: str
    differences: Mapping[str, Difference]


@dataclass(frozen=True, eq=False)
class PairDistances:
    """Distances of all pairs of a query and a picture that may answer it.

    Attributes:
        edges: ``(b + 1,)`` float64, ascending, of bins of equal width.
        one_person: ``(b,)`` int64 numbers of pairs of one person.
        two_persons: ``(b,)`` int64 numbers of pairs of two.
    """

    edges: np.ndarray
    one_person: np.ndarray
    two_persons: np.ndarray


@dataclass(frozen=True, eq=False)
class DetCurve:
    """Errors of telling pairs of one person from pairs of two, by threshold.

    Attributes:
        thresholds: ``(p,)`` float64 distances, ascending; a nearer pair is accepted.
        false_positive_rates: ``(p,)`` float64 fractions, ascending: pairs of two
            persons that are accepted.
        false_negative_rates: ``(p,)`` float64 fractions, descending: pairs of one
            person that are not.
        accuracy: How exact the curve is, a sentence.
    """

    thresholds: np.ndarray
    false_positive_rates: np.ndarray
    false_negative_rates: np.ndarray
    accuracy: str = ''


@dataclass(frozen=True)
class OperatingPoint:
    """A threshold that a model is used at.

    Attributes:
        threshold: An answer is accepted where its distance is *below* this one.
        distance: ``'cosine'`` or ``'euclidean'``.
        source: Where it comes from, such as ``'point.json'``.
        false_positive_rate: Of pairs of two persons on this test set, in percent; NaN
            where unknown.
        true_positive_rate: Of pairs of one person, likewise.
        note: What is to be known of it, such as that it was chosen for another task.
    """

    threshold: float
    distance: str
    source: str
    false_positive_rate: float = np.nan
    true_positive_rate: float = np.nan
    note: str = ''


@dataclass(frozen=True, eq=False)
class CameraTable:
    """Scores by the query's camera (rows) and the right answers' (columns).

    Attributes:
        query_cameras: ``(a,)`` int64.
        gallery_cameras: ``(b,)`` int64.
        mAP: ``(a, b)`` float64 percent; NaN where no query has a right answer.
        rank1: ``(a, b)`` float64 percent, likewise.
        num_queries: ``(a, b)`` int64 queries with a right answer there.
    """

    query_cameras: np.ndarray
    gallery_cameras: np.ndarray
    mAP: np.ndarray  # noqa: N815
    rank1: np.ndarray
    num_queries: np.ndarray


@dataclass(frozen=True, eq=False)
class ReportedModel:
    """What a model does on a test set.

    Attributes:
        name: Short, different from those of the other models.
        files: What it was read from; several are runs, whose values are averaged.
        stamp: The protocol stamp, a line of text each.
        scores: By metric, ``mAP``, ``mINP``, ``R1``, ...
        average_precision: ``(n,)`` float64 fractions; NaN where a query is left out.
        inverse_negative_penalty: ``(n,)`` float64 fractions, likewise.
        first_rank: ``(n,)`` float64 rank of the first right answer, likewise; of
            several runs the mean.
        cmc_ranks: ``(r,)`` int64 ranks from 1.
        cmc: ``(r,)`` float64 fractions of queries with a right answer by that rank.
        answers: The first answers; None where only scores are known.
        missing: A sentence for each thing that is not there and why.
        pair_distances: None where unknown.
        det: None where unknown.
        operating_point: None where there is none.
        cameras: Scores of pairs of cameras; None where unknown.
        warnings: Sentences about scores that do not mean what they seem to.
        notes: Sentences about how to read what is shown.
    """

    name: str
    files: tuple[str, ...]
    stamp: tuple[str, ...]
    scores: Mapping[str, Score]
    average_precision: np.ndarray
    inverse_negative_penalty: np.ndarray
    first_rank: np.ndarray
    cmc_ranks: np.ndarray
    cmc: np.ndarray
    answers: Answers | None = None
    missing: tuple[str, ...] = ()
    pair_distances: PairDistances | None = None
    det: DetCurve | None = None
    operating_point: OperatingPoint | None = None
    cameras: CameraTable | None = None
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Explanation:
    """A picture of what a model looks at in a query.

    Attributes:
        query: Index of the query.
        model: Name of the model.
        title: What is drawn, such as ``'Grad-CAM: whole'``.
        picture: A JPEG file.
        description: What it shows, a sentence for whoever does not see it.
    """

    query: int
    model: str
    title: str
    picture: bytes
    description: str = ''


@dataclass(frozen=True, eq=False)
class ReportedTest:
    """One test set, and what models do on it.

    Attributes:
        name: Of the data set, such as ``'market1501 test'``.
        queries: ``n`` queries, those that are left out included.
        gallery: ``m`` pictures; none where no model has answers.
        models: In the order in which they were given, each with the same queries.
        differences: Of every model to the first.
        disagreements: What the protocol stamps disagree in, a sentence each.
        intervals: How intervals were computed, a line; empty where there are none.
        explanations: What models look at, of some queries.
        notes: Sentences about this test.
    """

    name: str
    queries: ReportedImages
    gallery: ReportedImages
    models: tuple[ReportedModel, ...]
    differences: tuple[PairedDifference, ...] = ()
    disagreements: tuple[str, ...] = ()
    intervals: str = ''
    explanations: tuple[Explanation, ...] = field(default=())
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = [model.name for model in self.models]
        if not names or len(set(names)) < len(names):
            raise ValueError(
                f'A test needs models of different names, got {names}: name them apart.'
            )
        count = len(self.queries)
        for model in self.models:
            columns = (model.average_precision, model.first_rank)
            lengths = [len(column) for column in columns]
            lengths += [] if model.answers is None else [len(model.answers.indices)]
            if set(lengths) != {count}:
                raise ValueError(
                    f'{model.name} must have a value for each of the {count} queries, '
                    f'got {lengths} of them: align the queries of all models first.'
                )
