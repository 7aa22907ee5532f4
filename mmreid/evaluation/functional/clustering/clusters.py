"""Clusters of vectors: which pictures are likely of one person, nobody named."""

from typing import Any

import numpy as np

from mmreid.arguments import check_choice, check_count
from mmreid.evaluation.functional.clustering.constraints import (
    link_clusters,
    link_graph,
)
from mmreid.evaluation.functional.clustering.dbscan import dbscan, import_dbscan
from mmreid.evaluation.functional.clustering.infomap import (
    cosine_graph,
    import_infomap,
    infomap,
)
from mmreid.evaluation.functional.clustering.jaccard_graph import (
    Progress,
    check_jaccard,
    jaccard_graph,
)
from mmreid.evaluation.functional.clustering.links import Links
from mmreid.evaluation.functional.clustering.numbering import number_clusters
from mmreid.evaluation.functional.distances.camera_bias import normalize_cameras
from mmreid.evaluation.functional.distances.vectors import Vectors
from mmreid.evaluation.test_set import Array

METHODS = ('dbscan', 'infomap')


def check_clustering(
    method: str, eps: Any, min_samples: Any, k1: Any, k2: Any, search: str
) -> None:
    """Refuse impossible options of :func:`cluster_vectors`, before any vector exists.

    Args:
        method (str): The name of a method.
        eps (Any): Largest distance of near pictures.
        min_samples (Any): Least number of near pictures.
        k1 (Any): Entries of a list of neighbours.
        k2 (Any): Entries whose encodings are averaged; of ``'dbscan'`` alone.
        search (str): How neighbours are found.

    Raises:
        ValueError: An impossible or unknown value.
        ImportError: A package that is needed is not installed.
    """
    check_choice('method', method, METHODS)
    check_count('min_samples', min_samples)
    if method == 'infomap':
        # Which averages no encodings.
        check_jaccard(eps, k1, 1, search)
        import_infomap()
    else:
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
    camera: np.ndarray | None = None,
    links: Links | None = None,
    search: str = 'blocks',
    progress: Progress | None = None,
) -> np.ndarray:
    """Cluster the vectors of pictures, each cluster likely one person.

    ``'dbscan'``: :func:`dbscan` on the Jaccard distances of k-reciprocal encodings of
    :func:`jaccard_graph`, as Cluster Contrast (Dai et al., ACCV 2022) and its
    predecessors, with the labels of the computation with matrices of all pairs.

    ``'infomap'``: :func:`infomap` on the cosine distances of :func:`cosine_graph`, as
    the same program's other way, which has ``eps=0.5, k1=15, min_samples=5``. It needs
    ``pip install infomap``, a package under the GPL, version 3, which no extra brings:
    whoever passes on a program together with it has to follow that licence.

    With ``camera``, vectors are first standardised within each camera, see
    :func:`normalize_cameras`: pictures of one camera are alike whomever they show, and
    a cluster that only one camera has seen teaches a network to tell cameras apart.

    With ``links``, no cluster holds two pictures that cannot be one person, and all
    pictures that must be one have one label; :func:`link_graph` and
    :func:`link_clusters` say how.

    Args:
        vectors (Array): ``(N, D)`` float16, float32 or float64, NumPy or torch on any
            device; of any lengths. Without vectors there are no labels.
        method (str): ``'dbscan'`` or ``'infomap'``. Defaults to ``'dbscan'``.
        eps (float): Largest distance of near pictures, between 0 and 1.
            Defaults to 0.6.
        min_samples (int): Least number of near pictures, the picture itself among them,
            that make it one of a cluster's core; for ``'infomap'``, of pictures of a
            cluster. Defaults to 4.
        k1 (int): Entries of a list of neighbours. Defaults to 30.
        k2 (int): Entries whose encodings are averaged, at most ``k1``; of no effect on
            ``'infomap'``. Defaults to 6.
        camera (np.ndarray, optional): ``(N,)`` numbers of cameras. Defaults to None:
            vectors are compared as they are.
        links (Links, optional): Which pictures are known to be one person or two.
            Defaults to None: nothing is known.
        search (str): How neighbours are found, ``'blocks'`` or ``'faiss'``. The labels
            are the same. Defaults to ``'blocks'``.
        progress (Progress, optional): Called with the pairs of pictures compared so far
            and in all. Defaults to None.

    Returns:
        np.ndarray: ``(N,)`` int64 labels from 0 in the order of the clusters' first
        pictures, -1 noise.

    Raises:
        ValueError: As :func:`jaccard_graph`, another option is impossible, or there are
            not as many pictures in ``camera`` or ``links``.
        ImportError: The method's package is not installed.

    Example:
        >>> import numpy as np
        >>> vectors = np.array([[1, 0], [1, 0.1], [1, 0.2], [0, 1]])
        >>> cluster_vectors(vectors, min_samples=3, k1=3, k2=2).tolist()
        [0, 0, 0, -1]
    """
    check_clustering(method, eps, min_samples, k1, k2, search)
    for name, told in dict(camera=camera, links=links).items():
        if told is not None and len(told) != len(vectors):
            raise ValueError(
                f'{name} must be of the pictures that are clustered, got {len(told)} '
                f'and {len(vectors)} pictures.'
            )
    if camera is not None and len(vectors):
        units = Vectors(vectors, 'picture').directions()
        vectors = normalize_cameras(units, np.asarray(camera))
    options: dict[str, Any] = dict(eps=eps, k1=k1, search=search, progress=progress)
    if method == 'infomap':
        graph, cluster = cosine_graph(vectors, **options), infomap
    else:
        graph, cluster = jaccard_graph(vectors, k2=k2, **options), dbscan
    if links is None:
        return number_clusters(cluster(graph, min_samples))
    graph = link_graph(graph, links, min_samples)
    labels = cluster(graph, min_samples)
    return number_clusters(link_clusters(labels, graph, links, min_samples))
