"""Several processes are started, stopped, and end as one training would."""

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
import torch.distributed.run as torchrun
from patience import PATIENCE, wait_until

from mmreid.cli.launcher import Launcher

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / 'tools'
# What a training does with signals, without the training.
PROCESS = f"""
import os, signal, sys, time
from pathlib import Path
sys.path.insert(0, {str(ROOT)!r})
from mmreid.cli.processes import early_signals
folder = Path(sys.argv[1])
mode = sys.argv[2]
early_signals.listen(several=True)
name = f'{{os.environ["RANK"]}}_{{os.environ["TORCHELASTIC_RESTART_COUNT"]}}'
(folder / f'{{name}}.started').write_text(str(os.getpid()))
if mode == 'fail':
    sys.exit(2)
for _ in range(6000):
    heard = signal.getsignal(signal.SIGTERM).heard
    if heard and mode == 'full disk':
        sys.exit(2)
    if heard:
        (folder / f'{{name}}.stopped').write_text(heard)
        sys.exit(early_signals.stopped_status())
    time.sleep(0.05)
sys.exit(9)
"""


@pytest.fixture
def start(tmp_path):
    started = []

    def run(*, mode='wait', restarts=0):
        program = tmp_path / 'process.py'
        program.write_text(PROCESS)
        command = [
            sys.executable, TOOLS / 'launcher.py', '--nproc_per_node=2', '--standalone',
            f'--max_restarts={restarts}', program, tmp_path, mode,
        ]  # fmt: skip
        started.append(
            subprocess.Popen(
                list(map(str, command)),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
                env=os.environ | dict(OMP_NUM_THREADS='1'),
            )
        )
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


def wait_for(folder: Path, pattern: str, count: int) -> list[Path]:
    """Wait for files, until something is written in them."""

    def written() -> list[Path]:
        return [path for path in folder.glob(pattern) if path.stat().st_size]

    wait_until(lambda: len(written()) >= count)
    return written()


def has_ended(process: int) -> bool:
    """Tell whether a process is gone, or waits for a parent that does not ask."""
    try:
        # Behind its name, which may hold anything, stands its state.
        state = Path(f'/proc/{process}/stat').read_text().rpartition(')')[2]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state.split()[0] in 'ZX'


def test_tools_and_engine_mean_the_same():
    from mmreid.cli.processes import early_signals
    from mmreid.engine import STOPPED_STATUS
    from mmreid.engine.loops import stop_signals

    assert early_signals.SIGNALS == stop_signals.SIGNALS
    assert early_signals.STOPPED_STATUS == STOPPED_STATUS


@pytest.mark.parametrize(
    ('name', 'all_at_once', 'restarts'),
    [
        ('SIGUSR1', True, 3),
        pytest.param('SIGUSR1', False, 3, marks=pytest.mark.slow),
        pytest.param('SIGTERM', True, 0, marks=pytest.mark.slow),
        pytest.param('SIGINT', False, 3, marks=pytest.mark.slow),
    ],
)
def test_a_signal_stops_all_for_good(start, tmp_path, name, all_at_once, restarts):
    launcher = start(restarts=restarts)
    wait_for(tmp_path, '*.started', 2)
    send = os.killpg if all_at_once else os.kill
    send(launcher.pid, getattr(signal, name))
    output = launcher.communicate(timeout=PATIENCE)[0]
    assert launcher.returncode == 75, output
    assert len(list(tmp_path.glob('*_0.started'))) == 2
    stopped = [path.read_text() for path in tmp_path.glob('*.stopped')]
    assert stopped == [name] * 2
    assert not list(tmp_path.glob('*_1.*'))


@pytest.mark.slow
def test_a_signal_before_there_are_processes(start, tmp_path):
    launcher = start(restarts=1)
    time.sleep(0.3)
    launcher.send_signal(signal.SIGUSR1)
    output = launcher.communicate(timeout=PATIENCE)[0]
    # The interpreter itself needs a moment, of which nothing can be told.
    assert launcher.returncode in (75, -signal.SIGUSR1), output
    assert not list(tmp_path.glob('*_1.*'))


def test_processes_do_not_outlive_their_launcher(start, tmp_path):
    launcher = start()
    paths = wait_for(tmp_path, '*.started', 2)
    launcher.kill()
    launcher.wait()
    stopped = wait_for(tmp_path, '*.stopped', 2)
    assert {path.read_text() for path in stopped} == {'SIGTERM'}
    for pid in [int(path.read_text()) for path in paths]:
        wait_until(partial(has_ended, pid))


@pytest.mark.slow
def test_what_could_not_be_saved_is_no_stop(start, tmp_path):
    launcher = start(mode='full disk')
    wait_for(tmp_path, '*.started', 2)
    launcher.send_signal(signal.SIGUSR1)
    output = launcher.communicate(timeout=PATIENCE)[0]
    assert launcher.returncode == 2, output


@pytest.mark.slow
def test_a_failure_is_restarted_and_its_status_the_launchers(start, tmp_path):
    launcher = start(mode='fail', restarts=1)
    output = launcher.communicate(timeout=PATIENCE)[0]
    assert launcher.returncode == 2, output
    assert list(tmp_path.glob('*_1.started'))


@pytest.mark.parametrize(('restarts', 'expected'), [(0, 'as it was'), (3, '1')])
def test_what_is_started_again_does_not_share_a_store(
    restarts, expected, tmp_path, monkeypatch
):
    name = 'TORCH_DISABLE_SHARE_RDZV_TCP_STORE'
    monkeypatch.setenv(name, 'as it was')
    found = []
    monkeypatch.setattr(torchrun, 'run', lambda _: found.append(os.environ[name]))
    words = [f'--max_restarts={restarts}', 'program.py']
    assert Launcher(tmp_path)._launch(torchrun, words) == 0
    assert found == [expected]
