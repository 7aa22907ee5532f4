"""What a process holds in memory of a gallery, and how it follows the store."""

import json
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from mmreid.search.filters import Filter
from mmreid.search.scan import ApproximateScan, ExactScan
from mmreid.search.scan.approximate import sample_size
from mmreid.search.store import Store
from mmreid.search.vectors import to_units

#: What a gallery is searched by where nothing was chosen.
EXACT: dict[str, Any] = dict(kind='exact', options={})
_FILTERS_KEPT = 16


class Searcher:
    """Candidates of queries, by the index that the gallery has chosen.

    Args:
        store (Store): The truth.
        dim (int): Width of the vectors.
        dtype (str): How they are kept.
    """

    def __init__(self, store: Store, dim: int, dtype: str) -> None:
        self._store, self._dim, self._dtype = store, dim, dtype
        self._scan: ExactScan | ApproximateScan | None = None
        # What the scan was made for, and the generation that it holds; -1 for none.
        self._chosen: dict[str, Any] | None = None
        self._known = -1
        # Ids that pass, of that generation, by the condition's text.
        self._allowed: OrderedDict[str, np.ndarray] = OrderedDict()

    @property
    def cache(self) -> Path:
        """The file beside the store that an approximate index is kept in."""
        return self._store.path.with_name(self._store.path.name + '.index')

    def index(self) -> dict[str, Any]:
        """Tell the index that the gallery has chosen: ``kind`` and ``options``."""
        return json.loads(self._store.meta('index') or 'null') or EXACT

    def forget(self) -> None:
        """Let go of everything in memory."""
        self._scan, self._known = None, -1
        self._allowed.clear()

    def candidates(
        self,
        queries: np.ndarray,
        k: int,
        where: Filter | None,
        exact: bool = False,
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield of each query ids and vectors of those who may be the nearest.

        Args:
            queries (np.ndarray): ``(Q, D)`` float32 of length one.
            k (int): How many are wanted.
            where (Filter, optional): Only these.
            exact (bool): Whatever index is chosen. Defaults to False.
        """
        scan = self.refresh(exact)
        allowed = None if where is None else self._passing(where)
        # The scan has scaled vectors: those that decide are in the store.
        for ids in scan.ids(queries, k, allowed):
            yield ids, self.read(ids)

    def read(self, ids: np.ndarray) -> np.ndarray:
        """Read vectors of ascending ids from the store."""
        data = b''.join(data for _, data in self._store.vectors(ids))
        return np.frombuffer(data, self._dtype).reshape(-1, self._dim)

    def refresh(self, exact: bool = False) -> ExactScan | ApproximateScan:
        """Follow what was committed, inside ``store.reading()``."""
        chosen = EXACT if exact else self.index()
        now = self._store.generation()
        if chosen != self._chosen or self._scan is None:
            self.forget()
            self._chosen = chosen
            self._scan = self._empty(chosen)
            self._load(self._scan)
        if self._known == now:
            return self._scan
        self._allowed.clear()
        # What is interrupted leaves nothing half followed.
        scan, self._scan = self._scan, None
        if not self._follow(scan):
            del scan  # before there are two of them in memory
            scan = self._fill(chosen)
        self._scan, self._known = scan, now
        return scan

    def _follow(self, scan: ExactScan | ApproximateScan) -> bool:
        """Do what others have done since; tell whether that is enough."""
        changes = None if self._known < 0 else self._store.changes(self._known)
        if changes is None:
            return False
        if len(changes.removed) or len(changes.added):
            may_add = scan.remove(changes.removed)
            if not may_add and len(np.intersect1d(changes.removed, changes.added)):
                return False
            self._add(scan, changes.added)
        return not (isinstance(scan, ApproximateScan) and scan.stale)

    def _empty(self, chosen: dict[str, Any]) -> ExactScan | ApproximateScan:
        kind = chosen['kind']
        if kind == 'exact':
            return ExactScan(self._dim, self._dtype)
        return ApproximateScan(self._dim, kind, chosen['options'], self._dtype)

    def _load(self, scan: ExactScan | ApproximateScan) -> None:
        """Begin with what the cache holds."""
        if isinstance(scan, ApproximateScan):
            kept = scan.load(self.cache, self._stamp())
            if kept is not None and kept <= self._store.generation():
                self._known = kept

    def _fill(self, chosen: dict[str, Any]) -> ExactScan | ApproximateScan:
        """Read all vectors anew."""
        scan = self._empty(chosen)
        if isinstance(scan, ApproximateScan):
            scan.build(self._sample(chosen['options']), self._store.count())
        self._add(scan, None)
        if isinstance(scan, ApproximateScan) and not self._store.read_only:
            scan.save(self.cache, self._stamp())
        return scan

    def _add(self, scan: ExactScan | ApproximateScan, ids: np.ndarray | None) -> None:
        """Read vectors, all of them or some, into memory."""
        for numbers, data in self._store.vectors(ids):
            rows = np.frombuffer(data, self._dtype).reshape(-1, self._dim)
            # Those of float16 have length one and are not to be rounded again.
            half = self._dtype == 'float16'
            scan.add(numbers, rows.astype(np.float32) if half else to_units(rows))

    def _sample(self, options: dict[str, int]) -> np.ndarray:
        ids = self._store.ids()
        size = sample_size(len(ids), options)
        chosen = np.random.default_rng(0).choice(ids, size, replace=False)
        return to_units(self.read(np.sort(chosen)))

    def _stamp(self) -> dict:
        return dict(
            gallery=self._store.meta('uuid'),
            index=self._store.meta('index'),
            generation=self._store.generation(),
        )

    def _passing(self, where: Filter) -> np.ndarray:
        """Return ids that pass, of the generation that :meth:`refresh` has seen."""
        key = repr(where)
        if key not in self._allowed:
            self._allowed[key] = self._store.ids(where)
            while len(self._allowed) > _FILTERS_KEPT:
                self._allowed.popitem(last=False)
        self._allowed.move_to_end(key)
        return self._allowed[key]
