"""Signals are handled as before once OpenVINO has computed, in whatever order it ends.

Each case has a process of its own, which a fault would end.
"""

import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from tiny_embedder import write_tiny
from tiny_exported import write_tiny_openvino

from mmreid.deploy.signal_stack import kept_signal_stack

HELPERS = str(Path(__file__).parents[1] / 'helpers')
FILES = """
from pathlib import Path
from mmreid.deploy.runtimes.openvino_runtime import OpenVinoModel
models = [OpenVinoModel(Path(sys.argv[1])) for _ in range(3)]
while models:
    del models[0]
"""
INT8 = """
from pathlib import Path
from mmreid.deploy.precision import quantize_openvino
from tiny_embedder import TinyPictures, quantize_tiny
source = Path(sys.argv[1])
quantize_tiny(quantize_openvino, source, source.with_suffix('.xml'), TinyPictures())
"""
SIGNAL = """
gc.collect()
signal.signal(signal.SIGTERM, lambda *_: print('handled'))
os.kill(os.getpid(), signal.SIGTERM)
"""


@pytest.mark.parametrize(
    ('program', 'write', 'name'),
    [
        (FILES, write_tiny_openvino, 'tiny.xml'),
        # Layers fall back to float32, for which NNCF makes one Core after the other.
        (INT8, partial(write_tiny, fragile=True), 'tiny.onnx'),
    ],
    ids=['files', 'int8'],
)
def test_a_signal_is_handled_afterwards(tmp_path, program, write, name):
    path = tmp_path / name
    write(path)
    lines = f'import gc, os, signal, sys\nsys.path.append({HELPERS!r})\n'
    done = subprocess.run(
        [sys.executable, '-c', lines + program + SIGNAL, str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, 'handled\n'), done.stderr


def test_other_systems_have_nothing_to_put_back(monkeypatch):
    monkeypatch.setattr(sys, 'platform', 'darwin')
    with kept_signal_stack() as put_back:
        put_back()
