"""The charts of a page of results."""

from typing import Any

import numpy as np

from mmreid.report.results.facts import ReportedModel
from mmreid.report.vector_charts import (
    COLOURS,
    chart_label,
    colour_of,
    line_of,
    new_figure,
    page_colours,
    to_svg,
)

# Rates below are not drawn: so few pairs say little.
_LEAST_RATE = 1e-6


def draw_cmc(models: tuple[ReportedModel, ...]) -> str:
    """Draw how many queries have a right answer by each rank.

    Args:
        models (tuple[ReportedModel, ...]): At least one.

    Returns:
        str: An ``<svg>`` element.
    """
    with page_colours():
        figure = new_figure(5, 3.4)
        axes = figure.subplots()
        for number, model in enumerate(models):
            axes.plot(model.cmc_ranks, 100 * model.cmc, **_line(number, model))
        axes.set(xlabel='rank', ylabel='queries, %', title='Right answer by rank (CMC)')
        axes.set_xlim(left=1)
        axes.grid()
        _name_lines(axes, len(models), 'lower right')
    found = [
        f'{m.name}: {100 * m.cmc[0]:.1f} % at rank 1' for m in models if len(m.cmc)
    ]
    return to_svg(figure, f'Cumulative matching curves. {"; ".join(found)}.')


def draw_det(models: tuple[ReportedModel, ...]) -> str | None:
    """Draw the errors of telling pairs of one person from pairs of two.

    Args:
        models (tuple[ReportedModel, ...]): Those without such a curve are left out.

    Returns:
        str | None: An ``<svg>`` element; None where no model has a curve.
    """
    drawn = [(n, m, m.det) for n, m in enumerate(models) if m.det is not None]
    if not drawn:
        return None
    with page_colours():
        figure = new_figure(5, 3.4)
        axes = figure.subplots()
        for number, model, det in drawn:
            x, y = det.false_positive_rates, det.false_negative_rates
            inside = (x >= _LEAST_RATE) & (y >= _LEAST_RATE)
            axes.plot(100 * x[inside], 100 * y[inside], **_line(number, model))
            _mark_point(axes, number, model)
        axes.set(xscale='log', yscale='log', title='Yes or no (DET)')
        axes.set(xlabel='two persons taken for one, %', ylabel='one taken for two, %')
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(lambda value, _: f'{value:g}')
        axes.grid()
        _name_lines(axes, len(drawn), 'best')
    names = ', '.join(model.name for _, model, _ in drawn)
    return to_svg(
        figure,
        'Detection error tradeoff: share of pairs of one person that are missed, over '
        f'the share of pairs of two that are accepted, of {names}.',
    )


def draw_distances(model: ReportedModel) -> str | None:
    """Draw the two histograms of distances, with the operating point.

    Args:
        model (ReportedModel): The model.

    Returns:
        str | None: An ``<svg>`` element; None where no distances are known.
    """
    pairs, point = model.pair_distances, model.operating_point
    if pairs is None:
        return None
    with page_colours():
        figure = new_figure(5, 3.4)
        axes = figure.subplots()
        for counts, colour, dash, label in (
            (pairs.one_person, COLOURS[0], '-', 'of one person'),
            (pairs.two_persons, COLOURS[1], '--', 'of two persons'),
        ):
            share = 100 * counts / max(counts.sum(), 1)
            axes.stairs(share, pairs.edges, color=colour, linestyle=dash, label=label)
            axes.stairs(share, pairs.edges, color=colour, alpha=0.2, fill=True)
        shown = np.flatnonzero(pairs.one_person + pairs.two_persons)
        if len(shown):
            axes.set_xlim(pairs.edges[shown[0]], pairs.edges[shown[-1] + 1])
        if point is not None:
            label = f'threshold {point.threshold:.4g}'
            axes.axvline(point.threshold, color=COLOURS[2], linestyle=':', label=label)
        axes.set(
            xlabel='distance',
            ylabel='pairs, %',
            title=f'Pairs: {chart_label(model.name)}',
        )
        axes.grid()
        axes.legend()
    where = '' if point is None else f', with the threshold at {point.threshold:.4g}'
    return to_svg(
        figure,
        f'Histograms of distances of {pairs.one_person.sum():,} pairs of one person '
        f'and {pairs.two_persons.sum():,} pairs of two, by {model.name}{where}.',
    )


def _name_lines(axes: Any, count: int, place: str) -> None:
    """Add a legend; that of many lines stands beside them."""
    if count > 4:
        axes.legend(loc='upper left', bbox_to_anchor=(1, 1), fontsize='x-small')
    else:
        axes.legend(loc=place)


def _mark_point(axes: Any, number: int, model: ReportedModel) -> None:
    """Mark the threshold that a model is used at on its curve of errors."""
    point, det = model.operating_point, model.det
    if point is None or det is None or not len(det.thresholds):
        return
    # Accepted is what is nearer than the threshold.
    at = int(np.searchsorted(det.thresholds, point.threshold))
    at = min(at, len(det.thresholds) - 1)
    x, y = det.false_positive_rates[at], det.false_negative_rates[at]
    if min(x, y) >= _LEAST_RATE:
        colour = colour_of(number)
        axes.plot([100 * x], [100 * y], marker='o', color=colour, linestyle='none')


def _line(number: int, model: ReportedModel) -> dict[str, str]:
    """Tell the line of a model."""
    return dict(line_of(number), label=chart_label(model.name))
