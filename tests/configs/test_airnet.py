"""AIR-Net's configs: the printed sizes, Table 3, what differs between data sets."""

import argparse
import re
import shlex
from pathlib import Path

import pytest
import torch
from mmengine.config import Config, DictAction
from mmengine.registry import init_default_scope
from mmpretrain.structures import DataSample

from mmreid.apis import count_config
from mmreid.engine import fill_num_classes
from mmreid.models.heads import AttentionPool, GlobalPool
from mmreid.models.necks import GlobalContext
from mmreid.registry import MODELS

FOLDER = Path(__file__).parents[2] / 'configs' / 'airnet'
IBN = 'airnet_r50-ibn_market.py'
README = (FOLDER / 'README.md').read_text('utf-8')


def load(name, options=''):
    config = Config.fromfile(FOLDER / name)
    init_default_scope(config.default_scope)
    parser = argparse.ArgumentParser()
    parser.add_argument('--options', nargs='*', action=DictAction, default={})
    parsed = parser.parse_args(['--options', *shlex.split(options)]).options
    config.merge_from_dict(parsed)
    return config


def thin(config):
    """The network at a quarter of the width, in float64."""
    config.model.backbone.update(base_channels=16, stem_channels=16, init_cfg=None)
    config.model.head.in_channels = 512
    fill_num_classes(config)
    return MODELS.build(config.model).double()


def shell_words():
    """The words that the README tells bash, spelled out."""
    words = {}
    block = next(b for b in README.split('```') if 'branches=' in b and 'gc=' in b)
    for name, value in re.findall(r'^(\w+)=(.+)$', block, re.MULTILINE):
        words[name] = expand(value.strip('\'"'), words)
    return words


def expand(text, words):
    return re.sub(r'\$(\w+)', lambda found: words[found[1]], text)


ROWS = re.findall(r'^\| (\d .+?) \| \[(.+?\.py)\]\(.+?\) \| (.+?) \|$', README, re.M)


@pytest.mark.parametrize(
    ('name', 'millions'), [('airnet_r50_market.py', 42.85), (IBN, 42.68)]
)
def test_printed_size_and_cost(name, millions):
    """SPEC's counts: classifiers left out, X W_v never formed."""
    parts = count_config(load(name), (384, 192))
    classifiers = [v for k, v in parts.items() if k.endswith('classifier')]
    assert len(classifiers) == 3
    params = parts['total'].params - sum(cost.params for cost in classifiers)
    assert params / 1e6 == pytest.approx(millions, abs=0.005)
    assert parts['backbone'].params / 1e6 == pytest.approx(23.508 + 14.965, abs=0.001)
    assert parts['backbone'].macs / 1e9 == pytest.approx(13.42, abs=0.005)
    positions = 24 * 12
    pool = parts['head.interaction.pool']
    assert pool.macs == 2 * 2048 * positions + 2048**2


def test_trunk_of_the_baseline():
    parts = count_config(load('airnet_r50-ibn_market_baseline.py'), (64, 32))
    assert parts['backbone'].params == 23_508_032


def batch():
    pictures = torch.randn(8, 3, 64, 32, dtype=torch.float64)
    return pictures, torch.tensor([0, 0, 1, 1, 2, 2, 3, 3])


def naive_loss(embeddings, scores, labels):
    """Eq. 5 to 7 for one vector, with the sign of Eq. 6 corrected."""
    entropy = triplet = 0.0
    for i, label in enumerate(labels):
        entropy -= torch.log_softmax(scores[i], 0)[label]
        distances = [
            1 - torch.cosine_similarity(embeddings[i], other, dim=0)
            for other in embeddings
        ]
        same = [d for j, d in enumerate(distances) if labels[j] == label and j != i]
        others = [d for j, d in enumerate(distances) if labels[j] != label]
        triplet += max(torch.zeros(()).double(), max(same) + 0.2 - min(others))
    return entropy / len(labels), triplet / len(labels)


def test_losses_are_the_mean_over_the_vectors():
    model = thin(load(IBN)).train()
    pictures, labels = batch()
    feats = model.backbone(pictures)
    samples = [DataSample().set_gt_label(label) for label in labels]
    losses = model.head.loss(feats, samples)
    assert len(losses) == 6
    for name, branch in model.head.branches.items():
        out = branch(feats)
        scores = branch.classifier(out['bn_feat'])[:, 0]
        entropy, triplet = naive_loss(out['feat'][:, 0], scores, labels)
        torch.testing.assert_close(losses[f'{name}.id_loss'], entropy / 3)
        torch.testing.assert_close(losses[f'{name}.metric_loss'], triplet / 3)


def test_vectors_are_those_of_the_figure():
    model = thin(load(IBN)).eval()
    pictures, _ = batch()
    first, second = (torch.randn(8, 512, 4, 2).double() for _ in range(2))
    pooled = [b([first, second])['pooled'] for b in model.head.branches.values()]
    torch.testing.assert_close(pooled[0][:, 0], first.amax((2, 3)))
    torch.testing.assert_close(pooled[1][:, 0], second.amax((2, 3)))
    pool = model.head.branches['interaction'].pool
    rows = second.flatten(2).mT
    product = (rows @ pool.weight_v).mT @ (rows @ pool.weight_u)
    torch.testing.assert_close(pooled[2][:, 0], product[..., 0])
    assert model(pictures).shape == (8, 3 * 512)
    embedding = torch.cat(
        [b([first, second])['bn_feat'][:, 0] for b in model.head.branches.values()], 1
    )
    torch.testing.assert_close(model.head([first, second]), embedding)


@pytest.mark.parametrize('name', ['airnet_r50_market.py', IBN])
def test_copies_of_layer4_learn_differently(name):
    model = thin(load(name)).train()
    model.init_weights()
    pictures, labels = batch()
    samples = [DataSample().set_gt_label(label) for label in labels]
    loss, _ = model.parse_losses(model(pictures, samples, mode='loss'))
    loss.backward()
    appearance, interaction = model.backbone.layer4, model.backbone.layer4_copies[0]
    for name, parameter in appearance.named_parameters():
        other = interaction.get_parameter(name)
        assert torch.equal(parameter, other), name
        assert parameter.grad.any(), name
        assert other.grad.any(), name
        assert not torch.allclose(parameter.grad, other.grad), name


EXPECTED = {
    '1': [(0, None, GlobalPool)],
    '2': [(0, None, AttentionPool)],
    '3': [(0, GlobalContext, GlobalPool)],
    '4': [(0, None, GlobalPool), (1, GlobalContext, GlobalPool)],
    '5': [(0, None, GlobalPool), (1, None, AttentionPool)],
    '6': [
        (0, None, GlobalPool),
        (1, None, GlobalPool),
        (1, GlobalContext, GlobalPool),
    ],
    '7': [(0, None, GlobalPool), (1, None, GlobalPool), (1, None, AttentionPool)],
}


def describe(model):
    """Map, block in front of the pooling and pooling of every vector."""
    return [
        (
            branch.in_index,
            type(branch.stage[0]) if len(branch.stage) else None,
            type(branch.pool),
        )
        for branch in model.head.branches.values()
    ]


@pytest.mark.parametrize('how', ['config', 'options'])
@pytest.mark.parametrize(('row', 'name', 'options'), ROWS)
def test_table_3(row, name, options, how):
    if how == 'options':
        name, options = IBN, expand(options.strip('`'), shell_words())
    config = load(name, options if options != 'as it is' and how == 'options' else '')
    model = thin(config)
    expected = EXPECTED[row[0]]
    assert describe(model) == expected
    maxima = [b.pool for b in model.head.branches.values() if hasattr(b.pool, 'mode')]
    assert all(pool.mode == 'max' for pool in maxima)
    assert len(model.backbone.layer4_copies) + 1 == 1 + max(i for i, *_ in expected)
    assert not list(model.backbone.named_plugins())
    for branch in model.head.branches.values():
        for loss in (branch.id_loss, branch.metric_loss):
            assert loss.loss_weight == pytest.approx(1 / len(expected))


def test_all_rows_of_table_3_are_read():
    assert [row[0][0] for row in ROWS] == list('1234567')


@pytest.mark.parametrize('trunk', ['r50', 'r50-ibn'])
@pytest.mark.parametrize(
    ('data', 'kind', 'num_ids'),
    [
        ('duke', 'DukeMTMCReID', 702),
        ('cuhk03-labeled', 'CUHK03', 767),
        ('cuhk03-detected', 'CUHK03', 767),
        ('msmt17', 'MSMT17', 1041),
        ('synth', 'Market1501', 751),
    ],
)
def test_only_the_data_differs_from_market(trunk, data, kind, num_ids):
    config = load(f'airnet_{trunk}_{data}.py')
    market = load(f'airnet_{trunk}_market.py')
    assert fill_num_classes(config) == num_ids
    config.model.head.pop('num_classes')
    for loader in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        ours, theirs = config[loader].pop('dataset'), market[loader].pop('dataset')
        assert ours.type == kind
        assert ours.data_root != theirs.data_root
        if 'cuhk03' in data:
            assert ours.boxes == data.removeprefix('cuhk03-')
        assert (ours.split, ours.pipeline) == (theirs.split, theirs.pipeline)
    keys = ('model', 'train_dataloader', 'test_dataloader', 'param_scheduler')
    for key in (*keys, 'optim_wrapper', 'train_cfg', 'test_evaluator'):
        assert config[key] == market[key], key


@pytest.mark.parametrize('name', ['airnet_r50_market.py', IBN])
def test_training_is_the_papers(name):
    config = load(name)
    assert config.optim_wrapper.optimizer == dict(
        type='Adam', lr=3.5e-4, weight_decay=5e-4
    )
    (scheduler,) = config.param_scheduler
    assert (scheduler.milestones, scheduler.gamma) == ([40, 70], 0.1)
    assert config.train_cfg.max_epochs == 200
    sampler = config.train_dataloader.sampler
    assert (sampler.num_ids, sampler.num_instances) == (16, 4)
    kinds = [t.type for t in config.train_dataloader.dataset.pipeline]
    assert kinds == ['LoadImage', 'Resize', 'RandomFlip', 'RandomErasing', 'PackInputs']
    assert config.model.backbone.strides == (1, 2, 2, 1)
