"""Curves of trainings in one picture."""

import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mmreid.files import whole_file

_COLUMNS = 3
# A curve of so few points has them marked.
_FEW = 40


class Curve(NamedTuple):
    """A value in the course of a training.

    Attributes:
        positions (list[float]): Epochs or iterations.
        values (list[float]): As many.
    """

    positions: list[float]
    values: list[float]


def draw_curves(
    panels: Mapping[str, Mapping[str, Curve]],
    out_file: str | os.PathLike,
    *,
    unit: str = 'epoch',
) -> Path:
    """Draw curves, a panel for each value, in one colour for each run.

    Args:
        panels (Mapping[str, Mapping[str, Curve]]): By value and by run.
        out_file (str | os.PathLike): ``.png``, ``.jpg``, ``.svg`` or ``.pdf``; missing
            folders are made.
        unit (str): What positions count. Defaults to ``'epoch'``.

    Returns:
        Path: ``out_file``.

    Raises:
        ValueError: There is no panel, or another file ending.
    """
    target = Path(out_file)
    if not panels or target.suffix not in ('.png', '.jpg', '.svg', '.pdf'):
        raise ValueError(
            'Curves need a value to draw and a file ending in .png, .jpg, .svg or '
            f'.pdf, got {[*panels]} and {target}.'
        )
    drawn = io.BytesIO()
    _draw(panels, unit).savefig(drawn, format=target.suffix[1:])
    with whole_file(target) as unfinished:
        unfinished.write_bytes(drawn.getvalue())
    return target


def _draw(panels: Mapping[str, Mapping[str, Curve]], unit: str) -> Any:
    """Draw the panels and, below them, which run has which line."""
    # Takes a third of a second, and mmreid is imported for other things too.
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    columns = min(len(panels), _COLUMNS)
    rows = -(-len(panels) // columns)
    figure = Figure(figsize=(5 * columns, 3.6 * rows), layout='constrained', dpi=120)
    runs = list(dict.fromkeys(run for curves in panels.values() for run in curves))
    lines, axes = {}, None
    for index, (key, curves) in enumerate(panels.items(), 1):
        axes = figure.add_subplot(rows, columns, index, sharex=axes)
        axes.set(title=key, xlabel=unit)
        axes.grid(alpha=0.3)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        for run, curve in curves.items():
            number = runs.index(run)
            (lines[run],) = axes.plot(
                *curve,
                color=f'C{number % 10}',
                linestyle=('-', '--', ':', '-.')[number // 10 % 4],
                marker='o' if len(curve.values) <= _FEW else None,
                markersize=3,
            )
    figure.legend(
        [lines[run] for run in runs],
        runs,
        loc='outside lower center',
        ncols=max(1, min(len(runs), 60 * columns // (max(map(len, runs)) + 8))),
        frameon=False,
    )
    return figure
