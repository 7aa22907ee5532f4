"""The HTML of pages, filled in with values that are escaped."""

import json
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from mmreid.files import to_json
from mmreid.optional import import_optional
from mmreid.version import __version__

_ASSETS = files('mmreid.report') / 'assets'
# Pages of lists of pictures, which look alike.
_LISTS = ('data_set.html', 'adaptation.html')


def render(template: str, **values: Any) -> str:
    """Fill in a template of ``assets/``; every value is escaped.

    Args:
        template (str): Its name without its folder, such as ``'results.html'``.
        **values (Any): What it names. A name that is not given is an error.

    Returns:
        str: The page.

    Raises:
        ImportError: jinja2 is not installed.
    """
    return _environment().get_template(template).render(**values)


def render_linked(
    template: str, scripts: Iterable[str], **values: Any
) -> tuple[str, list[str]]:
    """Fill in a page whose scripts and style sheets are files in ``assets/`` beside it.

    Args:
        template (str): As of :func:`render`; it extends ``base.html``.
        scripts (Iterable[str]): Beside ``base.js``, in the order in which they run.
        **values (Any): As of :func:`render`.

    Returns:
        tuple[str, list[str]]: The page, and the names of those files.
    """
    names = ['base.js', *scripts]
    styles = styles_of(template)
    parts = dict(is_file=False, scripts=names, styles=styles)
    page = render(template, **values, parts=parts, version=__version__)
    return page, [*names, *styles]


def read_asset(name: str) -> str:
    """Read a style sheet or a script of ``assets/``.

    Args:
        name (str): The file without its folder, such as ``'base.css'``.
    """
    return _places()[name].read_text('utf-8')


def styles_of(template: str) -> list[str]:
    """Tell the style sheets of a page: the common ones, and its own if there is one.

    Args:
        template (str): Such as ``'results.html'``.
    """
    own = f'{template.removesuffix(".html")}.css'
    names = ['base.css', *(['pictures.css'] if template in _LISTS else []), own]
    return [name for name in names if name in _places()]


def script_json(value: Any) -> str:
    """Write values as JSON that may stand inside a ``<script>``.

    Args:
        value (Any): What :func:`mmreid.files.to_json` takes.

    Returns:
        str: JSON without any sign that HTML or JavaScript reads as something else.
    """
    text = json.dumps(to_json(value), separators=(',', ':'), ensure_ascii=True)
    for sign in '<>&':
        text = text.replace(sign, f'\\u{ord(sign):04x}')
    return text


@cache
def _places() -> dict[str, Traversable]:
    """Where each file is: what pages share, and a folder for each page's own."""
    inside = list(_ASSETS.iterdir())
    own = [file for room in inside if room.is_dir() for file in room.iterdir()]
    return {file.name: file for file in (*inside, *own) if file.is_file()}


@cache
def _environment() -> Any:
    jinja2 = import_optional('jinja2', 'Writing pages')
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(read_asset),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters['script_json'] = script_json
    return environment
