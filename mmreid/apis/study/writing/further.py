"""What further tests of a study give: scores, and the order of the methods."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from mmreid.apis.study.definition import Study
from mmreid.apis.study.findings import TESTED
from mmreid.apis.study.further_tests import further_records
from mmreid.apis.study.ordering import OrderAgreement
from mmreid.apis.study.records import StudyRecords
from mmreid.apis.study.writing.markdown import link, markdown_table
from mmreid.apis.study.writing.order import compare_orders

_HEAD = ['test', f'mean {TESTED}', 'methods in print', 'tau', 'bar', 'difference']
_OWN = 'as in the study'


def tell_further(study: Study, records: StudyRecords, page: Path) -> str:
    """Tell in Markdown what further tests give, beside the study's own.

    Only those networks count that all tests have had, so that rows differ by the test
    alone.

    Args:
        study (Study): With further tests, or without.
        records (StudyRecords): Its runs.
        page (Path): Where the text will stand, for links.

    Returns:
        str: Empty where no network has had all tests.
    """
    further = {t.name: further_records(records, t) for t in study.tests.values()}
    tests = {_OWN: records, **further}
    shared = set.intersection(*(set(kept.runs) for kept in tests.values()))
    if not further or not shared:
        return ''
    rows = [_HEAD]
    for name, kept in tests.items():
        scores = _scores(kept, shared)
        mean = f'{np.mean([values.mean() for values in scores.values()]):.1f}'
        orders, _ = compare_orders(study, scores)
        rows += [[name, mean, *_tell(what, one)] for what, one in orders.items()]
    files = ', '.join(link(kept.file, page) for kept in further.values())
    count = f'{len(shared)} networks of {len({name for name, _ in shared})} methods'
    parts = [
        study.tests_text.strip(),
        f'{count} have had all tests; what each gave is in {files}.',
        markdown_table(rows),
    ]
    return '\n\n'.join(filter(None, parts))


def _scores(
    records: StudyRecords, shared: set[tuple[str, int]]
) -> Mapping[str, np.ndarray]:
    """Return ``(runs,)`` scores of each method, of the runs that all tests have."""
    found: dict[str, list[float]] = {}
    for method, seed in sorted(shared):
        score = 100 * records.runs[method, seed].values[TESTED].mean()
        found.setdefault(method, []).append(score)
    return {method: np.array(scores) for method, scores in found.items()}


def _tell(what: str, agreement: OrderAgreement) -> list[str]:
    """Tell of an order its methods, mean tau, bar, and their difference."""
    if not agreement.ours or not agreement.real:
        return [what, *3 * ['too few']]
    gap = f'{agreement.gap:+.2f} ({agreement.low:+.2f} to {agreement.high:+.2f})'
    return [what, f'{agreement.mean:.2f}', f'{agreement.bar:.2f}', gap]
