"""Tools that start from a clone: nothing is installed, the folder is any."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mmreid.datasets.synthetic import SIZES

ROOT = Path(__file__).resolve().parents[2]
FLOPS = ROOT / 'tools/analysis_tools/get_flops.py'
SYNTHREID = ROOT / 'tools/dataset_converters/make_synthreid.py'


def run_bare(tmp_path, *command):
    """Run where python finds no `mmreid` but the one that the tool finds."""
    hidden = (
        'import runpy, sys\n'
        f'sys.path[:] = [p for p in sys.path if p not in ("", {str(ROOT)!r})]\n'
        'sys.meta_path[:] = [f for f in sys.meta_path if "editable" not in repr(f)]\n'
        'del sys.argv[0]\n'
        'runpy.run_path(sys.argv[0], run_name="__main__")\n'
    )
    return subprocess.run(
        [sys.executable, '-c', hidden, *map(str, command)],
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if k != 'PYTHONPATH'},
        capture_output=True,
        text=True,
    )


def test_get_flops_starts_from_a_clone_and_explains_itself(tmp_path):
    config = ROOT / 'configs/_base_/models/reid_r18.py'
    done = run_bare(tmp_path, FLOPS, config, '--cfg-options', 'nonsense')
    assert done.returncode == 2
    assert 'KEY=VALUE' in done.stderr
    assert 'Traceback' not in done.stderr


def test_make_synthreid_starts_from_a_clone(tmp_path):
    done = run_bare(tmp_path, SYNTHREID, tmp_path / 'out', '--seed', -1)
    # Refused by the package, so that was found.
    assert 'seed must not be negative' in done.stderr


def test_sizes_are_the_packages(load_tool):
    tool = load_tool('dataset_converters/make_synthreid')
    assert sorted(tool.SIZES) == sorted(SIZES)


@pytest.mark.parametrize('tool', [FLOPS, SYNTHREID])
def test_options_can_be_given_twice(load_tool, tool):
    parser = load_tool(tool.relative_to(ROOT / 'tools').with_suffix('')).make_parser()
    if tool == FLOPS:
        words = ['c.py', '--cfg-options', 'a=1', '--cfg-options', 'b=2']
        assert parser.parse_args(words).cfg_options == ['a=1', 'b=2']
    else:
        assert parser.parse_args(['out']).size == 'mini'
