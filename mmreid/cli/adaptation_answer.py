"""What ``mmreid adapt`` prints of what came out."""

import sys
from typing import Any

from mmreid.cli.command import answer


def print_answer(adapted: Any, as_json: bool) -> None:
    """Print numbers, scores and files; what must not be missed on standard error.

    Args:
        adapted (Any): An :class:`mmreid.apis.adaptation.Adapted`.
        as_json (bool): Print one JSON document instead of tables.
    """
    facts = adapted.facts
    for sentence in (*facts.warnings, *facts.notes):
        print(f'Warning: {sentence}', file=sys.stderr)
    if as_json:
        answer(
            dict(
                checkpoint=adapted.checkpoint,
                clusters=adapted.clusters,
                report=adapted.report,
                numbers=[_numbers(found) for found in facts.numbers],
                labelled=None if facts.measured is None else _scores(facts.measured),
                suspects={found.kind: found.found for found in facts.suspects},
                warnings=[*facts.warnings, *facts.notes],
            )
        )
    else:
        print(_describe(adapted))


def _numbers(found: Any) -> dict[str, Any]:
    return dict(
        model=found.name,
        pictures=found.pictures,
        clusters=len(found.sizes),
        noise=found.noise,
        several_cameras=found.across,
        adjusted_rand=found.agreement,
    )


def _scores(measured: Any) -> dict[str, Any]:
    sides = dict(before=measured.before, after=measured.after)
    told = {
        side: {metric: vars(score) for metric, score in scores.items()}
        for side, scores in sides.items()
    }
    differences = {metric: vars(d) for metric, d in measured.differences.items()}
    return dict(data=measured.data, **told, differences=differences)


def _describe(adapted: Any) -> str:
    """Lay out numbers, scores and files."""
    from mmreid.text_tables import format_table

    rows = [['', 'clusters', 'in none', 'of several cameras']]
    rows += [
        [
            found.name,
            f'{len(found.sizes):,}',
            f'{found.noise:,}',
            '-' if found.across is None else f'{found.across:,}',
        ]
        for found in adapted.facts.numbers
    ]
    parts = [format_table(rows)]
    measured = adapted.facts.measured
    if measured is not None:
        parts += [measured.data, format_table(_score_rows(measured))]
    files = [adapted.checkpoint, adapted.clusters, adapted.report]
    parts.append('\n'.join(f'written: {file}' for file in files if file))
    return '\n\n'.join(parts)


def _score_rows(measured: Any) -> list[list[str]]:
    """Lay scores from before and after out, a row for each metric."""
    later = ['after', 'after - before'] if measured.after else []
    rows = [['', 'before', *later]]
    for metric, score in measured.before.items():
        row = [metric, f'{score.value:.2f}']
        change = measured.differences.get(metric)
        if change is not None:
            row.append(f'{measured.after[metric].value:.2f}')
            row.append(f'{change.value:+.2f} [{change.low:+.2f}, {change.high:+.2f}]')
        rows.append(row)
    return rows
