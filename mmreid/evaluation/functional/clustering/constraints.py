"""Links in the graph of near pictures, and in clusters."""

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from mmreid.evaluation.functional.clustering.links import Links
from mmreid.evaluation.functional.clustering.single_linkage import link_apart

# Entries of a graph that are looked at together.
_ENTRIES = 1 << 22


def link_graph(
    graph: sparse.csr_array, links: Links, min_samples: int
) -> sparse.csr_array:
    """Bring pictures of one group together, and take apart those of two persons.

    A group of many pictures does not get all of its pairs: each picture is at distance
    zero from ``min_samples - 1`` others in a ring, and so of the core and of one
    cluster with the others, as it were with all of them.

    Args:
        graph (sparse.csr_array): ``(N, N)`` distances of near pairs; kept as it is.
        links (Links): Of the N pictures.
        min_samples (int): Of :func:`dbscan`.

    Returns:
        sparse.csr_array: ``(N, N)``, indices sorted, zeros stored.
    """
    count = len(links)
    rows = np.repeat(np.arange(count, dtype=np.int32), np.diff(graph.indptr))
    keep = np.empty(graph.nnz, bool)
    distances = graph.data.copy()
    for start in range(0, graph.nnz, _ENTRIES):
        part = slice(start, start + _ENTRIES)
        pairs = links.groups[rows[part]], links.groups[graph.indices[part]]
        keep[part] = ~_are_apart(*pairs, links)
        distances[part][pairs[0] == pairs[1]] = 0
    first, second = _rings(links.groups, min_samples - 1)
    zeros = np.zeros(2 * len(first), graph.dtype)
    # Pairs that are there twice have distance zero both times, and are added up.
    places = (
        np.concatenate((rows[keep], first, second)),
        np.concatenate((graph.indices[keep], second, first)),
    )
    values = np.concatenate((distances[keep], zeros))
    linked = sparse.coo_array((values, places), shape=graph.shape).tocsr()
    linked.sort_indices()
    return linked


def link_clusters(
    labels: np.ndarray, graph: sparse.csr_array, links: Links, min_samples: int
) -> np.ndarray:
    """Give each group one label, and split clusters of two persons.

    Clusters that share a group become one, and the group's noise joins it. A cluster
    with two groups apart is split by single linkage: its near pairs, in the order of
    their distances (equal ones in that of their pictures), join the parts that they are
    of unless these have groups apart. Parts of fewer pictures than ``min_samples``
    become noise, unless they are one group of several pictures.

    Args:
        labels (np.ndarray): ``(N,)`` labels of clusters, those below 0 noise.
        graph (sparse.csr_array): ``(N, N)``, of :func:`link_graph`.
        links (Links): Of the N pictures.
        min_samples (int): Of :func:`dbscan`.

    Returns:
        np.ndarray: ``(N,)`` int64 labels, -1 noise, in no particular order. Each group
        has one label, and no label two groups apart.
    """
    labels = _join_groups(labels, links.groups)
    of_group = np.full(links.groups.max(initial=-1) + 1, -1)
    of_group[links.groups] = labels
    together = of_group[links.apart]
    inside = (together[:, 0] == together[:, 1]) & (together[:, 0] >= 0)
    if not inside.any():
        return labels
    split = np.isin(labels, together[inside, 0])
    parts = link_apart(
        links.groups, links.apart[inside], *_inner_pairs(graph, labels, split)
    )[links.groups]
    sizes = np.bincount(parts[split], minlength=len(of_group))
    # How many groups a part has.
    several = np.zeros(len(of_group), np.int64)
    members = np.unique(np.column_stack((parts, links.groups))[split], axis=0)
    np.add.at(several, members[:, 0], 1)
    keep = (sizes >= min_samples) | ((several == 1) & (sizes > 1))
    parts = np.where(keep[parts], labels.max() + 1 + parts, -1)
    return np.where(split, parts, labels)


def _are_apart(first: np.ndarray, second: np.ndarray, links: Links) -> np.ndarray:
    """Tell which pairs of groups are two persons."""
    if not len(links.apart):
        return np.zeros(len(first), bool)
    width = links.groups.max() + 1
    known = links.apart[:, 0] * width + links.apart[:, 1]
    asked = np.minimum(first, second) * width + np.maximum(first, second)
    places = np.searchsorted(known, asked)
    return known[np.minimum(places, len(known) - 1)] == asked


def _rings(groups: np.ndarray, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """Pair each picture with the next ones of its group, the first after the last."""
    order = np.argsort(groups, kind='stable').astype(np.int32)
    _, starts, sizes = np.unique(groups[order], return_index=True, return_counts=True)
    starts, lengths = np.repeat(starts, sizes), np.repeat(sizes, sizes)
    places = np.arange(len(groups)) - starts
    first, second = [order[:0]], [order[:0]]
    for step in range(1, max(reach, 1) + 1):
        several = lengths > step
        others = starts + (places + step) % np.maximum(lengths, 1)
        first.append(order[several])
        second.append(order[others[several]])
    return np.concatenate(first), np.concatenate(second)


def _join_groups(labels: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Make one of clusters that share a group; noise of the group joins it."""
    inside = labels >= 0
    num_groups = groups.max(initial=-1) + 1
    total = num_groups + labels.max(initial=-1) + 1
    pairs = groups[inside], num_groups + labels[inside]
    shared = sparse.coo_array((np.ones(inside.sum()), pairs), shape=(total, total))
    _, parts = connected_components(shared, directed=False)
    clustered = np.zeros(total, bool)
    clustered[parts[num_groups:]] = True
    return np.where(clustered[parts[groups]], parts[groups], -1).astype(np.int64)


def _inner_pairs(
    graph: sparse.csr_array, labels: np.ndarray, split: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs of pictures of one cluster to be split, ``(2, n)``; distances."""
    pairs = graph[split].tocoo()
    ends = np.stack((np.flatnonzero(split)[pairs.row], pairs.col.astype(np.int64)))
    inner = (labels[ends[0]] == labels[ends[1]]) & (ends[0] != ends[1])
    ends = np.sort(ends[:, inner], axis=0)
    # A pair may be stored in both directions, or in one.
    _, first = np.unique(ends[0] * len(labels) + ends[1], return_index=True)
    return ends[:, first], pairs.data[inner][first]
