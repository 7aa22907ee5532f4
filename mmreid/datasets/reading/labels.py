"""What the label of a person, a camera or clothes says, however it is written."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np

#: What a label says: a number, or a name.
Meaning = int | str

# Numbers of up to 18 digits keep their value: nine data sets of such numbers can be
# united below the largest int64.
_LARGEST = 10**18 - 1
# A float of this size or more has lost digits: two numbers may have become one.
_EXACT = 2**53
# What Python, pandas, R, databases and people write where there is no value, and
# spreadsheets where they could not compute it, in small letters.
_MISSING = {
    *('', 'nan', '-nan', 'none', 'null', 'nat', 'n/a', '<na>', '#n/a', '#na', '\\n'),
    *('#n/a n/a', '1.#ind', '-1.#ind', '1.#qnan', '-1.#qnan', '-', '--', '?'),
    *('#ref!', '#value!', '#name?', '#div/0!', '#null!', '#num!'),
}
# With any decimal digits of Unicode. Python's int would also take 1_02 and 10_2, two
# names, for one number. Where the decimal sign is a comma, pandas writes 7,0.
_NUMBER = re.compile(r'([+-]?\d+)(?:\.0*|,0)?')
# What editors leave unseen at the ends of cells: byte order marks, zero-width spaces
# and the marks of the direction of writing.
_UNSEEN = '\ufeff\u200b\u200e\u200f\u2060'
# The minus sign, and the signs as wide as Chinese characters.
_SIGNS = str.maketrans('\u2212\uff0d\uff0b\uff0e', '--+.')


def read_label(value: Any) -> Meaning | None:
    """Read a label by itself, whatever the other labels are.

    A whole number in any spelling (``7``, ``'007'``, ``7.0``, ``'+7'``, ``'7,0'``) is a
    number, any other text a name, normalised (NFC) and without blanks around it.

    Args:
        value (Any): As a folder, a table or a program has it.

    Returns:
        Meaning | None: A number, a name, or None where the label is missing: ``None``,
        NaN, nothing, or a word such as ``nan`` that programs write for it.

    Raises:
        ValueError: It is neither text nor a number, or a float that has lost digits.
    """
    if value is None or value != value:
        return None
    if isinstance(value, str | bool):
        return _read_text(str(value))
    if isinstance(value, int | np.integer):
        return int(value)
    if not isinstance(value, float | np.floating):
        raise ValueError(f'A label must be text or a number, got {value!r}.')
    if abs(float(value)) >= _EXACT:
        raise ValueError(
            f'A label that is a float must be below 2**53, got {value!r}, whose '
            'last digits are lost; write it as text or as an integer.'
        )
    return _read_text(str(float(value)))


@lru_cache(1 << 16)
def _read_text(written: str) -> Meaning | None:
    text = unicodedata.normalize('NFC', written).strip().strip(_UNSEEN).strip()
    if text.lower() in _MISSING or text == 'NA':
        return None
    number = _NUMBER.fullmatch(text.translate(_SIGNS))
    return int(number[1]) if number else text


def number_labels(labels: Iterable[Meaning], offset: int = 0) -> dict[Meaning, int]:
    """Number what labels say, the same in every process.

    Numbers keep their value, so that they mean the same whatever names there are;
    names are numbered in sorted order, beginning above the highest number. Numbers of
    more than 18 digits, which int64 does not hold, count as names.

    Args:
        labels (Iterable[Meaning]): Numbers and names.
        offset (int): Added to every number from 0 on that keeps its value.
    """
    labels = set(labels)
    numbers: dict[Meaning, int] = {
        label: label + offset if label >= 0 else label
        for label in labels
        if isinstance(label, int) and abs(label) <= _LARGEST
    }
    names = sorted(labels - numbers.keys(), key=sort_key)
    start = max([0, *numbers.values()]) + 1
    return numbers | {name: number for number, name in enumerate(names, start)}


def sort_key(label: Meaning | None) -> tuple:
    """Return what to sort labels by: missing ones, numbers, then names.

    Args:
        label (Meaning | None): What a label says.
    """
    return (label is not None, isinstance(label, str), label or 0)
