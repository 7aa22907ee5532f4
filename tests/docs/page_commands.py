"""What the commands of a page would be, told by bash without running them.

Bash itself expands variables, braces and lines that go on; whatever it would start is
written down instead.
"""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from page_blocks import ROOT

_RECORDING = r"""
PATH=/nowhere
# In one piece: the parts of a pipeline write at the same time.
command_not_found_handle() { printf '%s\0' "$@" $'\n' >&3; }
# Files that a page writes by the shell are there for its next commands.
for name in cat cp mkdir sed touch; do
    eval "$name() { command -p $name \"\$@\"; }"
done
"""


def expand_commands(text: str, folder: Path) -> list[list[str]]:
    """Give the words of each command of a script.

    Args:
        text (str): Of bash.
        folder (Path): Where it looks for files, and writes those of redirections.

    Returns:
        list[list[str]]: Without what bash does itself, those of a pipeline in any
            order. A tool of the clone, such as ``tools/train.py``, stands behind the
            word ``clone`` if it is run by its path.

    Raises:
        ValueError: Bash cannot read it.
    """
    # What has a slash is looked for at once.
    text = re.sub(r'^(\s*(?:\w+=\S+ )*)(?=tools/)', r'\1clone ', text, flags=re.M)
    checked = subprocess.run(['bash', '-n'], input=text, capture_output=True, text=True)
    if checked.returncode:
        raise ValueError(checked.stderr)
    subprocess.run(
        ['bash', '-c', f'exec 3>.commands\n{_RECORDING}{text}'],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={'HOME': str(folder)},
    )
    records = (folder / '.commands').read_text('utf-8')
    return [record.split('\0')[:-1] for record in records.split('\n\0')[:-1]]


def find_module(words: list[str]) -> tuple[str, list[str]] | None:
    """Find the module of a command that is one of mmreid's.

    Args:
        words (list[str]): Of `expand_commands`.

    Returns:
        tuple: The module with ``make_parser``, and the words for it. None if the
            command is of another program.

    Raises:
        ValueError: There is no such command or tool.
    """
    from mmreid.cli.main import COMMANDS

    if words[0] == 'clone':
        words = words[1:]
    elif words[0] in ('python', 'python3'):
        words = words[1:]
        if words[:2] == ['-m', 'mmreid']:
            words = words[1:]
    if words[0] == 'mmreid':
        if not words[1:] or words[1] in ('--help', '--version'):
            return None
        if words[1] not in COMMANDS:
            raise ValueError(f'there is no command "mmreid {words[1]}".')
        return COMMANDS[words[1]][0], words[2:]
    if words[0].startswith(('tools/', 'tests/')):
        path = ROOT / words[0]
        if not path.is_file():
            raise ValueError(f'there is no {words[0]}.')
        module = next(_modules_of(path), None) if path.suffix == '.py' else None
        return (module, words[1:]) if module else None
    return None


def _modules_of(tool: Path) -> Iterator[str]:
    """The modules of mmreid whose ``main`` a tool takes."""
    for node in ast.walk(ast.parse(tool.read_text('utf-8'))):
        if isinstance(node, ast.ImportFrom) and 'mmreid.cli' in (node.module or ''):
            yield from (node.module for name in node.names if name.name == 'main')
