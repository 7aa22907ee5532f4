"""A prior of times, counted on persons who are known."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from mmreid.arguments import check_count
from mmreid.evaluation.functional.time_prior.prior import TimePrior
from mmreid.evaluation.test_set import Labels, check_labels

# Of metadata, what tells pictures for training apart.
_SOURCE = ('dataset', 'version', 'split')


def told_by(meta: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of :func:`learn_time_prior` that metadata tell.

    Args:
        meta (Mapping[str, Any]): Of a data set or of features.

    Returns:
        dict[str, Any]: ``clock`` and ``learned_from``.
    """
    source = {key: str(meta[key]) for key in _SOURCE if meta.get(key)}
    return dict(clock=meta.get('clock'), learned_from=source)


def name_source(learned_from: Mapping[str, Any]) -> str:
    """Name the data that a prior is learned from, as far as it tells them.

    Args:
        learned_from (Mapping[str, Any]): Of a :class:`TimePrior`.
    """
    words = (str(learned_from[key]) for key in _SOURCE if learned_from.get(key))
    return ' '.join(words) or 'unknown data'


def learn_time_prior(
    person_id: Labels,
    cam_id: Labels,
    time: np.ndarray | Sequence[float | None],
    *,
    bin_width: float = 100,
    num_bins: int = 5000,
    sigma: float = 50,
    clock: str | None = None,
    learned_from: Mapping[str, Any] | None = None,
) -> TimePrior:
    """Count the differences of times between cameras.

    Of every person the mean time in each camera is taken; for every two cameras the
    difference counts once, under the one that saw the person later. Whoever passed a
    camera twice is so taken to have passed in between, as published.
    Nobody (0), junk (-1) and pictures without time take no part.

    Args:
        person_id (Labels): ``(N,)`` whole numbers.
        cam_id (Labels): ``(N,)`` whole numbers.
        time (np.ndarray | Sequence[float | None]): ``(N,)`` numbers in any unit; NaN or
            None where it is not known.
        bin_width (float): Width of a bin in the unit of the times. Defaults to 100, for
            frames, as published.
        num_bins (int): Number of bins; larger differences take no part. Defaults to
            5000, as released for Market-1501 (3000 for DukeMTMC-reID).
        sigma (float): Standard deviation of the Gaussian that smooths, in bins.
            Defaults to 50, as published.
        clock (str, optional): ``'shared'`` or ``'camera'``: which clock the times are
            of. Where each camera has its own, pictures to be ranked must be of the same
            clocks. Defaults to None: unknown.
        learned_from (Mapping, optional): Plain Python that results tell, such as the
            data set. Defaults to None.

    Returns:
        TimePrior: With the number of persons in ``learned_from``.

    Raises:
        ValueError: Labels that do not fit, numbers out of range, or nobody was seen by
            two cameras at times that are known.

    Example:
        >>> prior = learn_time_prior([1, 1, 1], [1, 2, 2], [0, 140, 160], num_bins=3)
        >>> prior.counts[1, 0].tolist(), prior.counts[0, 1].tolist()
        ([0, 1, 0], [0, 0, 0])
    """
    check_count('num_bins', num_bins)
    times = np.array([np.nan if t is None else t for t in time], np.float64)
    persons = check_labels(person_id, 'person_id', len(times))
    cameras = check_labels(cam_id, 'cam_id', len(times))
    usable = np.isfinite(times) & (persons > 0)
    seen, first, mean = _mean_times(persons[usable], cameras[usable], times[usable])
    numbers = np.unique(seen[:, 1])
    counts = np.zeros((len(numbers), len(numbers), num_bins), np.int64)
    places = np.searchsorted(numbers, seen[:, 1])
    told = 0
    for start, stop in pairwise([*first, len(seen)]):
        one, other = np.triu_indices(stop - start, 1)
        one, other = one + start, other + start
        later = mean[one] > mean[other]
        steps = np.abs(mean[one] - mean[other]) / bin_width
        near = steps < num_bins
        pair = (
            np.where(later, places[one], places[other])[near],
            np.where(later, places[other], places[one])[near],
            steps[near].astype(np.int64),
        )
        np.add.at(counts, pair, 1)
        told += bool(near.any())
    if not told:
        raise ValueError(
            'No person is seen by two cameras at known times less than '
            f'{num_bins} bins of {bin_width:g} apart ({int(usable.sum())} of '
            f'{len(times)} pictures have a person and a time); take pictures for '
            'training that tell both, or a larger bin_width.'
        )
    source = {**(learned_from or {}), 'num_persons': told}
    return TimePrior(numbers, counts, bin_width, sigma, clock, source)


def _mean_times(
    persons: np.ndarray, cameras: np.ndarray, times: np.ndarray
) -> tuple[np.ndarray, list[int], np.ndarray]:
    """Return pairs of person and camera ``(n, 2)``, where persons begin, and times."""
    labels = np.stack([persons, cameras], axis=1)
    seen, group = np.unique(labels, axis=0, return_inverse=True)
    group = group.ravel()
    # Less the earliest one, so that times since 1970 keep their digits.
    start = times.min() if len(times) else 0.0
    sums = np.bincount(group, times - start, minlength=len(seen))
    mean = start + sums / np.maximum(np.bincount(group, minlength=len(seen)), 1)
    first = np.unique(seen[:, 0], return_index=True)[1]
    return seen, first.tolist(), mean
