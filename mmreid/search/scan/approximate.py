"""IVF and HNSW: faster and not exact; a cache beside the store that can be deleted."""

import hashlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from mmreid.arguments import check_choice
from mmreid.files import whole_file
from mmreid.search.scan.exact import import_faiss

KINDS = ('exact', 'ivf', 'hnsw')
_DEFAULTS: dict[str, dict[str, int]] = {
    'exact': {},
    # lists 0: the square root of the number of vectors, times four.
    'ivf': dict(lists=0, probes=16, seed=0),
    'hnsw': dict(neighbours=32, ef_construction=200, ef_search=128),
}
_DIGEST = 32
# FAISS wants this many vectors a list to find its centre.
_SAMPLES_A_LIST = 64


def check_options(kind: str, options: dict[str, Any]) -> dict[str, int]:
    """Fill in what is not said of an index.

    Args:
        kind (str): ``'exact'``, ``'ivf'`` or ``'hnsw'``.
        options (dict): ``lists``, ``probes``, ``seed`` of ``'ivf'``; ``neighbours``,
            ``ef_construction``, ``ef_search`` of ``'hnsw'``.

    Returns:
        dict[str, int]: All of them.

    Raises:
        ValueError: An unknown kind or option, or one that is no whole number.
    """
    check_choice('kind', kind, KINDS)
    defaults = _DEFAULTS[kind]
    for name, value in options.items():
        check_choice(f'option of {kind}', name, defaults)
        least = 0 if defaults[name] == 0 else 1
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise ValueError(
                f'{name} must be a whole number from {least}, got {value!r}.'
            )
    return {**defaults, **options}


class ApproximateScan:
    """An index of faiss with ids.

    Args:
        dim (int): Width of the vectors.
        kind (str): ``'ivf'`` or ``'hnsw'``.
        options (dict): Checked.
        dtype (str): ``'float16'`` halves the memory.
    """

    def __init__(
        self, dim: int, kind: str, options: dict[str, int], dtype: str
    ) -> None:
        self._faiss = import_faiss()
        self.dim, self.kind, self.options, self._dtype = dim, kind, options, dtype
        self._index: Any = None
        self._gone = np.empty(0, np.int64)
        self.built = 0

    def build(self, sample: np.ndarray, count: int) -> None:
        """Make an empty index.

        Args:
            sample (np.ndarray): ``(N, D)`` float32 of those that will be added, of
                length one.
            count (int): How many will be.
        """
        faiss, metric = self._faiss, self._faiss.METRIC_INNER_PRODUCT
        half, kind = self._dtype == 'float16', faiss.ScalarQuantizer.QT_fp16
        self.built = count
        if self.kind == 'hnsw':
            size = self.options['neighbours']
            index = (
                faiss.IndexHNSWSQ(self.dim, kind, size, metric)
                if half
                else faiss.IndexHNSWFlat(self.dim, size, metric)
            )
            index.hnsw.efConstruction = self.options['ef_construction']
            index.is_trained = True
            self._index = faiss.IndexIDMap2(index)
            self._inner = index
            return
        lists = self.options['lists'] or int(4 * math.sqrt(count))
        lists = max(1, min(lists, len(sample)))
        coarse = faiss.IndexFlatIP(self.dim)
        index = (
            faiss.IndexIVFScalarQuantizer(coarse, self.dim, lists, kind, metric, False)
            if half
            else faiss.IndexIVFFlat(coarse, self.dim, lists, metric)
        )
        index.cp.seed = self.options['seed'] + 1
        index.cp.min_points_per_centroid = 1
        index.cp.spherical = True
        index.own_fields = True
        coarse.this.disown()
        if len(sample):
            index.train(np.ascontiguousarray(sample, np.float32))
        self._index = index

    def __len__(self) -> int:
        return 0 if self._index is None else self._index.ntotal - len(self._gone)

    @property
    def stale(self) -> bool:
        """Whether so much has changed that it should be built anew."""
        grown = len(self) > 4 * max(self.built, 256)
        return self._index is None or grown or 5 * len(self._gone) > self._index.ntotal

    def add(self, ids: np.ndarray, units: np.ndarray) -> None:
        """Add vectors, as :meth:`ExactScan.add`."""
        self._index.add_with_ids(units, ids)

    def remove(self, ids: np.ndarray) -> bool:
        """Remove vectors.

        Returns:
            bool: Whether they may be added again under their ids; HNSW only hides.
        """
        if not len(ids):
            return True
        if self.kind == 'ivf':
            self._index.remove_ids(self._faiss.IDSelectorBatch(ids))
            return True
        there = self._faiss.vector_to_array(self._index.id_map)
        self._gone = np.union1d(self._gone, np.intersect1d(ids, there))
        return False

    def ids(
        self, queries: np.ndarray, k: int, allowed: np.ndarray | None
    ) -> list[np.ndarray]:
        """Return ids of each query that are probably among the k nearest."""
        faiss, selector = self._faiss, None
        most = max(1, min(2 * k, self._index.ntotal))
        if allowed is not None:
            selector = faiss.IDSelectorBatch(np.setdiff1d(allowed, self._gone))
        elif len(self._gone):
            hidden = faiss.IDSelectorBatch(self._gone)
            selector = faiss.IDSelectorNot(hidden)
        if self.kind == 'hnsw':
            effort = max(self.options['ef_search'], most)
            params = faiss.SearchParametersHNSW(efSearch=effort, sel=selector)
        else:
            probes = self.options['probes']
            params = faiss.SearchParametersIVF(nprobe=probes, sel=selector)
        _, found = self._index.search(queries, most, params=params)
        return [np.unique(row[row >= 0]) for row in found]

    def save(self, path: Path, stamp: dict[str, Any]) -> None:
        """Write the cache.

        Args:
            path (Path): Where.
            stamp (dict): What it must agree with when it is read.
        """
        body = self._faiss.serialize_index(self._index).tobytes()
        head = json.dumps(stamp | dict(gone=self._gone.tolist(), built=self.built))
        content = head.encode() + b'\n' + body
        with whole_file(path) as unfinished, open(unfinished, 'wb') as file:
            file.write(hashlib.sha256(content).digest())
            file.write(content)

    def load(self, path: Path, stamp: dict[str, Any]) -> int | None:
        """Read the cache.

        Args:
            path (Path): Where.
            stamp (dict): What it must agree with, but for ``generation``.

        Returns:
            int | None: The generation it was made at; None where it is missing,
            damaged or of something else, and has to be built.
        """
        try:
            content = path.read_bytes()
        except OSError:
            return None
        digest, rest = content[:_DIGEST], content[_DIGEST:]
        if hashlib.sha256(rest).digest() != digest:
            return None
        head, _, body = rest.partition(b'\n')
        kept = json.loads(head)
        if any(kept.get(name) != stamp[name] for name in stamp if name != 'generation'):
            return None
        self._index = self._faiss.deserialize_index(np.frombuffer(body, np.uint8))
        self._gone, self.built = np.array(kept['gone'], np.int64), kept['built']
        return int(kept['generation'])


def sample_size(count: int, options: dict[str, int]) -> int:
    """Return how many vectors the centres of IVF are found with."""
    lists = options.get('lists') or int(4 * math.sqrt(count))
    return min(count, _SAMPLES_A_LIST * max(1, lists))
