"""The examples in docstrings and on the pages do what they say."""

import doctest
import importlib
import pkgutil
import re
import shlex
from pathlib import Path

import cv2
import numpy as np

import mmreid
from mmreid.cli.answers import camera_words
from mmreid.cli.main import COMMANDS
from mmreid.cli.model_converters import export
from mmreid.engine import read_config

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / 'README.md', *sorted((ROOT / 'docs').rglob('*.md'))]


def python_blocks(page: Path) -> list[str]:
    """The Python code on a page, block by block."""
    return re.findall(r'^```python\n(.*?)^```', page.read_text('utf-8'), re.S | re.M)


def commands(page: Path) -> list[list[str]]:
    """The words of each ``mmreid`` command on a page, in blocks and tables."""
    text = page.read_text('utf-8')
    blocks = re.findall(r'^```(\w*)\n(.*?)^```', text, re.S | re.M)
    lines = '\n'.join(block for kind, block in blocks if kind in ('', 'bash'))
    lines = lines.replace('\\\n', ' ')
    lines += '\n' + '\n'.join(re.findall(r'^\| .* \| `(mmreid .*?)`', text, re.M))
    found = re.findall(r'^(?:\$ )?(?:\w+=\S+ )*mmreid (\w.*)$', lines, re.M)
    return [shlex.split(re.split(' [#|] ', line)[0]) for line in found]


def test_docstrings_show_what_comes_out():
    names = [m.name for m in pkgutil.walk_packages(mmreid.__path__, 'mmreid.')]
    results = {name: doctest.testmod(importlib.import_module(name)) for name in names}
    assert sum(result.attempted for result in results.values()) > 0
    assert not [name for name, result in results.items() if result.failed]


def test_pages_import_what_exists():
    wrong = []
    for page in PAGES:
        for line in re.findall(
            r'^from mmreid.* import .*$', '\n'.join(python_blocks(page)), re.M
        ):
            try:
                exec(line, {})
            except ImportError as error:
                wrong.append(f'{page.relative_to(ROOT)}: {error}')
    assert not wrong, '\n'.join(wrong)


def test_pages_give_commands_that_there_are(monkeypatch, capsys):
    # The pictures and tables of an example are not here.
    monkeypatch.setattr(camera_words, '_exists', bool)
    wrong, count = [], 0
    for page in PAGES:
        for name, *words in commands(page):
            module = importlib.import_module(COMMANDS[name][0])
            if '--help' in words or name == 'launch':  # whose words are another's
                continue
            count += 1
            try:
                module.make_parser().parse_args(words)
            except SystemExit:
                said = capsys.readouterr().err.splitlines()[-1]
                wrong.append(f'{page.name}: mmreid {name} {shlex.join(words)}: {said}')
    assert count > 80
    assert not wrong, '\n'.join(wrong)


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


def test_the_readme_embeds_pictures(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    folder = Path('data/synthreid_mini/query')
    folder.mkdir(parents=True)
    for name in ('0001_c1s1_000001_00.jpg', '0002_c2s1_000001_00.jpg'):
        cv2.imwrite(str(folder / name), np.zeros((64, 32, 3), np.uint8))
    (block,) = python_blocks(ROOT / 'README.md')
    names = {}
    exec(block, names)
    assert names['answer'].vectors.shape == (2, 1536)
    assert not names['answer'].failures
