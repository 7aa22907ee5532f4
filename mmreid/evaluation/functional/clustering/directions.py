"""Vectors of pictures scaled to length one, with words for those that cannot be."""

import numpy as np

from mmreid.evaluation.functional.distances.vectors import Vectors
from mmreid.evaluation.test_set import Array


def directions(vectors: Array) -> np.ndarray:
    """Return the vectors scaled to length one.

    Args:
        vectors (Array): ``(N, D)`` floats, NumPy or torch.

    Returns:
        np.ndarray: ``(N, D)`` float32, or float64 where these are.

    Raises:
        ValueError: NaN, infinity or a vector of length zero, the first one named.
    """
    checked = Vectors(vectors, 'picture')
    zero = np.flatnonzero(checked.norms == 0)
    if len(zero):
        raise ValueError(
            f'picture vector {zero[0]} has length zero and so no direction '
            f'({len(zero)} of {len(checked)} vectors are affected); mend the features '
            'or leave these pictures out.'
        )
    return checked.directions()
