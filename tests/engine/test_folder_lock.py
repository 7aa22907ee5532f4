"""One training for a work folder."""

import errno
import os
import subprocess
import sys

import pytest

from mmreid.engine import FolderInUseError, FolderLock
from mmreid.engine import folder_lock as module

HOLDER = """
import fcntl, os, sys, time
file = open(sys.argv[1], 'a+')
fcntl.lockf(file, fcntl.LOCK_EX)
file.write('process 7 on elsewhere'); file.flush()
if not os.fork():
    os.close(1); os.close(0); time.sleep(600); os._exit(0)
print('held', flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process, which has a lock and a child."""
    path = tmp_path / 'run/.lock'
    path.parent.mkdir()
    process = subprocess.Popen(
        [sys.executable, '-c', HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout.readline() == b'held\n'
    yield process
    os.killpg(process.pid, 9)
    process.communicate()


@pytest.mark.parametrize('here', [True, False])
def test_a_second_training_is_refused_and_the_first_named(
    tmp_path, holder, monkeypatch, here
):
    waits = []
    monkeypatch.setattr(module.time, 'sleep', waits.append)
    if here:
        monkeypatch.setattr(module.socket, 'gethostname', lambda: 'elsewhere')
    with pytest.raises(FolderInUseError, match=r'process 7 on elsewhere .*--work-dir'):
        FolderLock(tmp_path / 'run')
    # Of another machine, that may be gone, the lock goes after a while.
    assert sum(waits) == (0 if here else 100)
    assert FolderLock(tmp_path / 'other').notes == []


def test_the_lock_of_a_machine_that_went_down_is_waited_for(
    tmp_path, holder, monkeypatch
):
    def wait(seconds):
        holder.kill()
        holder.wait()

    monkeypatch.setattr(module.time, 'sleep', wait)
    assert FolderLock(tmp_path / 'run').notes == []


def test_what_a_killed_training_leaves_blocks_nobody(tmp_path, holder):
    holder.kill()
    holder.wait()
    # Its child, as a data loader's worker, still lives.
    assert FolderLock(tmp_path / 'run').notes == []
    assert f'process {os.getpid()} on' in (tmp_path / 'run/.lock').read_text()


@pytest.mark.parametrize('number', [errno.ENOLCK, errno.ENOTSUP, None])
def test_where_there_are_no_locks_training_goes_on_and_says_so(
    tmp_path, monkeypatch, number
):
    class System:
        LOCK_EX = LOCK_NB = 0

        @staticmethod
        def lockf(file, how):
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr(module, 'fcntl', System if number else None)
    (note,) = FolderLock(tmp_path / 'run').notes
    assert 'cannot be locked' in note
    assert str(tmp_path / 'run') in note
