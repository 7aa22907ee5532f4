"""The tables of a study, cell by cell: as text, and for its page."""

import math
import statistics
from collections.abc import Collection, Sequence

from mmreid.apis.study.definition import Study
from mmreid.apis.study.findings import TESTED, Finding
from mmreid.apis.study.published import Claim
from mmreid.apis.study.records import StudyRecords
from mmreid.apis.study.run_record import SCORES
from mmreid.evaluation.functional.uncertainty import RepeatedDifference, Spread
from mmreid.text_tables import format_table

#: What is said of a comparison that knows nothing of other seeds.
PERSONS_ALONE = 'persons alone'
# More seeds than that are nothing to plan with, and how many hangs on rounding.
_MANY = 1000


def method_rows(
    study: Study, records: StudyRecords, names: Collection[str] | None = None
) -> list[list[str]]:
    """Tell what each method reached.

    Args:
        study (Study): Its methods, whose order the rows have.
        records (StudyRecords): Their runs; methods without any are left out.
        names (Collection[str] | None): Only these methods. Defaults to None: all.

    Returns:
        list[list[str]]: A head, then a row for each method: its seeds, mean and
        deviation of each score, and the median of its minutes.
    """
    rows = [['method', 'seeds', *SCORES, 'minutes']]
    for name in study.methods:
        runs = records.of_method(name)
        if runs and (names is None or name in names):
            spreads = [_spread(records.spread(name, score)) for score in SCORES]
            minutes = _minutes([run.seconds for run in runs.values()])
            rows.append([name, str(len(runs)), *spreads, minutes])
    return rows


def finding_rows(findings: Sequence[Finding]) -> list[list[str]]:
    """Tell what each comparison found, in the order given.

    Args:
        findings (Sequence[Finding]): Of
            :func:`mmreid.apis.study.findings.find_differences`.

    Returns:
        list[list[str]]: A head, then a row for each.
    """
    head = ['method', 'against', 'seeds', TESTED, 'interval', 'p', 'corrected p']
    rows = [[*head, 'R1', 'seeds needed', 'verdict', 'papers']]
    for finding in findings:
        tested = finding.tested
        rows.append(
            [
                finding.contrast.method,
                finding.contrast.against,
                ' / '.join(map(str, reversed(tested.runs))),
                points(tested.value),
                f'{points(tested.low)} to {points(tested.high)}',
                format_p(tested.p_value),
                f'{format_p(finding.corrected)} (of {finding.family})',
                points(finding.differences['R1'].value),
                _needed(tested),
                format_verdict(finding),
                '; '.join(map(format_claim, finding.claims)) or '-',
            ]
        )
    return rows


def format_study(
    study: Study, records: StudyRecords, findings: Sequence[Finding]
) -> str:
    """Write the tables of a study as text.

    Args:
        study (Study): The study.
        records (StudyRecords): Its runs.
        findings (Sequence[Finding]): Its comparisons.
    """
    parts = [format_table(method_rows(study, records))]
    if findings:
        left = (0, 1, 9, 10)
        parts.append(format_table(finding_rows(findings), left))
        parts.append(
            'differences and intervals (95 %) in points; (of k): corrected for k '
            'comparisons by the method of Holm'
        )
    return '\n\n'.join(parts)


def points(value: float) -> str:
    """Write a difference, in points.

    Args:
        value (float): The difference.
    """
    text = f'{value:+.1f}'
    return '0.0' if text in ('+0.0', '-0.0') else text


def format_interval(difference: RepeatedDifference) -> str:
    """Write the interval of a difference, and whether it is of the persons alone.

    Args:
        difference (RepeatedDifference): In points.
    """
    text = f'{points(difference.low)} to {points(difference.high)}'
    return text if difference.covers_seeds else f'{text} ({PERSONS_ALONE})'


def format_p(value: float) -> str:
    """Write a p value.

    Args:
        value (float): From 0 to 1.
    """
    return '< 0.001' if value < 0.001 else f'{value:.3f}'


def format_verdict(finding: Finding) -> str:
    """Write on whose side a finding lies, and if that is said of the persons alone.

    Args:
        finding (Finding): The finding.
    """
    text = finding.verdict
    return text if finding.tested.covers_seeds else f'{text} ({PERSONS_ALONE})'


def format_claim(claim: Claim) -> str:
    """Write what a paper prints: the data set, and the difference there.

    Args:
        claim (Claim): Of a pair of methods; ``about`` says that it is not quite ours.
    """
    words = [claim.dataset.removesuffix(' single query')]
    words += ['about'] if claim.note else []
    words += [points(claim.difference)]
    words += [claim.score] if claim.score != 'mAP' else []
    return ' '.join(words)


def _spread(spread: Spread) -> str:
    if math.isnan(spread.deviation):
        return f'{spread.mean:.1f}'
    return f'{spread.mean:.1f} ± {spread.deviation:.1f}'


def _minutes(seconds: Sequence[float | None]) -> str:
    """Write the median of what uninterrupted runs took."""
    known = [value for value in seconds if value is not None]
    return f'{statistics.median(known) / 60:.1f}' if known else '-'


def _needed(difference: RepeatedDifference) -> str:
    """Write how many seeds would decide; ``?`` where nothing is known of seeds."""
    if not difference.covers_seeds:
        return '?'
    needed = difference.needed_runs
    if needed is None:
        return 'more persons'
    return f'> {_MANY:,}' if needed > _MANY else str(needed)
