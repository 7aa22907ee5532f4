"""Clusters of vectors, with the row of each for a memory, or why there are none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from mmreid.engine.hooks.memories.clustering_errors import (
    NoClustersError,
    SingleClusterError,
)
from mmreid.engine.hooks.memories.training_pictures import sum_classes


@dataclass
class Clusters:
    """What all processes are told of the clusters.

    Attributes:
        labels: The cluster of every picture, ``(N, )`` int64, -1 for noise.
        rows: Each cluster's mean of unit vectors, scaled to unit length, ``(K, D)``.
        facts: Numbers for the log, by name; see ``describe_clusters``.
    """

    labels: Tensor
    rows: Tensor
    facts: dict[str, Any]


def find_clusters(
    vectors: Tensor,
    persons: np.ndarray | None,
    cameras: np.ndarray | None,
    options: Mapping[str, Any],
) -> Clusters:
    """Cluster pictures by their vectors.

    Args:
        vectors (Tensor): ``(N, D)``, of any lengths.
        persons (np.ndarray, optional): Who is to be seen, for the log, ``(N, )``;
            negative where unknown.
        cameras (np.ndarray, optional): Of each picture, for the log, ``(N, )``.
        options (Mapping): Of ``mmreid.evaluation.functional.cluster_vectors``.

    Returns:
        Clusters: At least two.

    Raises:
        NoClustersError: All pictures are noise.
        SingleClusterError: There is one cluster.
    """
    # Beside this hook no training needs the mathematics of an evaluation.
    from mmreid.evaluation.functional import cluster_vectors, describe_clusters

    labels = torch.from_numpy(cluster_vectors(vectors, **options))
    number = int(labels.max()) + 1
    told = ', '.join(f'{name}={options[name]}' for name in ('eps', 'min_samples'))
    if number == 0:
        raise NoClustersError(
            f'There must be clusters to train on, but all {len(labels)} pictures are '
            f'noise with {told}: set a larger eps or a smaller min_samples of the '
            'ClusterHook, or start from weights that tell persons apart (load_from).'
        )
    if number == 1:
        raise SingleClusterError(
            f'There must be at least 2 clusters to tell apart, but {told} makes one of '
            f'{int((labels == 0).sum())} of the {len(labels)} pictures: set a smaller '
            'eps or a larger min_samples of the ClusterHook, or start from weights '
            'that tell persons apart (load_from).'
        )
    rows = F.normalize(sum_classes(vectors, labels, number))
    facts = describe_clusters(labels.numpy(), persons, cameras)
    return Clusters(labels, rows, facts)


def persons_of(dataset: Any) -> np.ndarray | None:
    """Tell who is to be seen, for the log.

    Args:
        dataset (Any): The training set.

    Returns:
        np.ndarray | None: The person of each picture, ``(N, )``, negative where
        unknown; None where nobody is known.
    """
    infos = map(dataset.get_data_info, range(len(dataset)))
    persons = np.array([info.get('person_id', -1) for info in infos])
    return persons if (persons >= 0).any() else None


def cameras_of(dataset: Any) -> np.ndarray | None:
    """Tell which camera took each picture.

    Args:
        dataset (Any): The training set.

    Returns:
        np.ndarray | None: The camera's number of each picture, ``(N, )``; None where
        the data set does not tell them.
    """
    cameras = [dataset.get_data_info(i).get('cam_id') for i in range(len(dataset))]
    if None in cameras or not dataset.metainfo.get('cameras', True):
        return None
    return np.array(cameras)


def links_of(dataset: Any) -> Any:
    """Gather what tracklets, cameras and times tell of who is who.

    Where a data set for persons numbers the tracklets of each person, as MARS does,
    two persons' are two tracklets; that is all that is used of the persons.

    Args:
        dataset (Any): The training set.

    Returns:
        Any: ``Links`` of ``mmreid.evaluation.functional``.
    """
    from mmreid.evaluation.functional import Links

    records = [dataset.get_data_info(i) for i in range(len(dataset))]
    return Links.from_labels(
        camera=cameras_of(dataset),
        tracklet=[_tracklet_of(dataset, i, r) for i, r in enumerate(records)],
        time=[record.get('time') for record in records],
    )


def _tracklet_of(dataset: Any, index: int, record: Mapping[str, Any]) -> Any:
    """Return what no other tracklet of the picture's camera has, None where unknown."""
    tracklet = record.get('tracklet_id', -1)
    within = getattr(dataset, 'dataset', dataset).get_data_info(index)
    return None if tracklet < 0 else (within.get('gt_label', -1), tracklet)
