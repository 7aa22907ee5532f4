"""Conditions and options of galleries as a command line names them."""

from argparse import ArgumentTypeError
from typing import Any


def limit_word(word: str) -> float | None:
    """Read an end of a span of time.

    Args:
        word (str): Seconds, or ``-``.

    Returns:
        float | None: Seconds; None for no limit.

    Raises:
        ArgumentTypeError: It is neither.
    """
    if word == '-':
        return None
    try:
        return float(word)
    except ValueError:
        raise ArgumentTypeError(
            f'{word!r} must be seconds, or - for no limit'
        ) from None


def field_word(word: str) -> tuple[str, list[Any]]:
    """Read ``NAME=VALUE``.

    Args:
        word (str): A field and its value.

    Returns:
        tuple[str, list[Any]]: The name, and what the value may mean: the text, and the
        number or truth value that it looks like.

    Raises:
        ArgumentTypeError: It is not of this form.
    """
    from mmreid.search.filters import read_field

    try:
        return read_field(word)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def option_word(word: str) -> tuple[str, int]:
    """Read ``NAME=N``.

    Args:
        word (str): An option of an index and its whole number.

    Returns:
        tuple[str, int]: The same.

    Raises:
        ArgumentTypeError: It is not of this form.
    """
    name, _, value = word.partition('=')
    try:
        return name, int(value)
    except ValueError:
        raise ArgumentTypeError(
            f'{word!r} must be NAME=N with a whole number, as in probes=32'
        ) from None
