"""Errors that end a program with their message instead of a traceback."""

import difflib
import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_ARGUMENT = re.compile(
    r'(?P<place>(?P<name>\w+)\.__init__\(\)) got an unexpected keyword argument '
    r"'(?P<key>\w+)'"
)


def explain(error: Exception) -> str:
    """Return an error's message, as it was before torch passed it on.

    torch raises an error of a data loader's worker process anew, with the worker's
    whole traceback for a message.

    Args:
        error (Exception): The error.

    Returns:
        str: What the place that raised it had to say.
    """
    text = str(error)
    if 'Original Traceback' not in text:
        return text
    start = rf'^(?:\w+\.)*{type(error).__name__}: '
    return ' '.join(re.split(start, text, flags=re.MULTILINE)[-1].split())


def explain_argument(error: TypeError) -> str:
    """Tell which argument a config gives to a class that has no such one.

    Args:
        error (TypeError): The error, as raised.

    Returns:
        str: The class, the argument and the nearest that it has; '' for an error of
        another kind.
    """
    found, trace = _ARGUMENT.search(str(error)), error.__traceback__
    if found is None or trace is None:
        return ''
    while trace.tb_next is not None:
        trace = trace.tb_next
    near = difflib.get_close_matches(
        found['key'], _list_arguments(found['name'], trace.tb_frame), n=1
    )
    hint = f'; did you mean {near[0]!r}?' if near else '.'
    return f'{found["name"]} has no argument {found["key"]!r}{hint}'


def _list_arguments(name: str, frame: FrameType) -> list[str]:
    """List the arguments of a class that a frame calls, its parents' included."""
    values = [*frame.f_locals.values(), *frame.f_globals.values()]
    kinds = [value if isinstance(value, type) else type(value) for value in values]
    for kind in kinds:
        if name in [parent.__name__ for parent in kind.__mro__]:
            makers = [parent.__init__ for parent in kind.__mro__[:-1]]  # type: ignore
            return [p for maker in makers for p in inspect.signature(maker).parameters]
    return []


@contextmanager
def short_errors(
    leave: Callable[[int, str], Any], *kinds: type[Exception], debug: bool
) -> Iterator[None]:
    """End the program with an error's message alone, where the message is enough.

    That of an argument which a config gives to a class without such an argument always
    is, with the nearest one.

    Args:
        leave (Callable[[int, str], Any]): Ends the program with a status and a
            message, as ``argparse.ArgumentParser.exit`` does.
        *kinds (type[Exception]): Errors that explain themselves.
        debug (bool): Let the error pass, with its traceback.

    Yields:
        None: Inside, the errors end the program with status 2.
    """
    caught: tuple[type[Exception], ...] = (*kinds, TypeError)
    try:
        yield
    except caught as error:
        argument = explain_argument(error) if isinstance(error, TypeError) else ''
        if debug or not (argument or isinstance(error, kinds)):
            raise
        text = argument or explain(error)
        leave(2, f'error: {text}\n(--debug shows where it was raised)\n')
