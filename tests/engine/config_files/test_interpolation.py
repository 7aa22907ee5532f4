"""A config says in one line how its pictures are resized."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from mmengine.config import Config
from mmengine.registry import init_default_scope
from PIL import Image

from mmreid.apis.test_pipeline import TestPipeline
from mmreid.engine import load_config, set_interpolation
from mmreid.engine.config_files.pipeline_steps import steps_of

CONFIGS = Path(__file__).parents[3] / 'configs'
LEAF = CONFIGS / 'bot/bot_r50_market.py'


@pytest.fixture
def own(tmp_path):
    """A config that resizes as Pillow does."""
    path = tmp_path / 'own.py'
    path.write_text(
        f"_base_ = '{LEAF}'\n"
        'from mmreid.engine import set_interpolation\n\n'
        'set_interpolation(_base_)\n'
    )
    return path


def test_a_config_of_ones_own(own):
    plain, cfg = Config.fromfile(LEAF), Config.fromfile(own)
    steps = [step for step in steps_of(cfg) if step.type == 'Resize']
    # The variables for heirs, three loaders, and what they inherited.
    assert len(steps) == len([s for s in steps_of(plain) if s.type == 'Resize']) > 5
    assert {(s.interpolation, s.backend) for s in steps} == {('bicubic', 'pillow')}
    for step in steps:
        for key in ('interpolation', 'backend'):
            step.pop(key, None)  # two names may have the same step
    assert cfg.to_dict() == plain.to_dict()
    assert load_config(own).test_dataloader.dataset.pipeline[1].backend == 'pillow'


@pytest.mark.parametrize('rule', ['bicubic', 'bilinear'])
def test_pixels_are_those_of_pillow(own, rule):
    """The order of the channels does not matter to a resize."""
    init_default_scope('mmreid')
    cfg = load_config(own)
    set_interpolation(cfg, rule)
    crop = np.random.default_rng(0).integers(0, 256, (300, 170, 3), np.uint8)
    code = getattr(Image.Resampling, rule.upper())
    rgb = Image.fromarray(np.ascontiguousarray(crop[..., ::-1])).resize(
        (128, 256), code
    )
    wanted = np.asarray(rgb)[..., ::-1].transpose(2, 0, 1)
    got = TestPipeline(cfg)(crop).numpy()
    np.testing.assert_array_equal(got, wanted)
    set_interpolation(cfg, rule, backend='cv2')
    code = getattr(cv2, {'bicubic': 'INTER_CUBIC', 'bilinear': 'INTER_LINEAR'}[rule])
    other = cv2.resize(crop, (128, 256), interpolation=code).transpose(2, 0, 1)
    np.testing.assert_array_equal(TestPipeline(cfg)(crop).numpy(), other)
    assert np.abs(other.astype(int) - wanted).max() > 20


def test_what_cannot_be():
    resize = dict(pipeline=[dict(type='mmcv.Resize', scale=(4, 8))])
    set_interpolation(resize, 'box')
    assert resize['pipeline'][0]['interpolation'] == 'box'
    with pytest.raises(ValueError, match=r"interpolation of cv2 .*'box'"):
        set_interpolation(resize, 'box', 'cv2')
    with pytest.raises(ValueError, match=r"backend must be one of .*'PIL'"):
        set_interpolation(resize, backend='PIL')
    with pytest.raises(ValueError, match='have a Resize, got none'):
        set_interpolation(dict(pipeline=[dict(type='LoadImage')]))
