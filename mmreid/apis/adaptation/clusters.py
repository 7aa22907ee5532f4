"""Clusters of somebody's own pictures, and the table that keeps them."""

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mmreid.apis.adaptation.folder import OwnPictures
from mmreid.apis.adaptation.options import Clustering
from mmreid.evaluation.functional import Links, cluster_vectors
from mmreid.files import write_rows


def find_links(pictures: OwnPictures, clustering: Clustering) -> Links | None:
    """Tell which pictures must, and which cannot, be of one person; None for none.

    Args:
        pictures (OwnPictures): The pictures.
        clustering (Clustering): Has ``links``.
    """
    # Times alone say nothing: whoever is seen twice in a second is one person.
    if not clustering.links or pictures.tracklet is None:
        return None
    return Links.from_labels(
        camera=pictures.cam_id, tracklet=pictures.tracklet, time=pictures.time
    )


def find_clusters(
    vectors: np.ndarray,
    pictures: OwnPictures,
    clustering: Clustering,
    progress: Callable[[int, int], Any] | None = None,
) -> np.ndarray:
    """Cluster pictures.

    Args:
        vectors (np.ndarray): ``(N, D)``.
        pictures (OwnPictures): The pictures.
        clustering (Clustering): How.
        progress (Callable, optional): Called with work done and in all.
            Defaults to None.

    Returns:
        np.ndarray: ``(N,)`` int64, -1 noise, the largest cluster 0.
    """
    labels = cluster_vectors(
        vectors,
        **clustering.numbers(),
        camera=pictures.cam_id if clustering.normalize_cameras else None,
        links=find_links(pictures, clustering),
        progress=progress,
    )
    return order_by_size(labels)


def order_by_size(labels: np.ndarray) -> np.ndarray:
    """Number clusters anew, the largest 0, of equal ones the first.

    Args:
        labels (np.ndarray): ``(N,)`` whole numbers, below 0 noise.
    """
    known, inverse, sizes = np.unique(
        labels[labels >= 0], return_inverse=True, return_counts=True
    )
    places = np.empty(len(known), np.int64)
    places[np.argsort(-sizes, kind='stable')] = np.arange(len(known))
    ordered = np.full(len(labels), -1, np.int64)
    ordered[labels >= 0] = places[inverse]
    return ordered


def write_clusters(
    path: str | os.PathLike, pictures: OwnPictures, labels: np.ndarray
) -> Path:
    """Write a table that a data set and ``mmreid check`` read.

    A cluster is written as ``person``, from 1; a picture in none is person -1, which no
    training and no ranking heeds. ``split`` is ``train``. Paths are whole ones, so that
    the table may lie anywhere.

    Args:
        path (str | os.PathLike): The ``.csv`` file.
        pictures (OwnPictures): The pictures.
        labels (np.ndarray): ``(N,)`` their clusters, -1 noise.

    Returns:
        Path: ``path``.
    """
    persons = np.where(labels < 0, -1, labels + 1)
    columns: dict[str, Any] = dict(path=pictures.path, person=persons)
    if pictures.cam_id is not None:
        columns['camera'] = pictures.camera
    if pictures.tracklet is not None:
        columns['tracklet'] = [t if t >= 0 else '' for t in pictures.tracklet]
    if pictures.time is not None:
        name = 'frame' if pictures.clock == 'camera' else 'time'
        columns[name] = [_write_time(time) for time in pictures.time.tolist()]
    columns['split'] = ['train'] * len(pictures)
    write_rows(path, [*columns], zip(*columns.values(), strict=True))
    return Path(path)


def _write_time(time: float) -> str:
    """Write a time whole, a whole number as such; nothing where it is unknown."""
    if math.isnan(time):
        return ''
    return str(int(time)) if time == int(time) else repr(time)
