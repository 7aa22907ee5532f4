"""Checks of arguments that many functions share; knows nothing but Python."""

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
