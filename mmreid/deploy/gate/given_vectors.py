"""Vectors as they come: what they must be before anything is ranked."""

from typing import Any

import numpy as np

from mmreid.deploy.gate.checks import Finding, check_shape, check_vectors
from mmreid.deploy.gate.comparing import Case
from mmreid.evaluation.test_set import Features


def check_exact(exact: Any, labels: Features) -> np.ndarray:
    """Return the network's vectors in float32, one for each label.

    Args:
        exact (Any): ``(N, D)`` of the network.
        labels (Features): Of the same pictures.

    Raises:
        ValueError: The labels are none, or the vectors are not one a label.
    """
    if not isinstance(labels, Features):
        raise ValueError(
            'labels must be Features, which say row by row who is shown and what is a '
            f'query, got {type(labels).__name__}.'
        )
    vectors = np.asarray(exact)
    if vectors.ndim != 2 or len(vectors) != len(labels.person_id) or not vectors.size:
        raise ValueError(
            f'exact must hold a vector for each of the {len(labels.person_id)} '
            f'labels, got the shape {vectors.shape}.'
        )
    return to_float32(vectors)


def to_float32(vectors: np.ndarray) -> np.ndarray:
    """Return what a file can hold; numbers beyond that are infinite.

    Args:
        vectors (np.ndarray): Of any number type.
    """
    with np.errstate(over='ignore'):
        return np.ascontiguousarray(vectors, np.float32)


def check_both(case: Case, exact: np.ndarray, given: np.ndarray) -> list[Finding]:
    """Find why vectors cannot be ranked.

    Args:
        case (Case): What is judged.
        exact (np.ndarray): ``(N, D)`` float32 of the network.
        given (np.ndarray): Of the file, as they came.
    """
    needs_directions = case.needs_directions
    findings = check_vectors('network', exact, needs_directions)
    shape = check_shape(given, exact.shape)
    if shape:
        return findings + shape
    return findings + check_vectors('file', to_float32(given), needs_directions)
