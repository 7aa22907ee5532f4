"""The file that keeps a prior of times."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mmreid.evaluation.features.file import load_features
from mmreid.evaluation.functional.time_prior.learning import (
    learn_time_prior,
    told_by,
)
from mmreid.evaluation.functional.time_prior.prior import TimePrior
from mmreid.evaluation.test_set import Features
from mmreid.files import read_json, write_json

_KIND = 'prior of times'
# Counts: 200 cameras with 5,000 bins.
_LARGEST = 200**2 * 5000


def save_time_prior(path: str | os.PathLike, prior: TimePrior) -> None:
    """Write a prior as JSON: what was counted, in a few hundred kilobytes at most.

    Args:
        path (str | os.PathLike): File name; missing folders are made.
        prior (TimePrior): What to write.

    Raises:
        OSError: The file cannot be written; the message names it.
    """
    places = np.argwhere(prior.counts)
    content = dict(
        kind=_KIND,
        learned_from=dict(prior.learned_from),
        clock=prior.clock,
        bin_width=prior.bin_width,
        num_bins=prior.num_bins,
        sigma=prior.sigma,
        cameras=prior.cameras.tolist(),
        # Later camera, earlier camera (both by their places above), bin, persons.
        counts=[[*p, int(prior.counts[tuple(p)])] for p in places.tolist()],
    )
    write_json(path, content)


def load_time_prior(path: str | os.PathLike) -> TimePrior:
    """Read a prior, or learn it from features of pictures for training.

    Args:
        path (str | os.PathLike): What :func:`save_time_prior` wrote, a ``.json`` file;
            else a features file, all of whose pictures are taken, with persons, cameras
            and times.

    Returns:
        TimePrior: The prior.

    Raises:
        ValueError: Another kind of file, or features without times.
        OSError: The file cannot be read.
    """
    if Path(path).suffix != '.json':
        return learn_from_features(load_features(path, partial=True))
    try:
        return _read(read_json(path))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f'{os.fspath(path)} does not hold a prior of times: {error}'
        ) from error


def learn_from_features(features: Features, **options: Any) -> TimePrior:
    """Learn a prior from all pictures of features.

    Args:
        features (Features): Of pictures for training, with times.
        **options (Any): Of :func:`learn_time_prior`, how to count and smooth.

    Returns:
        TimePrior: It tells the features' data set.

    Raises:
        ValueError: No time is known, or as :func:`learn_time_prior`.
    """
    if features.time is None:
        raise ValueError(
            'The features tell no times: make them of a data set whose names or table '
            'have "time" or "frame", and whose pipeline packs it: '
            "dict(type='PackInputs', meta_keys=(..., 'time'))."
        )
    return learn_time_prior(
        features.person_id,
        features.cam_id,
        features.time,
        **told_by(features.meta),
        **options,
    )


def _read(content: Mapping[str, Any]) -> TimePrior:
    """Make a prior of what a file holds."""
    if content.get('kind') != _KIND:
        raise ValueError(f'its kind must be {_KIND!r}, got {content.get("kind")!r}')
    cameras = np.array(content['cameras'], np.int64)
    shape = (len(cameras), len(cameras), int(content['num_bins']))
    if np.prod(shape, dtype=float) > _LARGEST:
        raise ValueError(f'counts of shape {shape} take more memory than any prior')
    counts = np.zeros(shape, np.int64)
    told = np.array(content['counts'], np.int64).reshape(-1, 4)
    if (told < 0).any():
        raise ValueError('its counts must be whole numbers from 0')
    counts[tuple(told[:, :3].T)] = told[:, 3]
    return TimePrior(
        cameras=cameras,
        counts=counts,
        bin_width=content['bin_width'],
        sigma=content['sigma'],
        clock=content.get('clock'),
        learned_from=content.get('learned_from') or {},
    )
