"""What a kind of gallery brings: the bare work, on what was checked before."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np

from mmreid.search.answers import Answers, Entry
from mmreid.search.filters import Filter
from mmreid.search.vectors import check_vectors, to_kept

Checked = dict[str, list[Any]]


class Keeping(ABC):
    """Where vectors are, and how they are written, read and searched.

    Attributes:
        dim: Width of the vectors.
        dtype: ``'float32'`` or ``'float16'``.
        model_key: Key of the model whose vectors these are.
        model_name: What that model is called.
        place: Where they are, as it is told in errors.
        read_only: Whether nothing is to be written.
    """

    dim: int
    dtype: str
    model_key: str
    model_name: str
    place: str
    read_only: bool

    def _check_writable(self) -> None:
        if self.read_only:
            raise OSError(f'{self.place} was opened with read_only; open it without.')

    def _to_kept(self, vectors: Any) -> np.ndarray:
        """Check vectors and bring them into the form in which they are kept."""
        return to_kept(check_vectors(vectors, self.dim), self.dtype)

    @abstractmethod
    def _add(self, kept: np.ndarray, labels: Checked) -> np.ndarray:
        """Add vectors, one at least, and return their ids."""

    @abstractmethod
    def _change(
        self, numbers: np.ndarray, kept: np.ndarray | None, labels: Checked
    ) -> None:
        """Write other vectors, where they are given, and labels; all must be there."""

    @abstractmethod
    def _remove(self, numbers: np.ndarray | None, where: Filter | None) -> int:
        """Remove what is numbered, all of which must be there, or what passes."""

    @abstractmethod
    def _entries(self, where: Filter | None) -> Iterator[Entry]:
        """Yield who passes, by ascending id."""

    @abstractmethod
    def _look_up(self, numbers: np.ndarray) -> dict[int, Entry]:
        """Return entries by id; all must be there."""

    @abstractmethod
    def _vectors(self, numbers: np.ndarray) -> np.ndarray:
        """Return vectors in the order of their ids, float32; all must be there."""

    @abstractmethod
    def _search(
        self,
        queries: np.ndarray,
        k: int,
        where: Filter | None,
        rerank: dict[str, Any] | None,
        exact: bool = False,
    ) -> Answers:
        """Find the nearest, by the chosen index or by surely all vectors."""

    @abstractmethod
    def _compact(self) -> None:
        """Give back space."""

    @abstractmethod
    def _reindex(self, kind: str, options: dict[str, int]) -> None:
        """Choose an index and build it."""

    @abstractmethod
    def _summary(self) -> dict[str, Any]:
        """Count entries, persons and cameras, and tell the first and last time."""

    @abstractmethod
    def _index(self) -> dict[str, Any]:
        """Tell the chosen index: ``kind`` and ``options``."""

    @abstractmethod
    def _size(self) -> int | None:
        """Return the bytes on disk, None where that is unknown."""

    @abstractmethod
    def _read_point(self) -> dict[str, Any] | None:
        """Return the operating point in plain Python."""

    @abstractmethod
    def _write_point(self, point: dict[str, Any] | None) -> None:
        """Keep it."""
