"""Weights are read from files that hold code, and the code is not run."""

import os
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path

import pytest
import torch
from torch import nn

from mmreid.engine import CheckpointError, UnreadableCheckpointError, read_weights


class Net(nn.Module):
    """What state_dict() names in every way: lists, buffers, shared and views."""

    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(2, 2, 1) for _ in range(3))
        self.norm = nn.BatchNorm1d(4, affine=False)
        self.register_buffer('passing', torch.ones(2), persistent=False)
        self.register_buffer('none', None)
        self.view = nn.Parameter(torch.arange(12.0).view(3, 4)[:, 1:3])
        self.whole = nn.Parameter(torch.tensor(3.5))
        self.again = self.convs[0]
        self.extra = dict(notes=['any', 1, None], empty=torch.empty(0))


class Calls:
    """Pickles as a call."""

    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


@pytest.fixture
def net():
    model = Net()
    model.load_state_dict(
        {
            k: torch.randn_like(v) if v.is_floating_point() else v + 7
            for k, v in model.state_dict().items()
        }
    )
    return model


def same(found, expected):
    assert list(found) == list(expected)
    for name, value in expected.items():
        assert found[name].dtype == value.dtype
        assert torch.equal(found[name], value), name


@pytest.mark.parametrize('zipped', [True, False])
@pytest.mark.parametrize('protocol', [2, 3, 4, 5])
@pytest.mark.parametrize('wrapped', [True, False])
def test_whole_modules(net, tmp_path, zipped, protocol, wrapped):
    path = tmp_path / 'whole.pth'
    torch.save(
        nn.DataParallel(net) if wrapped else net,
        path,
        pickle_protocol=protocol,
        _use_new_zipfile_serialization=zipped,
    )
    found = read_weights(path)
    same(found.tensors, net.state_dict())
    assert any(name.endswith('.Net') for name in found.classes)
    assert not found.calls
    assert 'were not made' in found.explain()
    assert 'refused' not in found.explain()


@pytest.mark.parametrize('place', ['state_dict', 'model', 'net'])
def test_a_tensor_beside_the_weights_does_not_hide_them(net, tmp_path, place):
    path = tmp_path / 'best.pth.tar'
    best = torch.tensor(76.1)  # as PyTorch's ImageNet example saves it
    torch.save({'epoch': 90, 'best_acc1': best, place: net.state_dict()}, path)
    same(read_weights(path).tensors, net.state_dict())


def test_a_weight_may_have_the_name_of_a_place(tmp_path):
    path = tmp_path / 'odd.pth'
    torch.save({'model': torch.ones(2), 'net': torch.zeros(1)}, path)
    same(read_weights(path).tensors, {'model': torch.ones(2), 'net': torch.zeros(1)})


@pytest.mark.parametrize('zipped', [True, False])
@pytest.mark.parametrize('prefix', ['', 'module.'])
@pytest.mark.parametrize('place', [None, 'state_dict', 'model', 'net'])
def test_state_dicts(net, tmp_path, zipped, prefix, place):
    path = tmp_path / 'weights.pth'
    weights = {f'{prefix}{name}': value for name, value in net.state_dict().items()}
    content = weights if place is None else {'epoch': 3, place: weights}
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    found = read_weights(path)
    same(found.tensors, net.state_dict())
    assert not found.classes
    assert found.explain().count('\n') == 0


@pytest.mark.parametrize('zipped', [True, False])
def test_every_dtype(tmp_path, zipped):
    numbers = torch.arange(-3, 4)
    kinds = 'float32 float64 float16 bfloat16 int64 int32 int16 int8 uint8 bool'
    tensors = {kind: numbers.to(getattr(torch, kind)) for kind in kinds.split()}
    path = tmp_path / 'all.pth'
    torch.save(tensors, path, _use_new_zipfile_serialization=zipped)
    same(read_weights(path).tensors, tensors)


def test_safetensors(net, tmp_path):
    from safetensors.torch import save_file

    path = tmp_path / 'weights.safetensors'
    weights = {k: v.contiguous() for k, v in net.convs[0].state_dict().items()}
    save_file(weights, path)
    assert read_weights(path).tensors.keys() == weights.keys()
    path.write_bytes(b'no such file')
    with pytest.raises(UnreadableCheckpointError):
        read_weights(path)


@pytest.mark.parametrize('function', [eval, exec, os.system, getattr, torch.load])
@pytest.mark.parametrize('zipped', [True, False])
def test_calls_are_named_and_not_made(net, tmp_path, function, zipped):
    trace, path = tmp_path / 'trace', tmp_path / 'attack.pth'
    code = f'touch {trace}' if function is os.system else f'open({str(trace)!r}, "w")'
    net.extra = Calls(function, code)
    torch.save(net, path, _use_new_zipfile_serialization=zipped)
    found = read_weights(path)
    same(found.tensors, net.state_dict())
    assert any(name.endswith(function.__name__) for name in found.calls)
    assert 'refused' in found.explain()
    assert not trace.exists()


def test_the_same_file_is_dangerous_elsewhere(tmp_path):
    # Otherwise nothing would be proven above.
    trace, path = tmp_path / 'trace', tmp_path / 'attack.pth'
    torch.save({'a': Calls(eval, f'open({str(trace)!r}, "w").close()')}, path)
    torch.load(path, weights_only=False)
    assert trace.exists()


def write_pickle(path: Path, content: bytes) -> None:
    """Put a hand-made pickle where torch.save puts its own."""
    torch.save({}, path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    data = next(name for name in parts if name.endswith('data.pkl'))
    with zipfile.ZipFile(path, 'w') as archive:
        for name, part in (parts | {data: content}).items():
            archive.writestr(name, part)


def text(value: str) -> bytes:
    raw = value.encode()
    return b'X' + len(raw).to_bytes(4, 'little') + raw


@pytest.mark.parametrize(
    'program',
    [
        b'cbuiltins\neval\n' + text('1/0') + b'\x85R.',
        b'(' + text('1/0') + b'ibuiltins\neval\n.',
        b'(cbuiltins\neval\n' + text('1/0') + b'o.',
        b'\x80\x04'
        + text('builtins')
        + text('eval')
        + b'\x93'
        + text('1/0')
        + b'\x85R.',
        # Attributes through the name, and state that replaces a method.
        b'\x80\x04' + text('builtins') + text('eval.__call__') + b'\x93)R.',
        b'cbuiltins\nobject\n)\x81}' + text('__setstate__') + b'cbuiltins\neval\nsb.',
        b'cbuiltins\neval\n' + text('1/0') + b'b.',
    ],
    ids=['REDUCE', 'INST', 'OBJ', 'STACK_GLOBAL', 'attribute', 'BUILD', 'BUILD class'],
)
def test_no_opcode_calls_anything(tmp_path, program):
    path = tmp_path / 'attack.pth'
    write_pickle(path, program)
    # A call would raise ZeroDivisionError, which is told as the reason.
    with pytest.raises(UnreadableCheckpointError) as caught:
        read_weights(path)
    assert 'division' not in str(caught.value)


def test_importing_nothing(tmp_path):
    """A module that does not exist, or that does something when it is imported."""
    (tmp_path / 'a_module_that_writes.py').write_text('1 / 0')
    path = tmp_path / 'attack.pth'
    write_pickle(path, b'ca_module_that_writes\nThing\n)R.')
    with pytest.raises(UnreadableCheckpointError, match='holds no tensors by name'):
        read_weights(path)


@pytest.mark.parametrize(
    'content', [b'', b'<html>404</html>', b'PK\x03\x04 cut', b'\x80\x02N.', b'garbage']
)
def test_damaged_files(tmp_path, content):
    path = tmp_path / 'damaged.pth'
    path.write_bytes(content)
    with pytest.raises(UnreadableCheckpointError, match=r'damaged\.pth'):
        read_weights(path)


@pytest.mark.parametrize('zipped', [True, False])
def test_files_cut_short(net, tmp_path, zipped):
    path = tmp_path / 'cut.pth'
    torch.save(net, path, _use_new_zipfile_serialization=zipped)
    whole = path.read_bytes()
    for part in (0.2, 0.5, 0.9, 0.999):
        path.write_bytes(whole[: int(part * len(whole))])
        with pytest.raises(CheckpointError):
            read_weights(path)


@pytest.mark.parametrize(
    ('tensor', 'missing'), [(torch.arange(3.0)[:2], 4), (torch.empty(0), 3)]
)
def test_an_old_file_without_bytes_that_no_tensor_needs(tmp_path, tensor, missing):
    path = tmp_path / 'cut.pth'
    torch.save({'a': tensor}, path, _use_new_zipfile_serialization=False)
    path.write_bytes(path.read_bytes()[:-missing])
    with pytest.raises(CheckpointError):
        read_weights(path)


def test_a_tensor_larger_than_its_numbers(tmp_path):
    path = tmp_path / 'large.pth'
    torch.save({'a': torch.zeros(1).expand(10**6)}, path)
    with pytest.raises(UnreadableCheckpointError, match='larger than its storage'):
        read_weights(path)


@pytest.mark.parametrize('content', [[1, 2], {'epoch': 3}, {'state_dict': {}}, 'word'])
def test_files_without_weights(tmp_path, content):
    path = tmp_path / 'empty.pth'
    torch.save(content, path)
    with pytest.raises(UnreadableCheckpointError, match='no tensors by name'):
        read_weights(path)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / 'pipe.pth')
    with pytest.raises(FileNotFoundError):
        read_weights(tmp_path / 'pipe.pth')


def test_no_such_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_weights(tmp_path / 'missing.pth')


def test_dictionaries_of_python_2(tmp_path):
    """There an OrderedDict was pickled as a call with a list of pairs."""
    pairs = [['a', torch.ones(2)]]
    path = tmp_path / 'old.pth'
    torch.save({'state_dict': Calls(OrderedDict, pairs)}, path)
    same(read_weights(path).tensors, {'a': torch.ones(2)})


def test_plain_pickles_are_not_torchs(tmp_path):
    path = tmp_path / 'plain.pkl'
    path.write_bytes(pickle.dumps({'a': 1}))
    with pytest.raises(UnreadableCheckpointError, match=r'not begin as torch\.save'):
        read_weights(path)


def test_a_torchscript_archive_is_told(tmp_path):
    path = tmp_path / 'ViT-B-16.pt'
    torch.jit.trace(torch.nn.Linear(2, 2), torch.ones(1, 2)).save(str(path))
    with pytest.raises(UnreadableCheckpointError, match='TorchScript archive'):
        read_weights(path)
