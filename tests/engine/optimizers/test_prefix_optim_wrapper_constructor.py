"""Every trainable parameter in one group, with the learning rate its name asks for."""

import pytest
from mmengine.optim import build_optim_wrapper
from mmengine.registry import DefaultScope
from torch import nn
from torch.optim import AdamW

from mmreid.engine import PrefixOptimWrapperConstructor


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.backbone = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4))
        self.backbone.layer4 = nn.Conv2d(4, 4, 1)
        self.backbone2 = nn.Linear(4, 4)
        self.head = nn.Linear(4, 4)
        self.shared = self.backbone.layer4
        self.frozen = nn.Linear(4, 4).requires_grad_(False)
        self.scale = nn.Parameter(nn.Linear(1, 1).weight.detach())


SGD = dict(type='SGD', lr=0.1, weight_decay=0.5)


def build(model, paramwise_cfg, optimizer=SGD):
    return build_optim_wrapper(
        model,
        dict(
            optimizer=dict(optimizer),
            constructor=PrefixOptimWrapperConstructor.__name__,
            paramwise_cfg=paramwise_cfg,
        ),
    )


@pytest.fixture(autouse=True)
def scope():
    with DefaultScope.overwrite_default_scope('mmreid'):
        yield


def settings_by_name(model, wrapper):
    """Look every parameter up, and count how often it is found."""
    groups = wrapper.optimizer.param_groups
    return {
        name: [
            (group['group_name'], round(group['lr'], 9), group['weight_decay'])
            for group in groups
            for other in group['params']
            if other is parameter
        ]
        for name, parameter in model.named_parameters()
    }


@pytest.mark.parametrize('norm', [None, 0.0])
@pytest.mark.parametrize('bias', [None, 2.0])
def test_settings_follow_the_names(norm, bias):
    model = Model()
    cfg = {
        'prefixes': {
            'backbone': dict(lr_mult=0.1),
            'backbone.layer4': dict(lr_mult=0.5, decay_mult=0.1),
            'scale': dict(lr_mult=3),
        }
    }
    cfg |= {} if norm is None else dict(norm_decay_mult=norm)
    cfg |= {} if bias is None else dict(bias_decay_mult=bias)
    found = settings_by_name(model, build(model, cfg))
    for name, settings in found.items():
        if name.startswith('frozen'):
            assert settings == []
            continue
        prefix = (
            'backbone.layer4'
            if name.startswith('backbone.layer4')
            else name.split('.')[0]
        )
        prefix = prefix if prefix in cfg['prefixes'] else 'rest'
        own = cfg['prefixes'].get(prefix, {})
        decay = 0.5 * own.get('decay_mult', 1)
        if name.startswith('backbone.1.'):
            decay *= 1 if norm is None else norm
        elif name.endswith('bias'):
            decay *= 1 if bias is None else bias
        assert settings == [(prefix, round(0.1 * own.get('lr_mult', 1), 9), decay)]


def test_one_group_per_name_without_decay_factors():
    wrapper = build(Model(), dict(prefixes=dict(backbone=dict(lr_mult=0.1))))
    groups = wrapper.optimizer.param_groups
    assert sorted(group['group_name'] for group in groups) == ['backbone', 'rest']


@pytest.mark.parametrize('prefixes', [{}, dict(prefixes=dict(head=dict(lr_mult=0.1)))])
def test_all_biases_can_learn_faster(prefixes):
    model = Model()
    settings = settings_by_name(model, build(model, dict(bias_lr_mult=2.0, **prefixes)))
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            own = 0.1 if prefixes and name.startswith('head') else 1.0
            lr = round(0.1 * own * (2 if name.endswith('bias') else 1), 9)
            assert [(lr, 0.5)] == [(s[1], s[2]) for s in settings[name]]


def test_an_optimizer_without_weight_decay_keeps_its_own():
    wrapper = build(Model(), dict(prefixes=dict(head={})), dict(type='AdamW', lr=0.1))
    decays = {group['weight_decay'] for group in wrapper.optimizer.param_groups}
    assert decays == {AdamW([nn.Parameter()]).defaults['weight_decay']}


@pytest.mark.parametrize(
    ('paramwise_cfg', 'message'),
    [
        (None, 'prefixes'),
        (dict(norm_decay_mult=0.0), 'prefixes'),
        (dict(prefixes=dict(rest={})), 'rest'),
        (dict(prefixes=dict(backbon=dict(lr_mult=0.1))), r'backbon.*backbone.*head'),
        (dict(prefixes=dict(frozen={})), 'frozen'),
        (dict(prefixes=dict(backbone=dict(lr=0.1))), r"'lr'.*lr_mult"),
        (dict(prefixes=dict(head={}), custom_keys={}), 'custom_keys'),
    ],
)
def test_mistakes_are_named(paramwise_cfg, message):
    with pytest.raises(ValueError, match=message):
        build(Model(), paramwise_cfg)
