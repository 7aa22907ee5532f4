"""The examples in docstrings and on the pages do what they say."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.runner import save_checkpoint

import mmreid
from mmreid.apis import init_model
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


@pytest.fixture
def readme(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Its Python blocks, in a folder to run them in."""
    monkeypatch.chdir(tmp_path)
    blocks = python_blocks(ROOT / 'README.md')
    assert len(blocks) == 2
    return blocks


def test_the_readme_config_reads_ones_own_data(readme, tmp_path):
    path = tmp_path / 'my_config.py'
    path.write_text(readme[0].replace("'configs/", f"'{ROOT}/configs/"), 'utf-8')
    cfg = read_config(str(path))
    assert cfg.train_dataloader.dataset.type == 'ReIDDataset'
    assert cfg.train_dataloader.dataset.split == 'train'
    assert cfg.test_dataloader.dataset.data_root == 'data/mine'


def test_the_readme_embeds_pictures(readme, tmp_path):
    config = 'bot/bot_r18_synthmini.py'
    save_checkpoint(dict(state_dict=init_model(config).state_dict()), 'epoch_100.pth')
    crop = np.zeros((64, 32, 3), np.uint8)
    for name in ('a.jpg', 'b.jpg'):
        cv2.imwrite(name, crop)
    names = dict(crop=crop)
    exec(readme[1].replace('aanet/aanet_r50_market.py', config), names)
    assert len(names['embeddings']) == 3
    assert names['embeddings'].device == torch.device('cpu')
