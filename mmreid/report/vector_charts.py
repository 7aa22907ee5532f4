"""Charts of matplotlib as SVG that follows the colours of its page, dark or light."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from xml.sax.saxutils import escape

#: Of methods, in this order; told apart by whoever is colour-blind (Okabe and Ito,
#: https://jfly.uni-koeln.de/color/). Markers or dashes tell them apart besides.
COLOURS = ('#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9')
_DASHES = ('-', '--', '-.', ':')
#: Lines that one chart tells apart, by colour and dash.
MOST_LINES = 12
# Signs of a name that leave room for the chart.
_LONGEST = 32
# Stands for the colour of text, which the page knows.
_INK = '#010203'


def new_figure(width: float, height: float) -> Any:
    """Make a figure without background, whose text has the colour of the page.

    Args:
        width (float): In inches, of 72 CSS pixels.
        height (float): Likewise.

    Returns:
        matplotlib.figure.Figure: Empty, in a layout that leaves room for labels.
    """
    # Takes a third of a second, and mmreid is imported for other things too.
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout='constrained', facecolor='none')


@contextmanager
def page_colours() -> Iterator[None]:
    """Have charts drawn inside whose text and lines have the colours of the page."""
    from matplotlib import rc_context

    coloured = ('text.color', 'axes.labelcolor', 'axes.edgecolor', 'xtick.color')
    settings: Any = {
        **dict.fromkeys([*coloured, 'ytick.color', 'grid.color'], _INK),
        'axes.facecolor': 'none',
        'text.parse_math': False,  # names are shown, a $ in them too
        'svg.fonttype': 'none',  # text stays text, which a reader may select
        'svg.hashsalt': 'mmreid',  # the same chart, the same bytes
        'grid.alpha': 0.2,
        'legend.frameon': False,
        'axes.spines.top': False,
        'axes.spines.right': False,
    }
    with rc_context(settings):
        yield


def colour_of(number: int) -> str:
    """Choose the colour of a method, a run or a part.

    Args:
        number (int): Which, from 0; where there are more than colours, they come again.

    Returns:
        str: As matplotlib takes it.
    """
    return COLOURS[number % len(COLOURS)]


def line_of(number: int) -> dict[str, str]:
    """Choose how a line looks, which has its own dash besides its colour.

    Args:
        number (int): As of :func:`colour_of`; :data:`MOST_LINES` can be told apart.

    Returns:
        dict[str, str]: ``color`` and ``linestyle``, as matplotlib takes them.
    """
    return dict(color=colour_of(number), linestyle=_DASHES[number % len(_DASHES)])


def chart_label(name: str) -> str:
    """Tell a name as legends and titles of charts can show it.

    Args:
        name (str): Any; matplotlib hides what begins with ``_`` and refuses what is no
            Unicode, and a long one leaves no room.

    Returns:
        str: At most 32 signs.
    """
    shown = ' '.join(name.encode('utf-8', 'backslashreplace').decode().split())
    if len(shown) > _LONGEST:
        shown = f'{shown[: _LONGEST - 1]}…'
    return f' {shown}' if shown.startswith('_') else shown


def to_svg(figure: Any, description: str) -> str:
    """Write a figure as an ``<svg>`` element.

    Args:
        figure (matplotlib.figure.Figure): Of :func:`new_figure`, drawn within
            :func:`page_colours`.
        description (str): What it shows, for whoever does not see it.

    Returns:
        str: The element, which scales with its surroundings.
    """
    written = io.StringIO()
    with page_colours():
        figure.savefig(written, format='svg', metadata=dict(Date=None, Creator=None))
    text = written.getvalue()
    text = text[text.index('<svg') :].replace(_INK, 'currentColor')
    label = escape(description, {'"': '&quot;', '\n': ' '})
    text = re.sub(r'<metadata>.*?</metadata>', '', text, flags=re.DOTALL)
    opening, rest = text.split('>', 1)
    opening = re.sub(r'\s(width|height)="[^"]*"', '', opening)
    named = f'<svg class="chart" role="img" aria-label="{label}"'
    return f'{opening.replace("<svg", named)}>{rest}'
