"""The page of an adaptation."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mmreid.report.adaptation.charts import draw_sizes
from mmreid.report.adaptation.facts import AdaptationFacts, ClusterNumbers, Measured
from mmreid.report.bundles import open_bundle
from mmreid.report.results.sentences import describe_difference, score_cell
from mmreid.report.thumbnails import write_listed
from mmreid.report.training.charts import draw_curves


def write_adaptation(
    facts: AdaptationFacts,
    path: str | os.PathLike,
    *,
    overwrite: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Write a page that shows the clusters of an adaptation and what may be wrong.

    Args:
        facts (AdaptationFacts): What was found.
        path (str | os.PathLike): A folder, or a file that ends in ``.html``.
        overwrite (bool): Whether an earlier page there is replaced. Defaults to False.
        progress (Callable, optional): Called with the pictures done and in all.
            Defaults to None.

    Returns:
        Path: ``path``.

    Raises:
        FileExistsError: Something else lies there.
        ImportError: jinja2 is not installed.
        ValueError: One file would be too large.
    """
    with open_bundle(path, overwrite) as bundle:
        listed = write_listed(bundle, facts.pictures, progress)
        sizes = draw_sizes(facts.numbers)
        curves = [
            draw_curves(key, {'adaptation': curve}, 'epoch')
            for key, curve in facts.course.items()
        ]
        bundle.finish(
            'adaptation.html',
            ('pictures.js', 'adaptation.js'),
            facts=facts,
            **listed,
            charts=[chart for chart in (sizes, *curves) if chart],
            rows=[_number_row(found) for found in facts.numbers],
            has_cameras=any(found.across is not None for found in facts.numbers),
            has_persons=any(not np.isnan(found.agreement) for found in facts.numbers),
            scores=_score_rows(facts.measured),
            shown=sum(len(cluster.pictures) for cluster in facts.clusters),
        )
    return Path(path)


def _number_row(found: ClusterNumbers) -> dict[str, str]:
    """Lay a line of the table of numbers out."""
    sizes = found.sizes
    spread = '-'
    if len(sizes):
        spread = f'{sizes[-1]:,} / {np.median(sizes):g} / {sizes[0]:,}'
    known = not np.isnan(found.agreement)
    return dict(
        name=found.name,
        clusters=f'{len(sizes):,}',
        noise=f'{found.noise:,} ({found.noise / max(found.pictures, 1):.0%})',
        sizes=spread,
        across='-' if found.across is None else f'{found.across:,}',
        agreement=f'{found.agreement:.3f}' if known else '-',
    )


def _score_rows(measured: Measured | None) -> list[dict[str, Any]]:
    """Lay scores from before and after out, a row for each metric."""
    if measured is None:
        return []
    return [
        dict(
            metric=metric,
            before=score_cell(score),
            after=score_cell(measured.after.get(metric)),
            change=describe_difference(
                'before', 'after', metric, measured.differences[metric]
            )
            if metric in measured.differences
            else None,
        )
        for metric, score in measured.before.items()
    ]
