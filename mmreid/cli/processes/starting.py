"""What commands that start processes share: arguments, variables, and the start."""

import os
import shutil
import subprocess
import sys
from argparse import (
    REMAINDER,
    ArgumentParser,
    Namespace,
    RawDescriptionHelpFormatter,
)
from collections.abc import Callable, Mapping
from typing import NoReturn


def declare(text: str | None, variables: str) -> ArgumentParser:
    """Make a parser whose help tells of the environment.

    Args:
        text (str | None): What the command does.
        variables (str): What it reads from the environment.

    Returns:
        ArgumentParser: Without arguments.
    """
    return ArgumentParser(
        description=text,
        epilog=f'Environment: {variables}',
        formatter_class=RawDescriptionHelpFormatter,
    )


def add_subject(parser: ArgumentParser, task: str) -> None:
    """Declare what is trained or tested.

    Args:
        parser (ArgumentParser): Is given ``task``, ``config`` and, for a test,
            ``checkpoint``.
        task (str): ``'train'`` or ``'test'``.
    """
    parser.set_defaults(task=task)
    parser.add_argument('config', help='config file, or the name of a model')
    if task == 'test':
        parser.add_argument('checkpoint', help='weights to test')


def add_arguments(parser: ArgumentParser, task: str) -> None:
    """Declare what the task is given further, behind everything else.

    Args:
        parser (ArgumentParser): Is given ``arguments``.
        task (str): ``'train'`` or ``'test'``.
    """
    parser.add_argument(
        'arguments', nargs=REMAINDER, help=f'further arguments of mmreid {task}'
    )


def words_of(args: Namespace, launcher: str) -> list[str]:
    """Write the command of each process, as a module of Python and its arguments.

    Args:
        args (Namespace): As of :func:`add_subject` and :func:`add_arguments`.
        launcher (str): What the task is told to be started by.

    Returns:
        list[str]: Such as ``['-m', 'mmreid', 'train', CONFIG, '--launcher', 'slurm']``.
    """
    weights = [args.checkpoint] if 'checkpoint' in args else []
    subject = [args.task, args.config, *weights]
    return ['-m', 'mmreid', *subject, '--launcher', launcher, *args.arguments]


def read(variables: Mapping[str, str], name: str, default: str) -> str:
    """Read a variable; an empty one is as good as none, as in ``${NAME:-default}``."""
    return variables.get(name) or default


def read_number(variables: Mapping[str, str], name: str, default: str) -> int:
    """Read a variable that counts something.

    Args:
        variables (Mapping[str, str]): The environment.
        name (str): Of the variable.
        default (str): Its value where there is none.

    Returns:
        int: Its value.

    Raises:
        ValueError: It is no whole number.
    """
    value = read(variables, name, default)
    if not value.isdecimal():
        raise ValueError(f'{name} must be a whole number, got {value!r}.')
    return int(value)


def start(
    parser: ArgumentParser, write: Callable[[Namespace, Mapping[str, str]], list[str]]
) -> NoReturn:
    """Become another program, which gets this one's signals; on Windows wait for it.

    Args:
        parser (ArgumentParser): Reads the arguments; ends this program where a variable
            cannot be read or there is no such program.
        write (Callable[[Namespace, Mapping[str, str]], list[str]]): Makes the program
            and its arguments of those read and the environment.
    """
    try:
        words = write(parser.parse_args(), os.environ)
    except ValueError as error:
        parser.error(str(error))
    if shutil.which(words[0]) is None:
        parser.error(
            f'{words[0]} is not on the PATH; log in where Slurm is, or start the '
            'processes of this machine by mmreid dist-train or dist-test'
        )
    sys.stdout.flush()
    if os.name == 'nt':  # where exec ends this program before the other one has
        sys.exit(subprocess.call(words))
    os.execvp(words[0], words)
