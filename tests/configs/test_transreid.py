"""TransReID's recipe: vectors, losses and learning rates by formula.

Facts are those of damo-cv/TransReID: model/make_model.py, loss/make_loss.py@1075dd5,
solver/make_optimizer.py@c27e6bc and configs/Market/vit_transreid_stride.yml@6227ebd.
"""

import copy
import math
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from mmpretrain.structures import DataSample

from mmreid.registry import MODELS, PARAM_SCHEDULERS

ROOT = Path(__file__).parents[2]
NARROW = dict(embed_dims=12, num_layers=2, num_heads=2, feedforward_channels=16)


def load(name):
    config = Config.fromfile(ROOT / f'configs/transreid/{name}.py')
    init_default_scope(config.default_scope)
    return config


def build(config):
    model = copy.deepcopy(config.model)
    model.backbone.update(arch=NARROW, init_cfg=None, drop_path_rate=0.0)
    model.head.num_classes = 4
    net = MODELS.build(model)
    for parameter in net.parameters():
        if parameter.requires_grad:
            torch.nn.init.normal_(parameter, std=0.3)
    return net.double()


def batch(cameras=(1, 2, 6, 3, 4, 5, 1, 2)):
    samples = [
        DataSample(metainfo=dict(cam_id=camera)).set_gt_label(index // 2)
        for index, camera in enumerate(cameras)
    ]
    return torch.randn(len(samples), 3, 256, 128, dtype=torch.float64), samples


def soft_triplet(feats, labels):
    """Mean softplus of the farthest positive less the nearest negative."""
    losses = []
    for index, anchor in enumerate(feats):
        distances = (feats - anchor).norm(dim=1)
        same = labels == labels[index]
        losses.append(F.softplus(distances[same].max() - distances[~same].min()))
    return torch.stack(losses).mean()


def cross_entropy(feats, neck, weight, labels):
    """Of a vector behind the BN neck, by a classifier without bias."""
    mean, var = feats.mean(0), feats.var(0, unbiased=False)
    normed = (feats - mean) / (var + 1e-5).sqrt() * neck.weight + neck.bias
    return F.cross_entropy(normed @ weight.T, labels)


def test_losses_of_the_whole_and_its_parts():
    net = build(load('transreid_vit-b-s12_market')).train()
    x, samples = batch()
    labels = torch.arange(8) // 2
    rows = torch.tensor([sample.cam_id - 1 for sample in samples])
    _, class_token, local = net.backbone(x, rows)
    vectors = [class_token.flatten(1), *local[..., 0].unbind(2)]
    whole, part = net.head.branches['whole'], net.head.branches['local']
    ids, triplets = [], []
    for index, vector in enumerate(vectors):
        branch, place = (whole, 0) if index == 0 else (part, index - 1)
        neck = copy.deepcopy(branch.bn_neck)
        channels = slice(12 * place, 12 * (place + 1))
        neck.weight = torch.nn.Parameter(neck.weight[channels])
        neck.bias = torch.nn.Parameter(neck.bias[channels])
        weight = branch.classifier.weight[place]
        ids.append(cross_entropy(vector, neck, weight, labels))
        triplets.append(soft_triplet(vector, labels))
    losses = net(x, samples, mode='loss')
    for name, values in (('id_loss', ids), ('metric_loss', triplets)):
        torch.testing.assert_close(losses[f'whole.{name}'], 0.5 * values[0])
        mean = torch.stack(values[1:]).mean()
        torch.testing.assert_close(losses[f'local.{name}'], 0.5 * mean)
    assert len(losses) == 4


def test_the_vector_that_is_compared():
    net = build(load('transreid_vit-b-s12_market')).eval()
    x, samples = batch()
    rows = torch.tensor([sample.cam_id - 1 for sample in samples])
    _, class_token, local = net.backbone(x, rows)
    parts = [part / 4 for part in local[..., 0].unbind(2)]
    expected = F.normalize(torch.cat([class_token.flatten(1), *parts], 1))
    for sample, vector in zip(net(x, samples, mode='predict'), expected, strict=True):
        torch.testing.assert_close(sample.embedding, vector)
        assert sample.side_information == 'camera'


def test_the_baseline_has_whole_losses():
    net = build(load('transreid-baseline_vit-b_market')).train()
    x, samples = batch()
    feats = net.backbone(x)[1].flatten(1)
    losses = net(x, samples, mode='loss')
    expected = soft_triplet(feats, torch.arange(8) // 2)
    torch.testing.assert_close(losses['whole.metric_loss'], expected)
    assert set(losses) == {'whole.id_loss', 'whole.metric_loss'}
    assert not net.head.branches['whole'].bn_neck.bias.requires_grad


@pytest.mark.parametrize(
    ('name', 'lr'),
    [('transreid_vit-b-s12_market', 0.008), ('transreid_vit-b-s12_veri776', 0.01)],
)
def test_learning_rates(name, lr):
    config = load(name)
    net = build(config)
    # Without the scale of half precision, which wants gradients.
    options = dict(config.optim_wrapper, type='OptimWrapper')
    assert options.pop('dtype') == 'float16'
    wrapper = build_optim_wrapper(net, options)
    rates = {
        parameter: (group['lr'], group['weight_decay'])
        for group in wrapper.optimizer.param_groups
        for parameter in group['params']
    }
    for key, parameter in net.named_parameters():
        factor = 2 if 'bias' in key else 1
        if parameter.requires_grad:
            assert rates[parameter] == (factor * lr, 1e-4), key
    (cfg,) = config.param_scheduler
    scheduler = PARAM_SCHEDULERS.build(dict(cfg, optimizer=wrapper))
    for epoch in range(1, config.train_cfg.max_epochs + 1):
        for group in wrapper.optimizer.param_groups:
            if not group['params']:
                continue
            own = group['initial_lr']
            if epoch < 5:
                expected = 0.01 * lr + epoch * (own - 0.01 * lr) / 5
            else:
                cosine = 1 + math.cos(math.pi * epoch / 120)
                expected = 0.002 * lr + 0.5 * (own - 0.002 * lr) * cosine
            assert group['lr'] == pytest.approx(expected, rel=1e-9)
        wrapper.step()
        scheduler.step()


def test_pixels():
    config = load('transreid_vit-b-s12_msmt17')
    assert config.data_preprocessor.mean == config.data_preprocessor.std == [127.5] * 3
    train = config.train_dataloader.dataset
    test = config.test_dataloader.dataset
    assert (train.split, test.split) == ('train+val', 'test')
    rules = [
        next(t for t in data.pipeline if t.type == 'Resize') for data in (train, test)
    ]
    assert [rule.interpolation for rule in rules] == ['bicubic', 'bilinear']
    assert {rule.backend for rule in rules} == {'pillow'}
    crop = next(t for t in train.pipeline if t.type == 'RandomCrop')
    assert (crop.crop_size, crop.padding) == ((256, 128), 10)
