"""The reference of the site has all that the code has."""

import argparse
import re
from importlib import import_module
from pathlib import Path

import pytest
from site_pages import api, commands, data_sets
from site_pages.markers import fill_in

from mmreid import registry
from mmreid.cli.main import COMMANDS

ROOT = Path(__file__).parents[3]
PYTHON = ROOT / 'docs' / 'reference' / 'python'
# Section 6 of the architecture: configs and checkpoints of users depend on these.
PUBLIC = (
    *('SIA', 'CIA', 'IABlock', 'OFA', 'SONA', 'DropBlock2d', 'GlobalContext'),
    *('GlobalPool', 'StripePool', 'RelationPool', 'AttentionPool'),
    *('BatchHardTripletLoss', 'AttentionAlignmentLoss'),
    *('MultiBranchHead', 'Branch', 'PluginResNet', 'PersonReID'),
    *('IdentitySampler', 'ReIDMetric', 'GroupMultiStepLR'),
)
PACKAGES = ('apis', 'evaluation.functional', 'search', 'deploy', 'datasets.boxes')


@pytest.fixture(scope='module')
def described() -> set[str]:
    """Full names of what the pages of Python ask mkdocstrings for."""
    pages = [fill_in(path.read_text('utf-8')) for path in PYTHON.glob('*.md')]
    return set(re.findall(r'^::: (\S+)$', '\n'.join(pages), re.MULTILINE))


def test_every_command_has_a_section_with_all_its_options():
    text = commands.format_commands()
    sections = re.split(r'^### ', text, flags=re.MULTILINE)[1:]
    titles = [section.split('\n', 1)[0] for section in sections]
    assert titles == [f'mmreid {name}' for name in COMMANDS]
    for name, section in zip(COMMANDS, sections, strict=True):
        parser = commands.parser_of(name)
        for option in options_of(parser) if parser else ():
            assert f'>{option}' in section or f', {option}' in section, (name, option)


def options_of(parser: argparse.ArgumentParser) -> set[str]:
    """All options but --help, those of subcommands too."""
    found = set()
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            found.update(*map(options_of, action.choices.values()))
        elif action.help != argparse.SUPPRESS:
            found.update(action.option_strings)
    return found - {'-h', '--help'}


def test_a_table_of_options_tells_choices_defaults_and_what_is_required():
    parser = argparse.ArgumentParser()
    parser.add_argument('picture', help='a | or *stars*')
    parser.add_argument('--size', metavar='N', type=int, default=7, choices=(7, 9))
    parser.add_argument('--out', required=True, help='of %(prog)s')
    parser.add_argument('--secret', help=argparse.SUPPRESS)
    table = commands._format_arguments(parser)
    assert '| <code>picture</code> | a &#124; or \\*stars\\* |  |' in table
    assert (
        '| <code>--size N</code> | <code>7</code>, <code>9</code> | <code>7</code> |'
        in table
    )
    assert '**Required.**' in table
    assert 'secret' not in table


def test_every_registered_type_is_described(described):
    nodes = [name for name in vars(registry) if name.isupper()]
    assert len(nodes) > 10
    types = {t for name in nodes for t in api.registered_types(name)}
    assert {*PUBLIC} <= {t.__name__ for t in types}
    assert {f'{t.__module__}.{t.__qualname__}' for t in types} <= described


@pytest.mark.parametrize('package', PACKAGES)
def test_every_public_name_is_described(package, described):
    module = import_module(f'mmreid.{package}')
    names = {name for name in module.__all__ if callable(getattr(module, name))}
    assert len(names) > 3
    assert names <= {full.rpartition('.')[2] for full in described}


def test_data_sets_have_the_counts_of_their_classes():
    text = data_sets.format_data_sets()
    assert '| train | 12,936 | 751 | 6 |' in text
    assert "| boxes='detected', protocol='new' | train | 7,365 | 767 | 2 |" in text
    assert 'Tracklets: 8,298 train, 1,980 query, 12,180 gallery.' in text
    types = api.registered_types('DATASETS')
    known = [t for t in types if getattr(t, 'COUNTS', None)]
    assert re.findall(r"`type='(\w+)'`", text) == [t.__name__ for t in known]


def test_an_unknown_comment_is_refused():
    with pytest.raises(ValueError, match="there is no 'comands', but choose"):
        fill_in('<!-- site: comands -->')
