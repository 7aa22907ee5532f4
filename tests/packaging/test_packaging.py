"""Statements of versions agree, and pages name files that exist."""

import re
from pathlib import Path

import pytest

import mmreid

ROOT = Path(__file__).parents[2]


def requirements(name: str) -> dict[str, str]:
    """Package -> version specifier of a requirements file."""
    lines = (ROOT / 'requirements' / f'{name}.txt').read_text('utf-8').splitlines()
    found = (re.match(r'([\w.-]+)([^#]*)', line) for line in lines)
    return {m[1].lower(): m[2].strip() for m in found if m}


def test_the_command_is_declared():
    text = (ROOT / 'setup.py').read_text('utf-8')
    assert "'console_scripts': ['mmreid = mmreid.cli.main:main']" in text


def test_minimum_versions_agree():
    runtime = requirements('runtime')
    for names, minimum in mmreid._MINIMUM.items():
        assert runtime[names[0]].startswith(f'>={minimum}'), names


@pytest.mark.parametrize(
    'name',
    [
        *('runtime', 'tests', 'docs'),
        *('search', 'milvus', 'pages', 'export', 'trunks', 'hdf5', 'parquet'),
    ],
)
def test_every_requirement_has_an_exact_tested_version(name):
    exact = requirements('constraints')
    for package in requirements(name):
        assert re.fullmatch(r'==[\w.]+', exact[package]), package


def test_the_lowest_versions_are_those_declared():
    lowest, runtime = requirements('lowest'), requirements('runtime')
    assert lowest.keys() == runtime.keys()
    for package in lowest.keys() - {'setuptools'}:
        minimum = re.match(r'>=([\d.]+)', runtime[package])[1]
        assert f'{lowest[package]}.'.startswith(f'=={minimum}.'), package


@pytest.mark.parametrize(
    'page',
    [*ROOT.glob('*.md'), *ROOT.glob('configs/*/*.md'), *ROOT.glob('projects/*/*.md')],
)
def test_pages_name_files_that_exist(page):
    text = page.read_text('utf-8')
    linked = re.findall(r'\]\((?!https?:|#)([^)#]+)', text)
    missing = [name for name in linked if not (page.parent / name).exists()]
    commands = re.findall(
        r'(?<![\w/])((?:tools|configs|projects)/[\w/.-]+\.(?:py|sh))', text
    )
    commands = [name for name in commands if not (page.parent / name).exists()]
    # projects/mine is the reader's own.
    commands = [name for name in commands if not name.startswith('projects/mine/')]
    missing += [name for name in commands if not (ROOT / name).exists()]
    assert not missing
