"""The comparisons of a study in Markdown."""

from collections.abc import Sequence

from mmreid.apis.study.findings import TESTED, VERDICTS, Finding, sort_findings
from mmreid.apis.study.writing.markdown import markdown_table
from mmreid.apis.study.writing.table import (
    PERSONS_ALONE,
    finding_rows,
    format_claim,
    format_p,
    points,
)

_DISAGREEING = VERDICTS[:2]


def tell_disagreements(findings: Sequence[Finding]) -> str:
    """Tell in Markdown each comparison that came out on the other side than in print.

    Args:
        findings (Sequence[Finding]): All comparisons; decided ones are told first.
    """
    told = [
        _tell_disagreement(finding)
        for finding in sort_findings(findings)
        if finding.verdict in _DISAGREEING
    ]
    if told:
        return '\n'.join(told)
    return 'No comparison came out on the other side than in print.'


def _tell_disagreement(finding: Finding) -> str:
    tested, contrast = finding.tested, finding.contrast
    bounds, decided = '', 'decided'
    if not tested.covers_seeds:
        bounds = f'; a single seed, {PERSONS_ALONE}'
        decided = 'decided for these two networks'
    if not finding.decided:
        decided = 'open, since the interval holds zero'
    printed = '; '.join(map(format_claim, finding.claims))
    unknown = ' The reason is not known.' if finding.decided else ''
    return (
        f'- **{contrast.method} against {contrast.against}**: '
        f'{points(tested.value)} points of {TESTED} ({points(tested.low)} to '
        f'{points(tested.high)}{bounds}; corrected p {format_p(finding.corrected)}), '
        f'{decided}. In print: {printed}.'
        f'{f" {contrast.remark}" if contrast.remark else unknown}'
    )


def tell_findings(findings: Sequence[Finding]) -> str:
    """Tell in Markdown all comparisons, and which of the papers' pairs are others.

    Args:
        findings (Sequence[Finding]): In the order that they are told in.
    """
    if not findings:
        return 'No comparison has runs of both methods.'
    notes = [
        f'- {finding.contrast.method} against {finding.contrast.against}: {note}'
        for finding in findings
        for note in dict.fromkeys(claim.note for claim in finding.claims if claim.note)
    ]
    parts = [markdown_table(finding_rows(findings))]
    if notes:
        parts += [
            'What the papers print is of about the same pair, not of it, where',
            '\n'.join(notes),
        ]
    return '\n\n'.join(parts)
