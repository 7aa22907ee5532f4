"""Whoever is told to install something gets what was missing."""

import ast
import re
from collections.abc import Iterator, Mapping
from distutils.core import run_setup
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest

from mmreid.optional import EXTRAS

ROOT = Path(__file__).parents[2]
# Needed to develop mmreid, not to use it.
DEVELOPMENT = {'tests', 'docs'}


@pytest.fixture(scope='module')
def extras() -> dict[str, set[str]]:
    """Extra -> the distributions that it installs, from setup.py."""
    declared = run_setup(str(ROOT / 'setup.py'), stop_after='init').extras_require
    return {
        name: {re.match(r'[\w.-]+', line)[0].lower() for line in lines}
        for name, lines in declared.items()
    }


@cache
def installed() -> Mapping[str, list[str]]:
    """Module -> the installed distributions that hold it."""
    return metadata.packages_distributions()


def distributions(module: str) -> set[str]:
    """The distributions that hold a module; its own name where none is installed."""
    found = installed().get(module, [module])
    return {name.lower() for name in found}


def test_an_extra_brings_what_is_said_to_need_it(extras):
    for module, extra in EXTRAS.items():
        assert distributions(module) & extras[extra], module


def test_an_extra_brings_nothing_that_is_never_asked_for(extras):
    asked = {name for module in EXTRAS for name in distributions(module)}
    for extra in extras.keys() - DEVELOPMENT:
        assert extras[extra] <= asked, extra


def test_all_extras_together(extras):
    users = [extras[name] for name in extras.keys() - DEVELOPMENT - {'all'}]
    assert extras['all'] == set.union(*users)


def test_no_extra_is_without_a_file_of_its_own(extras):
    files = {path.stem for path in (ROOT / 'requirements').glob('*.txt')}
    others = {'runtime', 'constraints', 'lowest', 'release'}
    assert extras.keys() - {'all'} == files - others


def asked_for() -> Iterator[tuple[str, str, str]]:
    """Where a package is imported by name: the place, its module, and ``install``."""
    for path in (ROOT / 'mmreid').rglob('*.py'):
        for node in ast.walk(ast.parse(path.read_text('utf-8'))):
            name = isinstance(node, ast.Call) and getattr(node.func, 'id', '')
            if name not in ('import_optional', 'install_command'):
                continue
            words = [w for w in ast.walk(node.args[0]) if isinstance(w, ast.Constant)]
            module = words[0].value.partition('.')[0] if words else ''
            install = [
                word.value.value for word in node.keywords if word.arg == 'install'
            ]
            place = f'{path.relative_to(ROOT)}:{node.lineno}'
            yield place, module, install[0] if install else ''


def test_every_package_asked_for_has_an_extra_or_is_named_itself():
    places = [*asked_for()]
    assert len(places) > 20
    for place, module, install in places:
        if place.startswith('mmreid/optional.py'):
            continue
        assert install or module in EXTRAS, place
        if install and module:
            assert install in distributions(module), place


def test_every_extra_that_a_page_or_a_message_names_exists(extras):
    files = [*(ROOT / 'mmreid').rglob('*.py'), *ROOT.glob('*.md')]
    files += [*(ROOT / 'docs').rglob('*.md'), *(ROOT / 'configs').rglob('*.md')]
    files += [*(ROOT / 'configs').rglob('*.py'), *(ROOT / 'projects').rglob('*.md')]
    named = {
        (str(path.relative_to(ROOT)), extra.strip())
        for path in files
        if path.name != 'CHANGELOG.md'
        for group in re.findall(r'(?:mmreid|\.)\[([a-z0-9, -]+)\]', path.read_text())
        for extra in group.split(',')
    }
    assert ('README.md', 'search') in named
    assert not {place for place in named if place[1] not in extras}


def test_the_page_on_installing_has_every_extra(extras):
    page = (ROOT / 'docs' / 'how_to' / 'install.md').read_text('utf-8')
    listed = set(re.findall(r'^\| `(\w+)` \|', page, re.MULTILINE))
    assert listed == extras.keys()
