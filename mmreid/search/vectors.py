"""Vectors that have directions: checked, scaled to length one, and as they are kept."""

from typing import Any

import numpy as np

from mmreid.arguments import check_choice

DTYPES = ('float32', 'float16')
# Squares of components of shorter vectors lose digits in float32.
_SHORT = 1e-12
# Rows whose float64 copy is held at once.
_BLOCK = 4096


def check_vectors(vectors: Any, dim: int) -> np.ndarray:
    """Check that vectors have directions.

    Args:
        vectors (Any): ``(N, D)`` floating-point numbers.
        dim (int): D.

    Returns:
        np.ndarray: The same values.

    Raises:
        ValueError: Another type or width, or a row without a direction.
    """
    array = np.asarray(vectors)
    if array.dtype.kind != 'f' or array.dtype.itemsize > 8:
        raise ValueError(
            f'vectors must be float16, float32 or float64, got {array.dtype}; convert '
            'them first.'
        )
    if array.ndim != 2 or array.shape[1] != dim:
        raise ValueError(
            f'vectors must be an array (N, {dim}), as the gallery was made for, got '
            f'the shape {array.shape}.'
        )
    _refuse_rows('vectors', 'NaN or infinity', np.isfinite(array).all(axis=1))
    _refuse_rows('vectors', 'length zero', array.any(axis=1))
    return array


def check_queries(vectors: Any, dim: int) -> np.ndarray:
    """Check vectors that are searched for: with lengths that float64 can square.

    Args:
        vectors (Any): ``(Q, D)`` floating-point numbers.
        dim (int): D.

    Returns:
        np.ndarray: The same values.

    Raises:
        ValueError: As of :func:`check_vectors`, or a row too long or too short.
    """
    array = check_vectors(vectors, dim)
    if array.dtype == np.float64 and len(array):
        largest = np.abs(array).max(axis=1)
        good = (largest > 1e-140) & (largest < 1e140)
        if not good.all():
            row = int(good.argmin())
            raise ValueError(
                'vectors must have components from 1e-140 to 1e140, got at most '
                f'{largest[row]:g} in row {row}; scale it.'
            )
    return array


def to_kept(vectors: np.ndarray, dtype: str) -> np.ndarray:
    """Bring vectors into the form in which a gallery keeps them.

    What has been through this stays as it is, bit by bit: copies are equal.

    Args:
        vectors (np.ndarray): ``(N, D)``, checked.
        dtype (str): ``'float32'`` keeps them as they are; ``'float16'``, whose range
            is small, with length one.

    Returns:
        np.ndarray: ``(N, D)`` little-endian, contiguous.

    Raises:
        ValueError: Values of float64 that float32 cannot hold; the row is named.
    """
    check_choice('dtype', dtype, DTYPES)
    rows = _to_halves(vectors) if dtype == 'float16' else vectors
    with np.errstate(over='ignore', under='ignore'):
        kept = np.ascontiguousarray(rows, np.dtype(dtype).newbyteorder('<'))
    if vectors.dtype == np.float64:
        good = np.isfinite(kept).all(axis=1) & kept.any(axis=1)
        if not good.all():
            raise ValueError(
                f'vectors must be within the range of {dtype}, got row '
                f'{good.argmin()}; scale it.'
            )
    return kept


def to_units(vectors: np.ndarray) -> np.ndarray:
    """Scale to length one, in float64 and rounded once where float32 might overflow.

    Args:
        vectors (np.ndarray): ``(N, D)`` without rows of zero.

    Returns:
        np.ndarray: ``(N, D)`` float32, contiguous.
    """
    units = np.empty(vectors.shape, np.float32)
    for start in range(0, len(vectors), _BLOCK):
        rows = vectors[start : start + _BLOCK]
        if rows.dtype == np.float32:
            lengths = np.sqrt(np.einsum('nd,nd->n', rows, rows))[:, None]
            if ((lengths > _SHORT) & (lengths < 1 / _SHORT)).all():
                units[start : start + _BLOCK] = rows / lengths
                continue
        rows = rows.astype(np.float64)
        # Without the largest component, squares could overflow or vanish.
        rows /= np.abs(rows).max(axis=1, keepdims=True)
        units[start : start + _BLOCK] = rows / np.linalg.norm(
            rows, axis=1, keepdims=True
        )
    return units


def _to_halves(vectors: np.ndarray) -> np.ndarray:
    """Scale to length one and round to float16; what has been through this stays."""
    halves = np.empty(vectors.shape, np.float16)
    # How far rounding may take a length from one.
    rounding = float(np.finfo(np.float16).eps) / 2 * (1 + 2.0**-9)
    for start in range(0, len(vectors), _BLOCK):
        given = vectors[start : start + _BLOCK].astype(np.float64)
        largest = np.abs(given).max(axis=1, keepdims=True)
        lengths = np.linalg.norm(given / largest, axis=1, keepdims=True)
        near = np.abs(lengths * largest - 1)[:, 0] <= rounding
        near[near] = (given[near] == given[near].astype(np.float16)).all(axis=1)
        scaled = given / largest / lengths
        scaled[near] = given[near]
        halves[start : start + _BLOCK] = scaled
    return halves


def unit_vectors(vectors: np.ndarray, name: str = 'vectors') -> np.ndarray:
    """Scale vectors to length one, in float64.

    Args:
        vectors (np.ndarray): ``(N, D)`` numbers.
        name (str): What errors call them. Defaults to ``'vectors'``.

    Returns:
        np.ndarray: ``(N, D)`` float64.

    Raises:
        ValueError: They are no matrix of numbers, or one has no direction; it is
            named by its row.
    """
    lengths = lengths_of(vectors, name)
    return np.asarray(vectors) / lengths[:, None]


def lengths_of(vectors: np.ndarray, name: str = 'vectors') -> np.ndarray:
    """Measure vectors, without a copy of all of them.

    Args:
        vectors (np.ndarray): ``(N, D)`` numbers.
        name (str): What errors call them. Defaults to ``'vectors'``.

    Returns:
        np.ndarray: ``(N,)`` float64, all above 0.

    Raises:
        ValueError: They are no matrix of numbers, or one has no direction; it is
            named by its row.
    """
    array = np.asarray(vectors)
    if array.ndim != 2 or array.dtype.kind not in 'fiu':
        raise ValueError(
            f'{name} must be a matrix (N, D) of numbers, got {array.dtype} '
            f'{array.shape}.'
        )
    lengths = np.zeros(len(array))
    for start in range(0, len(array), _BLOCK):
        block = array[start : start + _BLOCK].astype(np.float64)
        _refuse_rows(name, 'NaN or infinity', np.isfinite(block).all(1), start)
        lengths[start : start + _BLOCK] = np.linalg.norm(block, axis=1)
    _refuse_rows(name, 'length zero', lengths > 0)
    return lengths


def _refuse_rows(name: str, fault: str, good: Any, start: int = 0) -> None:
    if not good.all():
        raise ValueError(
            f'{name} must have a direction, got {fault} in row '
            f'{start + good.argmin()}; leave that row out.'
        )


def check_length(name: str, value: np.ndarray, count: int) -> None:
    """Refuse what is no list with an entry for each of the vectors.

    Args:
        name (str): What the argument is called.
        value (np.ndarray): It.
        count (int): Number of vectors.

    Raises:
        ValueError: It has another shape.
    """
    if value.shape != (count,):
        raise ValueError(
            f'{name} must have one entry for each of the {count} vectors, got shape '
            f'{value.shape}.'
        )
