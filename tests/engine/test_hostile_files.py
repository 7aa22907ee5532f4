"""No file makes any way of loading run it, hang, swell or end in a traceback."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from hostile_files import hostile_files
from hostile_runs import good_checkpoint

HERE = Path(__file__).parent


def faults(folder: Path, every: int) -> tuple[list[str], int]:
    """Run in a process that has used no threads, which may be copied then."""
    command = [sys.executable, str(HERE / 'hostile_runs.py'), str(folder), str(every)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    marked = [line for line in done.stdout.splitlines() if line.startswith('> ')]
    *found, count = [line.removeprefix('> ') for line in marked]
    return found, int(count.removesuffix(' files'))


def test_there_are_enough_and_all_have_names(tmp_path):
    good = good_checkpoint(tmp_path)
    files = list(hostile_files(good, tmp_path / 'trace'))
    names = [hostile.name for hostile in files]
    assert len(names) == len(set(names)) > 300
    assert len({name.partition('-')[0] for name in names}) > 15
    assert not (tmp_path / 'trace').exists()


def test_what_they_are_made_of_is_good(tmp_path):
    """Otherwise it would say nothing that they are refused."""
    found, count = faults(tmp_path, 0)
    assert (found, count) == ([], 2)


def test_some(tmp_path):
    found, count = faults(tmp_path, 97)
    assert not found
    assert count > 5


@pytest.mark.slow
def test_all(tmp_path):
    found, count = faults(tmp_path, 1)
    assert not found
    assert count > 300


def test_the_attacks_are_real(tmp_path):
    """An attack on plain torch.load leaves its trace."""
    trace = tmp_path / 'trace'
    good = good_checkpoint(tmp_path)
    wanted = {'call-eval-meta-False', 'opcode-STACK_GLOBAL-zipped'}
    for hostile in hostile_files(good, trace):
        if hostile.name in wanted:
            path = tmp_path / f'{hostile.name}.pth'
            path.write_bytes(hostile.content)
            torch.load(path, weights_only=False)
            assert trace.exists()
            trace.unlink()
            wanted.remove(hostile.name)
    assert not wanted
