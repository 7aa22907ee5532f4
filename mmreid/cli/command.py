"""How every command ends: by a sentence and a status instead of a traceback."""

import functools
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# As a shell reports a program that SIGPIPE has ended.
_PIPE_STATUS = 141


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
            :func:`mmreid.engine.short_errors`.

    Yields:
        None: Inside, the errors end the program with status 2.
    """
    from mmreid import engine

    engine.expand_home(vars(args))
    with engine.short_errors(parser.exit, *kinds, debug=args.debug):
        yield


def command(main: Callable[[], None]) -> Callable[[], None]:
    """Let a command end quietly where nobody reads on, as after ``| head``.

    Args:
        main (Callable[[], None]): What the command does. It prints its results after
            its :func:`short_errors`, where a closed pipe would be explained.

    Returns:
        Callable[[], None]: The same; if its output was closed it ends with status 141.
    """

    @functools.wraps(main)
    def run() -> None:
        """Run the command and close its output."""
        try:
            try:
                main()
            finally:
                sys.stdout.flush()
        except BrokenPipeError:
            # Python flushes again when it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(_PIPE_STATUS)

    return run
