"""Clusters of vectors, with the row of each for a memory, or why there are none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from mmreid.engine.hooks.memories.clustering_errors import (
    ClusteringError,
    NoClustersError,
    SingleClusterError,
)
from mmreid.engine.hooks.memories.picture_labels import PictureLabels
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
    vectors: Tensor, known: PictureLabels, options: Mapping[str, Any]
) -> Clusters:
    """Cluster pictures by their vectors.

    Args:
        vectors (Tensor): ``(N, D)``, of any lengths.
        known (PictureLabels): Of the pictures: links, and what the log tells.
        options (Mapping): Of ``mmreid.evaluation.functional.cluster_vectors``.

    Returns:
        Clusters: At least two.

    Raises:
        ClusteringError: The vectors cannot be clustered: they are not finite, or all
            but one.
        NoClustersError: All pictures are noise.
        SingleClusterError: There is one cluster.
    """
    # Beside this hook no training needs the mathematics of an evaluation.
    from mmreid.evaluation.functional import cluster_vectors, describe_clusters

    try:
        found = cluster_vectors(vectors, links=known.links, **options)
    except ValueError as error:
        raise ClusteringError(str(error)) from error
    labels = torch.from_numpy(found)
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
    facts = describe_clusters(found, known.persons, known.cameras)
    return Clusters(labels, rows, facts)
