"""Files are really fetched, and kept only where they are whole and the right ones."""

import hashlib

import pytest
import torch
from local_server import Answer, serve

from mmreid.engine import CheckpointDownloadError, UnreadableCheckpointError
from mmreid.engine.checkpoints import fetch, place_of

CONTENT = bytes(range(256)) * 12_000  # more than a chunk


@pytest.fixture
def hub(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.hub, '_hub_dir', str(tmp_path / 'hub'))
    monkeypatch.setenv('no_proxy', '*')
    return tmp_path / 'hub'


@pytest.fixture
def server():
    with serve() as running:
        yield running


def test_a_file_is_fetched_once(hub, server):
    server.answers['/a/model.pth'] = Answer(CONTENT)
    url = f'{server.address}/a/model.pth'
    digest = hashlib.sha256(CONTENT).hexdigest()
    for _ in range(2):
        path = fetch(url, digest)
        assert path == place_of(url)
        assert path.read_bytes() == CONTENT
    assert server.asked == ['/a/model.pth']
    path.write_bytes(b'other')
    with pytest.raises(UnreadableCheckpointError, match=rf'should with {digest}.*Remo'):
        fetch(url, digest)
    assert fetch(url).read_bytes() == b'other'


@pytest.mark.parametrize(
    ('answer', 'message'),
    [
        (Answer(CONTENT, announced=len(CONTENT) + 5), r'only \d+ of \d+ bytes came'),
        (Answer(b'<html>', 'text/html; charset=utf-8'), 'a page to be read in a brows'),
        (Answer(CONTENT[:-1]), 'its SHA-256 should begin with'),
        (None, '404'),
    ],
)
def test_what_is_not_the_file_is_not_kept(hub, server, answer, message):
    if answer is not None:
        server.answers['/model.pth'] = answer
    url = f'{server.address}/model.pth'
    with pytest.raises(CheckpointDownloadError, match=message) as caught:
        fetch(url, hashlib.sha256(CONTENT).hexdigest(), remedy='ask for {path}')
    assert 'Without a network, ask for' in str(caught.value)
    assert str(place_of(url)) in str(caught.value)
    assert not [path for path in hub.rglob('*') if path.is_file()]
