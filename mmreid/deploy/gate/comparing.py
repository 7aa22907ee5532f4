"""Both rankings of one test set, and what follows of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mmreid.deploy.gate.closeness import Closeness, compare_vectors
from mmreid.deploy.gate.same_answers import SameAnswers, compare_answers
from mmreid.evaluation.functional.uncertainty import PairedDifference, compare_paired
from mmreid.evaluation.result import Result
from mmreid.evaluation.rules import RankingRules
from mmreid.evaluation.test_set import Features

# Width of the random vectors that chance is measured by.
_CHANCE_DIM = 16
CONFIDENCE = 0.95
# Of the bootstrap, where nobody asks for others.
RESAMPLES, SEED = 10_000, 0


@dataclass(frozen=True)
class Case:
    """What is judged, but for the vectors.

    Attributes:
        labels: Persons, cameras and which are queries.
        rules: How vectors are ranked.
        dataset_meta: Metainfo of the test set.
        resamples: Draws of the bootstrap.
        seed: Of the draws.
    """

    labels: Features
    rules: RankingRules
    dataset_meta: Mapping | None
    resamples: int
    seed: int

    def features(self, vectors: np.ndarray) -> Features:
        """Put vectors ``(N, D)`` beside the labels."""
        return replace(self.labels, embedding=vectors)

    def rank(self, vectors: np.ndarray) -> Result:
        """Rank and score vectors ``(N, D)``."""
        return Result.of(self.features(vectors), self.rules, self.dataset_meta)

    def rank_random(self) -> Result:
        """Rank random vectors, re-ranked by nothing, for what the labels tell."""
        shape = len(self.labels.person_id), _CHANCE_DIM
        noise = np.random.default_rng(self.seed).standard_normal(shape, np.float32)
        plain = replace(
            self.rules, rerank=None, neighbour_centralisation=None, time_prior=None
        )
        return replace(self, rules=plain).rank(noise)

    @property
    def needs_directions(self) -> bool:
        """Whether a vector of length zero can be ranked by nothing."""
        rules = self.rules
        pooled = self.labels.has_tracklets and rules.tracklets == 'unit-mean'
        return rules.distance == 'cosine' or pooled


@dataclass(frozen=True, eq=False)
class Comparison:
    """Vectors of the network and of the file, which both can be ranked.

    Attributes:
        network: Result of the network's vectors.
        file: Result of the file's.
        paired: Difference in mAP, in points; None where no query has a right answer.
        closeness: Of the vectors.
        answers: Which queries keep their first answers.
    """

    network: Result
    file: Result
    paired: PairedDifference | None
    closeness: Closeness
    answers: SameAnswers

    @classmethod
    def of(cls, case: Case, exact: np.ndarray, given: np.ndarray) -> 'Comparison':
        """Rank both and compare them.

        Args:
            case (Case): What is judged.
            exact (np.ndarray): ``(N, D)`` float32 of the network, finite.
            given (np.ndarray): ``(N, D)`` float32 of the file, finite.
        """
        closeness = compare_vectors(exact, given, case.rules.distance)
        network, file = case.rank(exact), case.rank(given)
        sets = case.features(exact), case.features(given)
        length = float(np.median(closeness.lengths[0]))
        return cls(
            network=network,
            file=file,
            paired=bound_difference(case, network, file),
            closeness=closeness,
            answers=compare_answers(*sets, case.rules, length),
        )


def bound_difference(
    case: Case, network: Result, file: Result
) -> PairedDifference | None:
    """Bound the difference in mAP; which queries count, the labels decide.

    Args:
        case (Case): What is judged.
        network (Result): Of the network's vectors.
        file (Result): Of the file's.

    Returns:
        PairedDifference | None: In points; None where no query has a right answer.
    """
    valid, persons = network.table.valid, network.table.person_id
    if not valid.any():
        return None
    one, two = (100 * result.table.scores['mAP'][valid] for result in (network, file))
    return compare_paired(
        one,
        two,
        clusters=persons[valid],
        resamples=case.resamples,
        confidence=CONFIDENCE,
        seed=case.seed,
    )


def numbers_of(comparison: Comparison | None) -> dict[str, Any]:
    """Return all numbers that exist, as a judgement has them.

    Args:
        comparison (Comparison | None): None where nothing could be ranked.
    """
    if comparison is None:
        return dict(scores={}, protocol={})
    closeness, answers = comparison.closeness, comparison.answers
    network, file, paired = comparison.network, comparison.file, comparison.paired
    numbers = dict(
        scores={
            name: {key: known(value) for key, value in result.scores.items()}
            for name, result in (('network', network), ('file', file))
        },
        protocol=file.protocol,
        lowest_cosine=float(closeness.cosines.min()),
        median_cosine=float(np.median(closeness.cosines)),
        deviation=known(closeness.deviation),
        same_answers=answers.same,
        same_order=answers.order,
        near_ties=answers.near_ties,
        length_ratio=known(float(np.median(closeness.length_ratios))),
        variance_ratio=known(closeness.variance_ratio),
        collapsed=closeness.collapsed,
        strangers=len(closeness.strangers),
    )
    if paired is not None:
        numbers.update(
            difference=float(paired.value),
            interval=(float(paired.low), float(paired.high)),
        )
    return numbers


def known(value: float) -> float | None:
    """Return a number, None for what is none.

    Args:
        value (float): Perhaps NaN or infinite.
    """
    return float(value) if np.isfinite(value) else None
