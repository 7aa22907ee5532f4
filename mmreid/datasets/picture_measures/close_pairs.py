"""Pairs of pictures whose perceptual hashes hardly differ."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

_BITS = 64
_ROWS = 1024


class ClosePairs(NamedTuple):
    """Pairs of pictures, the nearest first.

    Attributes:
        pairs: ``(n, 2)`` int64 indices, ascending in each pair.
        bits: ``(n,)`` int64 by how many bits each differs.
        found: How many there are, with those that were not kept.
    """

    pairs: np.ndarray
    bits: np.ndarray
    found: int


def find_close_pairs(
    hashes: Sequence[int],
    most_bits: int = 6,
    largest: int = 100_000,
    progress: Callable[[int, int], None] | None = None,
) -> ClosePairs:
    """Find all pairs of hashes that differ by few bits.

    With bits as -1 and 1 the product of two hashes is 64 less twice the bits in which
    they differ, so that a block of rows is one product of matrices, in whole numbers
    that float32 holds exactly.

    Args:
        hashes (Sequence[int]): 64 bits of each picture.
        most_bits (int): By which a pair differs. Defaults to 6.
        largest (int): Number of pairs that are kept. Defaults to 100,000.
        progress (Callable, optional): Called with pictures done and in all.
            Defaults to None.

    Raises:
        ValueError: ``most_bits`` is not from 0 to 63.
    """
    if not 0 <= most_bits < _BITS:
        raise ValueError(f'most_bits must be from 0 to 63, got {most_bits}.')
    words = np.array([*hashes], np.uint64).astype('>u8').view(np.uint8)
    signs = np.unpackbits(words.reshape(-1, 8), axis=1).astype(np.float32) * 2 - 1
    least = _BITS - 2 * most_bits
    pairs, bits, found = np.zeros((0, 2), np.int64), np.zeros(0, np.int64), 0
    for start in range(0, len(signs), _ROWS):
        products = signs[start : start + _ROWS] @ signs[start:].T
        rows, others = np.nonzero(products >= least)
        later = others > rows
        rows, others = rows[later], others[later]
        found += len(rows)
        differing = (_BITS - products[rows, others].astype(np.int64)) // 2
        pairs = np.concatenate([pairs, np.stack([rows, others], axis=1) + start])
        bits = np.concatenate([bits, differing])
        if len(pairs) > 2 * largest:
            pairs, bits = _nearest(pairs, bits, largest)
        if progress is not None:
            progress(min(start + _ROWS, len(signs)), len(signs))
    return ClosePairs(*_nearest(pairs, bits, largest), found)


def _nearest(
    pairs: np.ndarray, bits: np.ndarray, number: int
) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(bits, kind='stable')[:number]
    return pairs[order], bits[order]
