"""What a misspelt name may have meant; knows nothing but Python."""

import difflib
from collections.abc import Iterable


def nearest_name(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Find the known name that is nearest to a word.

    Args:
        word (str): What was written.
        known (Iterable[str]): Names that exist.
        cutoff (float): How alike they must be, from 0 to 1. Defaults to 0.6.

    Returns:
        str: The name, ``''`` where none is near.
    """
    return ''.join(nearest_names(word, known, 1, cutoff))


def nearest_names(
    word: str, known: Iterable[str], count: int = 3, cutoff: float = 0.6
) -> list[str]:
    """Find the known names that are nearest to a word.

    Args:
        word (str): What was written.
        known (Iterable[str]): Names that exist.
        count (int): How many at most. Defaults to 3.
        cutoff (float): How alike they must be, from 0 to 1. Defaults to 0.6.

    Returns:
        list[str]: The names, the nearest first.
    """
    return difflib.get_close_matches(word, [*known], n=count, cutoff=cutoff)


def end_with_hint(meant: str, question: str = 'did you mean') -> str:
    """End a sentence with what was meant, where that is known.

    Args:
        meant (str): What was meant, ``''`` where that is not known.
        question (str): The words before it. Defaults to ``'did you mean'``.

    Returns:
        str: The end of a sentence, its mark included.
    """
    mark = '?' if question.startswith('did') else '.'
    return f'; {question} {meant}{mark}' if meant else '.'
