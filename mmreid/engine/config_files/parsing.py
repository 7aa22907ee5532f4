"""Parsing Python while other threads do, which some versions of Python confuse."""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar('T')
_CONFUSED = 'recursion depth mismatch'
_ATTEMPTS = 20


def parse_again(parse: Callable[[], T]) -> T:
    """Call what parses Python, again where another thread parsed at the same moment.

    Python 3.11 counts the depth of what it parses once for all threads, and ends with a
    SystemError where a second one comes between (https://github.com/python/cpython/issues/106905);
    printing a traceback parses, too.

    Args:
        parse (Callable): Has no arguments, and may be called several times.

    Returns:
        Any: What it returns.

    Raises:
        SystemError: Another one, or this one again and again.
    """
    for _ in range(_ATTEMPTS):
        try:
            return parse()
        except SystemError as error:
            if _CONFUSED not in str(error):
                raise
    return parse()
