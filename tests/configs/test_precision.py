"""Every method trains in half precision, as in float32 up to its rounding."""

import copy
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmpretrain.structures import DataSample

from mmreid.engine import fill_num_classes
from mmreid.registry import MODELS

CONFIGS = Path(__file__).resolve().parents[2] / 'configs'
pytestmark = pytest.mark.slow
METHODS = ['bot', 'pcb', 'ianet', 'rrid', 'airnet', 'aanet', 'sonanet']


def build(method: str) -> torch.nn.Module:
    kind = '-ibn' if method == 'airnet' else ''
    cfg = Config.fromfile(CONFIGS / method / f'{method}_r18{kind}_synthmini.py')
    init_default_scope(cfg.default_scope)
    fill_num_classes(cfg)
    model = MODELS.build(cfg.model).train()
    for name, module in model.named_modules():
        if name.endswith(('sia_norm', 'cia_norm', 'after.p')):  # zero at the start
            torch.nn.init.constant_(module.weight, 0.1)
    return model


def train_once(model, images, dtype=None, memory_format=torch.contiguous_format):
    """Losses of a step, and its gradients."""
    model = copy.deepcopy(model).to(memory_format=memory_format)
    samples = [DataSample().set_gt_label(index // 2) for index in range(len(images))]
    torch.manual_seed(0)  # for DropBlock
    with torch.autocast('cpu', dtype=dtype, enabled=dtype is not None):
        losses = model(images, samples, mode='loss')
    # As a scaler would, so that float16 does not lose small gradients.
    (128 * sum(losses.values())).backward()
    gradients = {n: p.grad / 128 for n, p in model.named_parameters()}
    return {name: float(loss.detach()) for name, loss in losses.items()}, gradients


@pytest.mark.parametrize('method', METHODS)
@pytest.mark.parametrize(
    ('dtype', 'tolerance', 'similarity'),
    # Hard mining turns bfloat16's three digits into other pairs now and then.
    [(torch.bfloat16, 0.2, 0.6), (torch.float16, 0.05, 0.9)],
)
def test_half_precision_gives_the_same_training(method, dtype, tolerance, similarity):
    model = build(method)
    images = torch.randn(8, 3, 192, 96)
    expected, exact = train_once(model, images)
    found, gradients = train_once(model, images, dtype, torch.channels_last)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, rel=tolerance, abs=0.01), name
    for name, gradient in gradients.items():
        assert torch.isfinite(gradient).all(), name
        assert gradient.dtype == torch.float32
    flat = [torch.cat([g.flatten() for g in gs.values()]) for gs in (gradients, exact)]
    assert torch.cosine_similarity(*flat, dim=0) > similarity


@pytest.mark.parametrize('method', METHODS)
def test_channels_last_gives_the_same_training(method):
    model = build(method)
    images = torch.randn(8, 3, 192, 96)
    expected, exact = train_once(model, images)
    found, gradients = train_once(model, images, memory_format=torch.channels_last)
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, rel=1e-3), name
    flat = [torch.cat([g.flatten() for g in gs.values()]) for gs in (gradients, exact)]
    assert torch.cosine_similarity(*flat, dim=0) > 0.999
