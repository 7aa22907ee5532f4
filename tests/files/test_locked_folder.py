import os

import pytest

from mmreid.files import locked_folder

fcntl = pytest.importorskip('fcntl')


def test_a_folder_is_locked_inside_alone(tmp_path):
    handle = os.open(tmp_path, os.O_RDONLY)
    with locked_folder(tmp_path), pytest.raises(BlockingIOError):
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(handle)


def test_a_file_system_without_locks_is_no_hindrance(tmp_path, monkeypatch):
    def refuse(handle, operation):
        raise OSError(38, 'Function not implemented')

    monkeypatch.setattr(fcntl, 'flock', refuse)
    with locked_folder(tmp_path) as is_held:
        assert not is_held


def test_who_does_not_wait_is_told_whether_it_has_the_lock(tmp_path):
    with (
        locked_folder(tmp_path, wait=False) as first,
        locked_folder(tmp_path, wait=False) as second,
    ):
        assert (first, second) == (True, False)
    with locked_folder(tmp_path) as third:
        assert third
