"""The text of a config is read as plain values, and nothing else is."""

from pathlib import Path

import pytest
from mmengine.config import Config

from mmreid.engine.config_files import ConfigFileError, parse_config_text

ROOT = Path(__file__).parents[3]
CONFIGS = sorted([*ROOT.glob('configs/*/*.py'), *ROOT.glob('projects/*/configs/*.py')])
DEEP = 10_000


def test_configs_are_read_as_they_were_written():
    assert CONFIGS
    for path in CONFIGS[::25]:
        check(path, formatted=False)


@pytest.mark.slow
@pytest.mark.parametrize('path', CONFIGS, ids=lambda path: path.stem)
def test_every_config_is_read_as_it_was_formatted(path):
    check(path, formatted=True)


def check(path, formatted):
    cfg = Config.fromfile(path)
    # yapf takes seconds, and moves blanks alone.
    cfg._format_python_code = formatted
    read = parse_config_text(cfg.pretty_text, str(path))
    assert Config(read)._cfg_dict.to_dict() == cfg._cfg_dict.to_dict()


def test_values_are_read_by_their_kinds():
    text = "a = -1.5e3\nb = (1,)\nc = dict(d=[None, True], e={'f-g': 'x', 2: -inf})\n"
    wanted = dict(
        a=-1500.0, b=(1,), c=dict(d=[None, True], e={'f-g': 'x', 2: -float('inf')})
    )
    assert parse_config_text(text, 'x.pth') == wanted


@pytest.mark.parametrize(
    'value',
    [
        "__import__('os').system('true')",
        'dict(**a)',
        'dict(1)',
        '[i for i in (1,)]',
        '9 ** 9',
        "'x' * 9",
        '1 + 1',
        'lambda: 1',
        "f'{1}'",
        "b'x'",
        'name',
        'print',
        '{1, 2}',
        '{[1]: 2}',
        '-True',
        '1 if 1 else 2',
        '(b := 1)',
        '0x' + 'f' * 5000,
        '9' * 5000,
        '(' * DEEP + ')' * DEEP,
        'dict(a=' * DEEP + '1' + ')' * DEEP,
        '-' * DEEP + '1',
        '1' + ' + 1' * DEEP,
        'dict' + '()' * DEEP,
        'not ' * DEEP + '1',
        "'",
        '[',
    ],
    ids=lambda value: value[:20],
)
def test_anything_else_is_refused_with_its_line(value):
    with pytest.raises(ConfigFileError, match=r'x\.pth: line 2 of its config'):
        parse_config_text(f'a = 1\nb = {value}\n', 'x.pth')


@pytest.mark.parametrize(
    'line', ['import os', 'print(1)', 'if 1:', 'a, b = 1, 2', 'a += 1', '  a = 1']
)
def test_statements_are_refused(line):
    with pytest.raises(ConfigFileError, match='line 1 of its config'):
        parse_config_text(line, 'x.pth')


def test_a_text_of_100_megabytes_is_refused():
    with pytest.raises(ConfigFileError, match='100,000,004 characters'):
        parse_config_text('a = ' + '1' * 100_000_000, 'x.pth')
