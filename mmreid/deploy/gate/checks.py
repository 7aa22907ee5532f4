"""What is refused before anything is ranked, and what numbers must keep."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from mmreid.deploy.gate.closeness import Closeness
from mmreid.deploy.gate.comparing import Comparison
from mmreid.deploy.gate.limits import MAX_TIED, MIN_PERSONS, Limits
from mmreid.evaluation.result import Result


class Finding(NamedTuple):
    """Something that a file is refused for.

    Attributes:
        reason: A sentence.
        cause: A key of :data:`~.causes.ADVICE`, None where it is to be found.
    """

    reason: str
    cause: str | None = None


def check_test_set(num_queries: int, num_persons: int) -> list[Finding]:
    """Refuse a test set from which no interval follows.

    Args:
        num_queries (int): Evaluated queries.
        num_persons (int): Persons whom they show.
    """
    if not num_queries:
        text = (
            'No query of the test set has a right answer, so that there is no mAP to '
            'compare.'
        )
        return [Finding(text, 'test set')]
    if num_persons < MIN_PERSONS:
        text = (
            f'The evaluated queries show {num_persons} '
            f'person{"s" if num_persons > 1 else ""}; an interval over persons needs '
            f'{MIN_PERSONS} of them.'
        )
        return [Finding(text, 'test set')]
    return []


def check_vectors(
    whose: str, vectors: np.ndarray, needs_directions: bool
) -> list[Finding]:
    """Refuse vectors that cannot be ranked.

    Args:
        whose (str): ``'network'`` or ``'file'``.
        vectors (np.ndarray): ``(N, D)`` float32.
        needs_directions (bool): Whether a vector of length zero cannot be ranked.
    """
    bad = np.asarray(~np.isfinite(vectors).all(axis=1))
    if bad.any():
        cause = 'overflow'
        text = f'hold NaN or infinity in {bad.sum():,} of {len(bad):,} rows'
    else:
        bad = np.asarray(~vectors.any(axis=1))
        if not bad.any() or not needs_directions:
            return []
        cause = 'constant vectors' if bad.all() else 'collapsed variance'
        text = f'are zero in {bad.sum():,} of {len(bad):,} rows, without a direction'
    return [
        Finding(
            f'The vectors of the {whose} {text}, the first of them row {bad.argmax()}.',
            cause if whose == 'file' else 'the network itself',
        )
    ]


def check_shape(given: np.ndarray, shape: tuple[int, ...]) -> list[Finding]:
    """Refuse what a file has given where it is of another shape or no numbers.

    Args:
        given (np.ndarray): Of the file.
        shape (tuple[int, ...]): ``(N, D)`` of the network.
    """
    if given.shape != shape:
        text = (
            f'The file has given {given.shape} for {shape[0]:,} pictures, where the '
            f'network gives {shape}.'
        )
        return [Finding(text, 'wrong shape')]
    if given.dtype.kind != 'f':
        return [
            Finding(
                f'The file has given {given.dtype} where vectors are floating point.',
                'wrong shape',
            )
        ]
    return []


def check_results(network: Result, file: Result) -> list[Finding]:
    """Refuse rankings that the order of the files makes.

    Args:
        network (Result): Of the network's vectors.
        file (Result): Of the file's.
    """
    findings = []
    for whose, result in (('network', network), ('file', file)):
        stamp = result.protocol
        fault = 'the network itself' if whose == 'network' else None
        tied, evaluated = stamp['num_query_tied'] or 0, stamp['num_query_evaluated']
        if stamp['identical_vectors']:
            text = (
                f'All vectors of the {whose} are the same up to rounding, so that the '
                f'order of the pictures alone makes its mAP.'
            )
            findings.append(Finding(text, fault or 'constant vectors'))
        elif tied > MAX_TIED * evaluated:
            text = (
                f'In the ranking of the {whose} the order of the pictures decides on '
                f'the first right answer of {tied:,} of {evaluated:,} queries, whose '
                'distances are exactly equal.'
            )
            findings.append(Finding(text, fault or 'collapsed variance'))
    return findings


def check_scores(
    comparison: Comparison, chance: float, tolerance: float, limits: Limits
) -> Iterator[Finding]:
    """Refuse a difference in mAP, or a tolerance that refuses nothing.

    Args:
        comparison (Comparison): Of the network and the file.
        chance (float): mAP of random vectors, in percent.
        tolerance (float): Points that are allowed.
        limits (Limits): Of the precision.
    """
    if comparison.paired is None:
        return
    low, high = float(comparison.paired.low), float(comparison.paired.high)
    lead = comparison.network.scores['mAP'] - chance
    if low < -tolerance or high > tolerance:
        yield Finding(
            f'mAP differs by {low:+.3f} to {high:+.3f} points, of which '
            f'{-tolerance:+g} to {tolerance:+g} are allowed.'
        )
    if limits.cosine is None and tolerance > lead / 2:
        yield Finding(
            f"The network's mAP is {lead:.2f} points above that of random vectors, and "
            f'a tolerance of {tolerance:g} would let most of that be lost: the '
            'ranking is no judge of this file.',
            'weak judge',
        )


def check_closeness(closeness: Closeness, limits: Limits) -> Iterator[Finding]:
    """Refuse vectors that are not the network's, whatever their ranking.

    Args:
        closeness (Closeness): Of both sets of vectors.
        limits (Limits): Of the precision.
    """
    lowest = closeness.cosines.min()
    if limits.cosine is not None and lowest < limits.cosine:
        yield Finding(
            f"The lowest cosine of a picture's two vectors is {lowest:.6f} (row "
            f'{closeness.cosines.argmin()}), and {limits.cosine:g} is the least.'
        )
    # A network whose vectors are all the same is refused for that.
    if limits.deviation < closeness.deviation < np.inf:
        yield Finding(
            f"The file's vectors are off by {100 * closeness.deviation:.3g} % of what "
            f"tells pictures apart in the network's, and {100 * limits.deviation:g} % "
            'is the most.'
        )
    strangers, count = closeness.strangers, len(closeness.cosines)
    if len(strangers) > limits.strangers * count:
        yield Finding(
            f'{len(strangers):,} of {count:,} pictures, the first of them row '
            f'{strangers[0]}, have got vectors of something else: further from the '
            f"network's than pictures are apart. {int(limits.strangers * count):,} may."
        )
    yield from _check_ratios(closeness, limits)
    dim = len(closeness.moments.covariance)
    if closeness.collapsed > limits.collapsed * dim:
        yield Finding(
            f"{closeness.collapsed:,} of {dim:,} components vary in the network's "
            f"vectors and not in the file's; {int(limits.collapsed * dim):,} may."
        )


def _check_ratios(closeness: Closeness, limits: Limits) -> Iterator[Finding]:
    """Refuse lengths and variances of another scale."""
    ratios: Any = closeness.length_ratios
    if not limits.every_length:
        ratios = np.median(ratios)
    low, high = float(np.min(ratios)), float(np.max(ratios))
    if low < 1 / limits.length or high > limits.length:
        which = 'range' if limits.every_length else 'have medians'
        yield Finding(
            f"The file's vectors are longer than the network's by factors that {which} "
            f'from {low:.4g} to {high:.4g}, and {1 / limits.length:.2f} to '
            f'{limits.length:.2f} are allowed.'
        )
    ratio = closeness.variance_ratio
    if ratio < 1 / limits.variance or ratio > limits.variance:
        yield Finding(
            f"The file's vectors have {ratio:.4g} times the variance of the network's, "
            f'and {1 / limits.variance:.2f} to {limits.variance:.2f} are allowed.'
        )
