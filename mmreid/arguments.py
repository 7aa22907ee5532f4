"""Checks of arguments that many functions share; knows nothing but Python."""

import math
from collections.abc import Iterable
from typing import Any


def check_choice(name: str, value: Any, choices: Iterable[Any]) -> None:
    """Refuse a value that is none of those known.

    Args:
        name (str): What the argument is called.
        value (Any): What was given.
        choices (Iterable[Any]): What may be given, ``None`` among them if it may.

    Raises:
        ValueError: The value is none of the choices, which are named.
    """
    known = [*choices]
    if value not in known:
        raise ValueError(f'{name} must be one of {known}, got {value!r}.')


def check_number(
    name: str, value: Any, above: float = -math.inf, below: float = math.inf
) -> None:
    """Refuse what is no number between two others.

    Args:
        name (str): What the argument is called.
        value (Any): What was given.
        above (float): It must be larger. Defaults to no limit.
        below (float): It must be smaller. Defaults to no limit.

    Raises:
        ValueError: It is no finite number, or not between them.
    """
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and above < value < below and math.isfinite(value):
        return
    limits = [
        f'{word} {limit:g}'
        for word, limit in (('above', above), ('below', below))
        if math.isfinite(limit)
    ]
    raise ValueError(
        f'{" ".join([name, "must be a number", " and ".join(limits)]).strip()}, got '
        f'{value!r}.'
    )


def check_count(name: str, value: Any, least: int = 1) -> None:
    """Refuse what is no whole number, or too small.

    Args:
        name (str): What the argument is called.
        value (Any): What was given.
        least (int): The smallest that may be given. Defaults to 1.

    Raises:
        ValueError: It is no ``int``, or smaller.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ValueError(f'{name} must be at least {least}, got {value!r}.')
