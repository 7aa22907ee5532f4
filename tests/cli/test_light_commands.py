"""What needs no network does not wait for what a network needs."""

import subprocess
import sys

import numpy as np
import pytest

from mmreid.search import Gallery

_CODE = """
import sys
from mmreid.cli.main import main
sys.argv = ['mmreid', *sys.argv[1:]]
try:
    main()
finally:
    print('heavy:', *({'mmengine', 'mmpretrain', 'mmcv'} & {*sys.modules}))
"""


@pytest.fixture(scope='module')
def gallery(tmp_path_factory):
    path = tmp_path_factory.mktemp('gallery') / 'g.mmreid'
    with Gallery.create(path, 4, model_key='a' * 64) as made:
        made.add(np.eye(4, dtype=np.float32), model_key='a' * 64)
    return path


@pytest.mark.parametrize('words', [('info',), ('remove', '1'), ('export', 'out.csv')])
def test_a_gallery_is_read_without_mmengine(words, gallery, tmp_path):
    action, *rest = words
    done = subprocess.run(
        [sys.executable, '-c', _CODE, 'gallery', action, str(gallery), *rest],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == 'heavy:'


def test_its_errors_are_told_without_mmengine(tmp_path):
    words = ['gallery', 'info', str(tmp_path / 'gone.mmreid')]
    done = subprocess.run(
        [sys.executable, '-c', _CODE, *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout.splitlines() == ['heavy:']
    assert 'gone.mmreid' in done.stderr


_HELP = """
import sys
from importlib import import_module
from mmreid.cli.main import COMMANDS
for name, (module, _) in COMMANDS.items():
    if name == 'launch':
        continue
    help = import_module(module).make_parser().format_help()
    assert 'usage: ' in help, name
    heavy = {'torch', 'mmengine', 'mmpretrain', 'mmcv', 'numpy', 'cv2', 'scipy'}
    assert not heavy & {*sys.modules}, (name, heavy & {*sys.modules})
"""


def test_no_help_waits_for_what_the_command_needs():
    """Only torchrun's own does, which is that of ``mmreid launch``."""
    done = subprocess.run(
        [sys.executable, '-c', _HELP], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
