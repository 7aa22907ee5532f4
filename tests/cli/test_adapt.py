"""`mmreid adapt`: its answers, its statuses, and what a kill leaves."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from patience import PATIENCE, wait_until
from unnamed_pictures import draw_pictures, write_model

from mmreid.cli import adapt

ROOT = Path(__file__).parents[2]
QUICK = (
    *('--camera-from', 'folder', '--k1', '8', '--k2', '3', '--persons', '3'),
    *('--instances', '2', '--batches', '2', '--workers', '0'),
)


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    """A model and pictures of six persons."""
    folder = tmp_path_factory.mktemp('data')
    return write_model(folder / 'tiny.pth'), draw_pictures(folder / 'pictures')


def call(monkeypatch, capsys, *args):
    """Run the command in this process; return its status and what it printed."""
    monkeypatch.setattr(sys, 'argv', ['mmreid adapt', *map(str, args)])
    before = {n: signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGINT)}
    before |= {n: signal.getsignal(n) for n in (signal.SIGHUP, signal.SIGUSR1)}
    try:
        adapt.main()
        status = 0
    except SystemExit as end:
        status = end.code
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return status, capsys.readouterr()


def test_a_first_look_answers_in_json(data, tmp_path, monkeypatch, capsys):
    args = (*data, *QUICK, '--work-dir', tmp_path, '--clusters-only', '--json')
    status, said = call(monkeypatch, capsys, *args)
    assert status == 0, said.err
    told = json.loads(said.out)
    assert told['checkpoint'] is None
    assert told['numbers'][0]['clusters'] == 6
    assert told['suspects']['near duplicates'] >= 0
    assert Path(told['report']).is_file()
    assert '48 pictures, 2 cameras' in said.err


def test_the_answer_names_the_files(data, tmp_path, monkeypatch, capsys):
    args = (*data, *QUICK, '--work-dir', tmp_path, '--epochs', '1')
    status, said = call(monkeypatch, capsys, *args)
    assert status == 0, said.err
    for name in ('adapted.pth', 'clusters.csv', 'report.html'):
        assert f'written: {tmp_path / name}' in said.out
    assert 'nobody knows' in said.err


@pytest.mark.parametrize(
    ('args', 'message'),
    [
        (('--min-samples', '40'), 'at least 2 clusters'),
        (('--persons', '60'), 'more pictures than there are'),
        (('--method', 'magic'), 'method must be one of'),
        (('--eps', '2'), 'eps must'),
    ],
)
def test_what_cannot_be_done_is_said_shortly(
    data, tmp_path, monkeypatch, capsys, args, message
):
    line = (*data, *QUICK, '--work-dir', tmp_path, *args)
    status, said = call(monkeypatch, capsys, *line)
    assert status == 2
    assert message in said.err
    assert 'Traceback' not in said.err


def test_pictures_must_be_named(data, monkeypatch, capsys):
    status, said = call(monkeypatch, capsys, data[0])
    assert status == 2
    assert 'give FOLDER or --table' in said.err


def run(*args):
    """The command as a process of its own."""
    return subprocess.Popen(
        [sys.executable, '-m', 'mmreid', 'adapt', *map(str, args)],
        env=dict(os.environ, PYTHONPATH=str(ROOT)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.parametrize('stop', [signal.SIGKILL, signal.SIGTERM])
def test_the_same_command_goes_on_to_the_same_bits(data, tmp_path, stop):
    line = (*data, *QUICK, '--epochs', '6', '--batches', '20', '--work-dir')
    whole = run(*line, tmp_path / 'whole')
    assert whole.wait(PATIENCE) == 0, whole.stdout.read()
    stopped = run(*line, tmp_path / 'stopped')
    training = tmp_path / 'stopped' / 'training'
    wait_until(lambda: any(training.glob('epoch_*.pth')), stopped.poll)
    stopped.send_signal(stop)
    assert stopped.wait(PATIENCE) == (75 if stop == signal.SIGTERM else -stop)
    assert not (tmp_path / 'stopped' / 'adapted.pth').exists()
    again = run(*line, tmp_path / 'stopped')
    assert again.wait(PATIENCE) == 0, again.stdout.read()
    weights = [
        torch.load(tmp_path / name / 'adapted.pth', weights_only=True)['state_dict']
        for name in ('whole', 'stopped')
    ]
    assert weights[0].keys() == weights[1].keys()
    for name, value in weights[0].items():
        assert torch.equal(value, weights[1][name]), name
    tables = [tmp_path / name / 'clusters.csv' for name in ('whole', 'stopped')]
    assert tables[0].read_bytes() == tables[1].read_bytes()
