"""Every address a checkpoint can have leads to the safe loader."""

import errno
import hashlib
import io
import os
import pickle
from email.message import Message
from functools import partial
from pathlib import Path
from urllib.error import URLError

import pytest
import torch
from mmengine.fileio import get_file_backend
from mmengine.model import BaseModule
from mmengine.runner import CheckpointLoader
from mmengine.runner.checkpoint import load_checkpoint
from torch import nn

import mmreid  # noqa: F401 (importing it installs the loaders)
from mmreid.engine import (
    CheckpointDownloadError,
    CheckpointError,
    UnreadableCheckpointError,
    UnsafeCheckpointError,
    install_safe_loaders,
)


class Attack:
    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self):
        return os.system, (f'touch {self.trace}',)


@pytest.fixture
def hub(tmp_path, monkeypatch) -> Path:
    """A torch hub folder of its own."""
    folder = tmp_path / 'hub'
    monkeypatch.setattr(torch.hub, '_hub_dir', str(folder))
    return folder


def download(content: bytes, calls: list):
    """Stand in for the network; the rest of torch's function is its own."""

    def urlopen(request, *args, **kwargs):
        calls.append(request.full_url)
        return Answer(content)

    return urlopen


class Answer(io.BytesIO):
    """What a server sends."""

    def info(self):
        message = Message()
        message['Content-Type'] = 'application/octet-stream'
        message['Content-Length'] = str(len(self.getvalue()))
        return message


def file_of(content: object) -> bytes:
    file = io.BytesIO()
    torch.save(content, file)
    return file.getvalue()


def fail(*args, **kwargs):
    raise URLError('Name or service not known')


def test_every_scheme_of_mmengine_is_replaced():
    install_safe_loaders()
    modules = {f.__module__ for f in CheckpointLoader._schemes.values()}
    assert modules == {'mmreid.engine.checkpoints.addresses'}
    assert {'', 'http://', 's3://'} & set(CheckpointLoader._schemes)


@pytest.mark.parametrize('by_init_cfg', [False, True])
def test_a_local_file_with_code_is_refused(tmp_path, by_init_cfg):
    trace, path = tmp_path / 'trace', tmp_path / 'attack.pth'
    torch.save(dict(state_dict={}, meta=Attack(trace)), path)
    pretrained = dict(type='Pretrained', checkpoint=str(path))
    load = (
        BaseModule(init_cfg=pretrained).init_weights
        if by_init_cfg
        else partial(load_checkpoint, nn.Linear(1, 1), str(path))
    )
    with pytest.raises(UnsafeCheckpointError, match='system'):
        load()
    assert not trace.exists()
    pickle.loads(pickle.dumps(Attack(trace)))
    assert trace.exists()


def test_a_folder_is_told(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'got the folder .* give a file in it'):
        CheckpointLoader.load_checkpoint(str(tmp_path))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'missing\.pth'):
        CheckpointLoader.load_checkpoint(str(tmp_path / 'missing.pth'))


WEIGHTS = {'weight': torch.arange(4.0)}


@pytest.fixture
def network(monkeypatch):
    """Let the network answer with some content; return the addresses asked for."""

    def answer(content):
        calls: list = []
        monkeypatch.setattr(torch.hub, 'urlopen', download(content, calls))
        return calls

    return answer


@pytest.mark.parametrize('name', ['net.pth', 'net-20230615.pth', 'net-ad.pth', ''])
def test_an_address_is_downloaded_once(hub, network, name):
    calls = network(file_of(WEIGHTS))
    url = f'https://example.org/a/b/{name}?x=1'
    for _ in range(2):
        loaded = CheckpointLoader.load_checkpoint(url)
        assert torch.equal(loaded['weight'], WEIGHTS['weight'])
    assert calls == [url]
    network(file_of({'weight': torch.zeros(1)}))
    for other in (f'https://example.org/b/{name}', f'https://example.org/a/b/{name}?x'):
        assert CheckpointLoader.load_checkpoint(other)['weight'].tolist() == [0]
    assert torch.equal(
        CheckpointLoader.load_checkpoint(url)['weight'], loaded['weight']
    )


@pytest.mark.parametrize('length', [8, 12, 64])
def test_digits_in_a_name_are_those_of_the_file(hub, network, length):
    content = file_of(WEIGHTS)
    digits = hashlib.sha256(content).hexdigest()[:length]
    name = f'net-{digits}.pth'
    calls = network(content)
    for _ in range(2):
        CheckpointLoader.load_checkpoint(f'https://example.org/{name}')
    # Where torch.hub puts it, and takes it from.
    path = hub / 'checkpoints' / name
    assert path.read_bytes() == content
    assert len(calls) == 1
    path.write_bytes(file_of({'weight': torch.zeros(1)}))
    with pytest.raises(UnreadableCheckpointError, match=r'Remove it'):
        CheckpointLoader.load_checkpoint(f'https://example.org/{name}')


def test_other_digits_are_not_stored(hub, network):
    network(file_of(WEIGHTS))
    with pytest.raises(CheckpointDownloadError, match='invalid hash'):
        CheckpointLoader.load_checkpoint('https://example.org/net-0123abcd.pth')
    assert not [path for path in hub.rglob('*') if path.is_file()]


def test_a_download_with_code_is_refused(hub, network, tmp_path):
    trace = tmp_path / 'trace'
    network(file_of({'meta': Attack(trace)}))
    with pytest.raises(UnsafeCheckpointError):
        CheckpointLoader.load_checkpoint('http://example.org/net.pth')
    assert not trace.exists()


def test_torchvision_names_are_resolved_and_checked(hub, network):
    calls = network(file_of({}))
    with pytest.raises(CheckpointDownloadError, match='invalid hash'):
        CheckpointLoader.load_checkpoint('torchvision://resnet50')
    assert calls == ['https://download.pytorch.org/models/resnet50-0676ba61.pth']


def test_an_unknown_torchvision_name_suggests_others():
    with pytest.raises(CheckpointError, match='resnet50'):
        CheckpointLoader.load_checkpoint('torchvision://resnet51')


def test_a_failed_download_says_what_to_do(hub, monkeypatch):
    monkeypatch.setattr(torch.hub, 'urlopen', fail)
    with pytest.raises(CheckpointDownloadError) as caught:
        CheckpointLoader.load_checkpoint('torchvision://resnet18')
    for part in (
        'Name or service not known',
        'model.backbone.init_cfg.checkpoint=FILE',
        'model.backbone.init_cfg=None',
        str(hub),
    ):
        assert part in str(caught.value)


@pytest.mark.parametrize('address', ['s3://b/x.pth', 'pavi://x', 'mmcls://x'])
def test_other_schemes_are_refused(address):
    with pytest.raises(CheckpointError, match='give its path'):
        CheckpointLoader.load_checkpoint(address)


def test_atomic_backend_replaces_whole_files(tmp_path, monkeypatch):
    backend = get_file_backend(str(tmp_path), backend_args=dict(backend='atomic'))
    path = tmp_path / 'new' / 'epoch_1.pth'
    backend.put(b'first', str(path))
    assert path.read_bytes() == b'first'

    def full(*args):
        raise OSError(errno.ENOSPC, 'No space left on device')

    monkeypatch.setattr(os, 'fsync', full)
    with pytest.raises(OSError, match='No space'):
        backend.put(b'second', str(path))
    assert path.read_bytes() == b'first'
    assert [p.name for p in path.parent.iterdir()] == ['epoch_1.pth']
