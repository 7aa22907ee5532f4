"""Query expansion: a query moved towards its first answers."""

import numpy as np

from mmreid.evaluation.functional.distances.vectors import Vectors
from mmreid.evaluation.functional.ranking.first_answers import find_first_answers
from mmreid.evaluation.test_set import Array, TestSet


def expand_queries(
    query: Array,
    gallery: Array,
    k: int = 10,
    alpha: float = 0.0,
    *,
    memory_budget: int = 256 << 20,
) -> np.ndarray:
    """Average each query with its nearest gallery vectors.

    All vectors count as directions (they are brought to length one), as the cosine
    distance sees them. The nearest are those of exact float64 distances, equal ones in
    order of index; no camera and no person is left out. With ``alpha = 0`` it is the
    average query expansion of Chum et al., Total Recall, ICCV 2007; else an answer
    counts as much as the ``alpha``-th power of its cosine (alpha-QE of Radenovic et
    al., Fine-tuning CNN Image Retrieval with No Human Annotation, TPAMI 2019), one
    with a negative cosine nothing. The query itself has weight one.

    Args:
        query (Array): ``(num_query, D)`` vectors, float16, float32 or float64, NumPy
            (memory-mapped files too) or torch on any device.
        gallery (Array): ``(num_gallery, D)`` vectors, likewise.
        k (int): Number of answers; if there are fewer, all. Defaults to 10.
        alpha (float): How much nearer answers count more. Defaults to 0.0.
        memory_budget (int): Bytes for a block of distances. Defaults to 256 MiB.

    Returns:
        np.ndarray: ``(num_query, D)`` float32 of length one, to be ranked instead of
        ``query``.

    Raises:
        ValueError: ``k`` below 1, negative ``alpha``, or vectors that cannot be
            compared; the first offending index is named.

    Example:
        >>> import numpy as np
        >>> expand_queries(
        ...     np.array([[1.0, 0.0]]), np.array([[0.0, 1.0], [-1.0, 0.0]]), k=1)
        array([[0.70710677, 0.70710677]], dtype=float32)
    """
    if k < 1:
        raise ValueError(f'k must be at least 1, got {k}.')
    if not alpha >= 0:
        raise ValueError(f'alpha must not be negative, got {alpha}.')
    # Labels by which everything is a wrong answer, and so nothing left out.
    persons = np.ones(len(query), int), np.zeros(len(gallery), int)
    cameras = np.zeros(len(query), int), np.zeros(len(gallery), int)
    nearest = find_first_answers(
        TestSet.from_arrays(query, gallery, *persons, *cameras),
        topk=min(k, len(gallery)),
        memory_budget=memory_budget,
    )
    weights = np.ones_like(nearest.distances)
    if alpha > 0:
        weights = np.maximum(1 - nearest.distances, 0) ** alpha
    given, answers = Vectors(query, 'query'), Vectors(gallery, 'gallery')
    expanded = np.empty((len(given), given.dim), np.float32)
    for index, nearby in enumerate(nearest.indices):
        total = given.exact(index) / given.norms[index]
        total += (weights[index] / answers.norms[nearby]) @ answers.exact(nearby)
        length = np.sqrt(np.square(total).sum())
        if length < 1e-12:
            raise ValueError(
                f'query vector {index} and its answers cancel out; take a larger '
                'alpha, which leaves out answers that point the other way.'
            )
        expanded[index] = total / length
    return expanded
