"""Whether the order of the methods is that of the papers, in words and a table."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from mmreid.apis.study.definition import Study
from mmreid.apis.study.findings import TESTED
from mmreid.apis.study.ordering import OrderAgreement, order_agreement
from mmreid.apis.study.published import printed_scores
from mmreid.apis.study.records import StudyRecords
from mmreid.apis.study.writing.markdown import markdown_table
from mmreid.evaluation.functional.uncertainty import RankAgreement
from mmreid.files import read_json


def mean_scores(study: Study, records: StudyRecords) -> dict[str, np.ndarray]:
    """Return ``(runs,)`` scores of each method that has runs, in percent.

    Args:
        study (Study): The study.
        records (StudyRecords): Its runs.
    """
    return {
        name: 100 * records.values(name, TESTED).mean(axis=1)
        for name in study.methods
        if records.of_method(name)
    }


def compare_orders(
    study: Study,
    scores: Mapping[str, np.ndarray],
    resamples: int = 10_000,
    seed: int = 0,
) -> tuple[dict[str, OrderAgreement], dict[str, dict[str, float]]]:
    """Compare the order of the study's methods with what is printed.

    Args:
        study (Study): With the file of what is printed, or without one.
        scores (Mapping[str, np.ndarray]): ``(runs,)`` of each method.
        resamples (int): Of methods and runs. Defaults to 10,000.
        seed (int): Of the draws. Defaults to 0.

    Returns:
        tuple: Agreements of all methods and, under the name of the trunk that most
        have in print, of those on this trunk; and what is printed, by data set.
    """
    if not study.published:
        return {}, {}
    content = read_json(study.published)
    found = {}
    for what, trunk in (('all methods', None), *_commonest_trunk(content, scores)):
        printed = printed_scores(content, trunk=trunk)
        found[what] = order_agreement(scores, printed, resamples=resamples, seed=seed)
    return found, printed_scores(content)


def tell_order(agreements: Mapping[str, OrderAgreement]) -> str:
    """Tell in Markdown whether our order is that of the papers.

    Args:
        agreements (Mapping[str, OrderAgreement]): Of :func:`compare_orders`.
    """
    rows = [
        row
        for what, agreement in agreements.items()
        for row in _rows(what, agreement)
        if agreement.ours
    ]
    if not rows:
        return (
            'Too few methods with runs are in print on one real data set for an order '
            'to be compared.'
        )
    head = ['methods', 'orders', 'in common', 'tau', 'interval', 'pairs apart', 'p']
    told = [_tell_gap(what, agreement) for what, agreement in agreements.items()]
    return '\n\n'.join([markdown_table([head, *rows]), *filter(None, told)])


def _commonest_trunk(
    content: Mapping[str, Any], scores: Mapping[str, Any]
) -> list[tuple[str, str]]:
    """Name the trunk that most methods with runs have in print, if they differ."""
    trunks = Counter(
        entry['trunk'] for name, entry in content['methods'].items() if name in scores
    )
    if len(trunks) < 2:
        return []
    trunk, _ = trunks.most_common(1)[0]
    return [(f'on {trunk} in print', trunk)]


def _rows(what: str, agreement: OrderAgreement) -> list[list[str]]:
    rows = [_row(what, f'here, {which}', one) for which, one in agreement.ours.items()]
    for pair, one in agreement.real.items():
        rows.append(_row(what, ', '.join(pair), one))
    return rows


def _row(what: str, orders: str, agreement: RankAgreement) -> list[str]:
    count = agreement.num_methods
    return [
        what,
        orders,
        str(count),
        f'{agreement.value:.2f}',
        f'{agreement.low:.2f} to {agreement.high:.2f}',
        f'{agreement.num_discordant} of {count * (count - 1) // 2}',
        f'{agreement.p_value:.3f}',
    ]


def _tell_gap(what: str, agreement: OrderAgreement) -> str:
    """Tell how far our taus are from those of real sets with each other."""
    what = what[0].upper() + what[1:]
    if not agreement.ours:
        return f'{what}: too few methods are in print on one real data set.'
    start = f'{what}: the mean tau with real sets is {agreement.mean:.2f}'
    if not agreement.real:
        return f'{start}; real sets have too few of these methods in common for a bar.'
    return (
        f'{start}, that of real sets with each other, the bar, {agreement.bar:.2f}; '
        f'the difference is {agreement.gap:+.2f} ({agreement.low:+.2f} to '
        f'{agreement.high:+.2f}).'
    )
