"""From candidates to answers, the same whatever keeps the vectors."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from mmreid.search.answers import Answers, Entry
from mmreid.search.scan import order, reorder

Candidates = Iterable[tuple[np.ndarray, np.ndarray]]


def check_k(k: Any) -> int:
    """Check how many answers are wanted.

    Args:
        k (Any): A whole number from 1.

    Returns:
        int: The same.

    Raises:
        ValueError: It is none.
    """
    whole = isinstance(k, int | np.integer) and not isinstance(k, bool)
    if not whole or k < 1:
        raise ValueError(f'k must be a whole number from 1, got {k!r}.')
    return int(k)


def answer(
    queries: np.ndarray,
    k: int,
    rerank: dict[str, Any] | None,
    candidates: Candidates,
    look_up: Callable[[np.ndarray], dict[int, Entry]],
    point: Any = None,
) -> Answers:
    """Order candidates by float64 distances, equal ones by id, and describe them.

    Args:
        queries (np.ndarray): ``(Q, D)``.
        k (int): Answers of each.
        rerank (dict, optional): Checked options of re-ranking, None for none.
        candidates (Candidates): For each query ids and vectors that hold the nearest.
        look_up (Callable): Returns entries by id.
        point (OperatingPoint, optional): That decides. Defaults to None.

    Returns:
        Answers: The whole.

    Raises:
        ValueError: More answers than memory holds.
    """
    depth = k if rerank is None else rerank['candidates']
    try:
        ids = np.full((len(queries), k), -1)
        distances = np.full((len(queries), k), np.inf)
    except (MemoryError, ValueError) as error:  # NumPy's, of numbers beyond an index
        raise ValueError(
            f'k must be a number of answers that memory holds for all {len(queries)} '
            f'queries, -1 where there are no more entries, got {k}.'
        ) from error
    for row, (numbers, rows) in enumerate(candidates):
        best, far = order(queries[row], numbers, rows, depth)
        if rerank is not None:
            by_id = np.argsort(numbers)
            near = rows[by_id[np.searchsorted(numbers, best, sorter=by_id)]]
            again = reorder(queries[row], best, near, rerank)
            best, far = best[again], far[again]
        ids[row, : len(best[:k])] = best[:k]
        distances[row, : len(best[:k])] = far[:k]
    known = look_up(np.unique(ids[ids >= 0]))
    entries = [[known[i] for i in row if i >= 0] for row in ids.tolist()]
    return Answers.decided(ids, distances, entries, point)


def recall(found: np.ndarray, exact: np.ndarray) -> float:
    """Count the share of the exact answers that were found.

    Args:
        found (np.ndarray): ``(Q, k)`` ids, -1 for none.
        exact (np.ndarray): ``(Q, k)`` ids, -1 for none.

    Returns:
        float: From 0 to 1; 0 where there is nothing to find.
    """
    hits = sum(
        len(np.intersect1d(a[a >= 0], b[b >= 0]))
        for a, b in zip(found, exact, strict=True)
    )
    return hits / max(1, int((exact >= 0).sum()))
