"""A scene by the command, as a program, interrupted and on a full disk."""

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
from patience import PATIENCE, wait_until

from mmreid.cli.dataset_converters import make_synthscene

SMALL = ('--persons', '3', '--cameras', '2', '--seconds', '1', '--fps', '5')
SMALL += ('--width', '320', '--workers', '1')


def run(monkeypatch, *words):
    """Run the command here; return its status."""
    monkeypatch.setattr(sys, 'argv', ['mmreid scene', *map(str, words)])
    try:
        make_synthscene.main()
    except SystemExit as end:
        return end.code
    return 0


@contextmanager
def started(folder, workers):
    """Run the command as a program of its own, which has begun to draw."""
    process = subprocess.Popen(
        [
            *(sys.executable, '-m', 'mmreid', 'scene', str(folder / 'scene')),
            *('--seconds', '200', '--workers', str(workers)),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        picture = folder / '.scene.unfinished' / 'cam1.mp4'
        wait_until(lambda: picture.exists() and picture.stat().st_size, process.poll)
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def test_a_scene_and_what_it_holds_as_json(tmp_path, monkeypatch, capsys):
    out = tmp_path / 'scene'
    assert run(monkeypatch, out, *SMALL, '--json') == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts == json.loads((out / 'scene.json').read_text('utf-8'))
    assert [camera['name'] for camera in facts['cameras']] == ['cam1', 'cam2']
    assert [person['person'] for person in facts['persons']] == [1, 2, 3]
    assert run(monkeypatch, out, *SMALL) == 0
    assert '3 persons pass' in capsys.readouterr().out


def test_wrong_arguments_are_refused(tmp_path, monkeypatch, capsys):
    assert run(monkeypatch, tmp_path / 'scene', '--persons', 0) == 2
    assert 'persons must be at least 1, got 0' in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_files_of_others_in_an_earlier_scene_stay(tmp_path, monkeypatch, capsys):
    out = tmp_path / 'scene'
    assert run(monkeypatch, out, *SMALL) == 0
    (out / 'cam1' / 'notes.txt').write_text('mine')
    assert run(monkeypatch, out, *SMALL) == 0  # it is complete
    assert run(monkeypatch, out, *SMALL, '--seed', 1) == 2
    assert 'it holds' in (told := capsys.readouterr().err)
    assert 'notes.txt' in told
    assert (out / 'cam1' / 'notes.txt').read_text() == 'mine'
    (out / 'cam1' / 'notes.txt').unlink()
    assert run(monkeypatch, out, *SMALL, '--seed', 1) == 0
    assert json.loads((out / 'scene.json').read_text('utf-8'))['seed'] == 1


@pytest.mark.slow
@pytest.mark.parametrize('workers', [1, 2])
def test_control_c_leaves_nothing(tmp_path, workers):
    with started(tmp_path, workers) as process:
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: all processes
        _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert 'Traceback' not in told
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_drawing_process_that_is_killed_is_told(tmp_path):
    with started(tmp_path, 2) as process:
        words = ['ps', '-o', 'pid=', '--ppid', str(process.pid)]
        listed = subprocess.run(words, capture_output=True, text=True, check=True)
        os.kill(int(listed.stdout.split()[0]), signal.SIGKILL)
        _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    assert 'One of the 2 processes that draw was ended' in told
    assert not list(tmp_path.iterdir())
