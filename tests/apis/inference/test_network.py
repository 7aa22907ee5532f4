"""Networks made fast give the vectors of the exact ones, or say that they do not."""

import copy
import logging

import numpy as np
import pytest
import torch
from mmengine.logging import MMLogger
from torch import nn

from mmreid.apis import ReIDInferencer, find_config, init_model
from mmreid.apis.inference.casting import cast_products
from mmreid.apis.inference.folding import fold_batch_norms
from mmreid.apis.inference.network import has_bfloat16
from mmreid.apis.inference.packing import can_pack, pack_convolutions
from mmreid.engine.config_files import load_config
from mmreid.evaluation.functional.distances.pairs import least_cosine

SMALL = (
    'bot/bot_r18_synthmini.py',
    'aanet/aanet_r18_synthmini.py',
    'ianet/ianet_r18_synthmini.py',
    'airnet/airnet_r18_synthmini.py',
    'rrid/rrid_r18_synthmini.py',
    'sonanet/sonanet_r18_synthmini.py',
    'osnet/osnet_x0_25_synthmini.py',
)
# With instance norm, attention, or no backbone to speak of.
OTHERS = (
    'airnet/airnet_r18-ibn_synthmini.py',
    'transreid/transreid_vit-tiny_synthmini.py',
    'solider/solider_swin-nano_synthmini.py',
    'color_histogram/color_histogram_synthmini.py',
)
LARGE = tuple(
    f'{method}/{method}_r50_market.py'
    for method in ('bot', 'aanet', 'ianet', 'airnet', 'rrid', 'sonanet')
)


def untrained(name):
    cfg = load_config(str(find_config(name)))
    if 'init_cfg' in cfg.model.backbone:
        cfg.model.backbone.init_cfg = None
    return init_model(cfg)


def pictures(count=5):
    rng = np.random.default_rng()
    return [
        np.kron(
            rng.integers(0, 256, (8, 4, 3), np.uint8), np.ones((12, 12, 1), np.uint8)
        )
        for _ in range(count)
    ]


def check_precisions(name):
    model = untrained(name)
    shown = pictures()
    before = copy.deepcopy(model.state_dict())
    exact = ReIDInferencer(model, device='cpu', precision='float32')(shown).vectors
    for precision in ('auto', 'bfloat16'):
        fast = ReIDInferencer(model, device='cpu', precision=precision, batch_size=2)
        assert least_cosine(fast(shown).vectors, exact) >= 0.9999
        assert fast.precision == ('bfloat16' if has_bfloat16() else 'float32') or (
            precision != 'auto'
        )
    after = model.state_dict()
    assert all(torch.equal(before[key], after[key]) for key in before)


@pytest.mark.parametrize('name', SMALL)
def test_small_networks_are_near_in_bfloat16(name):
    check_precisions(name)


@pytest.mark.parametrize('name', OTHERS)
def test_other_networks_are_near_in_what_they_bear(name):
    model, shown = untrained(name), pictures()
    exact = ReIDInferencer(model, device='cpu', precision='float32')(shown).vectors
    fast = ReIDInferencer(model, device='cpu')
    assert least_cosine(fast(shown).vectors, exact) >= 0.9999


@pytest.mark.slow
@pytest.mark.parametrize('name', LARGE)
def test_the_papers_networks_are_near_in_bfloat16(name):
    check_precisions(name)


class Odd(nn.Module):
    """Batch norms that may be folded, and others."""

    def __init__(self):
        super().__init__()
        self.plain, self.plain_norm = nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8)
        self.twice, self.twice_norm = nn.Conv2d(8, 8, 1), nn.BatchNorm2d(8)
        self.part, self.part_norm = nn.Conv2d(8, 8, 1), nn.BatchNorm2d(4)
        self.shared, self.one, self.two = (
            nn.Conv2d(8, 8, 1),
            nn.BatchNorm2d(8),
            nn.BatchNorm2d(8),
        )
        self.instance = nn.InstanceNorm2d(4, affine=True)
        self.normed = nn.utils.parametrizations.weight_norm(nn.Conv2d(8, 8, 1))
        self.normed_norm = nn.BatchNorm2d(8)

    def forward(self, x):
        x = self.plain_norm(self.plain(x)).relu()
        y = self.twice(x)
        x = self.twice_norm(y) + y
        y = self.part(x)
        x = torch.cat([self.part_norm(y[:, :4]), self.instance(y[:, 4:])], 1)
        x = self.one(self.shared(x)) + self.two(self.shared(x))
        return self.normed_norm(self.normed(x))


def odd():
    model = Odd()
    for norm in model.modules():
        if isinstance(norm, nn.BatchNorm2d):
            nn.init.uniform_(norm.weight)
            nn.init.normal_(norm.bias)
            nn.init.normal_(norm.running_mean)
            nn.init.uniform_(norm.running_var, 0.5, 2)
    return model.eval().requires_grad_(False)


def test_only_what_follows_one_convolution_is_folded():
    model, x = odd(), torch.randn(2, 3, 9, 7)
    expected = model(x)
    assert fold_batch_norms(model, lambda: model(x)) == 1
    assert isinstance(model.plain_norm, nn.Identity)
    assert isinstance(model.two, nn.BatchNorm2d)
    assert torch.allclose(model(x), expected, rtol=1e-4, atol=1e-4)
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())


def test_products_outside_of_autocast_stay_exact():
    class Mixed(nn.Module):
        def __init__(self):
            super().__init__()
            self.low, self.high = nn.Linear(4, 4), nn.Linear(4, 4)

        def forward(self, x):
            x = self.low(x)
            with torch.autocast('cpu', enabled=False):
                return self.high(x.float())

    model = Mixed().eval()

    def run():
        with torch.autocast('cpu', torch.bfloat16):
            return model(torch.randn(2, 4))

    assert cast_products(model, torch.bfloat16, run) == 1
    assert model.low.weight.dtype == torch.bfloat16
    assert model.high.weight.dtype == torch.float32
    assert run().dtype == torch.float32


@pytest.mark.skipif(not can_pack(), reason='torch was built without oneDNN')
@pytest.mark.parametrize(
    'options',
    [
        dict(),
        dict(bias=False),
        dict(stride=2, padding=1),
        dict(groups=4, padding=(2, 1), dilation=(2, 1)),
        dict(groups=8),
    ],
)
def test_packed_convolutions_are_convolutions(options):
    model = nn.Sequential(nn.Conv2d(8, 16, 3, **options), nn.ReLU()).eval()
    model.requires_grad_(False)
    maps = [torch.randn(size, 8, 13, 9) for size in (1, 4, 7)]
    expected = [model(x) for x in maps]
    assert pack_convolutions(model, torch.float32, 4, lambda: model(maps[0])) == 1
    for x, y in zip(maps, expected, strict=True):
        assert torch.allclose(model(x), y, rtol=1e-4, atol=1e-5)


def test_other_convolutions_are_not_packed():
    model = nn.Sequential(
        nn.Conv2d(3, 3, 3, padding='same'),
        nn.Conv2d(3, 3, 3, padding=1, padding_mode='circular'),
        nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 3, 1)),
    )
    x = torch.randn(1, 3, 8, 8)
    assert pack_convolutions(model, torch.float32, 1, lambda: model(x)) == 0


@pytest.mark.skipif(not has_bfloat16(), reason='bfloat16 is not tried here')
def test_a_model_that_does_not_bear_it_is_computed_in_float32(caplog):
    """Its maps are large numbers that nearly cancel: low bits are all that is left."""
    model = untrained(SMALL[0])
    norm = model.backbone.layer4[-1]
    shown = pictures()
    exact_maps = []
    handle = norm.register_forward_hook(lambda m, a, out: exact_maps.append(out))
    ReIDInferencer(model, device='cpu', precision='float32')(shown)
    handle.remove()
    neck = next(m for m in model.head.modules() if isinstance(m, nn.BatchNorm1d))
    pooled = torch.cat([m.mean((2, 3)) for m in exact_maps])
    neck.running_mean.copy_(pooled.mean(0))
    neck.running_var.copy_(pooled.var(0))
    MMLogger.get_current_instance().setLevel(logging.INFO)
    exact = ReIDInferencer(model, device='cpu', precision='float32')(shown).vectors
    fast = ReIDInferencer(model, device='cpu')
    assert fast.precision == 'float32'
    assert least_cosine(fast(shown).vectors, exact) > 0.9999


@pytest.mark.slow
def test_a_compiled_network_gives_the_same_vectors():
    model, shown = untrained(SMALL[0]), pictures(7)
    exact = ReIDInferencer(model, device='cpu', precision='float32')(shown).vectors
    fast = ReIDInferencer(model, device='cpu', compile=True, batch_size=4)
    answer = fast(shown)
    assert answer.vectors.shape == exact.shape
    assert least_cosine(answer.vectors, exact) >= 0.9999
