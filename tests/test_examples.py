"""The examples in docstrings do what they say; those on pages are in ``docs/``."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import mmreid
from mmreid.cli.model_converters import export
from mmreid.engine import read_config

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / 'README.md', *sorted((ROOT / 'docs').rglob('*.md'))]


def python_blocks(page: Path) -> list[str]:
    """The Python code on a page, block by block."""
    return re.findall(r'^```python\n(.*?)^```', page.read_text('utf-8'), re.S | re.M)


def test_docstrings_show_what_comes_out():
    names = [m.name for m in pkgutil.walk_packages(mmreid.__path__, 'mmreid.')]
    results = {name: doctest.testmod(importlib.import_module(name)) for name in names}
    assert sum(result.attempted for result in results.values()) > 0
    assert not [name for name, result in results.items() if result.failed]


def test_pages_link_to_what_there_is():
    wrong = []
    for page in PAGES:
        for link in re.findall(r'\]\(([^)\s]+)\)', page.read_text('utf-8')):
            name, _, section = link.partition('#')
            target = page.parent / name if name else page
            if '://' not in link and not (
                target.exists() and (not section or section in sections(target))
            ):
                wrong.append(f'{page.name}: {link}')
    assert not wrong, '\n'.join(wrong)


def sections(page: Path) -> set[str]:
    """What a link calls the sections of a page."""
    titles = re.findall(r'^#+ (.*)$', page.read_text('utf-8'), re.M)
    return {re.sub(r'[^\w -]', '', t.lower()).replace(' ', '-') for t in titles}


def test_the_page_on_export_names_its_options():
    text = (ROOT / 'docs' / 'how_to' / 'export.md').read_text('utf-8')
    # Those of every command are in docs/reference/command_line.md.
    common = ['--help', '--checkpoint', '--weights-file', '--accept-licence']
    common += ['--cfg-options', '--json', '--debug']
    options = {
        option
        for action in export.make_parser()._actions
        for option in action.option_strings
        if option.startswith('--') and option not in common
    }
    assert len(options) > 10
    assert not [option for option in options if option not in text]


def test_the_config_on_the_page_reads_ones_own_data(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    blocks = python_blocks(ROOT / 'docs' / 'how_to' / 'datasets.md')
    (block,) = (text for text in blocks if text.startswith("_base_ = 'mmreid::"))
    path = tmp_path / 'my_config.py'
    path.write_text(block, 'utf-8')
    cfg = read_config(str(path))
    assert cfg.train_dataloader.dataset.type == 'ReIDDataset'
    assert cfg.train_dataloader.dataset.split == 'train'
    assert cfg.test_dataloader.dataset.data_root == 'data/mine'
