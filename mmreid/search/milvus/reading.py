"""What a gallery in Milvus tells: entries, vectors, answers."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from mmreid.search.answering import answer
from mmreid.search.answers import Answers, Entry
from mmreid.search.base_gallery import BaseGallery
from mmreid.search.filters import Filter
from mmreid.search.given import refuse_missing
from mmreid.search.milvus.address import MilvusAddress
from mmreid.search.milvus.connection import Connection, explained
from mmreid.search.milvus.creating import read_about
from mmreid.search.milvus.expressions import expression
from mmreid.search.milvus.finding import find
from mmreid.search.milvus.journal import Journal, Snapshot
from mmreid.search.milvus.schema import JOURNAL_SUFFIX, LABEL_COLUMNS, entry_of
from mmreid.search.milvus.table import Table

_EXACT: dict[str, Any] = dict(kind='exact', options={})
# Every vector is read and compared here.
_EVERY: dict[str, Any] = dict(kind='every', options={})


class MilvusReader(BaseGallery):
    """The part of a gallery in Milvus that changes nothing.

    Args:
        address (str): Where it is.
        token (str, optional): Who we are. Defaults to None: what the environment says.
        timeout (float): Seconds within which a request is answered. Defaults to 30.

    Attributes:
        address: Where it is, taken apart.
    """

    def __init__(
        self, address: str, token: str | None = None, timeout: float = 30.0
    ) -> None:
        self.address = MilvusAddress.parse(address)
        self.place = self.address.text
        self._connection = Connection(self.address, token, timeout)
        name, client = self.address.name, self._connection.client
        self._journal = Journal(client, name + JOURNAL_SUFFIX, address, timeout)
        try:
            with self._connection.opening():
                about = read_about(client, self.address, self._journal, timeout)
        except BaseException:
            self._connection.close()
            raise
        self.dim, self.dtype = int(about['dim']), about['dtype']
        self.model_key, self.model_name = about['model_key'], about['model_name']
        self._table = Table(client, name, self.dim, timeout)

    def _check_there(self, numbers: np.ndarray, found: Any) -> None:
        missing = [number for number in numbers.tolist() if number not in found]
        refuse_missing(missing, len(numbers), self.address.text)

    def _entries(self, where: Filter | None) -> Iterator[Entry]:
        condition = expression(where)
        with explained(self.address):
            snapshot = self._journal.snapshot()
            for window in self._table.windows(snapshot, condition, LABEL_COLUMNS):
                yield from map(entry_of, window)

    def _look_up(self, numbers: np.ndarray) -> dict[int, Entry]:
        with explained(self.address):
            found = self._table.labels(self._journal.snapshot(), numbers)
        self._check_there(numbers, found)
        return {number: entry_of(row) for number, row in found.items()}

    def _vectors(self, numbers: np.ndarray) -> np.ndarray:
        with explained(self.address):
            kept, rows = self._table.vectors(self._journal.snapshot(), numbers)
        self._check_there(numbers, set(kept.tolist()))
        return rows[np.searchsorted(kept, numbers)]

    def _index(self) -> dict[str, Any]:
        with explained(self.address):
            kept = self._journal.read('index')
        return _EXACT if kept is None else json.loads(kept)

    def _search(
        self,
        queries: np.ndarray,
        k: int,
        where: Filter | None,
        rerank: dict[str, Any] | None,
        exact: bool = False,
    ) -> Answers:
        depth = k if rerank is None else rerank['candidates']
        index = _EVERY if exact else self._index()
        with explained(self.address):
            snapshot = self._journal.snapshot()
            condition = expression(where)
            found = find(self._table, snapshot, condition, queries, depth, index)
            return answer(
                queries,
                k,
                rerank,
                found,
                lambda ids: self._known(snapshot, ids),
                self.operating_point,
            )

    def _known(self, snapshot: Snapshot, ids: np.ndarray) -> dict[int, Entry]:
        found = self._table.labels(snapshot, ids)
        # Removed by others since they were found: the vector was there, the rest is
        # unknown by now.
        return {
            number: entry_of(found[number]) if number in found else Entry(number)
            for number in ids.tolist()
        }

    def _summary(self) -> dict[str, Any]:
        with explained(self.address):
            return self._table.summary(self._journal.snapshot())

    def _size(self) -> None:
        return None

    def _read_point(self) -> dict[str, Any] | None:
        with explained(self.address):
            return json.loads(self._journal.read('point') or 'null')

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def __len__(self) -> int:
        with explained(self.address):
            return self._table.count(self._journal.snapshot().expression())
