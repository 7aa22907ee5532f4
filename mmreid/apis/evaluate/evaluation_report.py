"""What was computed from features, as text."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from mmreid.evaluation.stamp import describe_data, describe_rules


def format_analysis(report: Mapping[str, Any]) -> str:
    """Lay out everything that was computed.

    Args:
        report (Mapping[str, Any]): From :func:`analyze_features`.
    """
    found = {key.removeprefix('reid/'): value for key, value in report.items()}
    numbers = {k: v for k, v in found.items() if isinstance(v, int | float)}
    parts = [f'!!! {warning}' for warning in found['warnings']]
    parts.append(describe_data(found['protocol']))
    parts.append(format_scores(numbers, found.get('intervals')))
    parts += [
        layout(found[key])
        for key, layout in (
            ('camera_pairs', format_camera_pairs),
            ('hardest', format_hardest),
            ('identification', format_identification),
            ('verification', format_verification),
        )
        if key in found
    ]
    parts.append('\n'.join(describe_rules(found['protocol'])))
    return '\n\n'.join(parts)


def format_scores(
    scores: Mapping[str, float], intervals: Mapping[str, Any] | None = None
) -> str:
    """Lay scores out, with their intervals where there are any.

    Args:
        scores (Mapping[str, float]): In percent, by metric.
        intervals (Mapping[str, Any], optional): From :func:`bound_scores`.
            Defaults to None.
    """
    rows = [['', 'score'], *([name, _number(value)] for name, value in scores.items())]
    if intervals is None:
        return format_table(rows)
    rows[0].append(f'{100 * intervals["confidence"]:g} % interval')
    for row, name in zip(rows[1:], scores, strict=True):
        ends = (intervals[name]['low'], intervals[name]['high'])
        row.append(' to '.join(map(_number, ends)))
    return f'{format_table(rows)}\n{explain_intervals(intervals)}'


def explain_intervals(how: Mapping[str, Any]) -> str:
    """Say how intervals were computed.

    Args:
        how (Mapping[str, Any]): ``by_person``, ``num_persons``, ``resamples`` and
            ``seed``.
    """
    unit = f'the {how["num_persons"]} persons' if how['by_person'] else 'single queries'
    return (
        f'intervals: percentile bootstrap over {unit}, {how["resamples"]} resamples, '
        f'seed {how["seed"]}'
    )


def format_camera_pairs(pairs: Mapping[str, Any]) -> str:
    """Lay out mAP and R1 by pairs of cameras.

    Args:
        pairs (Mapping[str, Any]): From :func:`score_camera_pairs`.
    """
    parts = []
    for metric in ('mAP', 'R1'):
        head = [f'{metric}: query in', *(f'-> {c}' for c in pairs['gallery_cameras'])]
        cameras = zip(pairs['query_cameras'], pairs[metric], strict=True)
        rows = [[f'camera {c}', *map(_number, values)] for c, values in cameras]
        parts.append(format_table([head, *rows]))
    return '\n\n'.join(parts)


def format_hardest(queries: Sequence[Mapping[str, Any]]) -> str:
    """Lay out the hardest queries.

    Args:
        queries (Sequence[Mapping[str, Any]]): From :func:`list_hardest`.
    """
    head = ['AP', 'first right', 'person', 'camera', 'hardest queries']
    rows = [
        [
            _number(query['average_precision']),
            f'{query["rank"]:g}',
            str(query['person_id']),
            str(query['cam_id']),
            query['path'] or '(no path in the file)',
        ]
        for query in queries
    ]
    return format_table([head, *rows], left=(4,))


def format_identification(scores: Mapping[str, Any]) -> str:
    """Lay out detection and identification rates.

    Args:
        scores (Mapping[str, Any]): From :func:`score_identification`.
    """
    ranks = [key for key in scores if key[0] == 'R' and key[1:].isdigit()]
    columns = {
        **({'FAR at most': scores['rates']} if scores['rates'] else {}),
        'FAR': scores['false_accept_rates'],
        'distance <': scores['thresholds'],
        **{f'DIR@{rank}': scores[rank] for rank in ranks},
    }
    whom = (
        f'{scores["num_unmated"]} queries without one'
        if scores['unmated'] == 'absent'
        else f'all {scores["num_unmated"]} once more, of a gallery without their person'
    )
    mated = f'identification: {scores["num_mated"]} queries with a right answer'
    return f'{_rates(columns)}\n{mated}, {whom}'


def format_verification(scores: Mapping[str, Any]) -> str:
    """Lay out true positive rates.

    Args:
        scores (Mapping[str, Any]): From :func:`score_verification`.
    """
    columns = {
        **({'FPR at most': scores['rates']} if scores['rates'] else {}),
        'FPR': scores['false_positive_rates'],
        'distance <': scores['thresholds'],
        'TPR': scores['true_positive_rates'],
    }
    positive = f'{scores["num_positive"]} pairs of one person'
    return (
        f'{_rates(columns)}\nverification: {positive}, {scores["num_negative"]} of two'
    )


def format_table(rows: Sequence[Sequence[str]], left: Sequence[int] = (0,)) -> str:
    """Align the cells of a table.

    Args:
        rows (Sequence[Sequence[str]]): The cells, as many in every row.
        left (Sequence[int]): Columns aligned to the left. Defaults to the first.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if index in left else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append('  '.join(cells).rstrip())
    return '\n'.join(lines)


def _rates(columns: Mapping[str, Sequence[float]]) -> str:
    """Lay out columns of rates in percent, and of distances."""
    cells = [
        [name, *(f'{v:.6f}' if name == 'distance <' else f'{v:.4g} %' for v in values)]
        for name, values in columns.items()
    ]
    return format_table(list(zip(*cells, strict=True)), left=())


def _number(value: float | None) -> str:
    return '-' if value is None or math.isnan(value) else f'{value:.2f}'
