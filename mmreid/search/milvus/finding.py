"""Who is near, as Milvus finds it, and whether that is surely everybody."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from mmreid.search.milvus.journal import Snapshot
from mmreid.search.milvus.table import MOST_ROWS, Table, stack
from mmreid.search.scan import order
from mmreid.search.vectors import to_units

_SPARE = 16
_QUERIES_AT_ONCE = 64
#: Milvus' names for the kinds of an index.
KINDS = dict(exact='FLAT', ivf='IVF_FLAT', hnsw='HNSW')
_MOST_LISTS = 65536


def build_params(kind: str, options: dict[str, int], count: int) -> dict[str, int]:
    """Translate the options of building an index.

    Args:
        kind (str): ``'exact'``, ``'ivf'`` or ``'hnsw'``.
        options (dict): Checked.
        count (int): Vectors in the gallery.

    Returns:
        dict[str, int]: As Milvus calls them.
    """
    if kind == 'ivf':
        lists = options['lists'] or int(4 * math.sqrt(count))
        return dict(nlist=max(1, min(lists, _MOST_LISTS)))
    if kind == 'hnsw':
        return dict(M=options['neighbours'], efConstruction=options['ef_construction'])
    return {}


def search_params(kind: str, options: dict[str, int], limit: int) -> dict[str, int]:
    """Translate the options of searching it."""
    if kind == 'ivf':
        return dict(nprobe=options['probes'])
    if kind == 'hnsw':
        return dict(ef=max(options['ef_search'], limit))
    return {}


def find(
    table: Table,
    snapshot: Snapshot,
    condition: str,
    queries: np.ndarray,
    depth: int,
    index: dict[str, Any],
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield of each query ids and vectors of those who may be the nearest.

    Args:
        table (Table): Rows.
        snapshot (Snapshot): Which may be seen.
        condition (str): Which may answer.
        queries (np.ndarray): ``(Q, D)``.
        depth (int): How many are wanted.
        index (dict): ``kind`` and ``options``; the kind ``'every'`` is none of
            Milvus: all vectors are read.
    """
    visible = snapshot.expression() + (f' and {condition}' if condition else '')
    for start in range(0, len(queries), _QUERIES_AT_ONCE):
        part = queries[start : start + _QUERIES_AT_ONCE]
        found = _near(table, visible, to_units(part), depth, index)
        ids = [hits for hits in found if hits is not None]
        wanted = np.concatenate([*ids, np.empty(0, np.int64)])
        kept, rows = table.vectors(snapshot, wanted)
        for hits, query in zip(found, part, strict=True):
            if hits is None:
                yield _of_all(table, snapshot, condition, query, depth)
                continue
            # Others may have removed some between the two requests.
            near = hits[np.isin(hits, kept)]
            yield near, rows[np.searchsorted(kept, near)]


def _near(
    table: Table, visible: str, units: np.ndarray, depth: int, index: dict[str, Any]
) -> list[np.ndarray | None]:
    """Return ids of each query that hold the nearest, None where Milvus cannot."""
    exact = index['kind'] == 'exact'
    found: list[np.ndarray | None] = [None] * len(units)
    if index['kind'] == 'every':
        return found
    open_ = np.arange(len(units))
    limit = depth + _SPARE if exact else 2 * depth
    while len(open_) and depth <= MOST_ROWS:
        limit = min(limit, MOST_ROWS)
        params = search_params(index['kind'], index['options'], limit)
        hits = table.nearest(units[open_], limit, visible, params)
        again = []
        for query, (ids, scores) in zip(open_, hits, strict=True):
            least = -np.inf
            if exact and len(ids) > depth:
                least = scores[depth - 1] - _margin(units.shape[1])
            if not exact or len(ids) < limit or scores[-1] < least:
                found[query] = ids[scores >= least]
            else:
                again.append(query)
        open_ = np.array(again, np.int64)
        if limit == MOST_ROWS:
            break
        limit *= 4
    return found


def _margin(dim: int) -> float:
    """How far apart similarities may be whose exact distances are in the other order.

    Milvus scales and multiplies in float32: Higham's bound of three such products, for
    two similarities.
    """
    additions = (dim + 16) * 2.0**-24
    return 6 * additions / (1 - additions) + 1e-6


def _of_all(
    table: Table, snapshot: Snapshot, condition: str, query: np.ndarray, depth: int
) -> tuple[np.ndarray, np.ndarray]:
    """Read all vectors, where more are wanted or alike than Milvus returns."""
    ids, rows = np.empty(0, np.int64), np.empty((0, len(query)), np.float32)
    for window in table.windows(snapshot, condition, ('vector',)):
        numbers = np.array([row['id'] for row in window], np.int64)
        ids = np.concatenate([ids, numbers])
        rows = np.concatenate([rows, stack(window, len(query))])
        best, _ = order(query, ids, rows, depth)
        kept = np.isin(ids, best)
        ids, rows = ids[kept], rows[kept]
    return ids, rows
