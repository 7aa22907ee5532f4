"""JSON: written whole and without NaN, read with a sentence about what is wrong."""

import json
import math
import os
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from mmreid.files.plain_file import check_file
from mmreid.files.whole_file import whole_file

# Nothing that mmreid writes has so many levels, and what walks it may recurse.
_DEEPEST = 64


def write_json(path: str | os.PathLike, value: Any) -> None:
    """Write values as JSON, the whole file or none.

    Args:
        path (str | os.PathLike): The file; missing folders are made.
        value (Any): What :func:`to_json` takes.

    Raises:
        OSError: The file cannot be written; the message names it.
    """
    text = json.dumps(to_json(value), indent=2, allow_nan=False)
    with whole_file(path) as unfinished:
        unfinished.write_text(text + '\n', 'utf-8')


def to_json(value: Any, other: Callable[[Any], Any] | None = None) -> Any:
    """Express values in what JSON knows, which are no NaN and no infinity.

    Args:
        value (Any): A nest of dicts, lists and arrays of numbers and strings.
        other (Callable, optional): What to make of a value of any other type.
            Defaults to None: nothing, so that writing it fails.

    Returns:
        Any: The same in python's types, None in place of a number that does not exist.
    """
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): to_json(item, other) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item, other) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if other is None or value is None or isinstance(value, str | int | float):
        return value
    return other(value)


def read_json(path: str | os.PathLike) -> Any:
    """Read a JSON file.

    Args:
        path (str | os.PathLike): The file, in UTF-8 (or UTF-16 or 32).

    Returns:
        Any: Its content.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is no JSON, or nested deeper than anything mmreid writes.
    """
    return parse_json(check_file(path).read_bytes(), os.fspath(path))


def parse_json(text: str | bytes, name: str) -> Any:
    """Read JSON.

    Args:
        text (str | bytes): The JSON.
        name (str): What errors call it, such as the file that it is in.

    Returns:
        Any: Its content.

    Raises:
        ValueError: It is no JSON, or nested deeper than anything mmreid writes.
    """
    too_deep = ValueError(
        f'{name} must be JSON of at most {_DEEPEST} levels, but is nested deeper; it '
        'is none that mmreid has written.'
    )
    try:
        content = json.loads(text)
    except ValueError as error:
        raise ValueError(f'{name} is not JSON: {error}.') from error
    except RecursionError:
        raise too_deep from None
    level = [content]
    for _ in range(_DEEPEST):
        level = [child for node in level for child in _children(node)]
    if level:
        raise too_deep
    return content


def _children(node: Any) -> list[Any]:
    """Return the dicts and lists in a dict or a list."""
    values = node.values() if isinstance(node, dict) else node
    if not isinstance(node, dict | list):
        return []
    return [value for value in values if isinstance(value, dict | list)]
