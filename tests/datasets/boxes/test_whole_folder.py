"""A folder is whole or not there, and what kills leave is cleared away."""

import errno
import signal
import subprocess
import sys

import pytest

from mmreid.datasets.boxes.whole_folder import whole_folder

_WAIT = """
import sys, time
from mmreid.datasets.boxes.whole_folder import whole_folder
with whole_folder(sys.argv[1]) as folder:
    (folder / 'a.jpg').write_bytes(b'half')
    print('there', flush=True)
    time.sleep(600)
"""


def test_the_next_run_clears_what_a_kill_has_left_and_spares_who_still_writes(tmp_path):
    out = tmp_path / 'crops'
    runs = []
    for _ in range(2):
        command = [sys.executable, '-c', _WAIT, str(out)]
        runs.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        assert runs[-1].stdout.readline() == 'there\n'
    killed, alive = runs
    try:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        with whole_folder(out) as folder:
            (folder / 'a.jpg').write_bytes(b'whole')
        left = sorted(path.name for path in tmp_path.iterdir())
        assert left == [f'.crops.{alive.pid}.unfinished', 'crops']
        assert (out / 'a.jpg').read_bytes() == b'whole'
    finally:
        for run in runs:
            run.kill()
            run.communicate()


def _fill_disk(out):
    with whole_folder(out) as folder:
        (folder / 'a.jpg').write_bytes(b'half')
        # As write() says it, without a name.
        raise OSError(errno.ENOSPC, 'No space left on device')


def test_a_full_disk_names_the_folder_and_leaves_nothing(tmp_path):
    out = tmp_path / 'crops'
    with pytest.raises(OSError, match=r'nothing of it was kept.*crops'):
        _fill_disk(out)
    assert not [*tmp_path.iterdir()]
