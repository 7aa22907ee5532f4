"""What is given to galleries, checked: ids, labels, and the model's key."""

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from mmreid.arguments import check_choice
from mmreid.search.vectors import DTYPES

LABELS = ('persons', 'cameras', 'times', 'paths', 'fields')


class UnknownEntryError(ValueError, LookupError):
    """An id is of no entry, or of one that was removed."""


def check_new(dim: Any, dtype: Any, model_key: Any) -> int:
    """Check what a new gallery is made for.

    Args:
        dim (Any): Width of the vectors.
        dtype (Any): One of :data:`DTYPES`.
        model_key (Any): Key of the model.

    Returns:
        int: The width.

    Raises:
        ValueError: One of them is out of range.
    """
    check_choice('dtype', dtype, DTYPES)
    whole = isinstance(dim, int | np.integer) and not isinstance(dim, bool)
    if not whole or dim < 1:
        raise ValueError(f'dim must be a whole number from 1, got {dim!r}.')
    if not isinstance(model_key, str) or not model_key:
        raise ValueError(f'model_key must be text, got {model_key!r}.')
    return int(dim)


def check_key(given: Any, kept: str) -> None:
    """Refuse vectors of another model.

    Args:
        given (Any): Key of the model that made them.
        kept (str): Key of the gallery's.

    Raises:
        ValueError: They differ; both are named.
    """
    if given != kept:
        raise ValueError(
            f'model_key must be {kept}, of the model that the gallery was made with, '
            f'got {given}; embed with that model, or make another gallery.'
        )


def check_ids(ids: Any) -> np.ndarray:
    """Check that ids are whole numbers, each once.

    Args:
        ids (Any): ``(N,)``.

    Returns:
        np.ndarray: ``(N,)`` int64.

    Raises:
        ValueError: They are not.
    """
    array = np.atleast_1d(np.asarray(ids))
    if array.ndim != 1 or (len(array) and array.dtype.kind not in 'iu'):
        raise ValueError(
            f'ids must be a list of whole numbers, got {array.dtype} {array.shape}.'
        )
    values, counts = np.unique(array, return_counts=True)
    if (counts > 1).any():
        raise ValueError(f'ids must differ, got {values[counts > 1][0]} twice.')
    return array.astype(np.int64)


def refuse_missing(missing: Sequence[int], count: int, place: Any) -> None:
    """Refuse ids that a gallery does not have.

    Args:
        missing (Sequence[int]): Those.
        count (int): How many ids were given.
        place (Any): Path or address of the gallery.

    Raises:
        UnknownEntryError: There are some; the first ones are named.
    """
    if len(missing):
        raise UnknownEntryError(
            f'ids must be of entries of {place}, got {list(missing[:5])}'
            f'{" and others" if len(missing) > 5 else ""}, which are not there '
            f'({len(missing)} of {count}).'
        )


def check_labels(count: int, labels: dict[str, Any]) -> dict[str, list[Any]]:
    """Check labels and bring them into the form in which they are kept.

    Args:
        count (int): How many entries.
        labels (dict[str, Any]): By the names of :data:`LABELS`; None is left out.

    Returns:
        dict[str, list[Any]]: Text, float or None; fields as JSON.

    Raises:
        ValueError: An unknown name, another number, or a value that is none; it is
            named by its row.
    """
    checked = {}
    for name, values in labels.items():
        check_choice('label', name, LABELS)
        if values is None:
            continue
        if isinstance(values, str) or not isinstance(values, Sequence | np.ndarray):
            raise ValueError(f'{name} must be a list, got {values!r}.')
        if len(values) != count:
            raise ValueError(
                f'{name} must be as many as the {count} entries, got {len(values)}.'
            )
        kind = dict(times=_time, fields=_fields).get(name, to_text)
        checked[name] = [
            None if value is None else kind(f'{name}[{row}]', value)
            for row, value in enumerate(values)
        ]
    if 'fields' in checked:
        checked['fields'] = [value or '{}' for value in checked['fields']]
    return checked


def to_text(name: str, value: Any) -> str:
    """Bring a label into the form in which it is kept and compared.

    Args:
        name (str): What it is.
        value (Any): Text or a whole number.

    Returns:
        str: The text.

    Raises:
        ValueError: It is something else.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f'{name} must be text or a whole number, got {value!r}.')
    check_text(name, str(value))
    return str(value)


def check_text(name: str, text: str) -> None:
    """Refuse text that not every database keeps and compares.

    Args:
        name (str): What it is.
        text (str): Without NUL, at which C's texts end, and without halves of pairs.

    Raises:
        ValueError: It has them.
    """
    if '\0' in text:
        raise ValueError(f'{name} must be text without NUL, got {text!r}.')
    try:
        text.encode()
    except UnicodeEncodeError as reason:
        raise ValueError(f'{name} must be UTF-8 text, got {text!r}.') from reason


def check_value(name: str, value: Any) -> None:
    """Refuse what cannot be the value of a field, or compared with one.

    Args:
        name (str): What it is.
        value (Any): Text, a finite number of 64 bits, or a truth value.

    Raises:
        ValueError: It is something else.
    """
    if isinstance(value, str):
        check_text(name, value)
        return
    if isinstance(value, float) and math.isfinite(value):
        return
    # Wider ones would be compared as rounded.
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return
    raise ValueError(
        f'{name} must be text, a finite number of at most 64 bits, or a truth value, '
        f'got {value!r}.'
    )


def to_seconds(value: Any) -> float:
    """Read a number of seconds.

    Args:
        value (Any): A number; neither text nor a truth value is one.

    Returns:
        float: It, NaN for what is none.
    """
    if isinstance(value, str | bytes | bool | np.bool_):
        return math.nan
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _time(name: str, value: Any) -> float:
    seconds = to_seconds(value)
    if not math.isfinite(seconds):
        raise ValueError(f'{name} must be seconds, or None if unknown, got {value!r}.')
    return seconds


def _fields(name: str, fields: Any) -> str:
    if not isinstance(fields, dict):
        raise ValueError(f'{name} must be a dict, got {fields!r}.')
    for key, value in fields.items():
        if not isinstance(key, str) or '"' in key:
            raise ValueError(f'{name} must be named by text without ", got {key!r}.')
        check_text(f'A name of {name}', key)
        if value is not None:
            check_value(f'{name}[{key!r}]', value)
    return json.dumps(fields)
