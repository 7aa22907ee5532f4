"""A release is refused for what would be wrong in it."""

import os
import runpy
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope='module')
def find_faults():
    return runpy.run_path(str(ROOT / '.ci' / 'release.py'))['find_faults']


@pytest.fixture
def clone(tmp_path, monkeypatch):
    # The user's settings may sign commits, or hide files that git does not know.
    for name in ('GIT_CONFIG_GLOBAL', 'GIT_CONFIG_SYSTEM'):
        monkeypatch.setenv(name, os.devnull)

    def git(*words):
        names = ('-c', 'user.name=A', '-c', 'user.email=a@b.c')
        command = ['git', *names, '-C', str(tmp_path), *words]
        subprocess.run(command, check=True, capture_output=True)

    git('init')
    (tmp_path / 'mmreid').mkdir()
    (tmp_path / 'mmreid' / 'version.py').write_text("__version__ = '0.3.0'\n")
    changes = '# Changelog\n\n## Unreleased\n\n## [0.3.0] - 2027-01-02\n'
    (tmp_path / 'CHANGELOG.md').write_text(changes)
    (tmp_path / 'CITATION.cff').write_text('title: mmreid\nversion: 0.3.0\n')
    git('add', '.')
    git('commit', '-m', 'Release')
    return tmp_path, git


def test_what_is_whole_can_be_released(find_faults, clone):
    assert find_faults(clone[0]) == []


def test_a_version_is_released_once(find_faults, clone):
    folder, git = clone
    git('tag', 'v0.3.0')
    assert find_faults(folder) == ['v0.3.0 is released; raise mmreid/version.py.']


@pytest.mark.parametrize(
    ('name', 'text', 'fault'),
    [
        ('CHANGELOG.md', '# Changelog\n\n## Unreleased\n', 'CHANGELOG.md has no'),
        ('CITATION.cff', 'version: 0.2.0\n', 'CITATION.cff is not of version 0.3.0'),
        ('mmreid/new.py', 'pass\n', 'There are changes that are not committed'),
    ],
)
def test_what_is_missing_is_named(name, text, fault, find_faults, clone):
    folder, git = clone
    (folder / name).write_text(text)
    if 'new' not in name:
        git('commit', '-am', 'Forget')
    (found,) = find_faults(folder)
    assert found.startswith(fault)
