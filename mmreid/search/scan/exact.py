"""All vectors in memory once, in blocks of faiss, and who may be among the nearest."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mmreid.optional import import_optional

# Growing a block may copy it: memory beside the vectors stays below a block's.
_BLOCK_ROWS = 16384
# Candidates beyond the answers, so that ties rarely need a second look.
_SPARE = 16
# From this number of queries on a matrix product is faster than faiss's own loop, and
# this many are taken at once.
_MANY, _QUERIES_AT_ONCE = 8, 256


def import_faiss() -> Any:
    """Return the module ``faiss``."""
    return import_optional('faiss', 'Searching a gallery')


class _Block:
    """Vectors of ascending ids in one flat faiss index."""

    def __init__(self, dim: int, dtype: str) -> None:
        faiss = import_faiss()
        metric = faiss.METRIC_INNER_PRODUCT
        self.faiss, self.dtype = faiss, np.dtype(dtype)
        if dtype == 'float16':
            kind = faiss.ScalarQuantizer.QT_fp16
            self.index = faiss.IndexScalarQuantizer(dim, kind, metric)
            self.index.is_trained = True
        else:
            self.index = faiss.IndexFlat(dim, metric)
        self.ids = np.empty(0, np.int64)

    def rows(self) -> np.ndarray:
        """View the vectors where faiss keeps them; adding and removing end that."""
        size = len(self.ids) * self.index.code_size
        if not size:
            return np.empty((0, self.index.d), self.dtype)
        view = self.faiss.rev_swig_ptr(self.index.codes.data(), size)
        return view.view(self.dtype).reshape(-1, self.index.d)

    def append(self, ids: np.ndarray, rows: np.ndarray) -> None:
        """Add vectors; their bytes are what faiss keeps."""
        self.index.add(np.ascontiguousarray(rows, np.float32))
        self.ids = np.concatenate([self.ids, ids])

    def remove(self, ids: np.ndarray) -> None:
        """Remove those that are here."""
        gone = np.isin(self.ids, ids)
        if gone.any():
            places = np.flatnonzero(gone)
            self.index.remove_ids(self.faiss.IDSelectorBatch(places))
            self.ids = self.ids[~gone]

    def search(
        self, queries: np.ndarray, k: int, allowed: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return scores, best first, and places; -1 where there is no further one."""
        if len(queries) >= _MANY:
            return self._multiply(queries, k, allowed)
        params = None
        if allowed is not None:
            # The bitmap is faiss's: a bit for each place, lowest first.
            bits = np.packbits(self._passing(allowed), bitorder='little')
            selector = self.faiss.IDSelectorBitmap(bits)
            params = self.faiss.SearchParameters(sel=selector)
        return self.index.search(queries, k, params=params)

    def _passing(self, allowed: np.ndarray) -> np.ndarray:
        """Tell which places have one of some ascending ids."""
        first, last = int(self.ids.min()), int(self.ids.max())
        start, end = np.searchsorted(allowed, (first, last + 1))
        here, span = allowed[start:end], last - first + 1
        if span > 16 * len(self.ids):  # most were removed
            return np.isin(self.ids, here)
        passes = np.zeros(span, bool)
        passes[here - first] = True
        return passes[self.ids - first]

    def _multiply(
        self, queries: np.ndarray, k: int, allowed: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Do the same by a matrix product."""
        rows = self.rows().astype(np.float32, copy=False)
        hidden = None if allowed is None else ~self._passing(allowed)
        scores = np.empty((len(queries), k), np.float32)
        places = np.empty((len(queries), k), np.int64)
        for start in range(0, len(queries), _QUERIES_AT_ONCE):
            part = slice(start, start + _QUERIES_AT_ONCE)
            product = queries[part] @ rows.T
            if hidden is not None:
                product[:, hidden] = -np.inf
            best = np.argpartition(product, -k, axis=1)[:, -k:]
            values = np.take_along_axis(product, best, 1)
            order = np.argsort(-values, axis=1, kind='stable')
            scores[part] = np.take_along_axis(values, order, 1)
            places[part] = np.take_along_axis(best, order, 1)
        places[scores == -np.inf] = -1
        return scores, places


class ExactScan:
    """Vectors with ids, searched exactly.

    Args:
        dim (int): Width of the vectors.
        dtype (str): ``'float32'`` or ``'float16'``.
    """

    def __init__(self, dim: int, dtype: str) -> None:
        self._dim, self._dtype = dim, dtype
        self._blocks: list[_Block] = []
        self._deviation = 0.0

    def __len__(self) -> int:
        return sum(len(block.ids) for block in self._blocks)

    def add(self, ids: np.ndarray, units: np.ndarray) -> None:
        """Add vectors.

        Args:
            ids (np.ndarray): ``(N,)``.
            units (np.ndarray): ``(N, D)`` float32 of length one, with float16 values
                that it can hold.
        """
        lengths = np.sqrt(np.einsum('nd,nd->n', units, units))
        deviation = float(np.abs(lengths - 1).max(initial=0))
        self._deviation = max(self._deviation, deviation)
        while len(ids):
            if not self._blocks or len(self._blocks[-1].ids) >= _BLOCK_ROWS:
                self._blocks.append(_Block(self._dim, self._dtype))
            block = self._blocks[-1]
            space = _BLOCK_ROWS - len(block.ids)
            block.append(ids[:space], units[:space])
            ids, units = ids[space:], units[space:]

    def remove(self, ids: np.ndarray) -> bool:
        """Remove vectors; ids that are not there are passed over.

        Returns:
            bool: True: they may be added again under their ids.
        """
        for block in self._blocks:
            block.remove(ids)
        self._blocks = [block for block in self._blocks if len(block.ids)]
        return True

    def ids(
        self, queries: np.ndarray, k: int, allowed: np.ndarray | None
    ) -> Iterator[np.ndarray]:
        """Yield of each query the ids, ascending, of who may be among the k nearest.

        Args:
            queries (np.ndarray): ``(Q, D)`` float32 of length one.
            k (int): How many are wanted.
            allowed (np.ndarray, optional): Only these ids. Defaults to None: all.
        """
        margin = self._margin()
        found = [self._search(block, queries, k, allowed) for block in self._blocks]
        for row in range(len(queries)):
            best = [(scores[row], places[row]) for scores, places in found]
            everyone = np.concatenate([s[p >= 0] for s, p in best] or [np.empty(0)])
            last = -np.inf
            if len(everyone) > k:
                last = np.partition(everyone, -k)[-k] - margin
            ids = [np.empty(0, np.int64)]
            for block, (scores, places) in zip(self._blocks, best, strict=True):
                near = self._widen(
                    block, queries[row : row + 1], scores, places, last, allowed
                )
                ids.append(block.ids[near])
            yield np.sort(np.concatenate(ids))

    def _margin(self) -> float:
        """How far apart scores may be whose exact distances are in the other order.

        Higham's bound of a product in float32, and lengths that are not quite one.
        """
        additions = (self._dim + 16) * 2.0**-24
        rounding = additions / (1 - additions)
        return 2 * (rounding + self._deviation) * (1 + self._deviation) + 1e-6

    @staticmethod
    def _search(
        block: _Block, queries: np.ndarray, k: int, allowed: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        return block.search(queries, min(len(block.ids), k + _SPARE), allowed)

    @staticmethod
    def _widen(
        block: _Block,
        query: np.ndarray,
        scores: np.ndarray,
        places: np.ndarray,
        last: float,
        allowed: np.ndarray | None,
    ) -> np.ndarray:
        """Return all places of a block whose score is not below ``last``."""
        while len(places) < len(block.ids) and places[-1] >= 0 and scores[-1] >= last:
            wider = min(len(block.ids), 4 * len(places))
            (scores,), (places,) = block.search(query, wider, allowed)
        return places[(places >= 0) & (scores >= last)]
