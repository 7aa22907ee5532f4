"""Clusters of vectors: which pictures are likely of one person, nobody named."""

from typing import Any

import numpy as np

from mmreid.arguments import check_choice, check_count
from mmreid.evaluation.functional.clustering.dbscan import dbscan, import_dbscan
from mmreid.evaluation.functional.clustering.jaccard_graph import (
    Progress,
    check_jaccard,
    jaccard_graph,
)
from mmreid.evaluation.functional.clustering.numbering import number_clusters
from mmreid.evaluation.test_set import Array

METHODS = ('dbscan',)


def check_clustering(
    method: str, eps: Any, min_samples: Any, k1: Any, k2: Any, search: str
) -> None:
    """Refuse impossible options of :func:`cluster_vectors`, before any vector exists.

    Args:
        method (str): The name of a method.
        eps (Any): Largest distance of near pictures.
        min_samples (Any): Least number of near pictures.
        k1 (Any): Entries of a list of neighbours.
        k2 (Any): Entries whose encodings are averaged.
        search (str): How neighbours are found.

    Raises:
        ValueError: An impossible or unknown value.
        ImportError: A package that is needed is not installed.
    """
    check_choice('method', method, METHODS)
    check_count('min_samples', min_samples)
    check_jaccard(eps, k1, k2, search)
    import_dbscan()


def cluster_vectors(
    vectors: Array,
    *,
    method: str = 'dbscan',
    eps: float = 0.6,
    min_samples: int = 4,
    k1: int = 30,
    k2: int = 6,
    links: None = None,
    search: str = 'blocks',
    progress: Progress | None = None,
) -> np.ndarray:
    """Cluster the vectors of pictures, each cluster likely one person.

    DBSCAN on the Jaccard distances of k-reciprocal encodings, as Cluster Contrast (Dai
    et al., ACCV 2022) and its predecessors; see :func:`jaccard_graph` and
    :func:`dbscan`. The labels are those of the computation with matrices of all pairs.

    Args:
        vectors (Array): ``(N, D)`` float16, float32 or float64, NumPy or torch on any
            device; of any lengths. Without vectors there are no labels.
        method (str): ``'dbscan'``. Defaults to ``'dbscan'``.
        eps (float): Largest distance of near pictures, between 0 and 1.
            Defaults to 0.6.
        min_samples (int): Least number of near pictures, the picture itself among them,
            that make it one of a cluster's core. Defaults to 4.
        k1 (int): Entries of a list of neighbours. Defaults to 30.
        k2 (int): Entries whose encodings are averaged, at most ``k1``. Defaults to 6.
        links (None): None.
        search (str): How neighbours are found, ``'blocks'`` or ``'faiss'``. The labels
            are the same. Defaults to ``'blocks'``.
        progress (Progress, optional): Called with the pairs of pictures compared so far
            and in all. Defaults to None.

    Returns:
        np.ndarray: ``(N,)`` int64 labels from 0 in the order of the clusters' first
        pictures, -1 noise.

    Raises:
        ValueError: As :func:`jaccard_graph`, or another option is impossible.
        ImportError: scikit-learn is not installed.

    Example:
        >>> import numpy as np
        >>> vectors = np.array([[1, 0], [1, 0.1], [1, 0.2], [0, 1]])
        >>> cluster_vectors(vectors, min_samples=3, k1=3, k2=2).tolist()
        [0, 0, 0, -1]
    """
    check_clustering(method, eps, min_samples, k1, k2, search)
    graph = jaccard_graph(
        vectors, eps=eps, k1=k1, k2=k2, search=search, progress=progress
    )
    return number_clusters(dbscan(graph, min_samples))
