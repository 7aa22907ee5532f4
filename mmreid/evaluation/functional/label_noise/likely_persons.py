"""Which persons each picture may show, and how probably."""

from collections.abc import Callable

import numpy as np

from mmreid.evaluation.functional.label_noise.confident_learning import (
    LikelyPersons,
    fit_sharpness,
    softmax,
)
from mmreid.evaluation.functional.label_noise.person_scores import PersonScores

# So many persons are remembered of a picture; others have less than 1 / 33.
_LIKELY = 32
# So many pictures are enough to fit one number.
_FITTED = 4096


def find_likely(
    scores: PersonScores,
    labels: np.ndarray,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[LikelyPersons, LikelyPersons, np.ndarray]:
    """Compute the probable persons of pictures.

    Args:
        scores (PersonScores): Of N pictures and K persons.
        labels (np.ndarray): ``(N,)`` persons from 0 to K - 1.
        progress (Callable, optional): Called with pictures done and in all.
            Defaults to None.

    Returns:
        tuple[LikelyPersons, LikelyPersons, np.ndarray]: By the pictures of all cameras;
        by the product of that and of other cameras alone, scaled to 1; and ``(N,)``
        float32 the lesser probability of the label's own person by either way alone.
    """
    size = len(labels)
    sharpness = _fit(scores, labels)
    single, both = (_no_persons(size, min(_LIKELY, scores.count)) for _ in range(2))
    own = np.empty(size, np.float32)
    for block in scores.blocks(np.arange(size), progress):
        everywhere = softmax(block.everywhere, sharpness[0])
        elsewhere = softmax(block.elsewhere, sharpness[1])
        _keep(single, block.rows, everywhere, labels)
        product = everywhere * elsewhere
        product /= product.sum(axis=1, keepdims=True)
        _keep(both, block.rows, product, labels)
        rows = np.arange(len(block.rows)), labels[block.rows]
        own[block.rows] = np.minimum(everywhere[rows], elsewhere[rows])
    return single, both, own


def _fit(scores: PersonScores, labels: np.ndarray) -> tuple[float, float]:
    """Fit the sharpness of both kinds of scores to the labels."""
    size = len(labels)
    sample = np.unique(np.linspace(0, size - 1, min(size, _FITTED)).astype(np.int64))
    _, everywhere, elsewhere = map(
        np.concatenate, zip(*scores.blocks(sample), strict=True)
    )
    own = labels[sample]
    return fit_sharpness(everywhere, own), fit_sharpness(elsewhere, own)


def _no_persons(size: int, number: int) -> LikelyPersons:
    persons = np.empty((size, number), np.int64)
    probabilities = np.empty((size, number), np.float32)
    return LikelyPersons(persons, probabilities, np.empty(size, np.float32))


def _keep(
    likely: LikelyPersons, rows: np.ndarray, values: np.ndarray, labels: np.ndarray
) -> None:
    """Keep the most probable persons of some pictures."""
    likely.own[rows] = values[np.arange(len(rows)), labels[rows]]
    nearest = np.argsort(-values, axis=1, kind='stable')[:, : likely.persons.shape[1]]
    likely.persons[rows] = nearest
    likely.probabilities[rows] = np.take_along_axis(values, nearest, axis=1)
