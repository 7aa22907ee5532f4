"""How every command ends: by a sentence and a status instead of a traceback."""

import functools
import json
import os
import signal
import sys
import threading
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from types import FrameType
from typing import Any

from mmreid import errors

_ERROR_STATUS = 2
# As a shell reports a program that SIGPIPE or SIGINT has ended.
_PIPE_STATUS = 141
_INTERRUPTED_STATUS = 130
# How threads wait, by the standard and by GNU's library.
_WAITING = ('OMP_WAIT_POLICY', 'GOMP_SPINCOUNT')
# A thirtieth of GNU's own count.
_SPIN_COUNT = '10000'
_NOT_DONE = 'it was not done.'


@contextmanager
def short_errors(
    parser: ArgumentParser, args: Namespace, *kinds: type[Exception]
) -> Iterator[None]:
    """End the program with an error's message alone, where the message is enough.

    Args:
        parser (ArgumentParser): Ends the program.
        args (Namespace): The command line with ``debug``; a ``~`` in its paths becomes
            the home folder.
        *kinds (type[Exception]): Errors that explain themselves, see
            :func:`mmreid.errors.short_errors`.

    Yields:
        None: Inside, the errors end the program with status 2.
    """
    from mmreid.files import expand_home

    expand_home(vars(args))
    with errors.short_errors(parser.exit, *kinds, debug=args.debug):
        yield


@contextmanager
def answering(
    parser: ArgumentParser, args: Namespace, *kinds: type[Exception]
) -> Iterator[None]:
    """Keep standard output for the answer, and end with what a user can mend.

    Args:
        parser (ArgumentParser): Ends the program.
        args (Namespace): The command line with ``json`` and ``debug``.
        *kinds (type[Exception]): Errors that explain themselves beside those of files,
            values, packages and checkpoints.

    Yields:
        None: Inside, as of :func:`answer_alone` and :func:`short_errors`.
    """
    kinds = (OSError, ValueError, ImportError, errors.CheckpointError, *kinds)
    with answer_alone(args), short_errors(parser, args, *kinds):
        yield


@contextmanager
def answer_alone(args: Namespace) -> Iterator[None]:
    """Keep standard output for the answer, where JSON was asked for.

    Args:
        args (Namespace): The command line with ``json``.

    Yields:
        None: Inside, what is printed and logged goes to standard error.
    """
    if not args.json:
        yield
        return
    with redirect_stdout(sys.stderr):
        yield


def answer(value: Any) -> None:
    """Print one JSON document.

    Args:
        value (Any): As of :func:`mmreid.files.to_json`; what it does not know, such
            as a path, is written as text.
    """
    from mmreid.files import to_json

    print(json.dumps(to_json(value, str), indent=2, ensure_ascii=False))


def command(main: Callable[[], None]) -> Callable[[], None]:
    """Let a command end quietly where nobody reads on, and when it is interrupted.

    Args:
        main (Callable[[], None]): What the command does. It prints its results after
            its :func:`short_errors`, where a closed pipe would be explained. A
            ``KeyboardInterrupt`` that it raises with a sentence tells what is kept.

    Returns:
        Callable[[], None]: The same; if its output was closed it ends with status
        141, after Ctrl-C with 130.
    """

    @functools.wraps(main)
    def run() -> None:
        """Run the command and close its output."""
        limit_spinning()
        try:
            try:
                with _heard_while_importing():
                    main()
            finally:
                sys.stdout.flush()
        except BrokenPipeError:
            # Python flushes again when it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(_PIPE_STATUS)
        except ImportError as error:
            # One of import_optional says what to install; any other is a fault.
            if not isinstance(error.__cause__, ImportError):
                raise
            print(f'error: {error}', file=sys.stderr)
            sys.exit(_ERROR_STATUS)
        except KeyboardInterrupt as stop:
            print(f'\ninterrupted: {str(stop) or _NOT_DONE}', file=sys.stderr)
            sys.exit(_INTERRUPTED_STATUS)

    return run


def limit_spinning() -> None:
    """Let threads that wait for one another sleep soon.

    Those of GNU's OpenMP, which torch uses on Linux, spin for milliseconds first. Where
    other programs want the cores they take them from the very threads that they wait
    for, and a training step takes many times as long (docs/how_to/speed.md). It must be
    said before torch is imported. What the user has said of it stays.
    """
    if not any(name in os.environ for name in _WAITING):
        os.environ['GOMP_SPINCOUNT'] = _SPIN_COUNT


@contextmanager
def _heard_while_importing() -> Iterator[None]:
    """Have Ctrl-C end the program at once where it comes amid an import.

    Large packages catch the error that Python raises then, as if a part of them were
    missing, and go on without it: a network would be built of what is left.

    Yields:
        None: Inside, the signal is heard so; at any other moment it is Python's.
    """
    before = signal.getsignal(signal.SIGINT)
    is_main = threading.current_thread() is threading.main_thread()
    if before is not signal.default_int_handler or not is_main:
        yield
        return
    signal.signal(signal.SIGINT, _interrupt)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGINT) is _interrupt:
            signal.signal(signal.SIGINT, before)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """End the program amid an import, or raise KeyboardInterrupt."""
    inner = frame
    while inner is not None:
        if inner.f_code.co_filename == '<frozen importlib._bootstrap>':
            os.write(2, f'\ninterrupted: {_NOT_DONE}\n'.encode())
            os._exit(_INTERRUPTED_STATUS)
        inner = inner.f_back
    signal.default_int_handler(number, frame)
