"""How single words of a command line are read, as types of arguments."""

from argparse import ArgumentTypeError
from pathlib import Path


def positive(word: str) -> int:
    """Read a whole number above zero.

    Args:
        word (str): The number.

    Returns:
        int: Its value.

    Raises:
        ArgumentTypeError: It is another one, or none.
    """
    if not word.isdecimal() or int(word) < 1:
        raise ArgumentTypeError(f'{word!r} is not a whole number of at least 1')
    return int(word)


def number(word: str) -> int | float:
    """Read a number, a whole one as such.

    Args:
        word (str): The number.

    Returns:
        int | float: Its value.
    """
    return float(word) if '.' in word else int(word)


def point(word: str) -> tuple[float, float]:
    """Read ``X,Y``.

    Args:
        word (str): The point.

    Returns:
        tuple[float, float]: Its coordinates.

    Raises:
        ArgumentTypeError: It is not of this form.
    """
    try:
        x, y = map(float, word.split(','))
    except ValueError:
        raise ArgumentTypeError(f'{word!r} is not X,Y, as in 40,100') from None
    return x, y


def named_file(word: str) -> tuple[str, Path]:
    """Read ``NAME=FILE``.

    Args:
        word (str): Name and file.

    Returns:
        tuple[str, Path]: The two.

    Raises:
        ArgumentTypeError: It is not of this form.
    """
    name, _, file = word.partition('=')
    if not name or not file:
        raise ArgumentTypeError(f'{word} must be NAME=FILE')
    return name, Path(file)
