"""k-reciprocal re-ranking, exact, in memory that grows with the number of images.

Zhong et al., Re-ranking Person Re-identification with k-reciprocal Encoding, CVPR 2017
(https://arxiv.org/abs/1701.08398). The published program holds several matrices of all
pairs of images. Here neighbours are lists, encodings sparse rows, and of the final
distance only the rows that are being ranked exist.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from mmreid.evaluation.functional.distances.vectors import Vectors
from mmreid.evaluation.functional.re_ranking.encoding import encode, list_lengths
from mmreid.evaluation.functional.re_ranking.jaccard import JaccardDistances
from mmreid.evaluation.functional.re_ranking.neighbours import (
    check_search,
    find_neighbours,
)
from mmreid.evaluation.functional.re_ranking.points import Points
from mmreid.evaluation.test_set import Array

Progress = Callable[[int, int], None]

# More rows than this make the product no faster.
_BLOCK_ROWS = 256


def check_re_ranking(
    k1: int, k2: int, lambda_value: float, squared: bool = False
) -> None:
    """Refuse impossible parameters of re-ranking.

    Args:
        k1 (int): Number of neighbours.
        k2 (int): Number of neighbours of the local query expansion.
        lambda_value (float): Weight of the original distance.
        squared (bool): Whether the distances are squared once more. Defaults to False.

    Raises:
        ValueError: ``k1`` or ``k2`` is no whole number from 1, ``lambda_value`` is not
            within 0 and 1, or ``squared`` is no truth value.
    """
    for name, value in dict(k1=k1, k2=k2).items():
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if not whole or value < 1:
            raise ValueError(f'{name} must be a whole number from 1, got {value!r}.')
    if not 0 <= lambda_value <= 1:
        raise ValueError(
            'lambda_value, the weight of the original distance, must be within 0 and '
            f'1, got {lambda_value!r}.'
        )
    if not isinstance(squared, bool):
        raise ValueError(f'squared must be True or False, got {squared!r}.')


def re_rank(
    query: Array,
    gallery: Array,
    k1: int = 20,
    k2: int = 6,
    lambda_value: float = 0.3,
    *,
    squared: bool = False,
    search: str = 'blocks',
    progress: Progress | None = None,
) -> np.ndarray:
    """Compute the re-ranked distances of all queries to all of the gallery.

    The whole matrix of :func:`re_rank_blocks`, which describes the arguments and is
    to be preferred where the matrix is large.

    Args:
        query (Array): ``(num_query, D)`` vectors.
        gallery (Array): ``(num_gallery, D)`` vectors.
        k1 (int): Number of neighbours. Defaults to 20.
        k2 (int): Number of neighbours of the local query expansion. Defaults to 6.
        lambda_value (float): Weight of the original distance. Defaults to 0.3.
        squared (bool): As of :func:`re_rank_blocks`. Defaults to False.
        search (str): ``'blocks'`` or ``'faiss'``. Defaults to ``'blocks'``.
        progress (Progress, optional): Called with the pairs of images compared so far
            and in all. Defaults to None.

    Returns:
        np.ndarray: ``(num_query, num_gallery)`` float32.

    Raises:
        ValueError: As :func:`re_rank_blocks`.

    Example:
        >>> import numpy as np
        >>> re_rank(
        ...     np.array([[0.0]]), np.array([[2.0], [0.5], [1.0]]), k1=1, k2=1).round(3)
        array([[1.   , 0.077, 0.775]], dtype=float32)
    """
    options: dict[str, Any] = dict(squared=squared, search=search, progress=progress)
    blocks = re_rank_blocks(query, gallery, k1, k2, lambda_value, **options)
    distances = np.empty((len(query), len(gallery)), np.float32)
    for rows, block in blocks:
        distances[rows] = block
    return distances


def re_rank_blocks(
    query: Array,
    gallery: Array,
    k1: int = 20,
    k2: int = 6,
    lambda_value: float = 0.3,
    *,
    squared: bool = False,
    search: str = 'blocks',
    memory_budget: int = 64 << 20,
    progress: Progress | None = None,
) -> Iterator[tuple[slice, np.ndarray]]:
    """Stream the re-ranked distances, some queries at a time.

    As published: squared Euclidean distances of the vectors as they are given
    (normalise them first for the cosine distance), divided for each image by the
    largest one; lists of neighbours contain the image itself; lists of half the length
    join a list that holds more than two thirds of them; the result is
    ``(1 - lambda_value) * jaccard + lambda_value * original``. Neighbours are those of
    exact float64 distances, equal ones in order of index, queries first. Identical
    gallery images have identical distances unless only one of them is in a list.

    Memory beside the vectors: one float32 copy of them, ``O(N (k1 + k2))`` for lists
    and encodings of the N images, and one block.

    Args:
        query (Array): ``(num_query, D)`` vectors, float16, float32 or float64, NumPy
            (memory-mapped files too) or torch on any device.
        gallery (Array): ``(num_gallery, D)`` vectors, likewise.
        k1 (int): Number of neighbours of the reciprocal lists. Defaults to 20.
        k2 (int): Number of neighbours, the image itself among them, whose encodings
            are averaged; 1 for no local query expansion. Defaults to 6.
        lambda_value (float): Weight of the original distance. Defaults to 0.3.
        squared (bool): What the published program takes, which squares it: False:
            plain Euclidean distances, as its authors and the TransReID family; True:
            squared ones, so that their fourth powers count, as torchreid and layumi's
            baseline. Defaults to False.
        search (str): How neighbours are found: ``'blocks'`` by products of blocks,
            ``'faiss'`` by faiss, which must be installed. The result is the same.
            Defaults to ``'blocks'``.
        memory_budget (int): Bytes for a block of distances; one row is the least.
            Defaults to 64 MiB.
        progress (Progress, optional): Called with the pairs of images compared so far
            and in all. Defaults to None.

    Returns:
        Iterator[tuple[slice, np.ndarray]]: The slice of the queries and their
        ``(n, num_gallery)`` float32 distances, which the caller may keep and change.
        The work is done as it is asked for.

    Raises:
        ValueError: An impossible option, or vectors that cannot be compared; the first
            offending index is named.
    """
    check_re_ranking(k1, k2, lambda_value, squared)
    check_search(search)
    if memory_budget < 1:
        raise ValueError(
            f'memory_budget must be a positive number of bytes, got {memory_budget}.'
        )
    points = Points(Vectors(query, 'query'), Vectors(gallery, 'gallery'))
    rows = max(1, min(_BLOCK_ROWS, memory_budget // (4 * len(gallery))))
    options = _Options(k1, k2, lambda_value, squared, search)
    return _blocks(points, options, rows, progress)


class _Options(NamedTuple):
    """The arguments of :func:`re_rank_blocks` that the result depends on, checked."""

    k1: int
    k2: int
    lambda_value: float
    squared: bool
    search: str


def _blocks(
    points: Points, options: _Options, height: int, progress: Progress | None
) -> Iterator[tuple[slice, np.ndarray]]:
    """Do the work of :func:`re_rank_blocks`, whose arguments have been checked."""
    num_query, num_gallery = points.num_query, len(points) - points.num_query
    pairs = len(points) * (len(points) + 1) // 2 + num_query * num_gallery
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        if progress is not None:
            progress(done, pairs)

    k1, k2, lambda_value, squared, search = options
    lengths = list_lengths(k1, k2)
    neighbours = find_neighbours(points, lengths, search, advance)
    farthest = neighbours.farthest
    encodings = encode(points, neighbours, lengths, farthest, squared)
    jaccard = JaccardDistances(encodings, num_query)
    # The weight is squared with the distance.
    weight = math.sqrt(lambda_value) if squared else lambda_value
    # Where all images are identical the original distance is zero.
    weights = weight / np.where(farthest > 0, farthest, 1)
    copies, originals = _gallery_copies(points)
    for start in range(0, num_query, height):
        rows = slice(start, min(start + height, num_query))
        block = _gallery_distances(points, rows)
        block *= weights[rows, None].astype(np.float32)
        if squared:
            np.square(block, out=block)
        block[:, copies] = block[:, originals]
        jaccard.add_to(block, start, 1 - lambda_value)
        advance(block.size)
        yield rows, block


def _gallery_distances(points: Points, rows: slice) -> np.ndarray:
    """Return squared distances of some queries to the gallery, float32."""
    gallery = slice(points.num_query, len(points))
    block = np.matmul(-2 * points.values[rows], points.values[gallery].T)
    block += points.squares[gallery].astype(np.float32)
    block += points.squares[rows, None].astype(np.float32)
    return np.maximum(block, 0, out=block)


def _gallery_copies(points: Points) -> tuple[np.ndarray, np.ndarray]:
    """Return gallery images, and identical ones before them, as gallery indices."""
    first = points.first[points.num_query :]
    _, places, groups = np.unique(first, return_index=True, return_inverse=True)
    originals = places[groups]
    copies = np.flatnonzero(originals != np.arange(len(first)))
    return copies, originals[copies]
