"""A config in any folder inherits those of the package by name."""

from importlib.util import find_spec

import pytest
from mmengine.config import Config

from mmreid.engine import UnknownNameError
from mmreid.engine.config_files import load_config

BASE = 'mmreid::bot/bot_r18_synthmini.py'


def write(folder, text):
    path = folder / 'own.py'
    path.write_text(text, encoding='utf-8')
    return str(path)


def test_a_base_is_found_from_another_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, f'_base_ = {BASE!r}\ntrain_cfg = dict(max_epochs=3)\n')
    cfg = load_config('own.py')
    assert cfg.train_cfg.max_epochs == 3
    assert cfg.model.type == 'PersonReID'
    # As if it lay in the same folder: no scope is written into every dict.
    assert '_scope_' not in cfg.pretty_text


def test_a_part_of_a_config_is_found_and_its_variables_are_known(tmp_path):
    parts = f"[{BASE!r}, 'mmreid::_base_/datasets/ltcc.py']"
    path = write(
        tmp_path,
        f"""\
_base_ = {parts}
train_dataloader = dict(dataset=_base_._ltcc)
""",
    )
    assert load_config(path).train_dataloader.dataset.type == 'LTCC'
    unread = write(tmp_path, f'_base_ = {BASE!r}\n_resize = dict(scale=(64, 128))\n')
    with pytest.raises(UnknownNameError, match=r'market\.py has used a value'):
        load_config(unread)


def test_mmengine_alone_reads_it_too(tmp_path):
    path = write(tmp_path, f'_base_ = {BASE!r}\n')
    assert Config.fromfile(path).model.type == 'PersonReID'


def test_a_base_that_is_not_there_is_told_with_the_nearest(tmp_path):
    path = write(tmp_path, "_base_ = 'mmreid::bot/bot_r18_sinthmini.py'\n")
    with pytest.raises(FileNotFoundError, match=f'did you mean {BASE}'):
        load_config(path)


@pytest.mark.skipif(
    find_spec('pkg_resources') is None, reason='this setuptools has no pkg_resources'
)
def test_bases_of_other_packages_are_mmengines(tmp_path):
    path = write(tmp_path, "_base_ = 'mmpretrain::_base_/default_runtime.py'\n")
    assert load_config(path).default_scope == 'mmpretrain'
