"""Rows of vectors and labels in a collection, within Milvus' limits."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from mmreid.search.milvus.journal import Snapshot
from mmreid.search.milvus.schema import LABEL_COLUMNS

#: Rows that one search or query may return.
MOST_ROWS = 16384
# Vectors, and characters of up to four bytes, in one request; Milvus takes 64 MB.
_BYTES_AT_ONCE = 8 * 2**20
# Rows with text, and ids in one condition.
_IDS_AT_ONCE = 4096


class Table:
    """The collection of vectors.

    Args:
        client (Any): A ``MilvusClient``.
        name (str): Of the collection.
        dim (int): Width of the vectors.
        timeout (float): Seconds for each request.
    """

    def __init__(self, client: Any, name: str, dim: int, timeout: float) -> None:
        self._client, self._name, self._dim = client, name, dim
        self._timeout = timeout
        self._vectors_at_once = max(1, min(MOST_ROWS, _BYTES_AT_ONCE // (4 * dim)))

    def query(self, condition: str, columns: Sequence[str]) -> list[dict[str, Any]]:
        """Return columns of all rows that meet a condition."""
        return self._client.query(
            self._name,
            filter=condition,
            output_fields=list(columns),
            consistency_level='Strong',
            timeout=self._timeout,
        )

    def count(self, condition: str) -> int:
        """Count rows that meet a condition."""
        return int(self.query(condition, ['count(*)'])[0]['count(*)'])

    def windows(
        self, snapshot: Snapshot, condition: str, columns: Sequence[str]
    ) -> Iterator[list[dict[str, Any]]]:
        """Yield all rows that may be seen, by ascending id, some at a time.

        Args:
            snapshot (Snapshot): Which may be seen.
            condition (str): Only these; ``''`` for all.
            columns (Sequence[str]): Which columns, besides the id.
        """
        step = self._step(columns)
        for first in range(1, snapshot.high + 1, step):
            text = snapshot.expression(first, first + step - 1)
            text += f' and {condition}' if condition else ''
            rows = self.query(text, ['id', *columns])
            yield sorted(rows, key=lambda row: row['id'])

    def _step(self, columns: Sequence[str]) -> int:
        """Return how many rows fit into one answer."""
        text = any(name in ('path', 'fields') for name in columns)
        most = _IDS_AT_ONCE if text else MOST_ROWS
        return min(most, self._vectors_at_once) if 'vector' in columns else most

    def ids(self, snapshot: Snapshot, condition: str = '') -> np.ndarray:
        """Return ids of rows that may be seen, ascending."""
        found = [
            row['id'] for rows in self.windows(snapshot, condition, ()) for row in rows
        ]
        return np.array(found, np.int64)

    def rows(
        self, snapshot: Snapshot, ids: np.ndarray, columns: Sequence[str]
    ) -> dict[int, dict[str, Any]]:
        """Return rows by their ids; those that are not there are left out."""
        wanted = ids[snapshot.visible(ids)].tolist()
        step = min(_IDS_AT_ONCE, self._step(columns))
        return {
            row['id']: row
            for start in range(0, len(wanted), step)
            for row in self.query(
                f'id in {wanted[start : start + step]}', ['id', *columns]
            )
        }

    def labels(self, snapshot: Snapshot, ids: np.ndarray) -> dict[int, dict[str, Any]]:
        """Return what is known of entries, by their ids."""
        return self.rows(snapshot, ids, LABEL_COLUMNS)

    def vectors(
        self, snapshot: Snapshot, ids: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return ids, ascending, that are there, and their vectors, float32."""
        found = self.rows(snapshot, np.unique(ids), ('vector',))
        kept = np.array(sorted(found), np.int64)
        return kept, stack([found[number] for number in kept.tolist()], self._dim)

    def summary(self, snapshot: Snapshot) -> dict[str, Any]:
        """Count entries, cameras and persons, and tell the first and last time."""
        persons: set[str | None] = set()
        cameras: Counter[str | None] = Counter()
        times: list[float] = []
        columns = ('person', 'camera', 'time')
        for window in self.windows(snapshot, '', columns):
            cameras.update(row['camera'] for row in window)
            persons.update(row['person'] for row in window)
            known = times + [row['time'] for row in window if row['time'] is not None]
            times = [min(known), max(known)] if known else []
        order = sorted(cameras, key=lambda name: (name is not None, name or ''))
        return dict(
            entries=cameras.total(),
            persons=len(persons - {None}),
            time=times or [None, None],
            cameras={name: cameras[name] for name in order},
        )

    def put(self, rows: list[dict[str, Any]], new: bool) -> None:
        """Write rows, each request of which is whole or not.

        Args:
            rows (list[dict]): With all columns.
            new (bool): Whether their ids have never been used.
        """
        write = self._client.insert if new else self._client.upsert
        part: list[dict[str, Any]] = []
        size = 0
        for row in rows:
            part.append(row)
            size += 4 * self._dim + sum(
                len(value) for value in row.values() if isinstance(value, str | list)
            )
            if size >= _BYTES_AT_ONCE or len(part) >= MOST_ROWS:
                write(self._name, part, timeout=self._timeout)
                part, size = [], 0
        if part:
            write(self._name, part, timeout=self._timeout)

    def delete(self, ids: np.ndarray) -> None:
        """Remove rows."""
        for start in range(0, len(ids), _IDS_AT_ONCE):
            part = ids[start : start + _IDS_AT_ONCE].tolist()
            self._client.delete(self._name, ids=part, timeout=self._timeout)

    def delete_range(self, first: int, last: int) -> None:
        """Remove all rows of a range of ids, hidden or not."""
        for start in range(first, last + 1, MOST_ROWS):
            end = min(last, start + MOST_ROWS - 1)
            rows = self.query(f'id >= {start} and id <= {end}', ['id'])
            self.delete(np.array([row['id'] for row in rows], np.int64))

    def nearest(
        self, units: np.ndarray, limit: int, condition: str, params: dict[str, Any]
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        """Let Milvus search.

        Args:
            units (np.ndarray): ``(Q, D)`` float32.
            limit (int): Hits of each, at most :data:`MOST_ROWS`.
            condition (str): Who may answer.
            params (dict): Of the index.

        Returns:
            list[tuple]: For each query ids and cosine similarities, best first.
        """
        found = self._client.search(
            self._name,
            data=list(units),
            anns_field='vector',
            limit=limit,
            filter=condition,
            output_fields=['id'],
            search_params=dict(metric_type='COSINE', params=params),
            consistency_level='Strong',
            timeout=self._timeout,
        )
        return [
            (
                np.array([hit['id'] for hit in hits], np.int64),
                np.array([hit['distance'] for hit in hits], np.float64),
            )
            for hits in found
        ]

    def index(self, kind: str, params: dict[str, Any]) -> None:
        """Replace the index.

        Args:
            kind (str): What Milvus calls it: ``'FLAT'``, ``'IVF_FLAT'``, ``'HNSW'``.
            params (dict): Of building it.
        """
        client, wait = self._client, dict(timeout=self._timeout)
        client.release_collection(self._name, **wait)
        for name in client.list_indexes(self._name, 'vector'):
            client.drop_index(self._name, name, **wait)
        index = client.prepare_index_params()
        index.add_index('vector', index_type=kind, metric_type='COSINE', params=params)
        client.create_index(self._name, index, **wait)
        client.load_collection(self._name, **wait)

    def compact(self) -> None:
        """Write to disk, and let Milvus give back space."""
        self._client.flush(self._name, timeout=self._timeout)
        self._client.compact(self._name, timeout=self._timeout)


def stack(rows: list[dict[str, Any]], dim: int) -> np.ndarray:
    """Return the vectors of rows, ``(N, D)`` float32."""
    return np.array([row['vector'] for row in rows], np.float32).reshape(-1, dim)
