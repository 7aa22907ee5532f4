"""Cosines of two vectors of the same picture, row by row."""

import numpy as np


def cosines(vectors: np.ndarray, exact: np.ndarray) -> np.ndarray:
    """Return the cosines of pairs of vectors.

    Args:
        vectors (np.ndarray): ``(N, D)``.
        exact (np.ndarray): ``(N, D)``.

    Returns:
        np.ndarray: ``(N,)`` float64, -1 where one is zero or not finite.
    """
    a, b = vectors.astype(np.float64), exact.astype(np.float64)
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    with np.errstate(invalid='ignore', divide='ignore'):
        products = (a * b).sum(1) / lengths
    return np.nan_to_num(products, nan=-1.0)


def least_cosine(vectors: np.ndarray, exact: np.ndarray) -> float:
    """Return the least cosine of pairs of vectors.

    Args:
        vectors (np.ndarray): ``(N, D)``.
        exact (np.ndarray): ``(N, D)``.

    Returns:
        float: -1 where one is zero or not finite.
    """
    return float(cosines(vectors, exact).min())
