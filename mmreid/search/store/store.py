"""Entries and vectors in SQLite, in transactions that others can follow."""

import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from mmreid.search.answers import Entry
from mmreid.search.filters import Filter
from mmreid.search.given import refuse_missing
from mmreid.search.store.changes import Changes, numbers_of, runs_of
from mmreid.search.store.conditions import condition
from mmreid.search.store.connection import connect, explained

_COLUMNS = dict(
    persons='person', cameras='camera', times='time', paths='path', fields='fields'
)
# Ids in one statement; SQLite takes any number, as one JSON text.
_IDS_AT_ONCE = 10_000
_ROWS_AT_ONCE = 4096
_NAMES = ('id', 'person', 'camera', 'time', 'path', 'fields')


class Store:
    """A gallery's file.

    Args:
        path (Path): The file.
        read_only (bool): Whether nothing will be written. Defaults to False.
        timeout (float): Seconds to wait for another writer. Defaults to 30.

    Attributes:
        path: The file.
    """

    def __init__(
        self, path: Path, read_only: bool = False, timeout: float = 30.0
    ) -> None:
        self.path, self.read_only = path, read_only
        self._lock = threading.RLock()
        self._connection = connect(path, read_only, timeout)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """See one committed state, whatever others write meanwhile.

        Yields:
            None: Inside, everything is read from that state.
        """
        with self._lock, explained(self.path):
            nested = self._connection.in_transaction
            if not nested:
                self._connection.execute('BEGIN')
            try:
                yield
            finally:
                if not nested and self._connection.in_transaction:
                    self._connection.execute('ROLLBACK')

    @contextmanager
    def writing(self) -> Iterator[int]:
        """Change everything inside, or nothing.

        Yields:
            int: The generation that the changes make.
        """
        with self._lock, explained(self.path):
            self._connection.execute('BEGIN IMMEDIATE')
            try:
                generation = self.generation() + 1
                self.set_meta('generation', str(generation))
                yield generation
                self._connection.execute('COMMIT')
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute('ROLLBACK')
                raise

    def meta(self, name: str) -> str | None:
        """Read one of the gallery's own values."""
        with self.reading():
            row = self._connection.execute(
                'SELECT value FROM meta WHERE name = ?', (name,)
            ).fetchone()
        return None if row is None else row[0]

    def set_meta(self, name: str, value: str | None) -> None:
        """Write one, inside :meth:`writing`."""
        self._connection.execute(
            'INSERT OR REPLACE INTO meta VALUES (?, ?)', (name, value)
        )

    def generation(self) -> int:
        """Return the number of the last transaction."""
        return int(self.meta('generation') or 0)

    def count(self) -> int:
        """Return how many entries there are."""
        with self.reading():
            return self._connection.execute('SELECT count(*) FROM entries').fetchone()[
                0
            ]

    def insert(
        self, generation: int, vectors: np.ndarray, labels: dict[str, list[Any]]
    ) -> np.ndarray:
        """Add entries, inside :meth:`writing`.

        Args:
            generation (int): Of this transaction.
            vectors (np.ndarray): ``(N, D)`` as they are kept.
            labels (dict[str, list]): Checked, by the plural names.

        Returns:
            np.ndarray: Their ids.
        """
        row = self._connection.execute(
            "SELECT seq FROM sqlite_sequence WHERE name = 'entries'"
        ).fetchone()
        first = (row[0] if row else 0) + 1
        ids = np.arange(first, first + len(vectors))
        columns = ['id', *(_COLUMNS[name] for name in labels)]
        marks = ', '.join('?' * len(columns))
        self._connection.executemany(
            f'INSERT INTO entries ({", ".join(columns)}) VALUES ({marks})',
            zip(ids.tolist(), *labels.values(), strict=True),
        )
        self._put(ids, vectors)
        self._log(generation, 'add', ids)
        return ids

    def replace(self, generation: int, ids: np.ndarray, vectors: np.ndarray) -> None:
        """Write other vectors, inside :meth:`writing`."""
        self._put(ids, vectors)
        self._log(generation, 'replace', ids)

    def label(self, ids: np.ndarray, labels: dict[str, list[Any]]) -> None:
        """Write other labels, inside :meth:`writing`."""
        if labels:
            changes = ', '.join(f'{_COLUMNS[name]} = ?' for name in labels)
            self._connection.executemany(
                f'UPDATE entries SET {changes} WHERE id = ?',
                zip(*labels.values(), ids.tolist(), strict=True),
            )

    def delete(self, generation: int, ids: np.ndarray) -> None:
        """Remove entries, inside :meth:`writing`."""
        for table in ('entries', 'vectors'):
            self._connection.executemany(
                f'DELETE FROM {table} WHERE id = ?', ((id_,) for id_ in ids.tolist())
            )
        self._log(generation, 'remove', ids)

    def check_there(self, ids: np.ndarray) -> None:
        """Refuse ids that do not exist, naming the first ones."""
        missing = np.setdiff1d(ids, self.ids(among=ids))
        refuse_missing(missing.tolist(), len(ids), self.path)

    def ids(
        self, where: Filter | None = None, among: np.ndarray | None = None
    ) -> np.ndarray:
        """Return ids of entries that pass, ascending."""
        text, values = condition(where)
        if among is not None:
            text += ' AND id IN (SELECT value FROM json_each(?))'
            values.append(json.dumps(among.tolist()))
        with self.reading():
            rows = self._connection.execute(
                f'SELECT id FROM entries WHERE {text} ORDER BY id', values
            ).fetchall()
        return np.array([row[0] for row in rows], np.int64)

    def entries(self, ids: np.ndarray) -> Iterator[Entry]:
        """Yield those entries, by ascending id, that are there."""
        for start in range(0, len(ids), _IDS_AT_ONCE):
            part = json.dumps(ids[start : start + _IDS_AT_ONCE].tolist())
            with self.reading():
                rows = self._connection.execute(
                    'SELECT id, person, camera, time, path, fields FROM entries '
                    'WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id',
                    (part,),
                ).fetchall()
            for row in rows:
                known = dict(zip(_NAMES, row, strict=True))
                yield Entry(**known | dict(fields=json.loads(row[5])))

    def vectors(
        self, ids: np.ndarray | None = None
    ) -> Iterator[tuple[np.ndarray, bytes]]:
        """Yield ids, ascending, and the bytes of their vectors, some at a time.

        Args:
            ids (np.ndarray, optional): Only these. Defaults to None: all.
        """
        parts: Iterable[tuple[str, tuple]] = [('', ())]
        if ids is not None:
            parts = (
                ('WHERE id IN (SELECT value FROM json_each(?))', (text,))
                for start in range(0, len(ids), _IDS_AT_ONCE)
                for text in [json.dumps(ids[start : start + _IDS_AT_ONCE].tolist())]
            )
        with self.reading():
            for text, values in parts:
                cursor = self._connection.execute(
                    f'SELECT id, vector FROM vectors {text} ORDER BY id', values
                )
                while rows := cursor.fetchmany(_ROWS_AT_ONCE):
                    found, blobs = zip(*rows, strict=True)
                    yield np.array(found, np.int64), b''.join(blobs)

    def changes(self, since: int) -> Changes | None:
        """Tell what has happened to vectors.

        Args:
            since (int): The generation that is known.

        Returns:
            Changes | None: None where the log does not reach back: read all anew.
        """
        with self.reading():
            if since < int(self.meta('log_begins') or 0):
                return None
            rows = self._connection.execute(
                'SELECT kind, first, last FROM changes WHERE generation > ?', (since,)
            ).fetchall()
            removed = numbers_of(row[1:] for row in rows if row[0] != 'add')
            added = numbers_of(row[1:] for row in rows if row[0] != 'remove')
            return Changes(removed, self.ids(among=added) if len(added) else added)

    def compact(self) -> None:
        """Give back free space and forget the log."""
        with self.writing() as generation:
            self._connection.execute('DELETE FROM changes')
            self.set_meta('log_begins', str(generation))
        with self._lock, explained(self.path):
            self._connection.execute('VACUUM')
            self._connection.execute('PRAGMA wal_checkpoint(TRUNCATE)')

    def summary(self) -> dict[str, Any]:
        """Count cameras and persons, and tell the first and last time."""
        with self.reading():
            row = self._connection.execute(
                'SELECT count(*), count(DISTINCT person), min(time), max(time) '
                'FROM entries'
            ).fetchone()
            cameras = self._connection.execute(
                'SELECT camera, count(*) FROM entries GROUP BY camera ORDER BY camera'
            ).fetchall()
        return dict(
            entries=row[0], persons=row[1], time=list(row[2:]), cameras=dict(cameras)
        )

    def _put(self, ids: np.ndarray, vectors: np.ndarray) -> None:
        self._connection.executemany(
            'INSERT OR REPLACE INTO vectors VALUES (?, ?)',
            (
                (id_, row.tobytes())
                for id_, row in zip(ids.tolist(), vectors, strict=True)
            ),
        )

    def _log(self, generation: int, kind: str, ids: np.ndarray) -> None:
        self._connection.executemany(
            'INSERT INTO changes VALUES (?, ?, ?, ?)',
            [(generation, kind, *ends) for ends in runs_of(ids)],
        )
