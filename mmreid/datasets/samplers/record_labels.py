"""Labels and cameras of a data set's records, as samplers read them."""

from collections.abc import Sequence
from typing import Any

import numpy as np


def read_labels(dataset: Sequence[Any]) -> np.ndarray:
    """List the label of every record.

    Args:
        dataset (Sequence): Data set with ``get_data_info``, or a list of records.

    Returns:
        np.ndarray: Their ``gt_label``, (N, ).
    """
    record = getattr(dataset, 'get_data_info', dataset.__getitem__)
    return np.array([record(i)['gt_label'] for i in range(len(dataset))], dtype=int)


def group_by_label(labels: np.ndarray) -> list[np.ndarray]:
    """List the indices of every label, in the order of the labels.

    Args:
        labels (np.ndarray): Of every record, (N, ); negative ones belong to no group.

    Returns:
        list[np.ndarray]: Ascending indices, one array per label that occurs.
    """
    order = np.argsort(labels, kind='stable')
    order = order[labels[order] >= 0]
    starts = np.flatnonzero(np.diff(labels[order])) + 1
    return np.split(order, starts) if len(order) else []


def read_cameras(dataset: Sequence[Any]) -> np.ndarray:
    """List the camera of every record.

    Args:
        dataset (Sequence): Data set with ``get_data_info``, or a list of records.

    Returns:
        np.ndarray: Their numbers, (N, ).

    Raises:
        ValueError: When the data set has no cameras.
    """
    record = getattr(dataset, 'get_data_info', dataset.__getitem__)
    known = getattr(dataset, 'metainfo', {}).get('cameras', True)
    cameras = [record(i).get('cam_id') for i in range(len(dataset))]
    if not known or None in cameras:
        raise ValueError(
            "instances='other-cameras' needs the camera of every picture, but the data "
            "set does not tell them; set train_dataloader.sampler.instances='any'."
        )
    return np.array(cameras, dtype=int)
