"""Converting in the tests: to the network that the report's command uses."""

import shlex

import torch
from foreign_models import BASE, CHANNELS, draw_pictures
from mmengine.registry import init_default_scope

from mmreid.apis import convert_checkpoint, find_config
from mmreid.engine import load_weights, read_config
from mmreid.registry import MODELS

PICTURES = draw_pictures()


def convert(
    layout,
    weights,
    tmp_path,
    source='theirs.pth',
    width=CHANNELS,
    thin=None,
    **facts,
):
    """Convert; return the network that the printed command would use, and the text."""
    source, target = tmp_path / source, tmp_path / 'ours.pth'
    torch.save(weights, source)
    if thin is None:
        thin = (
            f'model.backbone.base_channels={BASE}',
            f'model.backbone.stem_channels={BASE}',
            f'model.head.in_channels={width}',
        )
    report = convert_checkpoint(layout, source, target, thin, facts)
    return follow(report, target), report


def follow(report, target):
    """Build the network that a report's command would use, with the weights written."""
    words = shlex.split(report.splitlines()[-1])
    at = words.index('--cfg-options') if '--cfg-options' in words else len(words)
    cfg = read_config(str(find_config(words[2])), words[at + 1 :])
    init_default_scope(cfg.default_scope)
    if words[1] == 'tools/train.py':
        network = MODELS.build(cfg.model.backbone).double().eval()
        network.init_weights()
        return network
    network = MODELS.build(cfg.model).double().eval()
    load_weights(network, target)
    return network


def check(ours, theirs, pictures=PICTURES):
    """Compare the vectors of two networks."""
    with torch.no_grad():
        expected, found = theirs(pictures), ours(pictures)
    assert (expected[0] - expected[1]).abs().max() > 0.1
    assert (found - expected).abs().max() < 1e-10 * expected.abs().max().clamp(min=1)
