"""The graph of near pictures: pairs by Jaccard distance, as sparse rows.

Cluster Contrast (Dai et al., ACCV 2022, https://arxiv.org/abs/2103.11568) and its
predecessors cluster by the Jaccard distances of k-reciprocal encodings (Zhong et al.,
CVPR 2017). Their programs hold these of all pairs; here only those of near pairs exist.
"""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from scipy import sparse

from mmreid.arguments import check_count, check_number
from mmreid.evaluation.functional.counting import count_up
from mmreid.evaluation.functional.distances.vectors import Vectors
from mmreid.evaluation.functional.re_ranking.encoding import encode
from mmreid.evaluation.functional.re_ranking.jaccard import near_pairs
from mmreid.evaluation.functional.re_ranking.neighbours import (
    check_search,
    find_neighbours,
)
from mmreid.evaluation.functional.re_ranking.points import Points
from mmreid.evaluation.test_set import Array

Progress = Callable[[int, int], None]
Pairs = tuple[np.ndarray, np.ndarray, np.ndarray]

# Each pair is stored twice in 8 bytes, and DBSCAN copies that: 5 GB in all.
_MOST_PAIRS = 1 << 26


def check_jaccard(eps: Any, k1: Any, k2: Any, search: str) -> None:
    """Refuse impossible options of a graph of Jaccard distances.

    Args:
        eps (Any): Largest distance.
        k1 (Any): Number of neighbours of the reciprocal lists.
        k2 (Any): Number of neighbours whose encodings are averaged.
        search (str): How neighbours are found.

    Raises:
        ValueError: ``eps`` is not between 0 and 1, ``k1`` or ``k2`` is no whole number
            from 1, ``k2`` is larger than ``k1``, or an unknown search.
        ImportError: ``search='faiss'`` without faiss.
    """
    check_number('eps', eps, above=0, below=1)
    check_count('k1', k1)
    check_count('k2', k2)
    if k2 > k1:
        raise ValueError(
            f'k2 must not be larger than k1, since lists have k1 entries, got k1={k1} '
            f'and k2={k2}.'
        )
    check_search(search)


def jaccard_graph(
    vectors: Array,
    *,
    eps: float = 0.6,
    k1: int = 30,
    k2: int = 6,
    search: str = 'blocks',
    progress: Progress | None = None,
) -> sparse.csr_array:
    """Find all pairs of pictures whose Jaccard distance is at most ``eps``.

    As cluster-contrast computes distances: vectors are scaled to length one; lists of
    neighbours have ``k1`` entries, the picture itself among them (not ``k1`` others, as
    in re-ranking); lists of ``round(k1 / 2) + 1`` entries join a list that holds more
    than two thirds of them; members are weighed by ``exp(-d**2)``, not divided by the
    farthest distance; the encodings of the ``k2`` nearest are averaged. Neighbours are
    those of exact float64 distances, equal ones in order of index.

    Memory beside the vectors: two float32 copies of them until neighbours are found,
    then ``O(N (k1 + k2))`` for encodings, and the graph.

    Args:
        vectors (Array): ``(N, D)`` float16, float32 or float64, NumPy or torch on any
            device; of any lengths.
        eps (float): Largest distance of a pair, between 0 and 1. Defaults to 0.6.
        k1 (int): Entries of a list; where there are fewer pictures, all of them.
            Defaults to 30.
        k2 (int): Entries whose encodings are averaged, the picture itself among them;
            1 for no averaging, at most ``k1``. Defaults to 6.
        search (str): How neighbours are found, ``'blocks'`` or ``'faiss'``. The graph
            is the same. Defaults to ``'blocks'``.
        progress (Progress, optional): Called with the pairs of pictures compared so far
            and in all, of both steps. Defaults to None.

    Returns:
        sparse.csr_array: ``(N, N)`` float32 with int32 indices, sorted in every row.
        Distances are the same bits in both directions; those of zero, such as that of
        a picture to itself, are stored, and what is not stored is farther than ``eps``.

    Raises:
        ValueError: An impossible option; NaN, infinity or a vector of length zero, the
            first one named; more near pairs than there is memory for, as where
            thousands of vectors are all but one.

    Example:
        >>> import numpy as np
        >>> vectors = np.array([[1, 0], [1, 0.1], [0, 1], [0.1, 1]])
        >>> graph = jaccard_graph(vectors, k1=2, k2=1)
        >>> graph.indices.reshape(4, 2).tolist()  # of each picture, those near to it
        [[0, 1], [0, 1], [2, 3], [2, 3]]
    """
    check_jaccard(eps, k1, k2, search)
    count = len(vectors)
    if not count:
        return sparse.csr_array((0, 0), dtype=np.float32)
    advance = count_up(progress, count * (count + 1))
    encodings = _encode(vectors, (k1, round(k1 / 2) + 1, k2), search, advance)
    return pairs_graph(near_pairs(encodings, eps, advance), count)


def _encode(
    vectors: Array,
    lengths: tuple[int, int, int],
    search: str,
    advance: Callable[[int], None],
) -> sparse.csr_array:
    """Return k-reciprocal encodings; the copies of the vectors end with this."""
    units = Vectors(vectors, 'picture').directions()
    points = Points(Vectors(units, 'picture'))
    copies = np.bincount(points.first)
    if lengths[-1] > 1:
        # Identical pictures have one list, and so one average: they will be near.
        _check_pairs(int((copies * (copies - 1) // 2).sum()), len(points))
    neighbours = find_neighbours(points, lengths, search, advance)
    return encode(points, neighbours, lengths, points.unit)


def pairs_graph(pairs: Iterable[Pairs], count: int) -> sparse.csr_array:
    """Write pairs as a symmetric graph, each picture at distance zero from itself.

    Args:
        pairs (Iterable[Pairs]): ``(n,)`` int32 pictures, ``(n,)`` int32 others and
            ``(n,)`` float32 distances; each pair once.
        count (int): Number of pictures, N.

    Returns:
        sparse.csr_array: ``(N, N)`` float32, indices sorted, zeros stored.

    Raises:
        ValueError: Too many pairs.
    """
    first, second, distances = _join(pairs, count)
    own = np.arange(count, dtype=np.int32)
    places = np.concatenate((first, second, own)), np.concatenate((second, first, own))
    values = np.concatenate((distances, distances, np.zeros(count, np.float32)))
    del first, second, distances
    # Both halves are written, not added, which would drop distances of zero.
    graph = sparse.coo_array((values, places), shape=(count, count)).tocsr()
    graph.sort_indices()
    return graph


def _join(pairs: Iterable[Pairs], count: int) -> Pairs:
    """Return all pairs as one; refuse more than there is memory for."""
    none = np.empty(0, np.int32)
    parts, total = [(none, none, np.empty(0, np.float32))], 0
    for part in pairs:
        parts.append(part)
        total += len(part[0])
        _check_pairs(total, count)
    first, second, distances = zip(*parts, strict=True)
    return np.concatenate(first), np.concatenate(second), np.concatenate(distances)


def _check_pairs(pairs: int, count: int) -> None:
    if pairs > _MOST_PAIRS:
        raise ValueError(
            f'More than {_MOST_PAIRS:,} pairs of the {count:,} pictures are near: the '
            'vectors are all but one, as those of a network that has collapsed, or eps '
            'is too large; look at the training or lower eps.'
        )
