"""The charts of a page of a data set."""

import math

import numpy as np

from mmreid.report.data_set.facts import PartNumbers, QualityList
from mmreid.report.vector_charts import (
    COLOURS,
    chart_label,
    colour_of,
    line_of,
    new_figure,
    page_colours,
    to_svg,
)

# Of cameras along an axis; more overlap.
_TICKS, _SIGNS = 40, 50
_HATCHES = ('', '//', '..', 'xx', '\\\\', 'oo')


def draw_cameras(parts: tuple[PartNumbers, ...]) -> str | None:
    """Draw how many pictures each camera has, part by part.

    Args:
        parts (tuple[PartNumbers, ...]): The parts.

    Returns:
        str | None: An ``<svg>`` element; None where no camera is known.
    """
    cameras = list(dict.fromkeys(c for part in parts for c in part.pictures_by_camera))
    if not cameras:
        return None
    with page_colours():
        figure = new_figure(6, 3.4)
        axes = figure.subplots()
        width = 0.8 / len(parts)
        for number, part in enumerate(parts):
            axes.bar(
                np.arange(len(cameras)) + (number - (len(parts) - 1) / 2) * width,
                [part.pictures_by_camera.get(camera, 0) for camera in cameras],
                width,
                color=colour_of(number),
                hatch=_HATCHES[number % len(_HATCHES)],
                label=chart_label(part.part),
            )
        step = math.ceil(len(cameras) / _TICKS)
        named = [chart_label(camera) for camera in cameras[::step]]
        axes.set_xticks(
            range(0, len(cameras), step),
            named,
            rotation=90 if sum(map(len, named)) > _SIGNS else 0,
        )
        axes.set(xlabel='camera', ylabel='pictures', title='Balance of cameras')
        figure.legend(loc='outside lower center', ncols=min(len(parts), 4))
    return to_svg(figure, f'Pictures of each of {len(cameras)} cameras, part by part.')


def draw_persons(parts: tuple[PartNumbers, ...]) -> str | None:
    """Draw how many pictures persons have, those with the most first.

    Args:
        parts (tuple[PartNumbers, ...]): The parts.

    Returns:
        str | None: An ``<svg>`` element; None where there are no persons.
    """
    drawn = [(n, part) for n, part in enumerate(parts) if part.persons]
    if not drawn:
        return None
    with page_colours():
        figure = new_figure(6, 3.4)
        axes = figure.subplots()
        for number, part in drawn:
            counts = part.pictures_of_persons
            share = 100 * (np.arange(len(counts)) + 1) / len(counts)
            axes.plot(share, counts, **line_of(number), label=chart_label(part.part))
        axes.set(xlabel='persons, %', ylabel='pictures', title='Balance of persons')
        axes.set_ylim(bottom=0)
        axes.grid()
        axes.legend()
    medians = [f'{p.part}: {np.median(p.pictures_of_persons):g}' for _, p in drawn]
    return to_svg(
        figure, f'Pictures of persons, those with the most first; medians: {medians}.'
    )


def draw_quality(found: QualityList) -> str:
    """Draw the histogram of a measure, with the threshold.

    Args:
        found (QualityList): The measure.

    Returns:
        str: An ``<svg>`` element.
    """
    unit = f', {found.unit}' if found.unit else ''
    with page_colours():
        figure = new_figure(4.5, 2.2)
        axes = figure.subplots()
        axes.stairs(found.counts, found.edges, fill=True, color=COLOURS[0], alpha=0.6)
        axes.axvline(found.threshold, color=COLOURS[1], linestyle='--')
        axes.set(xlabel=f'{found.measure}{unit}', ylabel='pictures')
    return to_svg(
        figure,
        f'Histogram of the {found.measure}, with the threshold {found.threshold:.4g}.',
    )
