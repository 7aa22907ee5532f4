"""An installed package can do what a clone can: every tool is a command."""

import re
from pathlib import Path

from mmreid.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / 'tools'
# Older names of what `mmreid convert --layout` does.
OF_CONVERT = {'baseline_to_mmreid', 'rrid_to_mmreid'}


def test_every_program_of_tools_is_a_command():
    modules = {module for module, _ in COMMANDS.values()}
    tools = {path for path in TOOLS.rglob('*.py') if path.stem not in OF_CONVERT}
    assert len(tools) > 20
    for path in tools:
        called = re.search(
            r'^from (mmreid\.cli\S+) import main$', path.read_text(), re.M
        )
        assert called, path
        assert called[1] in modules, path


def test_every_script_of_tools_is_a_command():
    scripts = {path.stem for path in TOOLS.rglob('*.sh')}
    assert scripts == {'dist_train', 'dist_test', 'slurm_train', 'slurm_test'}
    for name in scripts:
        command = name.replace('_', '-')
        assert command in COMMANDS
        assert f'-m mmreid {command} "$@"' in (TOOLS / f'{name}.sh').read_text()


def test_every_command_that_a_clone_had_before_is_a_tool():
    """Commands of the rooms `answers` and `processes` have none, or a script."""
    tools = {path.stem for path in TOOLS.rglob('*.py')}
    for name, (module, _) in COMMANDS.items():
        if not module.startswith(('mmreid.cli.answers', 'mmreid.cli.processes')):
            assert module.rpartition('.')[2] in tools, name
