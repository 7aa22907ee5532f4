r"""Docstrings are reStructuredText where Markdown differs; the site reads Markdown.

An extension of Griffe, which mkdocstrings reads the code with: ``:class:`Name```
becomes code, a link of one form that of the other, and ``.. math::`` a formula in
dollars.
"""

import re
from typing import Any

from griffe import Extension, Object

_ROLE = re.compile(r':(?:class|func|meth|data|attr|mod|exc|obj):`~?([^`]+)`')
_LINK = re.compile(r'`([^`<]+?)\s*<(https?://[^>\s]+)>`__?')
_FORMULA = re.compile(r'^( *)\.\. math::((?: *\S.*)?(?:\n\1 +\S.*)*)', re.MULTILINE)


class DocstringMarkup(Extension):
    """Rewrites each docstring when it is read."""

    def on_object(self, *, obj: Object, **kwargs: Any) -> None:
        """Rewrite the docstring of an object.

        Args:
            obj (Object): A module, class, function or attribute.
            **kwargs (Any): What else Griffe tells.
        """
        if obj.docstring:
            obj.docstring.value = to_markdown(obj.docstring.value)


def to_markdown(text: str) -> str:
    """Rewrite what Markdown would show wrongly.

    Args:
        text (str): A docstring.

    Returns:
        str: The same in Markdown.
    """
    text = _ROLE.sub(r'`\1`', text)
    text = _LINK.sub(lambda m: f'[{" ".join(m[1].split())}]({m[2]})', text)
    text = _FORMULA.sub(_formula, text)
    return re.sub(r'::$', ':', text, flags=re.MULTILINE)


def _formula(match: re.Match[str]) -> str:
    indent, tex = match[1], ' '.join(match[2].split())
    return f'{indent}$$\n{indent}{tex}\n{indent}$$'
