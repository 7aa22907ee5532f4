"""The charts of a page of trainings."""

import math
from collections.abc import Mapping, Sequence

from mmreid.report.training.facts import Repeated
from mmreid.report.vector_charts import (
    chart_label,
    colour_of,
    line_of,
    new_figure,
    page_colours,
    to_svg,
)
from mmreid.visualization import Curve

_MARKERS = ('o', 's', '^', 'D', 'v', 'P')


def draw_curves(key: str, curves: Mapping[str, Curve], unit: str) -> str:
    """Draw a value in the course of trainings, a line each.

    Args:
        key (str): What it is.
        curves (Mapping[str, Curve]): By the run's name, in an order that all charts
            share; None stands for a run that has none.
        unit (str): What positions count.

    Returns:
        str: An ``<svg>`` element.
    """
    with page_colours():
        figure = new_figure(5.5, 3.2)
        axes = figure.subplots()
        for number, (name, curve) in enumerate(curves.items()):
            if not curve.values:
                continue
            axes.plot(
                curve.positions,
                curve.values,
                **line_of(number),
                marker=_MARKERS[number % len(_MARKERS)]
                if len(curve.values) < 40
                else None,
                markersize=3,
                label=chart_label(name),
            )
        axes.set(title=chart_label(key), xlabel=unit)
        # Epochs and iterations are whole; a short training would have ticks between.
        axes.locator_params(axis='x', integer=True)
        axes.grid()
        if axes.lines:
            axes.legend(fontsize='small')
    told = [f'{n}: {c.values[-1]:.4g}' for n, c in curves.items() if c.values]
    return to_svg(figure, f'{key} by {unit}; last values: {"; ".join(told)}.')


def draw_scores(metric: str, configs: Sequence[Repeated]) -> str:
    """Draw each run's score with its interval, and the mean of each config.

    Args:
        metric (str): Which score.
        configs (Sequence[Repeated]): The configs.

    Returns:
        str: An ``<svg>`` element.
    """
    rows = [
        (number, run.name, config.name, run.scores[metric])
        for number, config in enumerate(configs)
        for run in config.runs
        if metric in run.scores
    ]
    with page_colours():
        figure = new_figure(5.5, 0.9 + 0.28 * len(rows))
        axes = figure.subplots()
        for place, (number, _, _, score) in enumerate(rows):
            low, high = score.low, score.high
            spread = None
            if not math.isnan(low):
                spread = [[score.value - low], [high - score.value]]
            axes.errorbar(
                score.value,
                place,
                xerr=spread,
                color=colour_of(number),
                marker=_MARKERS[number % len(_MARKERS)],
                capsize=3,
            )
        for number, config in enumerate(configs):
            if metric in config.means:
                axes.axvline(config.means[metric].value, **line_of(number))
        labels = [chart_label(f'{config} {run}') for _, run, config, _ in rows]
        axes.set_yticks(range(len(rows)), labels, fontsize='small')
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set(xlabel=f'{chart_label(metric)}, %')
        axes.grid(axis='x')
    means = [
        f'{c.name}: {c.means[metric].value:.2f}' for c in configs if metric in c.means
    ]
    return to_svg(figure, f'{metric} of each run with its interval; means: {means}.')
