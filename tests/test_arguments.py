"""Checks of arguments, packages that may be missing, and tables as text."""

import pytest

from mmreid.arguments import check_choice, check_count, check_number
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
        r"search='no' needs the package no_such: pip install no_such, or "
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


@pytest.mark.parametrize('value', [0.5, 1, -3])
def test_a_number_passes(value):
    check_number('margin', value)


@pytest.mark.parametrize('value', [None, '1', True, [1], float('nan'), float('inf')])
def test_what_is_no_number_is_named(value):
    with pytest.raises(ValueError, match='margin must be a number, got'):
        check_number('margin', value)


@pytest.mark.parametrize('value', [0, -1, 2, 3.5])
def test_a_number_has_limits(value):
    message = f'share must be a number above 0 and below 2, got {value}'
    with pytest.raises(ValueError, match=message):
        check_number('share', value, above=0, below=2)
    check_number('share', 1.5, above=0, below=2)


@pytest.mark.parametrize(
    ('value', 'least'), [(0, 1), (1, 2), (True, 1), (2.0, 1), ('3', 1), (None, 0)]
)
def test_what_is_no_count_is_named(value, least):
    with pytest.raises(
        ValueError, match=f'num must be at least {least}, got {value!r}'
    ):
        check_count('num', value, least)


def test_a_count_passes():
    check_count('num', 1)
    check_count('num', 0, least=0)
