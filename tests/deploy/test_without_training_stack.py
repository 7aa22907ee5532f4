"""An exported file is run where torch, mmengine, mmcv and mmpretrain are not."""

import json
import subprocess
import sys

import cv2
import numpy as np
import pytest
from bare_environment import ONNX_ONLY, ROOT, link_packages, run_bare
from installed_wheel import install_wheel
from tiny_exported import mean_colours, write_tiny_onnx

CODE = """
import json, sys
import numpy as np
from mmreid.deploy import open_exported

model = open_exported(sys.argv[1], threads=1)
pictures = np.stack([model.prepare(path) for path in sys.argv[2:]])
heavy = {'torch', 'torchvision', 'mmengine', 'mmcv', 'mmpretrain', 'rich', 'scipy'}
print(json.dumps(dict(
    vectors=model(pictures).tolist(),
    pictures=pictures.tolist(),
    facts=[model.facts.name, model.dim, model.runtime],
    loaded=sorted(heavy & {*sys.modules}),
)))
"""


@pytest.fixture
def words(tmp_path):
    """A file, and pictures for it."""
    file = tmp_path / 'm.onnx'
    write_tiny_onnx(file)
    rng = np.random.default_rng(0)
    paths = [tmp_path / name for name in ('a.png', 'b.jpg')]
    for path, size in zip(paths, ((31, 17), (8, 4)), strict=True):
        cv2.imwrite(str(path), rng.integers(0, 256, (*size, 3), np.uint8))
    return [file, *paths]


def check(done: subprocess.CompletedProcess) -> None:
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer['facts'] == ['mean_colour', 3, 'onnxruntime']
    assert answer['loaded'] == []
    expected = mean_colours(np.array(answer['pictures'], np.uint8))
    np.testing.assert_allclose(answer['vectors'], expected, rtol=1e-6)


def test_where_they_are_not_installed(tmp_path, words):
    check(run_bare(CODE, link_packages(tmp_path / 'site'), *words))


def test_where_they_are_they_are_not_imported(words):
    done = subprocess.run(
        [sys.executable, '-c', CODE, *map(str, words)],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    check(done)


@pytest.mark.slow
def test_an_installed_wheel_needs_no_more(tmp_path, words):
    """What ``pip install --no-deps`` makes, in an environment of its own."""
    packages = install_wheel(tmp_path)
    for entry in link_packages(tmp_path / 'site', ONNX_ONLY).iterdir():
        (packages / entry.name).symlink_to(entry.resolve())
    done = subprocess.run(
        [tmp_path / 'env' / 'bin' / 'python', '-c', CODE, *map(str, words)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={},
    )
    check(done)
