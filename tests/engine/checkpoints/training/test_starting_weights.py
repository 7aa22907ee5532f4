"""A training starts from weights that fit, or does not start."""

import copy
import logging
import re

import pytest
import torch
from mmengine.logging import MMLogger
from mmengine.model import BaseModule
from mmengine.runner import Runner
from torch import nn
from toy_training import ToyModel, toy_config

from mmreid.engine import MismatchedCheckpointError, UnreadableCheckpointError
from mmreid.registry import MODELS


class Trunk(BaseModule):
    def __init__(self, init_cfg=None):
        super().__init__(init_cfg)
        self.conv = nn.Conv2d(3, 8, 3)
        self.norm = nn.BatchNorm2d(8)
        self.plugin = nn.Linear(8, 8)


def trunk_of(path, **options):
    trunk = Trunk(dict(type='Pretrained', checkpoint=str(path), **options))
    trunk.init_weights()
    return trunk


@pytest.fixture
def saved(tmp_path):
    """Save weights, changed by a function; return the file."""

    def save(model, change=lambda state: None, wrap=True):
        state = copy.deepcopy(model.state_dict())
        state = change(state) or state
        path = tmp_path / 'weights.pth'
        torch.save(dict(state_dict=state) if wrap else state, path)
        return path

    return save


@pytest.fixture
def said(caplog):
    logger = MMLogger.get_current_instance()
    logger.addHandler(caplog.handler)
    yield caplog
    logger.removeHandler(caplog.handler)


def prefixed(prefix):
    return lambda state: {f'{prefix}{k}': v for k, v in state.items()}


def load_from(path, folder, **changes):
    cfg = toy_config(folder / 'work', load_from=str(path), **changes)
    runner = Runner.from_cfg(cfg)
    runner.load_or_resume()
    return runner.model


def without(*starts):
    return lambda state: {k: v for k, v in state.items() if not k.startswith(starts)}


@pytest.mark.parametrize('wrap', [True, False])
def test_a_trunk_without_plugins_is_loaded_and_said(saved, said, wrap):
    source = Trunk()
    path = saved(source, without('plugin'), wrap)
    trunk = trunk_of(path)
    assert torch.equal(trunk.conv.weight, source.conv.weight)
    (record,) = [r for r in said.records if r.levelno == logging.WARNING]
    assert '6 of 8 weights' in record.getMessage()
    assert 'lacks plugin.weight, plugin.bias' in record.getMessage()


@pytest.mark.parametrize('prefix', ['backbone', 'backbone.'])
def test_the_trunk_of_a_whole_model(saved, prefix):
    source = Trunk()
    path = saved(source, prefixed('backbone.'))
    trunk = trunk_of(path, prefix=prefix)
    assert torch.equal(trunk.conv.weight, source.conv.weight)
    with pytest.raises(MismatchedCheckpointError, match=r"init_cfg\.prefix='backbone'"):
        trunk_of(path)
    with pytest.raises(MismatchedCheckpointError, match="begin with 'neck'"):
        trunk_of(path, prefix='neck')


CHANGES = {
    'other names': prefixed('net.'),
    'empty': lambda state: {'other': torch.zeros(1)},
    'shape': lambda state: state.update({'backbone.0.weight': torch.zeros(8, 3, 5, 5)}),
    'kind': lambda state: state.update(
        {'backbone.0.weight': torch.zeros(8, 3, 3, 3, dtype=torch.int64)}
    ),
    'complex': lambda state: state.update(
        {'backbone.0.weight': torch.zeros(8, 3, 3, 3, dtype=torch.complex64)}
    ),
    'text': lambda state: state.update({'backbone.0.weight': 'word'}),
    'too large': lambda state: state.update(
        {'backbone.0.bias': torch.full((8,), 1e300, dtype=torch.float64)}
    ),
    'scalar': lambda state: state.update(
        {'backbone.1.num_batches_tracked': torch.zeros(0, dtype=torch.int64)}
    ),
}


@pytest.mark.parametrize('change', CHANGES)
def test_weights_that_do_not_fit_start_no_training(tmp_path, saved, change):
    path = saved(ToyModel(), CHANGES[change])
    kinds = (MismatchedCheckpointError, UnreadableCheckpointError)
    with pytest.raises(kinds, match=r'weights\.pth'):
        load_from(path, tmp_path)


@pytest.mark.parametrize('number', ['nan', 'inf'])
@pytest.mark.parametrize('part', ['state_dict', 'ema_state_dict', 'optimizer', None])
def test_numbers_that_are_none_are_refused(tmp_path, part, number):
    path, state = tmp_path / 'weights.pth', ToyModel().state_dict()
    broken = torch.tensor([1.0, float(number)])
    content = dict(state_dict=state)
    if part is None:
        content = dict(state, surplus=broken)
    elif part == 'state_dict':
        content['state_dict'] = dict(state, surplus=broken)
    else:
        content[part] = dict(state=[dict(exp_avg=broken)])
    torch.save(content, path)
    with pytest.raises(UnreadableCheckpointError, match=r'weights\.pth holds NaN'):
        load_from(path, tmp_path)


def test_a_head_alone_is_no_start(tmp_path, saved):
    path = saved(ToyModel(), without('backbone.'))
    with pytest.raises(MismatchedCheckpointError, match='trunk of the network'):
        load_from(path, tmp_path)


def log_of(folder):
    (file,) = folder.glob('work/*/*.log')
    return file.read_text('utf-8')


def test_a_trunk_alone_is_one(tmp_path, saved):
    source = ToyModel()
    model = load_from(saved(source, without('head.')), tmp_path)
    assert torch.equal(model.backbone[0].weight, source.backbone[0].weight)
    assert 'lacks head.weight' in log_of(tmp_path)


def test_a_bare_trunk_says_where_it_belongs(tmp_path, saved):
    path = saved(ToyModel().backbone)
    with pytest.raises(MismatchedCheckpointError, match=r'backbone\.init_cfg'):
        load_from(path, tmp_path)


@MODELS.register_module()
class ToyBranches(ToyModel):
    """Has a classifier where training alone uses it."""

    def __init__(self, num_classes=3):
        super().__init__()
        branch = nn.Module()
        branch.test = 'feat'
        branch.classifier = nn.Linear(8, num_classes)
        self.head.branches = nn.ModuleDict(dict(whole=branch))


@MODELS.register_module()
class ToyMemory(ToyModel):
    def __init__(self, rows=0):
        super().__init__()
        loss = dict(type='ClusterMemoryLoss', in_channels=8, num_classes=rows)
        self.head.embedding_loss = MODELS.build(loss)


def test_classifiers_of_other_identities(tmp_path, saved):
    source = ToyBranches(num_classes=5)
    path = saved(source)
    model = load_from(path, tmp_path, model=dict(type='ToyBranches'))
    assert torch.equal(model.head.weight, source.head.weight)
    assert 'lacks head.branches.whole.classifier' in log_of(tmp_path)


def test_a_memory_is_no_weight_that_a_file_lacks(tmp_path, saved):
    """As where a model that knows persons goes on with clusters."""
    path = saved(ToyMemory(rows=5), without('head.embedding_loss'))
    load_from(path, tmp_path, model=dict(type='ToyMemory'))
    assert 'lacks' not in log_of(tmp_path)


def test_weights_alone_are_not_resumed(tmp_path, saved):
    path = saved(ToyModel())
    cfg = toy_config(tmp_path / 'work', load_from=str(path), resume=True)
    with pytest.raises(UnreadableCheckpointError, match=r'no optimizer, message_hub'):
        Runner.from_cfg(cfg).load_or_resume()


def test_resuming_by_hand(tmp_path):
    """As a program does that has not said resume=True before."""
    plain = [dict(type='PlainCheckpointHook')]
    cfg = toy_config(tmp_path / 'first', max_epochs=1, custom_hooks=plain)
    Runner.from_cfg(cfg).train()
    runner = Runner.from_cfg(toy_config(tmp_path / 'second', custom_hooks=plain))
    runner.resume(str(tmp_path / 'first' / 'epoch_1.pth'))
    assert runner.iter == 3
    assert len(runner.message_hub.get_scalar('train/loss').data[0]) == 3


EDITS = {
    "meta['seed']": lambda c: c['meta'].update(seed='word'),
    "message_hub['log_scalars']": lambda c: c['message_hub']['log_scalars'].update(a=1),
    "message_hub['resumed_keys']": lambda c: c['message_hub'].update(
        resumed_keys=dict(a='word')
    ),
    "optimizer['state']": lambda c: c['optimizer']['state'].update({0: 'word'}),
    "optimizer['param_groups'] (lr)": lambda c: c['optimizer']['param_groups'][
        0
    ].update(lr='word'),
    'param_schedulers': lambda c: c.update(param_schedulers='word'),
    'param_schedulers[0] (step)': lambda c: c['param_schedulers'][0].update(step=1),
    'param_schedulers[0] (last_step)': lambda c: c['param_schedulers'][0].update(
        last_step='word'
    ),
}


def test_a_resumed_model_of_other_parameters_is_told_by_its_weights(tmp_path):
    plain = [dict(type='PlainCheckpointHook')]
    cfg = toy_config(tmp_path / 'first', max_epochs=1, custom_hooks=plain)
    Runner.from_cfg(cfg).train()
    path = tmp_path / 'first' / 'epoch_1.pth'
    checkpoint = torch.load(path, weights_only=True)
    checkpoint['state_dict'].popitem()
    checkpoint['optimizer']['param_groups'][0]['params'].pop()
    checkpoint['optimizer']['state'] = {0: dict(exp_avg=torch.zeros(2, 2, 2, 2, 2))}
    torch.save(checkpoint, path)
    again = dict(
        load_from=str(path), resume=True, custom_hooks=[dict(type='ResumeHook')]
    )
    runner = Runner.from_cfg(toy_config(tmp_path / 'second', **again))
    with pytest.raises(MismatchedCheckpointError, match='not of the model of this'):
        runner.train()


@pytest.mark.parametrize('odd', EDITS)
def test_parts_that_no_training_saves(tmp_path, odd):
    plain = [dict(type='PlainCheckpointHook')]
    cfg = toy_config(tmp_path / 'first', max_epochs=1, custom_hooks=plain)
    Runner.from_cfg(cfg).train()
    path = tmp_path / 'first' / 'epoch_1.pth'
    checkpoint = torch.load(path, weights_only=True)
    EDITS[odd](checkpoint)
    torch.save(checkpoint, path)
    again = dict(load_from=str(path), resume=True, custom_hooks=plain)
    runner = Runner.from_cfg(toy_config(tmp_path / 'second', **again))
    with pytest.raises(UnreadableCheckpointError, match=re.escape(f'its {odd} is not')):
        runner.train()
