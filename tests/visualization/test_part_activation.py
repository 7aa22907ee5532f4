"""Part activations against a loop over positions, and the command that draws them."""

import re

import cv2
import numpy as np
import pytest
import torch
from torch import nn

from mmreid.registry import MODELS
from mmreid.visualization import frame_stripe, part_activations, share_of_stripe

POOLS = {
    'relation': dict(type='RelationPool', out_channels=4, num_parts=3),
    'plain': dict(type='RelationPool', out_channels=4, num_parts=3, relation=False),
    'stripes': dict(type='StripePool', num_parts=2),
    'global': dict(type='GlobalPool'),
}
VECTORS = [
    *((name, 'vector') for name in POOLS),
    *(
        ('relation', of)
        for of in ('part', 'rest', 'part_relation', 'whole', 'contrasted')
    ),
]


def build(name):
    pool = POOLS[name]
    branch = MODELS.build(
        dict(type='Branch', in_channels=5, num_classes=3, pool=pool)
    ).double()
    for module in branch.modules():
        if isinstance(module, nn.BatchNorm1d):
            nn.init.normal_(module.bias, 1)
    return branch.eval()


def lengths(branch, x, of):
    """The lengths to explain, ``(N, K)``."""
    if of == 'vector':
        return branch([x])['feat'].norm(dim=2)
    caught = []
    hook = getattr(branch.pool, of).register_forward_hook(
        lambda *args: caught.append(args[2])
    )
    branch([x])
    hook.remove()
    return caught[0].norm(dim=2)


@pytest.mark.parametrize(('name', 'of'), VECTORS)
def test_agrees_with_differences(name, of):
    """The gradient of each entry of the map by moving it."""
    branch, step = build(name), 1e-6
    x = torch.randn(2, 5, 6, 2, dtype=torch.float64)
    found, num_stripes = part_activations(branch, [x], of)
    assert num_stripes == POOLS[name].get('num_parts', 1)
    rows = 6 // num_stripes
    with torch.no_grad():
        expected = torch.zeros_like(found)
        for stripe in range(num_stripes):
            own = slice(stripe * rows, (stripe + 1) * rows)
            for c in range(5):
                total = 0.0
                for i in range(own.start, own.stop):
                    for j in range(2):
                        moved = torch.zeros_like(x)
                        moved[:, c, i, j] = step
                        gap = lengths(branch, x + moved, of)
                        total = total + gap - lengths(branch, x - moved, of)
                weight = total / (2 * step)  # N x K
                expected[:, :, own] += weight[..., None, None] * x[:, c, None, own]
    assert torch.allclose(found, expected.clamp(min=0), atol=1e-6)


def test_a_plain_part_is_its_own_stripe_and_a_related_one_is_not():
    x = torch.rand(9, 5, 6, 2, dtype=torch.float64)
    outside = torch.ones(3, 6)
    for part in range(3):
        outside[part, 2 * part : 2 * part + 2] = 0
    for name, is_seen in (('plain', False), ('relation', True)):
        cams, _ = part_activations(build(name), [x])
        elsewhere = cams[:, :3] * outside[..., None]
        assert cams.any()
        assert elsewhere.any() == is_seen


def test_nothing_of_the_network_is_touched():
    branch = build('relation')
    x = torch.rand(1, 5, 6, 2, dtype=torch.float64)
    with torch.no_grad():
        part_activations(branch, [x], 'rest')
    assert all(parameter.grad is None for parameter in branch.parameters())
    assert x.grad is None
    assert not branch.pool.rest._forward_hooks


@pytest.mark.parametrize(('of', 'message'), [('stripe', 'or a part of the pool')])
def test_wrong_vectors(of, message):
    x = torch.rand(1, 5, 6, 2, dtype=torch.float64)
    with pytest.raises(ValueError, match=message):
        part_activations(build('relation'), [x], of)


def test_share_and_frame():
    cam = np.array([[1.0, 1.0], [2.0, 0.0], [0.0, 0.0], [4.0, 0.0]])
    assert share_of_stripe(cam, 0, 2) == 0.5
    assert share_of_stripe(0 * cam, 0, 2) == 0.0
    drawn = frame_stripe(np.zeros((9, 4, 3), np.uint8), 1, 3)
    assert drawn[3:6].any()
    assert not drawn[:3].any()
    assert not drawn[6:].any()


CONFIG = """
default_scope = 'mmreid'
data_preprocessor = dict(
    mean=[123.7, 116.3, 103.5], std=[58.4, 57.1, 57.4], to_rgb=True
)
model = dict(
    type='PersonReID',
    backbone=dict(
        type='PluginResNet', depth=18, base_channels=8, stem_channels=8,
        strides=(1, 2, 2, 1),
    ),
    head=dict(
        type='MultiBranchHead', in_channels=64, num_classes=3, branches=dict(
            whole=dict(pool=dict(type='GlobalPool')),
            p2=dict(pool=dict(type='RelationPool', out_channels=8, num_parts=2)),
        ),
    ),
)
test_dataloader = dict(dataset=dict(pipeline=[
    dict(type='LoadImage'), dict(type='Resize', scale=(32, 64)),
    dict(type='PackInputs'),
]))
"""


@pytest.fixture
def files(tmp_path):
    (tmp_path / 'config.py').write_text(CONFIG)
    (tmp_path / 'pictures').mkdir()
    for index in range(3):
        picture = np.random.randint(0, 255, (40, 20, 3), np.uint8)
        cv2.imwrite(str(tmp_path / f'pictures/{index}.jpg'), picture)
    return tmp_path


def run(monkeypatch, files, *words):
    import importlib.util
    import sys
    from pathlib import Path

    path = Path(__file__).parents[2] / 'tools/visualization/part_activation.py'
    spec = importlib.util.spec_from_file_location('part_activation', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    command = ['part_activation.py', files / 'config.py', 'none', files / 'pictures']
    monkeypatch.setattr(sys, 'argv', [str(w) for w in [*command, *words]])
    monkeypatch.setattr(sys, 'path', list(sys.path))
    module.main()


def test_the_command_draws_a_row_for_every_picture_and_vector(
    monkeypatch, files, capsys
):
    sizes = {}
    for name, words in {
        'all.png': ['--count', 2],
        'one.png': ['--count', 1, '--of', 'vector'],
        'other.png': ['--count', 1, '--branch', 'whole'],
    }.items():
        run(monkeypatch, files, '--out', files / name, *words)
        assert capsys.readouterr().out.strip() == str(files / name)
        sizes[name] = cv2.imread(str(files / name)).shape
    assert sizes['all.png'][0] > 4 * sizes['one.png'][0]  # six rows
    assert sizes['other.png'][1] < sizes['one.png'][1]


@pytest.mark.parametrize(
    ('words', 'message'),
    [
        (['--branch', 'p6'], "one of ['whole', 'p2']"),
        (['--of', 'map'], 'or a part of the pool'),
        (['--out', 'a.txt'], '.jpg or .png'),
    ],
)
def test_the_command_explains_errors(monkeypatch, files, capsys, words, message):
    words = words if '--out' in words else [*words, '--out', files / 'a.png']
    with pytest.raises(SystemExit):
        run(monkeypatch, files, *words)
    assert re.search(re.escape(message), capsys.readouterr().err)
