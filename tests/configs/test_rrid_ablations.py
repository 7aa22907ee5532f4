"""The README's ablations of RRID, read from it and built; its leaves and sizes."""

import re
import shlex
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmreid.engine import fill_num_classes, read_config
from mmreid.models.heads import RelationPool
from mmreid.registry import MODELS

ROOT = Path(__file__).parents[2] / 'configs'
FOLDER = ROOT / 'rrid'
LEAVES = dict(duke=702, synth=751)
LEAVES |= {'cuhk03-labeled': 767, 'cuhk03-detected': 767}


def read_rows():
    """Yield (table, row, config, options) of every row with options."""
    table = config = ''
    for line in (FOLDER / 'README.md').read_text('utf-8').splitlines():
        table = line.split('**')[1] if line.startswith('**') else table
        if found := re.search(r'`(rrid\S*_r50_market\.py)`', line):
            config = found[1]
        if match := re.fullmatch(r'\| (.+?) \| (?:`(.+)`|as it is) \|', line):
            yield table, match[1], config, match[2] or ''


ROWS = list(read_rows())


def build(path, options=()):
    """The head of a config and options, and a map for it."""
    cfg = read_config(str(path), list(options))
    init_default_scope(cfg.default_scope)
    cfg.model.head.in_channels = 16
    fill_num_classes(cfg)
    head = MODELS.build(cfg.model.head).double().eval()
    return head, torch.randn(2, 16, 24, 8, dtype=torch.float64)


def spelled(options):
    return shlex.split(re.sub(r'\$(\w+)', r'model.head.branches.\1', options))


def test_all_rows_are_read():
    count = dict.fromkeys(('Table 2', 'Table 3', 'Table 4', 'Further'), 0)
    for table, *_ in ROWS:
        count[next(name for name in count if table.startswith(name))] += 1
    assert list(count.values()) == [13, 12, 4, 3]


@pytest.mark.parametrize(('table', 'row', 'config', 'options'), ROWS)
def test_row(table, row, config, options):
    head, maps = build(FOLDER / config, spelled(options))
    pools = [m for m in head.modules() if isinstance(m, RelationPool)]
    width = head([maps]).shape[1]
    if table.startswith('Table 2'):
        number = int(row.split(':')[0])
        expected = 1792 if number > 2 else (256, 1536)[number - 1]
        assert width == (3840 if number > 8 else expected)
        assert len(pools) == (3 if number > 8 else number > 4)
        assert all(pool.relation == ('RM' in row) for pool in pools)
        kind = re.search(r'GF ([\w+]+)', row)
        for pool in pools:
            assert pool.has_contrast == (kind[1] == 'gcp')
            assert kind[1] == 'gcp' or pool.global_pool.mode == kind[1]
        if not pools:
            modes = {name: b.pool.mode for name, b in head.branches.items()}
            names = {'GF': 'whole', 'LF': 'part'}
            assert modes == {names[k]: m for k, m in re.findall(r'(.F) (\w+)', row)}
    elif table.startswith(('Table 3', 'Table 4')):
        assert width == 256
        region = re.search(r'region (\d)', row)
        part = int(region[1]) - 1 if region else 6
        vectors = head.branches['p6']([maps])['feat'][:, part]
        assert torch.allclose(head([maps]), torch.nn.functional.normalize(vectors))
        assert bool(pools[0].relation) == ('RM' in row or not region)
    elif 'rest alone' in row:
        assert pools[0].part_relation[0].weight.shape[2] == 256
    elif 'released' in row:
        assert pools[0].variant == 'released'
    else:
        assert head.train().branches['p6']([maps])['feat'].shape[1] == 21


@pytest.mark.parametrize(
    ('config', 'branch', 'part', 'width'),
    [
        ('pcb/pcb_r50_market.py', 'part', 2, 16),
        ('aanet/aanet_r50_market.py', 'part', 5, 16),
        ('bot/bot_r50_market.py', 'whole', 0, 16),
        ('rrid/rrid_r50_market.py', 'p4', 4, 256),
    ],
)
def test_any_part_of_any_model_can_be_compared(config, branch, part, width):
    options = [f'model.head.branches.{branch}.test_parts=[{part}]']
    if 'rrid' in config:
        options += [f'model.head.branches.{name}.test=None' for name in ('p2', 'p6')]
    head, maps = build(ROOT / config, options)
    found = head.branches[branch]([maps])[head.branches[branch].test][:, part]
    if head.normalize == 'whole':
        found = torch.nn.functional.normalize(found)
    assert found.shape[1] == width
    assert torch.allclose(head([maps]), found)


@pytest.mark.parametrize(
    ('name', 'off', 'millions'),
    [
        ('rrid_r50_market', (), 44.13),
        ('rrid-s_r50_market', (), 33.13),
        ('rrid-released_r50_market', (), 49.92),
        ('rrid-released_r50_market', ('p2', 'p4'), 35.83),
    ],
)
def test_sizes(name, off, millions):
    """With the trunk's 23,508,032 parameters, as the README prints them."""
    options = [f'model.head.branches.{branch}=None' for branch in off]
    cfg = read_config(str(FOLDER / f'{name}.py'), options)
    init_default_scope(cfg.default_scope)
    fill_num_classes(cfg)
    head = MODELS.build(dict(cfg.model.head, in_channels=2048))
    count = 23_508_032 + sum(p.numel() for p in head.parameters())
    assert round(count / 1e6, 2) == millions
    assert f' {millions} ' in (FOLDER / 'README.md').read_text('utf-8')


@pytest.mark.parametrize(('data', 'identities'), LEAVES.items())
def test_leaves_differ_in_the_data_alone(data, identities):
    market = Config.fromfile(FOLDER / 'rrid_r50_market.py')
    leaf = Config.fromfile(FOLDER / f'rrid_r50_{data}.py')
    assert fill_num_classes(leaf) == identities
    leaf.model.head.pop('num_classes')
    for key in ('model', 'param_scheduler', 'optim_wrapper', 'train_cfg'):
        assert leaf[key] == market[key]
    assert leaf.train_dataloader.sampler == market.train_dataloader.sampler
    assert leaf.train_dataloader.dataset.pipeline == (
        market.train_dataloader.dataset.pipeline
    )


def test_training_is_the_papers():
    cfg = Config.fromfile(FOLDER / 'rrid_r50_market.py')
    sampler = cfg.train_dataloader.sampler
    assert (sampler.num_ids, sampler.num_instances, sampler.repeat) == (16, 4, 4)
    erase = cfg.train_dataloader.dataset.pipeline[3]
    assert (erase.erase_prob, erase.max_area_ratio) == (0.5, 0.2)
    assert cfg.model.flip_test
    assert cfg.model.head.normalize == 'whole'
    assert cfg.test_evaluator.distance == 'euclidean'
    assert cfg.model.head.id_loss == dict(
        type='mmpretrain.CrossEntropyLoss', loss_weight=2.0
    )
    optimizer = cfg.optim_wrapper.optimizer
    assert (optimizer.lr, optimizer.momentum) == (0.01, 0.9)
    assert cfg.optim_wrapper.paramwise_cfg.prefixes.backbone.lr_mult == 0.1
    assert cfg.param_scheduler[0].milestones == [40, 60]
