"""The charts of a page of an adaptation."""

from collections.abc import Sequence

import numpy as np

from mmreid.report.adaptation.facts import ClusterNumbers
from mmreid.report.vector_charts import (
    chart_label,
    line_of,
    new_figure,
    page_colours,
    to_svg,
)


def draw_sizes(numbers: Sequence[ClusterNumbers]) -> str | None:
    """Draw how many pictures clusters have, those with the most first.

    Args:
        numbers (Sequence[ClusterNumbers]): Of each model.

    Returns:
        str | None: An ``<svg>`` element; None where there are no clusters.
    """
    drawn = [(n, found) for n, found in enumerate(numbers) if len(found.sizes)]
    if not drawn:
        return None
    with page_colours():
        figure = new_figure(5.5, 3.2)
        axes = figure.subplots()
        for number, found in drawn:
            ranks = np.arange(1, len(found.sizes) + 1)
            # A single cluster is a point, which a line would not show.
            marker = 'o' if len(ranks) == 1 else None
            line = line_of(number)
            axes.plot(
                ranks, found.sizes, **line, marker=marker, label=chart_label(found.name)
            )
        axes.set(xlabel='clusters, the largest first', ylabel='pictures')
        axes.set(title='Sizes of clusters')
        axes.set_ylim(bottom=0)
        axes.grid()
        axes.legend()
    told = [
        f'{found.name}: {found.sizes[0]} to {found.sizes[-1]}, median '
        f'{np.median(found.sizes):g}'
        for _, found in drawn
    ]
    return to_svg(
        figure, f'Pictures of clusters, the largest first; {"; ".join(told)}.'
    )
