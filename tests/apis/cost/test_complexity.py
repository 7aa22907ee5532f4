"""Counted parts against the reference counts and against pencil and paper."""

import copy
import itertools
import runpy
import sys
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from torch import nn

from mmreid.apis import Cost, count_config, count_parts
from mmreid.apis.cost.complexity import format_costs
from mmreid.apis.test_pipeline import input_size
from mmreid.registry import MODELS

TOOL = Path(__file__).parents[3] / 'tools/analysis_tools/get_flops.py'
OFA = dict(type='OFA', reduction=16)


def trunk(strides=(1, 2, 2, 1), **kwargs):
    """A ResNet-50 that only tells shapes."""
    cfg = dict(type='PluginResNet', depth=50, strides=strides, **kwargs)
    return MODELS.build(cfg).to('meta')


@pytest.mark.parametrize(
    ('size', 'strides', 'macs', 'thop_like'),
    [
        ((256, 128), (1, 2, 2, 2), 2.669, 2.684),
        ((256, 128), (1, 2, 2, 1), 4.053, 4.070),
        ((384, 128), (1, 2, 2, 1), 6.080, 6.105),
        ((384, 128), (1, 2, 1, 1), 18.688, 18.737),
        ((384, 192), (1, 2, 2, 2), 6.006, None),
        ((384, 192), (1, 2, 2, 1), 9.120, 9.157),
    ],
)
def test_reference_counts_of_resnet50(size, strides, macs, thop_like):
    parts = count_parts(trunk(strides), size)
    assert set(parts) == {'backbone', 'total'}
    cost = parts['total']
    assert cost == parts['backbone']
    assert cost.params == 23_508_032
    assert round(cost.macs / 1e9, 3) == macs
    if thop_like:
        assert round(cost.thop_like / 1e9, 3) == thop_like


def test_products_of_the_fused_attention_count():
    """SPEC 5.5: theta, g and p, and two products of 768 x 768, each as wide as d."""
    sona = MODELS.build(dict(type='SONA', in_channels=12))
    reading = nn.Sequential(nn.Conv2d(3, 12, 8, 8), sona)
    cost = count_parts(reading, (384, 128))['total']
    first = 768 * 12 * 3 * 8 * 8
    assert cost.macs == first + 3 * 768 * 12 * 6 + 2 * 768 * 768 * 6


def beside(stage, blocks):
    return dict(cfg=OFA, stages=(stage,), blocks=blocks, position='parallel')


def test_increments_of_aanets_table_5():
    """Modules at B4, last and first three of B3, B2, B1: SPEC 4.5's best recipe."""
    rows = [
        beside(3, 'all'),
        beside(2, (3, 4, 5)),
        beside(2, (0, 1, 2)),
        beside(1, 'all'),
        beside(0, 'all'),
    ]
    costs = [count_parts(trunk(plugins=rows[:count]), (384, 192)) for count in range(6)]
    totals = [parts['total'] for parts in costs]
    params = [b.params - a.params for a, b in itertools.pairwise(totals)]
    assert params == pytest.approx([7.37e6, 2.39e6, 1.87e6, 0.68e6, 0.12e6], abs=2e4)
    assert [round(total.thop_like / 1e9, 2) for total in totals] == pytest.approx(
        [9.16, 10.93, 11.49, 12.15, 13.00, 13.43], abs=0.0101
    )
    assert round((totals[2].params - totals[0].params) / 1e6, 2) == 9.74
    assert list(costs[2]) == ['backbone', 'layer3 OFA', 'layer4 OFA', 'total']
    assert costs[5]['backbone'] == totals[0]


class Gram(nn.Module):
    """x + (x x^T) x over positions: two matrix products, no parameters."""

    def __init__(self, in_channels):
        super().__init__()

    def forward(self, x):
        rows = x.flatten(2)
        return x + torch.einsum('nct,ndt,ndu->ncu', rows, rows, rows).view_as(x)


@pytest.mark.parametrize('copies', [1, 2])
def test_matrix_products_of_plugins_and_copies(copies):
    plain = trunk(last_stage_copies=copies)
    plugins = [dict(cfg=dict(type=Gram), stages=(2, 3), blocks=(0, 1))]
    parts = count_parts(trunk(last_stage_copies=copies, plugins=plugins), (64, 32))
    positions = 4 * 2
    per_channels = {c: 2 * c * c * positions for c in (1024, 2048)}
    expected = {
        'layer3 Gram': Cost(macs=2 * per_channels[1024]),
        'layer4 Gram': Cost(macs=2 * per_channels[2048]),
    }
    if copies == 2:
        expected['layer4_copies.0 Gram'] = expected['layer4 Gram']
    expected['backbone'] = count_parts(plain, (64, 32))['total']
    total = parts.pop('total')
    assert parts == expected
    assert total.macs == sum(cost.macs for cost in parts.values())


class Toy(nn.Module):
    """A convolution, both kinds of normalisation, a linear layer, a free product."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, stride=2, groups=1, bias=True)
        self.norms = nn.Sequential(nn.BatchNorm2d(8), nn.InstanceNorm2d(8))
        self.linear = nn.Linear(8, 5)

    def forward(self, x):
        x = self.norms(self.conv(x)).mean((2, 3))
        return self.linear(x) @ torch.ones(5, 7)


@pytest.mark.parametrize('training', [True, False])
def test_operations_by_hand(training):
    toy = Toy()
    before = copy.deepcopy(toy.state_dict())
    (name, cost), total = count_parts(toy, (9, 11), training).items()
    assert name == 'backbone'
    map_size = 4 * 5
    assert cost == Cost(
        params=3 * 8 * 9 + 8 + 2 * 8 + 8 * 5 + 5,
        macs=3 * 8 * 9 * map_size + 8 * 5 + 5 * 7,
        norm_elements=2 * 8 * map_size,
    )
    assert total == ('total', cost)
    assert cost.thop_like == cost.macs + 2 * 2 * 8 * map_size
    assert toy.training
    assert all(p.requires_grad for p in toy.parameters())
    for key, value in toy.state_dict().items():
        assert torch.equal(value, before[key]), key


class ProductLoss(nn.Module):
    def forward(self, feat, labels):
        return (feat @ feat.T).mean()


MODEL = dict(
    type='PersonReID',
    flip_test=True,
    backbone=dict(type='PluginResNet', depth=18),
    head=dict(
        type='MultiBranchHead',
        in_channels=512,
        num_classes=7,
        id_loss=dict(type='mmpretrain.CrossEntropyLoss'),
        branches=dict(
            part=dict(
                pool=dict(type='StripePool', num_parts=2), channels=16, bn_neck=True
            ),
            whole=dict(
                stage=dict(type='Bottleneck'),
                pool=dict(type='GlobalPool'),
                metric_loss=dict(type='BatchHardTripletLoss'),
                alignment_loss=dict(type='AttentionAlignmentLoss'),
                test=None,
            ),
        ),
    ),
)
PARAMS = {
    'head.part.reduction': 2 * (512 * 16 + 16 + 2 * 16),
    'head.part.bn_neck': 2 * 2 * 16,
    'head.part.classifier': 2 * 16 * 7,
    'head.whole.stage': 512 * 128 * 2 + 9 * 128 * 128 + 2 * (128 + 128 + 512),
    'head.whole.classifier': 512 * 7 + 7,
}
MACS = {
    'head.part.reduction': 2 * 512 * 16,
    'head.part.bn_neck': 0,
    'head.part.classifier': 2 * 16 * 7,
    'head.whole.stage': (512 * 128 * 2 + 9 * 128 * 128) * 2 * 1,
    'head.whole.classifier': 512 * 7,
}


@pytest.mark.parametrize('training', [True, False])
def test_head_by_branch(training):
    cfg = copy.deepcopy(MODEL)
    cfg['head']['branches']['whole']['metric_loss'] = dict(type=ProductLoss)
    model = MODELS.build(cfg)
    parts = count_parts(model, (64, 32), training)
    alone = count_parts(model.backbone, (64, 32))['total']
    assert parts.pop('backbone') == alone
    total = parts.pop('total')
    assert {name: cost.params for name, cost in parts.items()} == PARAMS
    tested = ('head.part.reduction', 'head.part.bn_neck')
    assert {name: cost.macs for name, cost in parts.items()} == {
        name: macs if training or name in tested else 0 for name, macs in MACS.items()
    }
    assert parts['head.part.bn_neck'].norm_elements == 2 * 16
    # The losses' own products are left out.
    assert total.macs == alone.macs + sum(cost.macs for cost in parts.values())
    assert total.params == alone.params + sum(PARAMS.values())


def test_pooling_counts_where_it_is_asked_for():
    model = MODELS.build(MODEL)
    without, counted = (
        count_parts(model, (64, 32), training=True, pooling=pooling)
        for pooling in (False, True)
    )
    elements = 512 * 2 * 1
    for branch in ('part', 'whole'):
        row = f'head.{branch}.pool'
        assert row not in without
        assert counted.pop(row) == Cost(macs=elements)
    total = counted.pop('total')
    assert total.macs == without.pop('total').macs + 2 * elements
    assert counted == without


def test_what_is_in_no_part_is_other():
    model = MODELS.build(MODEL)
    model.scale = nn.Parameter(torch.ones(3))
    parts = count_parts(model, (64, 32))
    assert parts['other'] == Cost(params=3)


def test_table():
    table = format_costs(dict(backbone=Cost(23_508_032, 9_119_999_999, 18_500_000)))
    assert table.splitlines()[1].split() == ['backbone', '23.508', '9.120', '9.157']


def pipeline(height, width):
    return [
        dict(type='LoadImageFromFile'),
        dict(type='Resize', scale=(width, height)),
        dict(type='mmpretrain.PackInputs'),
    ]


@pytest.fixture
def config(tmp_path):
    cfg = Config(
        dict(
            default_scope='mmreid',
            model=MODEL,
            test_dataloader=dict(dataset=dict(pipeline=pipeline(128, 32))),
        )
    )
    path = tmp_path / 'config.py'
    cfg.dump(path)
    return path


def test_size_comes_from_the_test_pipeline(config):
    cfg = Config.fromfile(config)
    assert input_size(cfg) == (128, 32)
    own = count_config(cfg)
    assert own == count_config(cfg, (128, 32))
    assert own != count_config(cfg, (64, 32))


def test_the_data_tells_the_number_of_classes(config):
    cfg = Config.fromfile(config)
    cfg.model.head.id_loss = dict(type='mmpretrain.CrossEntropyLoss')
    said = count_config(cfg)['total']
    del cfg.model.head['num_classes']
    cfg.train_dataloader = dict(dataset=dict(type='Market1501', data_root='no/such'))
    # A weight an embedding's channel and person, and no bias behind the neck.
    more = count_config(copy.deepcopy(cfg))['total'].params - said.params
    assert more % (751 - 7) == 0
    assert more > 0
    cfg.train_dataloader.dataset = dict(type='ReIDDataset', pattern='x')
    with pytest.raises(ValueError, match=r'model\.head\.num_classes must be set'):
        count_config(cfg)


def test_a_config_without_pipeline_is_explained():
    with pytest.raises(ValueError, match='does not have; state the size'):
        count_config(Config(dict(model=MODEL)))


def test_tool(config, monkeypatch, capsys):
    options = ['--shape', '64', '32', '--training']
    options += ['--cfg-options', 'model.head.num_classes=11']
    monkeypatch.setattr(sys, 'argv', ['get_flops.py', str(config), *options])
    runpy.run_path(str(TOOL), run_name='__main__')
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    model = copy.deepcopy(MODEL)
    model['head']['num_classes'] = 11
    expected = count_parts(MODELS.build(model), (64, 32), training=True)
    assert [row[0] for row in rows] == ['part', *expected]
    assert float(rows[-1][1]) == pytest.approx(expected['total'].params / 1e6, abs=1e-3)
