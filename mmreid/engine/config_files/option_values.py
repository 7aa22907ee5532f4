"""What the text behind ``KEY=`` on a command line means."""

import re
from collections.abc import Sequence
from typing import Any

# Keys whose values are texts even where they look like numbers, lists or groups.
_TEXTS = re.compile(
    r'(root|dir|path|file|prefix|checkpoint|table|pattern|source|load_from|name)$'
)
_CLOSING = {'[': ']', '(': ')', '{': '}'}
_QUOTES = ('"', "'")


def is_text(words: Sequence[str]) -> bool:
    """Tell whether a key's value is a text, whatever it looks like.

    Args:
        words (Sequence[str]): The words of the key.
    """
    return bool(_TEXTS.search(words[-1])) or 'folders' in words[-2:-1]


def join_split_lists(options: Sequence[str]) -> list[str]:
    """Put values together that a shell has split at their blanks.

    Args:
        options (Sequence[str]): ``KEY=VALUE`` strings, such as ``'ranks=[1,'`` and
            ``'5]'``.

    Returns:
        list[str]: The strings, each with as many closing brackets as opening ones.
    """
    joined: list[str] = []
    for option in options:
        if joined and _is_open(joined[-1]):
            joined[-1] += f' {option}'
        else:
            joined.append(option)
    return joined


def read_value(text: str, words: Sequence[str], current: Any) -> Any:
    """Read a value as its key means it.

    Numbers, ``True``, ``False`` and ``None`` are themselves, lists, tuples and dicts
    are written as in python or JSON, with quotes or without; ``1,3,5`` is a list. A
    text stays as it is, with its commas and blanks, where the config has a text or the
    key asks for one (``data_root``, ``pattern``).

    Args:
        text (str): The value as typed.
        words (Sequence[str]): The words of the key.
        current (Any): What the config has there, None for nothing.

    Returns:
        Any: The value.

    Raises:
        ValueError: It is empty, or its brackets or quotes do not close.
    """
    text = text.strip()
    if not text:
        raise ValueError('the value is empty: write None, or "\'\'" for an empty text')
    nothing = {'None', 'null'}
    if is_text(words) or not isinstance(current, str | None):
        nothing.add('none')
    if text in nothing:
        return None
    if is_text(words):
        return _unquote(text)
    if isinstance(current, str) and text[0] not in (*_CLOSING, *_QUOTES):
        return text if ',' in text else _read_word(text)
    return _Reader(text).read()


class _Reader:
    """Reads nested values from left to right.

    Args:
        text (str): What to read.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def read(self) -> Any:
        """Read the whole text, whose commas outside of brackets make a list."""
        values = self._items('')
        return values if len(values) > 1 or self.text.endswith(',') else values[0]

    def _items(self, closing: str) -> list[Any]:
        values: list[Any] = []
        while not self._take(closing):
            values.append(self._value(closing))
            if not self._take(',') and self._peek() != closing:
                raise ValueError(f'{closing or "a comma"!r} is missing in {self.text}')
        return values

    def _value(self, closing: str) -> Any:
        opening = self._peek()
        if opening in _QUOTES:
            return self._quoted()
        if not opening or opening not in _CLOSING:
            stops = f',{closing}' + (':' if closing == '}' else '')
            end = re.compile(f'[{re.escape(stops)}]|$').search(self.text, self.at)
            assert end is not None  # an end there always is
            word, self.at = self.text[self.at : end.start()], end.start()
            return _read_word(word.strip())
        self.at += 1
        if opening == '{':
            return self._pairs()
        values = self._items(_CLOSING[opening])
        return tuple(values) if opening == '(' else values

    def _pairs(self) -> dict:
        pairs: dict = {}
        while not self._take('}'):
            key = self._value('}')
            if not isinstance(key, str) or not self._take(':'):
                raise ValueError(f"a name and ':' are missing in {self.text}")
            pairs[key] = self._value('}')
            if not self._take(',') and self._peek() != '}':
                raise ValueError(f"'}}' is missing in {self.text}")
        return pairs

    def _quoted(self) -> str:
        quote, start = self.text[self.at], self.at + 1
        end = self.text.find(quote, start)
        if end < 0:
            raise ValueError(f'a quote is not closed in {self.text}')
        self.at = end + 1
        return self.text[start:end]

    def _peek(self) -> str:
        while self.text[self.at : self.at + 1].isspace():
            self.at += 1
        return self.text[self.at : self.at + 1]

    def _take(self, mark: str) -> bool:
        """Pass a mark, if it comes next; the end, where the mark is empty."""
        is_next = self._peek() == mark
        self.at += len(mark) if is_next else 0
        return is_next


def _read_word(word: str) -> Any:
    """Read what stands without quotes."""
    if not word or re.search(r'[][(){}\'"]', word):
        raise ValueError(
            f'{word!r} is no value: write lists and dicts as [1, 2] and {{"k1": 20}}'
        )
    known = {'true': True, 'false': False, 'null': None, 'None': None}
    for name in (word, word.lower()):
        if name in known:
            return known[name]
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    return word


def _unquote(text: str) -> str:
    """Take away the quotes around a text."""
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in _QUOTES
    return text[1:-1] if quoted else text


def _is_open(option: str) -> bool:
    """Tell whether a value begins with a bracket that is not closed."""
    key, _, value = option.partition('=')
    if value[:1] not in _CLOSING or is_text(key.split('.')):
        return False
    return any(value.count(a) > value.count(b) for a, b in _CLOSING.items())
