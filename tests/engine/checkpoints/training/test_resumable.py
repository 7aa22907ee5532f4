"""Which checkpoint a training goes on from."""

import errno
import os
import shutil
from pathlib import Path

import pytest
import torch

from mmreid.engine import UnsafeCheckpointError, find_resumable, was_restarted
from mmreid.engine.checkpoints.training import resumable


def write(path: Path, age: float, **content) -> Path:
    hub = dict(log_scalars={}, runtime_info={}, resumed_keys={})
    parts = dict(state_dict={}, optimizer={}, message_hub=hub) | content
    meta = content.get('meta', {})
    parts['meta'] = dict(epoch=0, iter=0) | meta if isinstance(meta, dict) else meta
    torch.save(parts, path)
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


def test_a_copied_folder_goes_on_from_its_own(tmp_path):
    original = tmp_path / 'original'
    original.mkdir()
    point_to(write(original / 'resume_point.pth', age=1), original)
    copy = Path(shutil.copytree(original, tmp_path / 'copy'))
    assert find_resumable(copy) == (copy / 'resume_point.pth', {})
    (copy / 'resume_point.pth').unlink()
    assert find_resumable(copy) == (None, {})


@pytest.mark.parametrize(
    'note',
    [
        '..', '.', '/', '../other.pth', '/dev/zero', 'x' * 5000, '\0', '\udcff',
        'epoch_2.pth/..', 'folder.pth', 'loop.pth', 'C:\\runs\\epoch_1.pth',
        ' epoch_1.pth\n',
    ],
)  # fmt: skip
def test_a_note_names_a_file_of_the_folder_or_nothing(tmp_path, note):
    folder = tmp_path / 'work'
    (folder / 'folder.pth').mkdir(parents=True)
    (folder / 'loop.pth').symlink_to(folder / 'loop.pth')
    write(tmp_path / 'other.pth', age=0)
    first, second = (write(folder / f'epoch_{n}.pth', age=1) for n in (1, 2))
    (folder / 'last_checkpoint').write_text(note, 'utf-8', 'surrogateescape')
    named = first if 'epoch_1.pth' in note else second
    assert find_resumable(folder) == (named, {})


@pytest.mark.parametrize('kind', ['fifo', 'folder', 'device', 'nothing'])
def test_a_note_that_is_no_file_is_not_waited_for(tmp_path, kind):
    newest = write(tmp_path / 'epoch_2.pth', age=1)
    pointer = tmp_path / 'last_checkpoint'
    if kind == 'fifo':
        os.mkfifo(pointer)
    elif kind == 'folder':
        pointer.mkdir()
    else:
        pointer.symlink_to('/dev/zero' if kind == 'device' else tmp_path / 'gone')
    assert find_resumable(tmp_path) == (newest, {})


def test_progress_counts_and_not_the_date(tmp_path):
    for epoch, age in ((1, 1), (4, 5), (10, 9), (9, 3)):
        steps = dict(epoch=epoch, iter=7 * epoch)
        write(tmp_path / f'epoch_{epoch}.pth', age=age, meta=steps)
    write(tmp_path / 'epoch_best.pth', age=0, meta=dict(epoch=99, iter=999))
    assert find_resumable(tmp_path) == (tmp_path / 'epoch_10.pth', {})
    # In mid epoch, before and behind the last whole one.
    point = write(tmp_path / 'resume_point.pth', age=0, meta=dict(epoch=9, iter=69))
    assert find_resumable(tmp_path)[0] == tmp_path / 'epoch_10.pth'
    write(point, age=20, meta=dict(epoch=10, iter=71))
    assert find_resumable(tmp_path)[0] == point
    ahead = write(tmp_path / 'iter_72.pth', age=30, meta=dict(epoch=10, iter=72))
    assert find_resumable(tmp_path)[0] == ahead


class Flaky:
    """A disk that fails some times, on reading files or on listing folders."""

    def __init__(self, monkeypatch, number: int, times: int, listing: bool) -> None:
        self.pauses: list[float] = []
        self.number, self.left = number, times
        monkeypatch.setattr(resumable.time, 'sleep', self.pauses.append)
        owner, name = (os, 'scandir') if listing else (resumable, 'load_safely')
        self.read = getattr(owner, name)
        monkeypatch.setattr(owner, name, self)

    def __call__(self, *args, **kwargs):
        if self.left:
            self.left -= 1
            raise OSError(self.number, os.strerror(self.number))
        return self.read(*args, **kwargs)


@pytest.mark.parametrize('listing', [True, False])
@pytest.mark.parametrize('number', [errno.ESTALE, errno.EIO, errno.ETIMEDOUT])
def test_an_error_that_passes_is_waited_for(tmp_path, monkeypatch, number, listing):
    newest = write(tmp_path / 'epoch_2.pth', age=1)
    disk = Flaky(monkeypatch, number, 2, listing)
    assert find_resumable(tmp_path) == (newest, {})
    assert len(disk.pauses) == 2


@pytest.mark.parametrize('listing', [True, False])
def test_an_error_that_stays_ends_the_run(tmp_path, monkeypatch, listing):
    write(tmp_path / 'epoch_1.pth', age=9)
    write(tmp_path / 'epoch_2.pth', age=1)
    disk = Flaky(monkeypatch, errno.ESTALE, 99, listing)
    with pytest.raises(OSError, match='none is begun anew') as caught:
        find_resumable(tmp_path)
    assert caught.value.errno == errno.ESTALE
    assert str(tmp_path) in str(caught.value)
    assert len(disk.pauses) == 3


def test_a_lost_permission_ends_the_run_at_once(tmp_path, monkeypatch):
    write(tmp_path / 'epoch_2.pth', age=1)
    disk = Flaky(monkeypatch, errno.EACCES, 99, listing=False)
    with pytest.raises(PermissionError, match='none is begun anew'):
        find_resumable(tmp_path)
    assert not disk.pauses


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
