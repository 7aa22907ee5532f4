"""What every command does before it begins."""

import os
import subprocess
import sys

import pytest

from mmreid.cli.command import limit_spinning

WAITING = ('OMP_WAIT_POLICY', 'GOMP_SPINCOUNT')
PROGRAM = """
from mmreid.cli.command import command

@command
def main():
    import torch

main()
"""


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch):
    for name in WAITING:
        monkeypatch.setenv(name, '')  # so that it is restored
        monkeypatch.delenv(name)


def test_the_threads_of_torch_soon_sleep():
    environment = dict(os.environ, OMP_DISPLAY_ENV='verbose')
    done = subprocess.run(
        [sys.executable, '-c', PROGRAM], env=environment, capture_output=True, text=True
    )
    if 'GOMP_SPINCOUNT' not in done.stderr:
        pytest.skip("torch does not use GNU's OpenMP here")
    assert "GOMP_SPINCOUNT = '10000'" in done.stderr


@pytest.mark.parametrize('name', WAITING)
def test_the_user_says_how_threads_wait(monkeypatch, name):
    monkeypatch.setenv(name, 'active' if name == WAITING[0] else '1000')
    before = dict(os.environ)
    limit_spinning()
    assert dict(os.environ) == before
