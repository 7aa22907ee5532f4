"""A config says in one line how large its pictures are."""

from pathlib import Path

import pytest
from mmengine.config import Config

from mmreid.engine import load_config, set_picture_size

CONFIGS = Path(__file__).parents[3] / 'configs'


def steps_of(node, kind):
    """All steps of a type, wherever they are."""
    if isinstance(node, dict):
        if node.get('type') == kind:
            yield node
        node = [*node.values()]
    if isinstance(node, list | tuple):
        for entry in node:
            yield from steps_of(entry, kind)


def test_a_config_of_ones_own(tmp_path):
    leaf = CONFIGS / 'bot/bot_r50_market-to-duke-msmt17.py'
    own = tmp_path / 'own.py'
    own.write_text(
        f"_base_ = '{leaf}'\n"
        'from mmreid.engine import set_picture_size\n\n'
        'set_picture_size(_base_, height=320, width=160)\n'
    )
    plain, cfg = Config.fromfile(leaf), Config.fromfile(own)
    # Training, validation, three test sets, and the variables that heirs read.
    sizes = [step.scale for step in steps_of(cfg._cfg_dict, 'Resize')]
    assert set(sizes) == {(160, 320)}
    assert len(sizes) == len([*steps_of(plain._cfg_dict, 'Resize')]) > 7
    crops = [step.crop_size for step in steps_of(cfg._cfg_dict, 'RandomCrop')]
    assert set(crops) == {(320, 160)}
    # Nothing else differs, and the package's reader takes it.
    set_picture_size(cfg, 256, 128)
    assert cfg.to_dict() == plain.to_dict()
    assert load_config(own).test_dataloader[2].dataset.pipeline[1].scale == (160, 320)


def test_other_crops_stay():
    resize, crop = dict(type='mmpretrain.Resize', scale=(4, 8)), dict(crop_size=(3, 3))
    cfg = dict(pipeline=[resize, dict(crop, type='RandomCrop')])
    set_picture_size(cfg, 6, 5)
    assert cfg['pipeline'][0]['scale'] == (5, 6)
    assert cfg['pipeline'][1]['crop_size'] == (3, 3)


def test_a_trunk_with_positions_follows():
    resize, trunk = dict(type='Resize', scale=(4, 8)), dict(img_size=(8, 4))
    cfg = dict(pipeline=[resize], model=dict(backbone=trunk))
    set_picture_size(cfg, 6, 5)
    assert cfg['model'] == dict(backbone=dict(img_size=(6, 5)))


def test_what_has_no_size():
    with pytest.raises(ValueError, match='have a Resize, got none'):
        set_picture_size(dict(pipeline=[dict(type='LoadImage')]), 6, 5)
    with pytest.raises(ValueError, match='at least 1, got 0 and 5'):
        set_picture_size(dict(pipeline=[dict(type='Resize', scale=(4, 8))]), 0, 5)
