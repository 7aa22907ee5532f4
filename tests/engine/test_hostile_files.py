"""No file makes any way of loading run it, hang, swell or end in a traceback."""

from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from hostile_files import Hostile, hostile_files
from hostile_runs import good_checkpoint
from preloaded import run_program

PROGRAM = Path(__file__).with_name('hostile_runs.py')


class Attacks(NamedTuple):
    trace: Path
    files: list[Hostile]


@pytest.fixture(scope='module')
def attacks(tmp_path_factory) -> Attacks:
    folder = tmp_path_factory.mktemp('attacks')
    trace = folder / 'trace'
    files = list(hostile_files(good_checkpoint(folder), trace))
    assert not trace.exists()
    return Attacks(trace, files)


def faults(folder: Path, every: int) -> tuple[list[str], int]:
    """Run in a process that has used no threads, which may be copied then."""
    done = run_program([PROGRAM, folder, every], timeout=3000)
    done.check_returncode()
    marked = [line for line in done.stdout.splitlines() if line.startswith('> ')]
    *found, count = [line.removeprefix('> ') for line in marked]
    return found, int(count.removesuffix(' files'))


def test_there_are_enough_and_all_have_names(attacks):
    names = [hostile.name for hostile in attacks.files]
    assert len(names) == len(set(names)) > 300
    assert len({name.partition('-')[0] for name in names}) > 15


def test_some(tmp_path):
    """Among them the good ones, else it would say nothing that others are refused."""
    found, count = faults(tmp_path, 97)
    assert not found
    assert count > 7


@pytest.mark.slow
def test_all(tmp_path):
    found, count = faults(tmp_path, 1)
    assert not found
    assert count > 300


def test_the_attacks_are_real(attacks, tmp_path):
    """An attack on plain torch.load leaves its trace."""
    wanted = {'call-eval-meta-False', 'opcode-STACK_GLOBAL-zipped'}
    for hostile in attacks.files:
        if hostile.name in wanted:
            path = tmp_path / f'{hostile.name}.pth'
            path.write_bytes(hostile.content)
            torch.load(path, weights_only=False)
            assert attacks.trace.exists()
            attacks.trace.unlink()
            wanted.remove(hostile.name)
    assert not wanted
