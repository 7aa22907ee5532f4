"""The plots of a study's page, as SVG files that are read on white and on black."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mmreid.apis.study.definition import Contrast
from mmreid.apis.study.findings import TESTED, Finding
from mmreid.apis.study.writing.table import (
    PERSONS_ALONE,
    format_claim,
    format_interval,
    points,
)
from mmreid.evaluation.functional.uncertainty import RankAgreement, Spread
from mmreid.report import COLOURS, chart_label, new_figure, page_colours, to_svg

# Text and lines: 4.3 to 1 or more against white and against nearly black.
_INK = '#757b82'
_PIXELS = 96  # of an inch, as browsers show it
_OURS, _PAPERS = COLOURS[0], COLOURS[1]


def draw_differences(findings: Sequence[Finding]) -> str:
    """Draw each difference with its interval, and what papers print of it.

    Args:
        findings (Sequence[Finding]): One or more, from top to bottom.

    Returns:
        str: The content of a file.
    """
    width, height = 8.5, 1.1 + 0.42 * len(findings)
    with page_colours():
        figure = new_figure(width, height)
        axes = figure.subplots()
        axes.axvline(0, color=_INK, linewidth=0.8)
        for place, finding in enumerate(findings):
            _draw_finding(axes, place, finding)
        labels = [_label(finding.contrast) for finding in findings]
        axes.set_yticks(range(len(findings)), labels, fontsize='small')
        axes.set(xlabel=f'difference in {TESTED}, points', ylim=(len(findings), -0.7))
        axes.grid(axis='x')
        figure.legend(
            *_named_once(axes), loc='outside upper center', ncols=3, fontsize='small'
        )
    return _stand_alone(to_svg(figure, _describe(findings)), width, height)


def draw_orders(
    ours: Mapping[str, Spread],
    printed: Mapping[str, Mapping[str, float]],
    agreements: Mapping[str, RankAgreement],
) -> str:
    """Draw what methods reach here against what is printed of them.

    Args:
        ours (Mapping[str, Spread]): mAP of each method over its seeds.
        printed (Mapping[str, Mapping[str, float]]): mAP by real data set and method.
        agreements (Mapping[str, RankAgreement]): By the real data sets that are drawn.

    Returns:
        str: The content of a file.
    """
    width, height = 8.5, 3.4 * len(agreements)
    told = []
    with page_colours():
        figure = new_figure(width, height)
        panels = figure.subplots(len(agreements), squeeze=False).flat
        for axes, (which, agreement) in zip(panels, agreements.items(), strict=True):
            names = [name for name in ours if name in printed[which]]
            _draw_order(axes, names, ours, printed[which])
            tau = f'{which}: tau {agreement.value:.2f}'
            axes.set(title=tau, xlabel='printed mAP', ylabel='mAP here')
            told.append(f'{tau} over {agreement.num_methods} methods')
    text = f'mAP here against printed mAP. {"; ".join(told)}.'
    return _stand_alone(to_svg(figure, text), width, height)


def _label(contrast: Contrast) -> str:
    return f'{chart_label(contrast.method)}\nagainst {chart_label(contrast.against)}'


def _draw_finding(axes: Any, place: int, finding: Finding) -> None:
    """Draw one row: the interval, and the papers' differences a little below."""
    tested = finding.tested
    axes.plot(
        [tested.low, tested.high],
        [place, place],
        color=_OURS,
        linewidth=2,
        linestyle='-' if tested.covers_seeds else (0, (2, 1.5)),
        label='here, 95 %' if tested.covers_seeds else f'here, {PERSONS_ALONE}',
    )
    axes.plot(tested.value, place, 'o', color=_OURS, markersize=6)
    told = [claim.difference for claim in finding.claims if claim.score == TESTED]
    axes.plot(
        told,
        [place + 0.28] * len(told),
        'D',
        color=_PAPERS,
        markerfacecolor='none',
        markersize=5,
        label='the paper, on real data sets',
    )


def _named_once(axes: Any) -> tuple[list, list[str]]:
    """Return the legend's lines and words, each once."""
    handles, labels = axes.get_legend_handles_labels()
    known = dict(zip(labels, handles, strict=True))
    return [*known.values()], [*known]


def _draw_order(
    axes: Any,
    names: Sequence[str],
    ours: Mapping[str, Spread],
    printed: Mapping[str, float],
) -> None:
    """Draw the methods of one real data set, each with its name and deviation."""
    places = np.array([(printed[name], ours[name].mean) for name in names])
    for name, place in zip(names, places, strict=True):
        spread = ours[name]
        deviation = spread.deviation if spread.count > 1 else None
        axes.errorbar(*place, deviation, fmt='o', color=_OURS, capsize=2)
        left = _has_neighbour(place, places)
        axes.annotate(
            chart_label(name),
            place,
            (-5 if left else 5, 3),
            textcoords='offset points',
            horizontalalignment='right' if left else 'left',
            fontsize='small',
        )
    axes.margins(x=0.1)
    axes.grid()


def _has_neighbour(place: np.ndarray, places: np.ndarray) -> bool:
    """Tell whether another point is where a name at the right would stand."""
    right, above = ((places - place) / np.ptp(places, axis=0).clip(1e-9)).T
    return bool(((right > 0) & (right < 0.12) & (abs(above) < 0.1)).any())


def _describe(findings: Sequence[Finding]) -> str:
    """Tell the plot of the differences in words."""
    told = [
        f'{f.contrast.method} against {f.contrast.against}: '
        f'{points(f.tested.value)}, {format_interval(f.tested)}; '
        f'printed: {"; ".join(map(format_claim, f.claims)) or "nothing"}'
        for f in findings
    ]
    return f'Differences in {TESTED}, in points. {". ".join(told)}.'


def _stand_alone(svg: str, width: float, height: float) -> str:
    """Make a file of an element: it has a size, and a colour that no page gives it."""
    size = f'width="{width * _PIXELS:.0f}" height="{height * _PIXELS:.0f}"'
    return svg.replace('<svg ', f'<svg {size} color="{_INK}" ', 1)
