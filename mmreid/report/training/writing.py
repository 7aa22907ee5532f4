"""The page of trainings and of configs that were run several times."""

import math
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from mmreid.report.bundles import open_bundle
from mmreid.report.results import Score
from mmreid.report.results.sentences import describe_difference, score_cell
from mmreid.report.training.charts import draw_curves, draw_scores
from mmreid.report.training.facts import Repeated, TrainingFacts, TrainingRun
from mmreid.report.vector_charts import MOST_LINES
from mmreid.visualization import Curve

# No training takes a thousand years.
_TOO_LONG = 3e10
# Drawn first, in this order, where they were logged; the rest is folded away.
_FIRST = ('loss', 'reid/mAP', 'reid/R1', 'lr')


def write_training(
    facts: TrainingFacts, path: str | os.PathLike, *, overwrite: bool = False
) -> Path:
    """Write a page that shows how trainings went and what they reached.

    Args:
        facts (TrainingFacts): What was read.
        path (str | os.PathLike): A folder, or a file that ends in ``.html``.
        overwrite (bool): Whether an earlier page there is replaced. Defaults to False.

    Returns:
        Path: ``path``.

    Raises:
        FileExistsError: Something else lies there.
        ImportError: jinja2 is not installed.
    """
    keys = list(dict.fromkeys(key for run in facts.runs for key in run.curves))
    first = [key for key in _FIRST if key in keys]
    compared = next((c.name for c in facts.repeated if c.means), '')
    with open_bundle(path, overwrite) as bundle:
        bundle.finish(
            'training.html',
            facts=facts,
            charts=[_draw(facts, key) for key in first],
            others=[_draw(facts, key) for key in keys if key not in first],
            drawn=MOST_LINES,
            table=_last_and_best(facts, [*first, *(k for k in keys if k not in first)]),
            settings=list(dict.fromkeys(s for run in facts.runs for s in run.settings)),
            first=compared,
            repeated=[_lay_out(config, compared) for config in facts.repeated],
            scores=_score_charts(facts),
        )
    return Path(path)


def _draw(facts: TrainingFacts, key: str) -> str:
    empty = Curve([], [])
    runs = [run for run in facts.runs if run.curves][:MOST_LINES]
    curves = {run.name: run.curves.get(key, empty) for run in runs}
    return draw_curves(key, curves, facts.unit)


def _last_and_best(facts: TrainingFacts, keys: list[str]) -> list[dict[str, Any]]:
    """Tell of each value the last one of every run, and the best score."""
    rows = [
        dict(key='trained', cells=[_trained(run, facts.unit) for run in facts.runs])
    ]
    for key in keys:
        cells = []
        for run in facts.runs:
            curve = run.curves.get(key)
            if curve is None or not curve.values:
                cells.append('-')
                continue
            text = f'{curve.values[-1]:.4g}'
            known = [i for i, v in enumerate(curve.values) if not math.isnan(v)]
            if '/' in key and known:  # a score: the higher the better
                best = max(known, key=curve.values.__getitem__)
                at = f'{curve.positions[best]:g}'
                text += f' (best {curve.values[best]:.4g}, {facts.unit} {at})'
            cells.append(text)
        rows.append(dict(key=key, cells=cells))
    return rows


def _trained(run: TrainingRun, unit: str) -> str:
    """Tell how far a training went, and how long it took."""
    if not run.curves:
        return '-'
    length = max(curve.positions[-1] for curve in run.curves.values())
    text = f'{length:g} {unit}{"" if length == 1 else "s"}'
    if 0 <= run.seconds < _TOO_LONG:
        text += f', about {timedelta(seconds=round(run.seconds))}'
    return text


def _lay_out(config: Repeated, first: str) -> dict[str, Any]:
    """Lay the table of a config's runs out, a row a run."""
    metrics = [*config.means] or list(
        dict.fromkeys(metric for run in config.runs for metric in run.scores)
    )
    mean = {
        metric: _with_deviation(score, config.deviations.get(metric, math.nan))
        for metric, score in config.means.items()
    }
    return dict(
        config=config,
        metrics=metrics,
        rows=[
            dict(run=run, cells=[score_cell(run.scores.get(m), 2) for m in metrics])
            for run in config.runs
        ],
        mean=[mean.get(metric, '-') for metric in metrics],
        intervals=[score_cell(config.means.get(m), 2)['interval'] for m in metrics],
        differences=[
            describe_difference(first, config.name, metric, change)
            for metric, change in config.differences.items()
        ],
    )


def _with_deviation(score: Score, deviation: float) -> str:
    if math.isnan(deviation):
        return f'{score.value:.2f}'
    return f'{score.value:.2f} ± {deviation:.2f}'


def _score_charts(facts: TrainingFacts) -> list[str]:
    metrics = dict.fromkeys(m for config in facts.repeated for m in config.means)
    return [draw_scores(metric, facts.repeated) for metric in [*metrics][:4]]
