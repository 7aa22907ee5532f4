"""The combinations of versions as declared, the runner's verdict, and the table."""

import re
from pathlib import Path

import pytest
from environments import (
    REQUIREMENTS,
    ROOT,
    Combination,
    Environments,
    NotInstallableError,
)
from run_matrix import PAGE, check_combination, read_matrix, sum_up
from table import CLOSING, COLUMNS, OPENING, make_row, update_page

VERSIONS = dict(python='3.12.1', torch='2.15.0', numpy='1.26.4')
EMPTY = f'# Page\n\n{OPENING}\n\n{CLOSING}\n\nRest.\n'


def results(body: str, tests: int, skipped: int = 0) -> str:
    return (
        f'<testsuites><testsuite tests="{tests}" skipped="{skipped}">{body}'
        '</testsuite></testsuites>'
    )


def test_what_is_declared_exists():
    quick, combinations = read_matrix()
    missing = [t for t in quick['tests'] if not (ROOT / t.partition('::')[0]).exists()]
    assert not missing
    for entry in combinations.values():
        assert (REQUIREMENTS / entry.constraints).exists()
        assert re.fullmatch(r'3\.1\d', entry.python)


def test_the_single_tests_are_there():
    quick, _ = read_matrix()
    for path, _, name in (test.partition('::') for test in quick['tests']):
        name = name.partition('[')[0]
        assert not name or f'def {name}(' in (ROOT / path).read_text('utf-8')


def test_the_page_has_a_row_of_every_combination():
    text = PAGE.read_text('utf-8')
    _, combinations = read_matrix()
    assert update_page(text, [], [*combinations]) == text


@pytest.mark.parametrize(
    ('text', 'told'),
    [
        (results('<testcase name="a"/>', 3, 1), 'passes: 2 tests'),
        (results('', 1, 1), 'fails: no test ran'),
        (
            results('<testcase classname="t.f" name="b"><failure/></testcase>', 2),
            'fails: 1 of 2 tests, first `t.f::b`',
        ),
        (
            results('<testcase classname="" name="t.f"><error/></testcase>', 1),
            'fails: 1 of 1 tests, first `t.f`',
        ),
    ],
)
def test_results_become_a_sentence(text, told):
    assert sum_up(text) == told


def test_new_rows_replace_their_own_and_keep_the_others():
    old = [
        make_row(name, VERSIONS, 'passes', '2026-01-01') for name in ('a', 'b', 'gone')
    ]
    page = update_page(EMPTY, old, ['a', 'b', 'gone'])
    new = make_row('b', {}, 'cannot be installed: x|y', '2026-02-02')
    page = update_page(page, [new], ['c', 'b', 'a'])
    rows = [line for line in page.splitlines() if line.startswith('| ')][2:]
    assert [row.split(' | ')[0] for row in rows] == ['| c', '| b', '| a']
    assert 'not run' in rows[0]
    assert 'cannot be installed: x/y | 2026-02-02' in rows[1]
    assert '3.12.1 | 2.15.0 | - | 1.26.4' in rows[2]
    assert {row.count('|') for row in rows} == {len(COLUMNS) + 4}
    assert page.endswith(f'{CLOSING}\n\nRest.\n')


def test_a_page_without_its_comments_is_refused():
    with pytest.raises(ValueError, match='<!-- matrix -->'):
        update_page('# Page\n', [], ['a'])


@pytest.fixture
def environments(tmp_path: Path, monkeypatch) -> Environments:
    """Made by a program in uv's place, which complains as uv does."""
    uv = tmp_path / 'bin' / 'uv'
    uv.parent.mkdir()
    uv.write_text(
        '#!/bin/sh\necho "  \N{MULTIPLICATION SIGN} No interpreter found for $4" >&2\n'
        'exit 1\n'
    )
    uv.chmod(0o755)
    monkeypatch.setenv('PATH', str(uv.parent), prepend=':')
    return Environments(tmp_path / 'cache', min_free=0)


def test_a_missing_python_is_no_failure(environments):
    row = check_combination(Combination('a', '3.99'), environments, dict(packages=[]))
    assert row[0] == 'a'
    assert row[-2] == 'cannot be installed: No interpreter found for 3.99'


def test_a_full_disk_is_told_before_anything_is_installed(environments):
    full = Environments(environments.folder, min_free=10**9)
    with pytest.raises(NotInstallableError):
        full.make(Combination('a', '3.12'), [])
    assert not (environments.folder / 'python3.12').exists()
