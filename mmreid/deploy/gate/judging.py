"""The gate: does an exported file rank as the network does?"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from mmreid.arguments import check_choice, check_number
from mmreid.deploy.gate.causes import ADVICE, find_vector_cause
from mmreid.deploy.gate.checks import (
    Finding,
    check_closeness,
    check_results,
    check_scores,
    check_test_set,
)
from mmreid.deploy.gate.comparing import (
    CONFIDENCE,
    RESAMPLES,
    SEED,
    Case,
    Comparison,
    known,
    numbers_of,
)
from mmreid.deploy.gate.given_vectors import check_both, check_exact, to_float32
from mmreid.deploy.gate.judgement import Judgement
from mmreid.deploy.gate.limits import LIMITS
from mmreid.evaluation.rules import RankingRules
from mmreid.evaluation.stamp_words import describe_data
from mmreid.evaluation.test_set import Features

# Causes that say nothing of the file.
_OF_THE_TEST = ('test set', 'weak judge')
# Causes that move answers by little.
_BY_ROUNDING = ('precision', 'near-ties')
# Fewer draws find no ends of an interval.
_MIN_RESAMPLES = 100


def judge(
    exact: np.ndarray,
    given: np.ndarray,
    labels: Features,
    *,
    precision: str = 'float32',
    tolerance: float | None = None,
    rules: RankingRules | None = None,
    data: str = '',
    dataset_meta: Mapping | None = None,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Judgement:
    """Judge a file by the ranking of its vectors, beside that of the network's.

    It passes where the whole paired interval of the difference in mAP, over persons,
    lies within the tolerance: a difference that is not significant is no proof that
    there is none, while an interval within the tolerance is (two one-sided tests:
    Schuirmann, A Comparison of the Two One-Sided Tests Procedure and the Power
    Approach, 1987; at 95 % this is the stricter form of it). So a small test set, whose
    interval is wide, refuses more and not less.

    A ranking can stay by chance, on a small or easy test set or where the network has
    learned nothing, so that the vectors must also be the network's as far as the
    precision allows: finite, of its width, not constant, with a lowest cosine and
    within the further limits of :data:`~.limits.LIMITS`, which also says why the
    tolerance is 0.1 points of mAP in float32, 0.5 in bfloat16 and 1.0 in int8. At least
    ten persons and one evaluated query are needed. In int8, which has no lowest
    cosine, the network must be better than random vectors by twice the tolerance.

    Args:
        exact (np.ndarray): ``(N, D)`` vectors of the network.
        given (np.ndarray): The file's, of the same pictures in the same order.
        labels (Features): Persons, cameras, which are queries, and further labels
            where they are known; its ``embedding`` is not looked at.
        precision (str): ``'float32'``, ``'bfloat16'`` or ``'int8'``: what the file
            computes in. Defaults to ``'float32'``.
        tolerance (float, optional): Points of mAP. Defaults to None: as above.
        rules (RankingRules, optional): How to rank, as the config's evaluator does.
            Defaults to None: by the cosine distance, without re-ranking.
        data (str): What the test set is called. Defaults to ``''``: as
            ``dataset_meta`` tells.
        dataset_meta (Mapping, optional): Its metainfo. Defaults to None.
        resamples (int): Draws of the bootstrap, a hundred or more. Defaults to 10,000.
        seed (int): Of the draws. Defaults to 0.

    Returns:
        Judgement: With all numbers, and why it is refused where it is.

    Raises:
        ValueError: An unknown precision, a tolerance that is no positive number, too
            few resamples, labels that the rules need and that are not there, or
            network's vectors that are not one a label. What is wrong with the values
            of either is no error but a reason.
    """
    check_choice('precision', precision, LIMITS)
    limits = LIMITS[precision]
    tolerance = limits.tolerance if tolerance is None else tolerance
    check_number('tolerance', tolerance, above=0)
    check_number('resamples', resamples, above=_MIN_RESAMPLES - 1)
    rules = rules or RankingRules()
    exact, given = check_exact(exact, labels), np.asarray(given)
    case = Case(labels, rules, dataset_meta, resamples, seed)
    told = _tell_labels(case, data)
    findings = check_test_set(told['num_queries'], told['num_persons'])
    broken = check_both(case, exact, given)
    findings += broken
    comparison = None
    if not broken:
        given = to_float32(given)
        comparison = Comparison.of(case, exact, given)
        findings += check_results(comparison.network, comparison.file)
        findings += check_scores(comparison, told['chance'], tolerance, limits)
        findings += check_closeness(comparison.closeness, limits)
    cause = _find_cause(findings, comparison, exact, given, precision, tolerance)
    return Judgement(
        passed=not findings,
        precision=precision,
        tolerance=float(tolerance),
        distance=rules.distance,
        dim=exact.shape[1],
        confidence=CONFIDENCE,
        resamples=resamples,
        **told,
        **numbers_of(comparison),
        reasons=tuple(finding.reason for finding in findings),
        cause=cause,
        advice=ADVICE[cause] if cause else None,
    )


def _tell_labels(case: Case, data: str) -> dict[str, Any]:
    """Return what a judgement has that follows from labels, whatever the vectors."""
    random = case.rank_random()
    evaluated = random.table.take(random.table.valid)
    return dict(
        data=data or describe_data(random.protocol),
        num_queries=len(evaluated),
        num_persons=len(np.unique(evaluated.person_id)),
        num_gallery=random.protocol['num_gallery'],
        num_pictures=len(case.labels.person_id),
        chance=known(random.scores['mAP']),
    )


def _find_cause(
    findings: list[Finding],
    comparison: Comparison | None,
    exact: np.ndarray,
    given: np.ndarray,
    precision: str,
    tolerance: float,
) -> str | None:
    """Name the likeliest cause of a refusal; what is wrong with the test comes last."""
    named = [finding.cause for finding in findings if finding.cause]
    cause = next((name for name in named if name not in _OF_THE_TEST), None)
    if cause is None and len(named) < len(findings) and comparison is not None:
        cause = find_vector_cause(exact, given, comparison.closeness, precision)
        if len(findings) == 1 and _is_wide(comparison, tolerance):
            cause = 'wide interval' if cause in _BY_ROUNDING else cause
    return cause or next(iter(named), None)


def _is_wide(comparison: Comparison, tolerance: float) -> bool:
    """Whether the middle of the interval would be within the tolerance."""
    paired = comparison.paired
    return paired is not None and abs(float(paired.value)) <= tolerance
