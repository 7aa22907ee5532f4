"""Files are whole, and on the disk, before their name is."""

import errno
import logging
import os
from pathlib import Path

import pytest
from mmengine.logging import MMLogger

from mmreid.engine import AtomicBackend, atomic_backend


class Disk:
    """Notes what is forced to the disk, and may refuse it."""

    def __init__(self, monkeypatch) -> None:
        self.forced: list[tuple[str, bool]] = []
        self.refused: dict[bool, int] = {}
        self.fsync = os.fsync
        monkeypatch.setattr(os, 'fsync', self)

    def __call__(self, handle: int) -> None:
        path = Path(os.readlink(f'/proc/self/fd/{handle}'))
        if number := self.refused.get(path.is_dir()):
            raise OSError(number, os.strerror(number))
        self.forced.append((path.name, path.is_dir()))
        self.fsync(handle)


@pytest.fixture
def disk(monkeypatch):
    return Disk(monkeypatch)


@pytest.fixture
def told(monkeypatch):
    texts = []
    monkeypatch.setattr(
        atomic_backend,
        'print_log',
        lambda text, logger, level: texts.append((level, text)),
    )
    return texts


pytestmark = pytest.mark.skipif(
    not Path('/proc/self/fd').exists(), reason='names of open files are in /proc'
)


def test_file_and_folder_are_forced_to_the_disk_in_this_order(tmp_path, disk):
    path = tmp_path / 'epoch_1.pth'
    renamed = []
    replace = Path.replace
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            Path,
            'replace',
            lambda self, to: renamed.append(len(disk.forced)) or replace(self, to),
        )
        AtomicBackend().put(b'weights', path)
    (file, is_folder), (folder, last_is_folder) = disk.forced
    assert file.startswith('.epoch_1.')
    assert (is_folder, folder, last_is_folder) == (False, tmp_path.name, True)
    # The rename lies between.
    assert renamed == [1]
    assert path.read_bytes() == b'weights'


@pytest.mark.parametrize('number', [errno.EINVAL, errno.ENOTSUP, errno.ENOSYS])
@pytest.mark.parametrize('folder', [True, False])
def test_a_disk_that_knows_no_fsync_is_warned_of_once(
    tmp_path, disk, told, number, folder
):
    disk.refused[folder] = number
    for content in (b'1', b'2'):
        AtomicBackend().put(content, tmp_path / 'epoch_1.pth')
    assert (tmp_path / 'epoch_1.pth').read_bytes() == b'2'
    ((level, text),) = told
    assert level == logging.WARNING
    assert str(tmp_path) in text


@pytest.mark.parametrize('number', [errno.EIO, errno.ENOSPC])
@pytest.mark.parametrize('folder', [True, False])
def test_lost_bytes_are_an_error_that_names_the_file(tmp_path, disk, number, folder):
    disk.refused[folder] = number
    path = tmp_path / 'epoch_1.pth'
    with pytest.raises(OSError, match=r'epoch_1\.pth') as caught:
        AtomicBackend().put(b'weights', path)
    assert caught.value.errno == number
    assert not list(tmp_path.glob('.*'))


def test_the_warning_needs_no_runner(tmp_path, disk):
    MMLogger.get_instance('atomic')
    disk.refused[True] = errno.EINVAL
    AtomicBackend().put(b'weights', tmp_path / 'last_checkpoint')


@pytest.mark.parametrize('linked', [False, True])
def test_what_a_killed_training_left_of_a_file_goes_with_the_next_one(tmp_path, linked):
    folder = tmp_path / 'a[1]'
    folder.mkdir()
    for name in ('.epoch_1.77.unfinished.pth', '.epoch_11.77.unfinished.pth'):
        (folder / name).write_bytes(b'half')
    given = folder / 'epoch_1.pth'
    if linked:
        given = tmp_path / 'last.pth'
        given.symlink_to(folder / 'epoch_1.pth')
    AtomicBackend().put(b'whole', given)
    assert given.read_bytes() == b'whole'
    names = sorted(path.name for path in folder.iterdir())
    assert names == ['.epoch_11.77.unfinished.pth', 'epoch_1.pth']
