"""Infomap on the graph of each picture's nearest ones."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse

from mmreid.evaluation.functional.counting import count_up
from mmreid.evaluation.functional.distances.vectors import Vectors
from mmreid.evaluation.functional.re_ranking.neighbours import find_neighbours
from mmreid.evaluation.functional.re_ranking.points import Points
from mmreid.evaluation.test_set import Array
from mmreid.optional import import_optional

# Of Infomap's random numbers: the same graph has the same clusters.
_SEED = 123


def import_infomap() -> Any:
    """Return Infomap's package.

    Raises:
        ImportError: It is not installed.
    """
    # No extra brings it: it is under the GPL.
    return import_optional(
        'infomap', "method='infomap'", install='infomap', instead="take 'dbscan'"
    )


def cosine_graph(
    vectors: Array,
    *,
    eps: float = 0.5,
    k1: int = 15,
    search: str = 'blocks',
    progress: Callable[[int, int], None] | None = None,
) -> sparse.csr_array:
    """Find of each picture's nearest ones those within a cosine distance of ``eps``.

    Args:
        vectors (Array): ``(N, D)`` float16, float32 or float64, NumPy or torch on any
            device; of any lengths.
        eps (float): Largest cosine distance, ``1 - cos``. Defaults to 0.5.
        k1 (int): How many nearest ones, the picture itself among them.
            Defaults to 15.
        search (str): How neighbours are found, ``'blocks'`` or ``'faiss'``.
            Defaults to ``'blocks'``.
        progress (Callable[[int, int], None], optional): Called with the pairs of
            pictures compared so far and in all. Defaults to None.

    Returns:
        sparse.csr_array: ``(N, N)`` float32 cosine distances from each picture (row) to
        its nearest ones; not symmetric. Zeros are stored, indices sorted.

    Raises:
        ValueError: NaN, infinity or a vector of length zero, the first one named.
    """
    count = len(vectors)
    if not count:
        return sparse.csr_array((0, 0), dtype=np.float32)
    advance = count_up(progress, count * (count + 1) // 2)
    units = Vectors(vectors, 'picture').directions()
    points = Points(Vectors(units, 'picture'))
    indices = find_neighbours(points, (k1,), search, advance).indices
    rows = np.repeat(np.arange(count), indices.shape[1])
    columns = indices.ravel()
    distances = points.fast(rows, columns) / (2 * points.unit)
    near = distances <= eps
    starts = np.concatenate(([0], near.reshape(indices.shape).sum(axis=1).cumsum()))
    values = distances[near].astype(np.float32)
    graph = sparse.csr_array((values, columns[near], starts), shape=(count, count))
    graph.sort_indices()
    return graph


def infomap(graph: sparse.csr_array, min_samples: int) -> np.ndarray:
    """Cluster a graph by Infomap in two levels, of links that weigh 1 - distance.

    Rosvall and Bergstrom, PNAS 2008: clusters are where a random walk along the links
    stays. The numbers of its random trials have a fixed seed.

    Args:
        graph (sparse.csr_array): ``(N, N)`` distances below one from pictures (rows) to
            near ones.
        min_samples (int): Clusters of fewer pictures are noise.

    Returns:
        np.ndarray: ``(N,)`` int64 labels, -1 noise.

    Raises:
        ImportError: Infomap is not installed.
    """
    labels = np.full(graph.shape[0], -1, np.int64)
    pairs = graph.tocoo()
    linked = pairs.row != pairs.col
    if not linked.any():
        return labels if min_samples > 1 else np.arange(len(labels))
    links = np.column_stack((pairs.row, pairs.col, 1 - pairs.data))[linked]
    program = import_infomap().Infomap(two_level=True, directed=True, seed=_SEED)
    program.add_links(links.astype(np.float64))
    modules = program.run().modules()
    labels[[*modules]] = [*modules.values()]
    # Pictures without a link are not in the program's network.
    alone = np.flatnonzero(labels < 0)
    labels[alone] = labels.max() + 1 + np.arange(len(alone))
    sizes = np.bincount(labels)
    return np.where(sizes[labels] < min_samples, -1, labels)
