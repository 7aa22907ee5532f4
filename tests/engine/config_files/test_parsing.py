"""What parses Python is called again where another thread came between."""

import ast

import pytest

from mmreid.engine.config_files.literals import parse_config_text
from mmreid.engine.config_files.parsing import parse_again
from mmreid.engine.config_files.reading import load_config

CONFUSED = 'AST constructor recursion depth mismatch (before=174, after=23)'


class Failing:
    """Raises an error some times, then works."""

    def __init__(self, function, times, text=CONFUSED):
        self.function, self.left, self.text = function, times, text

    def __call__(self, *args, **options):
        if self.left:
            self.left -= 1
            raise SystemError(self.text)
        return self.function(*args, **options)


def test_a_parser_that_was_confused_is_asked_again():
    parse = Failing(lambda: 7, times=5)
    assert parse_again(parse) == 7
    assert parse.left == 0


@pytest.mark.parametrize(('text', 'left'), [('another', 99), (CONFUSED, 79)])
def test_what_does_not_pass_is_raised(text, left):
    parse = Failing(lambda: 7, 100, text)
    with pytest.raises(SystemError, match=text.partition('(')[0]):
        parse_again(parse)
    assert parse.left == left


def test_configs_are_read_all_the_same(monkeypatch, tmp_path):
    (tmp_path / 'base.py').write_text("work_dir = 'here'\n")
    (tmp_path / 'heir.py').write_text("_base_ = './base.py'\nload_from = None\n")
    monkeypatch.setattr(ast, 'parse', Failing(ast.parse, times=3))
    assert load_config(tmp_path / 'heir.py').work_dir == 'here'
    monkeypatch.setattr(ast, 'parse', Failing(ast.parse, times=3))
    assert parse_config_text('a = [1, 2]\n', 'here') == dict(a=[1, 2])
