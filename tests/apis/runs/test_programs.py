"""Programs that end with the one that has started them."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path

import pytest

from mmreid.apis.runs.programs import Programs

SLEEPER = """
import signal, sys, time
from pathlib import Path
note = Path(sys.argv[1])
def save(*_):
    note.write_text('saved')
    sys.exit(75)
signal.signal(signal.SIGTERM, save)
note.write_text('begun')
time.sleep(60)
"""


def sleeper(note: Path) -> list[str]:
    return [sys.executable, '-c', SLEEPER, str(note)]


def wait_for(note: Path, text: str) -> None:
    end = time.monotonic() + 60
    while not (note.exists() and note.read_text() == text):
        assert time.monotonic() < end, f'{note} never said {text}'
        time.sleep(0.02)


def test_the_status_is_told(tmp_path: Path) -> None:
    programs = Programs()
    programs.run([sys.executable, '-c', 'pass'], os.environ)
    with pytest.raises(subprocess.CalledProcessError) as caught:
        programs.run([sys.executable, '-c', 'import sys; sys.exit(3)'], os.environ)
    assert caught.value.returncode == 3


def test_variables_and_streams_reach_the_program(tmp_path: Path) -> None:
    words = [sys.executable, '-c', 'import os; print(os.environ["COLOUR"])']
    with open(tmp_path / 'out', 'wb') as out:
        Programs().run(words, {**os.environ, 'COLOUR': 'red'}, stdout=out)
    assert (tmp_path / 'out').read_text().strip() == 'red'


def test_a_stop_ends_all_and_starts_none(tmp_path: Path) -> None:
    programs = Programs()
    notes = [tmp_path / 'a', tmp_path / 'b']
    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(programs.run, sleeper(n), os.environ) for n in notes]
        for note in notes:
            wait_for(note, 'begun')
        programs.stop()
        for job in jobs:
            with pytest.raises(subprocess.CalledProcessError, match='75'):
                job.result()
    assert [note.read_text() for note in notes] == ['saved', 'saved']
    with pytest.raises(subprocess.CalledProcessError):
        programs.run(sleeper(tmp_path / 'c'), os.environ)
    assert not (tmp_path / 'c').exists()


@pytest.mark.parametrize('wait', [Future.result, lambda job: [*as_completed([job])]])
def test_sigterm_stops_this_program_and_those_it_started(
    tmp_path: Path, wait: Callable[[Future], object]
) -> None:
    programs, before = Programs(), signal.getsignal(signal.SIGTERM)
    note, waiting = tmp_path / 'a', tmp_path / 'b'

    def kill() -> None:
        wait_for(note, 'begun')
        os.kill(os.getpid(), signal.SIGTERM)

    def run() -> None:
        with programs.side_by_side(1) as pool:
            jobs.append(pool.submit(programs.run, sleeper(note), os.environ))
            pool.submit(programs.run, sleeper(waiting), os.environ)
            # Not before: outside of it SIGTERM would end the tests.
            threading.Thread(target=kill).start()
            wait(jobs[0])

    jobs: list[Future] = []
    with pytest.raises(KeyboardInterrupt):
        run()
    assert note.read_text() == 'saved'
    assert isinstance(jobs[0].exception(), subprocess.CalledProcessError)
    assert not waiting.exists()
    assert signal.getsignal(signal.SIGTERM) == before


def test_an_error_begins_nothing_more_and_stops_nothing(tmp_path: Path) -> None:
    programs, let = Programs(), threading.Event()
    jobs: list[Future] = []

    def fail() -> None:
        with programs.side_by_side(1) as pool:
            jobs.extend(pool.submit(let.wait, 60) for _ in range(2))
            threading.Timer(0.5, let.set).start()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert jobs[0].result()
    assert jobs[1].cancelled()
    programs.run([sys.executable, '-c', 'pass'], os.environ)
