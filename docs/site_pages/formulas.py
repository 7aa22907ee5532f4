"""TeX to MathML when the site is built, so that browsers need no script for it."""

import html
import re

from latex2mathml.converter import convert

# As pymdownx.arithmatex writes them.
_FORMULA = re.compile(
    r'<(span|div) class="arithmatex">\\[(\[](.*?)\\[)\]]</\1>', re.DOTALL
)


def to_mathml(page: str) -> str:
    """Replace the formulas of a page.

    Args:
        page (str): HTML with formulas as ``pymdownx.arithmatex`` leaves them.

    Returns:
        str: HTML with MathML.
    """
    return _FORMULA.sub(_replacement, page)


def _replacement(match: re.Match[str]) -> str:
    display = 'block' if match[1] == 'div' else 'inline'
    return convert(html.unescape(match[2]).strip(), display=display)
