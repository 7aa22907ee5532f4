"""How repetitions start their programs; tests/tools/test_repeat_tool.py makes some."""

import sys
from pathlib import Path

import pytest

from mmreid.apis.runs.repetition import Repetition


@pytest.mark.parametrize('kind', ['slurm', 'dist'])
def test_the_installed_package_needs_no_scripts(kind: str, tmp_path: Path) -> None:
    tools = tmp_path / 'tools'
    repetition = Repetition('toy.py', 'text', tmp_path, tools, partition='long')
    command = [sys.executable, '-m', 'mmreid', f'{kind}-train']
    assert repetition._launcher(kind, 'train') == command
    tools.mkdir()
    script = tools / f'{kind}_train.sh'
    script.touch()
    assert repetition._launcher(kind, 'train') == [str(script)]
