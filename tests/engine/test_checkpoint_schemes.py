"""Every address a checkpoint can have leads to the safe loader."""

import os
import pickle
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


def download(content: object, calls: list):
    def download_url_to_file(url, dst, hash_prefix=None, progress=True):
        calls.append((url, hash_prefix))
        torch.save(content, dst)

    return download_url_to_file


def fail(url, dst, hash_prefix=None, progress=True):
    raise URLError('Name or service not known')


def test_every_scheme_of_mmengine_is_replaced():
    install_safe_loaders()
    modules = {f.__module__ for f in CheckpointLoader._schemes.values()}
    assert modules == {'mmreid.engine.checkpoints.schemes'}
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


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'missing\.pth'):
        CheckpointLoader.load_checkpoint(str(tmp_path / 'missing.pth'))


def test_a_url_is_downloaded_once(hub, monkeypatch):
    calls: list = []
    content = {'weight': torch.arange(4.0)}
    monkeypatch.setattr(torch.hub, 'download_url_to_file', download(content, calls))
    url = 'https://example.org/a/b/net-0123abcd.pth?x=1'
    for _ in range(2):
        loaded = CheckpointLoader.load_checkpoint(url)
        assert torch.equal(loaded['weight'], content['weight'])
    # OpenMMLab's names carry digits that are not those of the file's hash.
    assert calls == [(url, None)]
    assert (hub / 'checkpoints/net-0123abcd.pth').is_file()


def test_a_download_with_code_is_refused(hub, monkeypatch, tmp_path):
    trace = tmp_path / 'trace'
    attack = download({'meta': Attack(trace)}, [])
    monkeypatch.setattr(torch.hub, 'download_url_to_file', attack)
    with pytest.raises(UnsafeCheckpointError):
        CheckpointLoader.load_checkpoint('http://example.org/net.pth')
    assert not trace.exists()


def test_torchvision_names_are_resolved_and_checked(hub, monkeypatch):
    calls: list = []
    monkeypatch.setattr(torch.hub, 'download_url_to_file', download({}, calls))
    CheckpointLoader.load_checkpoint('torchvision://resnet50')
    url = 'https://download.pytorch.org/models/resnet50-0676ba61.pth'
    assert calls == [(url, '0676ba61')]


def test_an_unknown_torchvision_name_suggests_others():
    with pytest.raises(CheckpointError, match='resnet50'):
        CheckpointLoader.load_checkpoint('torchvision://resnet51')


def test_a_failed_download_says_what_to_do(hub, monkeypatch):
    monkeypatch.setattr(torch.hub, 'download_url_to_file', fail)
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
        raise OSError('No space left on device')

    monkeypatch.setattr(os, 'fsync', full)
    with pytest.raises(OSError, match='No space'):
        backend.put(b'second', str(path))
    assert path.read_bytes() == b'first'
    assert [p.name for p in path.parent.iterdir()] == ['epoch_1.pth']
