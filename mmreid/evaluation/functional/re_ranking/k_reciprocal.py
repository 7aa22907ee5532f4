"""k-reciprocal re-ranking, exact, in memory that grows with the number of images.

Zhong et al., Re-ranking Person Re-identification with k-reciprocal Encoding, CVPR 2017
(https://arxiv.org/abs/1701.08398). The published program holds several matrices of all
pairs of images. Here neighbours are lists, encodings sparse rows, and of the final
distance only the rows that are being ranked exist.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from mmreid.evaluation.functional.counting import count_up
from mmreid.evaluation.functional.distances.vectors import Vectors
from mmreid.evaluation.functional.re_ranking.mixing import Options, mix_blocks
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
    points = _Images(Vectors(query, 'query'), Vectors(gallery, 'gallery'))
    height = max(1, min(_BLOCK_ROWS, memory_budget // (4 * len(gallery))))
    options = Options(k1, k2, lambda_value, squared)
    return _blocks(points, options, search, height, progress)


def _blocks(
    points: '_Images',
    options: Options,
    search: str,
    height: int,
    progress: Progress | None,
) -> Iterator[tuple[slice, np.ndarray]]:
    """Do the work of :func:`re_rank_blocks`, whose arguments have been checked."""
    count, num_query = len(points), points.num_query
    pairs = count * (count + 1) // 2 + num_query * (count - num_query)
    advance = count_up(progress, pairs)
    neighbours = find_neighbours(points, options.lengths, search, advance)
    starts = range(0, num_query, height)
    parts = (slice(start, min(start + height, num_query)) for start in starts)
    yield from mix_blocks(points, neighbours, options, parts, advance)


class _Images(Points):
    """Queries and gallery, of which identical images have identical distances.

    Args:
        query (Vectors): Query vectors.
        gallery (Vectors): Gallery vectors of the same length.
    """

    def __init__(self, query: Vectors, gallery: Vectors) -> None:
        super().__init__(query, gallery)
        self._copies, self._originals = _gallery_copies(self)

    def to_gallery(self, rows: slice) -> np.ndarray:
        """Return squared distances of some queries to the gallery, float32.

        Args:
            rows (slice): The queries.
        """
        gallery = slice(self.num_query, len(self))
        block = np.matmul(-2 * self.values[rows], self.values[gallery].T)
        block += self.squares[gallery].astype(np.float32)
        block += self.squares[rows, None].astype(np.float32)
        np.maximum(block, 0, out=block)
        block[:, self._copies] = block[:, self._originals]
        return block


def _gallery_copies(points: Points) -> tuple[np.ndarray, np.ndarray]:
    """Return gallery images, and identical ones before them, as gallery indices."""
    first = points.first[points.num_query :]
    _, places, groups = np.unique(first, return_index=True, return_inverse=True)
    originals = places[groups]
    copies = np.flatnonzero(originals != np.arange(len(first)))
    return copies, originals[copies]
