"""Checkpoints are data: what they ask to call is never called."""

import os
import pickle
import pickletools
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer

from mmreid.engine import (
    CheckpointError,
    UnreadableCheckpointError,
    UnsafeCheckpointError,
    load_safely,
    read_weights,
)


def write_pickle(path: Path, content: bytes) -> None:
    """Put a hand-made pickle where torch.save puts its own."""
    torch.save({}, path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    data = next(name for name in parts if name.endswith('data.pkl'))
    with zipfile.ZipFile(path, 'w') as archive:
        for name, part in (parts | {data: content}).items():
            archive.writestr(name, part)


class Calls:
    """Pickles as a call."""

    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


def text(value: str) -> bytes:
    raw = value.encode()
    return b'X' + len(raw).to_bytes(4, 'little') + raw


def set_state_attack(trace: Path) -> bytes:
    """Reach `eval` by attributes only, and have BUILD call it as `__setstate__`.

    getattr(getattr(getattr, '__self__'), 'eval') needs no global but getattr.
    """
    getattr_ = b'cbuiltins\ngetattr\n'
    builtins = getattr_ + getattr_ + text('__self__') + b'\x86R'
    evaluate = getattr_ + builtins + text('eval') + b'\x86R'
    history = b'cmmengine.logging.history_buffer\nHistoryBuffer\n)\x81'
    state = b'}' + text('__setstate__') + evaluate + b's'
    code = text(f'open({str(trace)!r}, "w")')
    return b'\x80\x02' + history + state + b'b' + code + b'b.'


def test_the_attack_works_with_the_real_getattr(tmp_path):
    # Otherwise its rejection below would prove nothing.
    trace = tmp_path / 'trace'
    path = tmp_path / 'attack.pth'
    write_pickle(path, set_state_attack(trace))
    before = torch.serialization.get_safe_globals()
    torch.serialization.add_safe_globals([HistoryBuffer, getattr])
    try:
        torch.load(path, weights_only=True)
    finally:
        torch.serialization.clear_safe_globals()
        torch.serialization.add_safe_globals(before)
    assert trace.exists()


def test_the_attack_is_refused(tmp_path):
    trace = tmp_path / 'trace'
    path = tmp_path / 'attack.pth'
    write_pickle(path, set_state_attack(trace))
    with pytest.raises(UnsafeCheckpointError, match='attributes of mmengine'):
        load_safely(path)
    assert not trace.exists()


@pytest.mark.parametrize('function', [eval, exec, os.system, getattr, torch.load])
def test_calls_are_refused_by_name(tmp_path, function):
    trace = tmp_path / 'trace'
    arguments = {
        os.system: [f'touch {trace}'],
        getattr: [HistoryBuffer, '__init__'],
        torch.load: [str(trace)],
    }
    path = tmp_path / 'attack.pth'
    code = arguments.get(function, [f'open({str(trace)!r}, "w")'])
    torch.save({'state_dict': {}, 'meta': Calls(function, *code)}, path)
    with pytest.raises(UnsafeCheckpointError) as caught:
        load_safely(path)
    message = str(caught.value)
    assert function.__name__ in message
    assert str(path) in message
    assert 'weights_only=False' not in message
    # Whoever followed this for a function would let the attack run.
    assert 'add_safe_globals' not in message
    assert caught.value.__cause__ is None
    assert not trace.exists()


def test_same_call_runs_when_unpickled_plainly(tmp_path):
    trace = tmp_path / 'trace'
    pickle.loads(pickle.dumps(Calls(eval, f'open({str(trace)!r}, "w").close()')))
    assert trace.exists()


def test_classes_are_refused(tmp_path):
    path = tmp_path / 'class.pth'
    torch.save({'model': Path('x')}, path)
    with pytest.raises(UnsafeCheckpointError, match='pathlib'):
        load_safely(path)


@pytest.mark.parametrize('content', [b'', b'<html>404</html>', b'PK\x03\x04 cut'])
def test_damaged_files_are_told_from_unsafe_ones(tmp_path, content):
    path = tmp_path / 'damaged.pth'
    path.write_bytes(content)
    with pytest.raises(UnreadableCheckpointError, match='fetch or write it again'):
        load_safely(path)


@pytest.mark.parametrize(
    ('content', 'kind'),
    [
        (b'', 'empty'),
        (b'\n<!DOCTYPE html><title>Sign in</title>', 'a web page'),
        (b'version https://git-lfs.github.com/spec/v1\n', 'a pointer of Git LFS'),
        ('ein Mädchen\n'.encode() * 90, 'a text file'),
        (None, 'the beginning of a file, cut off after'),
    ],
)
def test_what_is_no_checkpoint_is_told(tmp_path, content, kind):
    path = tmp_path / 'x.pth'
    if content is None:
        torch.save({'weight': torch.ones(1000)}, path)
        content = path.read_bytes()[:3000]
    path.write_bytes(content)
    with pytest.raises(UnreadableCheckpointError, match=f'a checkpoint: it is {kind}'):
        load_safely(path)
    with pytest.raises(UnreadableCheckpointError, match=f'a checkpoint: it is {kind}'):
        read_weights(path)


def test_both_errors_are_checkpoint_errors():
    assert issubclass(UnsafeCheckpointError, CheckpointError)
    assert issubclass(UnreadableCheckpointError, CheckpointError)


@pytest.mark.parametrize('numpy_path', ['numpy._core', 'numpy.core'])
def test_what_mmengine_writes_is_read(tmp_path, numpy_path):
    history = HistoryBuffer([1.5, 2.5], [1, 2])
    scalars = [np.float32(0.5), np.int64(3), np.bool_(True)]
    content = dict(history=history, scalars=scalars, weight=torch.arange(3.0))
    path = tmp_path / 'native.pth'
    torch.save(content, path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    # The other numpy spells the same functions differently.
    written = {
        name: re.sub(rb'numpy\._?core', numpy_path.encode(), part)
        for name, part in parts.items()
    }
    data = next(part for name, part in written.items() if name.endswith('data.pkl'))
    globals_ = {arg for op, arg, _ in pickletools.genops(data) if op.name == 'GLOBAL'}
    assert f'{numpy_path}.multiarray scalar' in globals_
    with zipfile.ZipFile(path, 'w') as archive:
        for name, part in written.items():
            archive.writestr(name, part)
    loaded = load_safely(path)
    assert loaded['history'].mean() == history.mean()
    assert loaded['scalars'] == scalars
    assert torch.equal(loaded['weight'], content['weight'])


@pytest.mark.parametrize('owner', [torch.Tensor, HistoryBuffer])
def test_getattr_is_only_what_mmengine_notes(tmp_path, owner):
    path = tmp_path / 'attack.pth'
    torch.save({'meta': Calls(getattr, owner, '__init__')}, path)
    with pytest.raises(UnsafeCheckpointError, match=r"Tensor|getattr\(.*'__init__'\)"):
        load_safely(path)


def test_the_list_of_torch_stays_as_it_was(tmp_path):
    path = tmp_path / 'weights.pth'
    torch.save({'weight': torch.ones(1)}, path)
    before = set(torch.serialization.get_safe_globals())
    load_safely(path)
    with pytest.raises(FileNotFoundError):
        load_safely(tmp_path / 'missing.pth')
    assert set(torch.serialization.get_safe_globals()) == before


@pytest.mark.parametrize(
    'content',
    [
        {(1, 0.5): 0},
        {(1, 2, 3): 0},
        {torch.Size([1, 2, 3]): 0},
        {2**32: 0},
        {2**32},
        {(0.5, 1)},
    ],
    ids=repr,
)
@pytest.mark.parametrize('protocol', [2, 4])
def test_keys_of_which_many_could_have_one_hash_are_refused(
    tmp_path, content, protocol
):
    torch.save({'meta': content}, tmp_path / 'a.pth', pickle_protocol=protocol)
    with pytest.raises(UnreadableCheckpointError, match='it has a dictionary'):
        load_safely(tmp_path / 'a.pth')


@pytest.mark.parametrize('protocol', [2, 4])
def test_arrays_without_numbers_are_read(tmp_path, protocol):
    """Where protocol 2 has a call of bytes without arguments."""
    torch.save(
        {'log': HistoryBuffer(), 'a': np.empty((0, 3)), 'b': {(1, 'x'): {1, 2}}},
        tmp_path / 'a.pth',
        pickle_protocol=protocol,
    )
    found = load_safely(tmp_path / 'a.pth')
    assert found['a'].shape == (0, 3)
    assert [len(part) for part in found['log'].data] == [0, 0]
    assert found['b'] == {(1, 'x'): {1, 2}}
