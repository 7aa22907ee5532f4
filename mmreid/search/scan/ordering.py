"""The distances that decide: float64, pair by pair, and re-ranked ones."""

from typing import Any

import numpy as np

from mmreid.evaluation.functional import re_rank
from mmreid.evaluation.functional.distances.measures import cosine_distances

_RERANK = dict(k1=20, k2=6, lambda_value=0.3, candidates=200)
_ROWS = 4096


def exact_distances(query: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Compute cosine distances as :mod:`mmreid.evaluation.functional` does.

    Args:
        query (np.ndarray): ``(D,)``.
        rows (np.ndarray): ``(N, D)``.

    Returns:
        np.ndarray: ``(N,)`` float64, the same for equal rows wherever they stand.
    """
    vector = query.astype(np.float64)[None]
    length = np.sqrt(np.square(vector).sum(axis=1))
    distances = np.empty(len(rows))
    for start in range(0, len(rows), _ROWS):
        part = rows[start : start + _ROWS].astype(np.float64)
        norms = np.sqrt(np.square(part).sum(axis=1))
        exact = cosine_distances(part, vector, norms * length)
        distances[start : start + _ROWS] = exact
    return distances


def order(
    query: np.ndarray, ids: np.ndarray, rows: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return ids and distances of the nearest, equal ones by id.

    Args:
        query (np.ndarray): ``(D,)``.
        ids (np.ndarray): ``(N,)`` of the candidates.
        rows (np.ndarray): ``(N, D)`` their vectors.
        k (int): How many, at most.
    """
    distances = exact_distances(query, rows)
    best = np.lexsort((ids, distances))[:k]
    return ids[best], distances[best]


def check_rerank(options: dict[str, Any] | None, k: int) -> dict[str, Any] | None:
    """Fill in what is not said of re-ranking.

    Args:
        options (dict, optional): ``k1``, ``k2``, ``lambda_value``, ``candidates``.
        k (int): Answers that are wanted.

    Returns:
        dict | None: All four.

    Raises:
        ValueError: No dict, an unknown name, or fewer candidates than answers.
    """
    if options is None:
        return None
    if not isinstance(options, dict):
        raise ValueError(
            f'rerank must be a dict of {sorted(_RERANK)}, {{}} for their defaults, or '
            f'None, got {options!r}.'
        )
    if unknown := sorted(map(str, set(options) - set(_RERANK))):
        raise ValueError(f'rerank must be of {sorted(_RERANK)}, got {unknown}.')
    filled = {**_RERANK, **options}
    count = filled['candidates']
    if not isinstance(count, int) or isinstance(count, bool) or count < k:
        raise ValueError(
            f'candidates of rerank must be at least the {k} answers, got {count!r}.'
        )
    return filled


def reorder(
    query: np.ndarray, ids: np.ndarray, rows: np.ndarray, options: dict[str, Any]
) -> np.ndarray:
    """Order candidates by k-reciprocal neighbours among them (Zhong et al., 2017).

    Args:
        query (np.ndarray): ``(D,)``.
        ids (np.ndarray): ``(N,)`` of the candidates.
        rows (np.ndarray): ``(N, D)`` their vectors.
        options (dict): ``k1``, ``k2`` and ``lambda_value``.

    Returns:
        np.ndarray: ``(N,)`` places in ``ids``, best first, equal ones by id.
    """
    if not len(ids):
        return np.empty(0, np.int64)
    by_id = np.argsort(ids)
    unit = query.astype(np.float64) / np.linalg.norm(query.astype(np.float64))
    gallery = rows[by_id].astype(np.float32)
    values = {name: options[name] for name in ('k1', 'k2', 'lambda_value')}
    distances = re_rank(unit[None].astype(np.float32), gallery, **values)[0]
    return by_id[np.argsort(distances, kind='stable')]
