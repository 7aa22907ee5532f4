"""A gallery in one file: SQLite keeps it, faiss searches it."""

import json
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from mmreid.search.answering import answer
from mmreid.search.answers import Answers, Entry
from mmreid.search.base_gallery import BaseGallery
from mmreid.search.filters import Filter
from mmreid.search.given import check_new
from mmreid.search.searcher import Searcher
from mmreid.search.store import Store
from mmreid.search.store.connection import create
from mmreid.search.vectors import to_units


class Gallery(BaseGallery):
    """Vectors of persons in a file, several processes at once.

    What ``add`` has returned for is kept, whatever is killed; what it has not returned
    for is there as a whole or not at all. See :class:`BaseGallery`.

    Args:
        path (str | Path): The file, of :meth:`create`.
        read_only (bool): Whether nothing is to be written. Defaults to False.
        timeout (float): Seconds to wait while another process writes.
            Defaults to 30.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no gallery, damaged, or of a newer version.
        OSError: It cannot be read.
    """

    def __init__(
        self, path: str | os.PathLike, *, read_only: bool = False, timeout: float = 30.0
    ) -> None:
        self.path, self.place = Path(path), str(path)
        self.read_only = read_only
        self._store = Store(self.path, read_only, timeout)
        self.dim = int(self._needed('dim'))
        self.dtype = self._needed('dtype')
        self.model_key = self._needed('model_key')
        self.model_name = self._store.meta('model_name') or ''
        self._searcher = Searcher(self._store, self.dim, self.dtype)

    @classmethod
    def create(
        cls,
        path: str | os.PathLike,
        dim: int,
        *,
        model_key: str,
        model_name: str = '',
        dtype: str = 'float32',
        timeout: float = 30.0,
    ) -> 'Gallery':
        """Make an empty gallery.

        Args:
            path (str | os.PathLike): A file that does not exist yet.
            dim (int): Width of the vectors.
            model_key (str): Key of the model whose vectors it will keep.
            model_name (str): What to call that model. Defaults to ``''``.
            dtype (str): ``'float32'``, or ``'float16'`` for half the space.
                Defaults to ``'float32'``.
            timeout (float): As of the class.

        Returns:
            Gallery: Open.

        Raises:
            FileExistsError: There is something.
            ValueError: An argument out of range.
        """
        meta = dict(
            dim=str(check_new(dim, dtype, model_key)),
            dtype=dtype,
            model_key=model_key,
            model_name=model_name,
            uuid=uuid.uuid4().hex,
            generation='0',
        )
        create(Path(path), meta, timeout)
        return cls(path, timeout=timeout)

    def _needed(self, name: str) -> str:
        value = self._store.meta(name)
        if value is None:
            raise ValueError(f'{self.path} is damaged: it does not tell {name}.')
        return value

    def _add(self, kept: np.ndarray, labels: dict[str, list[Any]]) -> np.ndarray:
        with self._store.writing() as generation:
            return self._store.insert(generation, kept, labels)

    def _change(
        self,
        numbers: np.ndarray,
        kept: np.ndarray | None,
        labels: dict[str, list[Any]],
    ) -> None:
        with self._store.writing() as generation:
            self._store.check_there(numbers)
            if kept is not None:
                self._store.replace(generation, numbers, kept)
            self._store.label(numbers, labels)

    def _remove(self, numbers: np.ndarray | None, where: Filter | None) -> int:
        with self._store.writing() as generation:
            if numbers is None:
                numbers = self._store.ids(where)
            else:
                self._store.check_there(numbers)
            self._store.delete(generation, numbers)
        return len(numbers)

    def _entries(self, where: Filter | None) -> Iterator[Entry]:
        return self._store.entries(self._store.ids(where))

    def _look_up(self, numbers: np.ndarray) -> dict[int, Entry]:
        with self._store.reading():
            self._store.check_there(numbers)
            return self._known(numbers)

    def _known(self, numbers: np.ndarray) -> dict[int, Entry]:
        return {entry.id: entry for entry in self._store.entries(numbers)}

    def _vectors(self, numbers: np.ndarray) -> np.ndarray:
        ordered, places = np.unique(numbers, return_inverse=True)
        with self._store.reading():
            self._store.check_there(numbers)
            return self._searcher.read(ordered)[places].astype(np.float32)

    def _search(
        self,
        queries: np.ndarray,
        k: int,
        where: Filter | None,
        rerank: dict[str, Any] | None,
        exact: bool = False,
    ) -> Answers:
        depth = k if rerank is None else rerank['candidates']
        with self._store.reading():
            found = self._searcher.candidates(to_units(queries), depth, where, exact)
            point = self.operating_point
            answers = answer(queries, k, rerank, found, self._known, point)
        if exact:  # all vectors again, beside the index that was chosen
            self._searcher.forget()
        return answers

    def _compact(self) -> None:
        self._store.compact()

    def _reindex(self, kind: str, options: dict[str, int]) -> None:
        with self._store.writing():
            chosen = json.dumps(dict(kind=kind, options=options))
            self._store.set_meta('index', chosen)
        self._searcher.forget()
        self._searcher.cache.unlink(missing_ok=True)
        with self._store.reading():
            self._searcher.refresh()

    def info(self) -> dict[str, Any]:
        """Tell what is in the gallery; see :class:`BaseGallery`."""
        with self._store.reading():
            return super().info()

    def _summary(self) -> dict[str, Any]:
        return self._store.summary()

    def _index(self) -> dict[str, Any]:
        return self._searcher.index()

    def _size(self) -> int:
        files = (Path(f'{self.path}{end}') for end in ('', '-wal', '.index'))
        return sum(file.stat().st_size for file in files if file.exists())

    def _read_point(self) -> dict[str, Any] | None:
        return json.loads(self._store.meta('operating_point') or 'null')

    def _write_point(self, point: dict[str, Any] | None) -> None:
        value = None if point is None else json.dumps(point)
        with self._store.writing():
            self._store.set_meta('operating_point', value)

    def close(self) -> None:
        """Close the file and let go of the vectors."""
        self._searcher.forget()
        self._store.close()

    def __len__(self) -> int:
        return self._store.count()
