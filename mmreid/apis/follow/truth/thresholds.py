"""Where the threshold comes from."""

from collections.abc import Mapping

import numpy as np

from mmreid.apis.follow.results import Following
from mmreid.apis.follow.truth.scores import true_persons
from mmreid.datasets.boxes import BoxTable
from mmreid.search import (
    LabelledPairs,
    OperatingPoint,
    fit_operating_point,
    load_operating_point,
)

# Tracklets of which all pairs are looked at: two million pairs.
_MOST = 2000


def find_threshold(word: str, model_key: str) -> tuple[float, list[str]]:
    """Find the distance below which two tracklets are one person.

    Args:
        word (str): A number, or a file of an operating point.
        model_key (str): Of the model, which must be the threshold's.

    Returns:
        tuple[float, list[str]]: The distance, and what has to be said of it.

    Raises:
        OSError: The file cannot be read.
        ValueError: The file is another one, or of another model.
    """
    try:
        return float(word), []
    except ValueError:
        point = load_operating_point(word)
    warning = point.check_model(model_key)
    return point.threshold, [] if warning is None else [f'{warning}.']


def fit_threshold(
    following: Following,
    truth: Mapping[str, BoxTable],
    rate: float = 0.01,
    dataset: str | None = None,
) -> OperatingPoint:
    """Fit a threshold on tracklets whose persons are known.

    All pairs of tracklets count, those of one camera too, since a tracker's breaks are
    to be joined as well; of more than 2,000 tracklets, as many drawn at random.

    Args:
        following (Following): With tracklets, joined or not.
        truth (Mapping[str, BoxTable]): Camera -> boxes with true persons.
        rate (float): Share of pairs of two persons that may pass for one. Defaults to
            0.01.
        dataset (str | None): What the point says that it was fitted on. Defaults to
            None.

    Returns:
        OperatingPoint: The threshold, with its errors.

    Raises:
        ValueError: There are too few pairs to tell the rate.
    """
    persons = true_persons(following, truth)
    parts = [camera.tracklets for camera in following.cameras]
    usable = (persons >= 0) & np.concatenate([one.has_vector for one in parts])
    rows = np.flatnonzero(usable)
    if len(rows) > _MOST:
        rows = np.sort(np.random.default_rng(0).choice(rows, _MOST, replace=False))
    vectors = np.concatenate([one.vectors for one in parts])[rows]
    first, second = np.triu_indices(len(rows), 1)
    same = persons[rows][first] == persons[rows][second]
    pairs = LabelledPairs.from_vectors(vectors, first, second, same)
    return fit_operating_point(
        pairs, rate, dataset=dataset, model_key=following.model_key
    )
