"""Tools that start from a clone: nothing is installed, the folder is any."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from mmreid.cli import flags
from mmreid.cli.analysis_tools import evaluate_features, get_flops, ranking_flags
from mmreid.cli.dataset_converters import convert_cuhk03, make_synthreid
from mmreid.cli.visualization import grad_cam
from mmreid.datasets import checking
from mmreid.datasets.conversion import cuhk03_files
from mmreid.datasets.synthetic import SIZES
from mmreid.evaluation.functional import RankingRules
from mmreid.evaluation.functional.open_set.operating_threshold import TASKS
from mmreid.evaluation.functional.re_ranking.options import SIDES
from mmreid.visualization.grad_cam import ANSWERS

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


@pytest.mark.parametrize(
    ('offered', 'known'),
    [
        (make_synthreid.SIZES, SIZES),
        (convert_cuhk03.BOXES, cuhk03_files.BOXES),
        (convert_cuhk03.PROTOCOLS, cuhk03_files.CUHK03_PROTOCOLS),
        (flags.PROTOCOLS, checking.RANKING_PROTOCOLS),
        (flags.TASKS, TASKS),
        (grad_cam.ANSWERS, ANSWERS),
        (ranking_flags.SIDES, SIDES),
    ],
)
def test_choices_are_the_packages(offered, known):
    assert sorted(offered) == sorted(known)


@pytest.mark.parametrize(
    ('rule', 'offered'),
    [
        ('distance', ranking_flags.DISTANCES),
        ('protocol', flags.PROTOCOLS),
        ('average_precision', evaluate_features.AVERAGE_PRECISIONS),
        ('multi_query', evaluate_features.MULTI_QUERIES),
        ('impostors', evaluate_features.IMPOSTORS),
        ('tracklets', evaluate_features.TRACKLETS),
    ],
)
def test_rules_are_the_packages(rule, offered):
    with pytest.raises(ValueError, match='must be one of') as caught:
        RankingRules(**{rule: 'another'})
    known = re.findall(r"'([\w-]+)'", str(caught.value).partition(', got')[0])
    assert sorted(offered) == sorted(known)


def test_options_can_be_given_twice():
    words = ['c.py', '--cfg-options', 'a=1', '--cfg-options', 'b=2']
    assert get_flops.make_parser().parse_args(words).cfg_options == ['a=1', 'b=2']
    assert make_synthreid.make_parser().parse_args(['out']).size == 'mini'


def test_every_tool_is_a_command():
    tools = {
        path.relative_to(ROOT / 'tools') for path in (ROOT / 'tools').rglob('*.py')
    }
    for path in sorted(tools):
        module = '.'.join(['mmreid.cli', *path.with_suffix('').parts])
        assert f'from {module} import main' in (ROOT / 'tools' / path).read_text(
            'utf-8'
        )


def test_parsers_import_nothing_but_python():
    code = (
        'import importlib, pkgutil, sys\n'
        'known = set(sys.modules)\n'
        'import mmreid.cli\n'
        "for module in pkgutil.walk_packages(mmreid.cli.__path__, 'mmreid.cli.'):\n"
        '    command = importlib.import_module(module.name)\n'
        "    if hasattr(command, 'make_parser'):\n"
        '        command.make_parser()\n'
        "names = {name.partition('.')[0] for name in set(sys.modules) - known}\n"
        "print(sorted(names - sys.stdlib_module_names - {'mmreid'}))"
    )
    done = subprocess.run(
        [sys.executable, '-c', code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == '[]\n'


def test_a_reader_that_leaves_ends_a_tool_quietly():
    code = (
        'import sys\n'
        'from mmreid.cli.command import command\n'
        '@command\n'
        'def main():\n'
        '    for _ in range(100000):\n'
        "        print('a line')\n"
        'main()'
    )
    words = shlex.join([sys.executable, '-c', code])
    done = subprocess.run(
        ['bash', '-o', 'pipefail', '-c', f'{words} | head -1'],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (141, 'a line\n', '')
