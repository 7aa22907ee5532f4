"""Trunks of timm train a step and embed by their names alone."""

import warnings

import pytest

from mmreid.apis.trunks import SAMPLES, format_trials, try_trunk
from mmreid.engine import read_config

# Of the samples, those that take squares alone; each is refused with the reason.
SQUARE = {
    'convit_tiny',
    'crossvit_tiny_240',
    'efficientformer_l1',
    'mvitv2_tiny',
    'nest_tiny',
}


@pytest.fixture(scope='module')
def config():
    return read_config('configs/bot/bot_timm_market.py', ['model.head.num_classes=5'])


def try_quietly(config, name):
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        return try_trunk(config, name)


def test_the_list_is_long_and_wide(config):
    assert len(set(SAMPLES)) == len(SAMPLES) >= 60
    trials = [try_quietly(config, name) for name in ('test_resnet', 'test_vit', 'nest')]
    assert [trial.result for trial in trials[:2]] == ['ok', 'ok']
    assert trials[0].maps == ((96, 8, 4),)
    assert len(trials[1].maps) == 2
    assert "got 'nest'; the nearest are ['nest_" in trials[2].result
    text = format_trials(trials)
    assert '2 of 3 train and embed, of 2 families.' in text


@pytest.mark.slow
@pytest.mark.parametrize('name', SAMPLES)
def test_trains_a_step_and_embeds(config, name):
    trial = try_quietly(config, name)
    if name in SQUARE:
        assert trial.result.startswith('refused: img_size=(256, 128) does not suit')
    else:
        assert trial.result == 'ok'
        assert trial.maps
