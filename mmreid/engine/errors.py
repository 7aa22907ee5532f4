"""Errors that end a program with their message instead of a traceback."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


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


@contextmanager
def short_errors(
    leave: Callable[[int, str], Any], *kinds: type[Exception], debug: bool
) -> Iterator[None]:
    """End the program with an error's message alone, where the message is enough.

    Args:
        leave (Callable[[int, str], Any]): Ends the program with a status and a
            message, as ``argparse.ArgumentParser.exit`` does.
        *kinds (type[Exception]): Errors that explain themselves.
        debug (bool): Let the error pass, with its traceback.

    Yields:
        None: Inside, the errors end the program with status 2.
    """
    try:
        yield
    except kinds as error:
        if debug:
            raise
        leave(2, f'error: {explain(error)}\n(--debug shows where it was raised)\n')
