"""Text of numbers: which delimiter it has, and which line a fault is in."""

import io
import re
from collections.abc import Sequence

import numpy as np

_DELIMITERS = (',', ';', '\t')


class Places(Sequence[str]):
    """Names the line of each row of a text; counted where a fault asks for it.

    Args:
        path (str): The file, for the names.
        text (str): Its content.
        skip (int): Lines before the first row, such as a header. Defaults to 0.
    """

    def __init__(self, path: str, text: str, skip: int = 0) -> None:
        self.path = path
        self.text = text
        self.skip = skip

    def __getitem__(self, row: int) -> str:  # type: ignore[override]
        """Name a row's line."""
        filled = [
            number
            for number, line in enumerate(self.text.splitlines(), 1)
            if strip_comment(line)
        ]
        return f'{self.path!r}, line {filled[self.skip + row]}'

    def __len__(self) -> int:
        """Count the rows."""
        return sum(map(bool, map(strip_comment, self.text.splitlines()))) - self.skip


def read_text(path: str) -> str:
    """Read a text in UTF-8, or UTF-16 where a mark says so.

    Args:
        path (str): The file.

    Returns:
        str: Its content, with a plain line feed after each line and no mark.

    Raises:
        ValueError: It is no such text.
    """
    with open(path, 'rb') as file:
        content = file.read()
    marked = content.startswith((b'\xff\xfe', b'\xfe\xff'))
    try:
        text = content.decode('utf-16' if marked else 'utf-8-sig')
    except UnicodeDecodeError as error:
        raise ValueError(f'{path!r} is no UTF-8 text: {error}.') from error
    return text.replace('\r\n', '\n').replace('\r', '\n')


def strip_comment(line: str) -> str:
    """Take a comment, from ``#`` on, and blanks from a line.

    Args:
        line (str): The line.

    Returns:
        str: What is left of it.
    """
    return line.split('#', 1)[0].strip()


def find_delimiter(line: str) -> str | None:
    """Tell what separates the values of a line.

    Args:
        line (str): The line.

    Returns:
        str | None: A comma, semicolon or tab, or None for blanks.
    """
    return next((sign for sign in _DELIMITERS if sign in line), None)


def read_numbers(path: str, text: str, few: int, many: int) -> np.ndarray:
    """Read lines of numbers; a million of them takes a second or two.

    Args:
        path (str): The file, for error messages.
        text (str): Its content.
        few (int): The least number of values in a line.
        many (int): The largest.

    Returns:
        np.ndarray: ``(N, M)`` float64; M is ``few`` where there is no line.

    Raises:
        ValueError: A line, which is named, has other values, or too few or many.
    """
    filled = (strip_comment(line) for line in text.splitlines())
    first = next(filter(None, filled), '')
    if not first:
        return np.zeros((0, few))
    delimiter = find_delimiter(first)
    if delimiter and first.endswith(delimiter):
        text = re.sub(rf'[ {delimiter}]+$', '', text, flags=re.MULTILINE)
    try:
        numbers = np.loadtxt(io.StringIO(text), delimiter=delimiter, ndmin=2)
    except ValueError as error:
        raise ValueError(_find_fault(path, text, delimiter)) from error
    if not few <= numbers.shape[1] <= many:
        raise ValueError(
            f'{Places(path, text)[0]}: a line must have {few} to {many} values, got '
            f'{numbers.shape[1]}: {first!r}.'
        )
    return numbers


def _find_fault(path: str, text: str, delimiter: str | None) -> str:
    """Name the first line that is not like those before it."""
    width = None
    for number, line in enumerate(text.splitlines(), 1):
        if not (line := strip_comment(line)):
            continue
        values = line.split(delimiter)
        for value in values:
            try:
                float(value)
            except ValueError:
                return f'{path!r}, line {number}: {value.strip()!r} is no number.'
        if len(values) != (width := width or len(values)):
            return (
                f'{path!r}, line {number}: {len(values)} values, where the lines '
                f'before have {width}.'
            )
    return f'{path!r} is no table of numbers.'
