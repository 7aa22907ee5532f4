"""Checks of arguments, packages that may be missing, and tables as text."""

import pytest

from mmreid.arguments import check_choice
from mmreid.optional import import_optional
from mmreid.text_tables import format_table


def test_a_choice_that_is_none_is_told_with_all_that_are():
    check_choice('mode', 'avg', ('avg', 'max'))
    check_choice('mode', None, (None, 'avg'))
    with pytest.raises(
        ValueError, match=r"mode must be one of \['avg', 'max'\], got \['avg'\]\."
    ):
        check_choice('mode', ['avg'], dict(avg=1, max=2))


def test_a_missing_package_is_named_with_what_needs_it():
    assert import_optional('os.path', 'A path') is pytest.importorskip('os.path')
    message = (
        r"search='no' needs the package no_such: pip install mmreid\[optional\], or "
        r"take search='blocks'\."
    )
    with pytest.raises(ImportError, match=message):
        import_optional('no_such.part', "search='no'", instead="take search='blocks'")

    class OurError(ImportError):
        pass

    with pytest.raises(OurError, match='pip install other'):
        import_optional('no_such', 'A file', install='other', error=OurError)


def test_cells_stand_below_each_other():
    rows = [['', 'score'], ['mAP', '61.90'], ['a [b] :smile:', '7']]
    assert format_table(rows) == (
        '               score\nmAP            61.90\na [b] :smile:      7'
    )
    assert format_table([['1', 'x'], ['22', 'long']], left=(1,)) == ' 1  x\n22  long'


def test_no_line_of_a_table_is_broken():
    assert format_table([['a' * 5000, 'b']]) == f'{"a" * 5000}  b'
