"""Docstrings as Markdown, and formulas without scripts."""

import pytest

pytest.importorskip('griffe', reason='make docs installs it')
pytest.importorskip('latex2mathml', reason='make docs installs it')

from site_pages.docstring_markup import to_markdown
from site_pages.formulas import to_mathml


@pytest.mark.parametrize(
    ('written', 'shown'),
    [
        ('see :class:`Gallery` and :func:`~a.b`', 'see `Gallery` and `a.b`'),
        ('`A paper\n<https://a.org/b>`_, 2019', '[A paper](https://a.org/b), 2019'),
        ('so::\n\n    x = 1', 'so:\n\n    x = 1'),
        (
            'The loss is\n\n.. math:: a +\n    b\n\nwhere',
            'The loss is\n\n$$\na + b\n$$\n\nwhere',
        ),
        ('``code`` and `name`', '``code`` and `name`'),
    ],
)
def test_docstrings_become_markdown(written, shown):
    assert to_markdown(written) == shown


def test_formulas_become_mathml():
    inline = to_mathml('a <span class="arithmatex">\\(x &lt; y\\)</span> b')
    assert inline.startswith('a <math')
    assert 'display="inline"' in inline
    assert '\\(' not in inline
    block = to_mathml('<div class="arithmatex">\\[\n\\frac{1}{n}\n\\]</div>')
    assert 'display="block"' in block
    assert '<mfrac>' in block
