"""Checkpoints without classes, and resuming from them."""

import pickle
from collections import Counter, OrderedDict

import numpy as np
import pytest
import torch
from mmengine.hooks import Hook
from toy_training import losses, toy_config, train

from mmreid.engine import PlainCheckpointHook, UnreadableCheckpointError
from mmreid.engine.hooks import to_plain
from mmreid.registry import HOOKS

PLAIN = dict(type='PlainCheckpointHook')


@HOOKS.register_module()
class NoteHook(Hook):
    """Leaves in the message hub what metrics and users leave there."""

    def before_train_epoch(self, runner):
        hub = runner.message_hub
        hub.update_info('note', dict(best=np.float64(0.25), ranks=np.arange(3)))
        hub.update_info('names', np.array(['a', 'b']))
        hub.update_info('classless', {np.str_('x'): (np.int64(1), {3, 2})})
        hub.update_info('odd', object())


@pytest.mark.parametrize(
    ('value', 'expected'),
    [
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (np.str_('a'), 'a'),
        (np.array(['a']), ['a']),
        ({2, 1}, [1, 2]),
        ((np.int8(1), [None, b'x']), (1, [None, b'x'])),
        (Counter(a=2), Counter(a=2)),
        (OrderedDict(a=np.int64(2)), OrderedDict(a=2)),
    ],
)
def test_to_plain(value, expected):
    plain = to_plain(value)
    assert plain == expected
    assert type(plain) is type(expected)


def test_to_plain_keeps_arrays_as_tensors_of_their_dtype():
    array = np.random.default_rng().integers(0, 9, (2, 3)).astype(np.int16)
    plain = to_plain(array)
    assert plain.dtype == torch.int16
    assert np.array_equal(plain.numpy(), array)


def test_to_plain_refuses_objects():
    with pytest.raises(TypeError, match='object'):
        to_plain({'a': [object()]})


def test_files_need_no_allow_list(tmp_path):
    cfg = toy_config(tmp_path, custom_hooks=[PLAIN, dict(type='NoteHook')])
    cfg.default_hooks.checkpoint = dict(
        type='CheckpointHook', backend_args=dict(backend='atomic')
    )
    runner = train(cfg)
    path = tmp_path / 'epoch_2.pth'
    assert (tmp_path / 'last_checkpoint').read_text() == str(path)
    if hasattr(torch.serialization, 'get_unsafe_globals_in_checkpoint'):
        assert torch.serialization.get_unsafe_globals_in_checkpoint(path) == []
    checkpoint = torch.load(path, weights_only=True)
    info = checkpoint['message_hub']['runtime_info']
    assert info['note']['best'] == 0.25
    assert info['names'] == ['a', 'b']
    assert info['classless'] == {'x': (1, [2, 3])}
    assert 'odd' not in info
    assert 'odd' not in checkpoint['message_hub']['resumed_keys']
    assert checkpoint['meta']['dataset_meta']['dataset'] == 'toy'
    weights = runner.model.state_dict()
    assert all(torch.equal(weights[k], v) for k, v in checkpoint['state_dict'].items())


def test_the_hook_is_needed(tmp_path):
    train(toy_config(tmp_path, max_epochs=1))
    with pytest.raises(pickle.UnpicklingError, match=r'numpy|HistoryBuffer'):
        torch.load(tmp_path / 'epoch_1.pth', weights_only=True)


@pytest.mark.parametrize('written_by', ['mmreid', 'mmengine'])
def test_resume_restores_everything(tmp_path, written_by):
    hooks = [PLAIN] if written_by == 'mmreid' else []
    whole = train(toy_config(tmp_path / 'whole', custom_hooks=hooks))
    cfg = toy_config(tmp_path / 'resumed', custom_hooks=[PLAIN], resume=True)
    cfg.load_from = str(tmp_path / 'whole' / 'epoch_1.pth')
    resumed = train(cfg)
    assert (resumed.epoch, resumed.iter) == (whole.epoch, whole.iter) == (2, 6)
    # The first epoch's log is the loaded one, the second's was made anew.
    assert losses(resumed)[:3] == losses(whole)[:3]
    assert len(losses(resumed)) == 6
    history = [r.message_hub.get_scalar('train/lr').data for r in (whole, resumed)]
    assert np.array_equal(history[0], history[1])
    states = [[s.state_dict() for s in r.param_schedulers] for r in (whole, resumed)]
    assert states[0] == states[1]
    steps = resumed.optim_wrapper.state_dict()['state'].values()
    assert {int(state['step']) for state in steps} == {6}


def test_hook_is_the_last_to_touch_a_checkpoint(tmp_path):
    assert PlainCheckpointHook.priority == 'LOWEST'


def test_weights_alone_are_no_training_to_resume(tmp_path):
    runner = train(toy_config(tmp_path / 'whole', max_epochs=1, custom_hooks=[PLAIN]))
    path = tmp_path / 'weights.pth'
    torch.save(dict(state_dict=runner.model.state_dict(), meta={}), path)
    cfg = toy_config(tmp_path / 'resumed', custom_hooks=[PLAIN], resume=True)
    cfg.load_from = str(path)
    with pytest.raises(UnreadableCheckpointError, match='no optimizer, message_hub'):
        train(cfg)
