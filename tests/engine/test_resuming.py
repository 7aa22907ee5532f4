"""Which checkpoint a training goes on from."""

import os
from pathlib import Path

import pytest
import torch

from mmreid.engine import UnsafeCheckpointError, find_resumable
from mmreid.engine.launch import was_restarted


def write(path: Path, age: float, **content) -> Path:
    parts = ('state_dict', 'optimizer', 'message_hub', 'meta')
    torch.save({part: {} for part in parts} | content, path)
    os.utime(path, (1e9 - age, 1e9 - age))
    return path


def point_to(path: Path, folder: Path) -> None:
    (folder / 'last_checkpoint').write_text(str(path))


def test_an_empty_folder_has_none(tmp_path):
    assert find_resumable(tmp_path) == (None, {})
    assert find_resumable(tmp_path / 'missing') == (None, {})


def test_the_named_one_comes_first(tmp_path):
    older = write(tmp_path / 'epoch_1.pth', age=9)
    write(tmp_path / 'epoch_2.pth', age=1)
    point_to(older, tmp_path)
    assert find_resumable(tmp_path) == (older, {})


@pytest.mark.parametrize('share', [0.0, 0.5, 0.99])
def test_a_damaged_one_is_passed_over(tmp_path, share):
    write(tmp_path / 'epoch_1.pth', age=9)
    good = write(tmp_path / 'iter_7.pth', age=5)
    bad = write(tmp_path / 'epoch_2.pth', age=1)
    bad.write_bytes(bad.read_bytes()[: int(share * bad.stat().st_size)])
    point_to(bad, tmp_path)
    found, passed_over = find_resumable(tmp_path)
    assert found == good
    assert list(passed_over) == [bad]
    assert 'epoch_2.pth' in passed_over[bad]


@pytest.mark.parametrize('note', ['', '/gone/epoch_3.pth'])
def test_a_note_that_leads_nowhere_is_no_matter(tmp_path, note):
    newest = write(tmp_path / 'epoch_2.pth', age=1)
    (tmp_path / 'last_checkpoint').write_text(note)
    assert find_resumable(tmp_path) == (newest, {})


def test_a_folder_may_have_been_moved(tmp_path):
    named = write(tmp_path / 'epoch_1.pth', age=9)
    write(tmp_path / 'epoch_2.pth', age=1)
    point_to(Path('/elsewhere/epoch_1.pth'), tmp_path)
    assert find_resumable(tmp_path) == (named, {})


def test_weights_alone_cannot_be_resumed(tmp_path):
    path = tmp_path / 'epoch_1.pth'
    torch.save(dict(state_dict={}, meta={}), path)
    found, passed_over = find_resumable(tmp_path)
    assert found is None
    assert 'no optimizer, message_hub' in passed_over[path]


def test_a_file_with_code_is_not_passed_over(tmp_path):
    write(tmp_path / 'epoch_1.pth', age=9)
    write(tmp_path / 'epoch_2.pth', age=1, meta=Path('x'))
    with pytest.raises(UnsafeCheckpointError):
        find_resumable(tmp_path)


@pytest.mark.parametrize('name', ['TORCHELASTIC_RESTART_COUNT', 'SLURM_RESTART_COUNT'])
def test_launchers_tell_of_restarts(monkeypatch, name):
    assert not was_restarted()
    monkeypatch.setenv(name, '0')
    assert not was_restarted()
    monkeypatch.setenv(name, '1')
    assert was_restarted()
