"""Single entries of a checkpoint: whether one fits, and what is said where not."""

from typing import Any

from torch import Tensor

# Names in a message; the others are counted.
MOST_NAMES = 3


def describe_mismatch(key: str, value: Any, wanted: Tensor) -> str:
    """Say what is wrong with an entry.

    Args:
        key (str): Its name.
        value (Any): What the file has, None for nothing.
        wanted (Tensor): What the model has.

    Returns:
        str: The name, and the reason in brackets.
    """
    if value is None:
        return f'{key} (missing)'
    if not isinstance(value, Tensor):
        return f'{key} (a {type(value).__name__} instead of a tensor)'
    if value.shape == wanted.shape:
        return f'{key} ({value.dtype} instead of {wanted.dtype})'
    return f'{key} ({list(value.shape)} instead of {list(wanted.shape)})'


def fits_in(value: Any, wanted: Tensor) -> bool:
    """Tell whether a value can be loaded in another's place.

    Args:
        value (Any): What the file has.
        wanted (Tensor): What the model has.

    Returns:
        bool: Whether kind and shape are the same.
    """
    return is_same_kind(value, wanted) and value.shape == wanted.shape


def is_same_kind(value: Any, wanted: Tensor) -> bool:
    """Tell whether a value is numbers that keep their meaning in another's place.

    Args:
        value (Any): What the file has.
        wanted (Tensor): What the model has.

    Returns:
        bool: Whether both are whole, real or complex, and none becomes infinite.
    """
    if not isinstance(value, Tensor) or value.is_complex() != wanted.is_complex():
        return False
    if value.is_floating_point() != wanted.is_floating_point():
        return False
    narrower = wanted.dtype.itemsize < value.dtype.itemsize
    return not narrower or bool(value.to(wanted.dtype).isfinite().all())


def list_some(names: list[str]) -> str:
    """List the first of many names.

    Args:
        names (list[str]): The names.

    Returns:
        str: At most three, and how many more there are.
    """
    more = len(names) - MOST_NAMES
    shown = ', '.join(str(name)[:100] for name in names[:MOST_NAMES])
    return shown + (f' and {more} more' if more > 0 else '')
