"""A gallery in Milvus, with the answers of a gallery in a file."""

import json
from contextlib import closing, suppress
from typing import Any

import numpy as np

from mmreid.search.filters import Filter
from mmreid.search.given import check_new
from mmreid.search.milvus.address import MilvusAddress
from mmreid.search.milvus.connection import Connection, explained, import_pymilvus
from mmreid.search.milvus.creating import create_collections
from mmreid.search.milvus.expressions import expression
from mmreid.search.milvus.finding import KINDS, build_params
from mmreid.search.milvus.reading import MilvusReader
from mmreid.search.milvus.schema import COLUMNS, NO_LABELS, rows_of

# Of vectors that Milvus can scale to length one.
_SHORTEST = 1e-15


class MilvusGallery(MilvusReader):
    """Vectors of persons in a Milvus server, many processes and machines at once.

    ``add`` is seen as a whole or not at all. What else changes many entries, changes
    them request by request: Milvus has no transactions. See :class:`BaseGallery`.

    Args:
        address (str): ``milvus:FILE.db`` or ``http(s)://host:19530``, with ``#NAME``
            behind it where there are several galleries.
        read_only (bool): Whether nothing is to be written. Defaults to False.
        token (str, optional): ``user:password`` or an API key. Defaults to None: what
            ``MILVUS_TOKEN`` in the environment says, if anything.
        timeout (float): Seconds within which a request is answered. Defaults to 30.
        abandoned_after (float): Seconds after which :meth:`compact` takes an ``add``
            that has not ended for one of a dead process. Defaults to 3600.

    Raises:
        FileNotFoundError: There is no such gallery.
        ValueError: The address is none, or the gallery is of a newer version.
        OSError: Nobody answers.
    """

    def __init__(
        self,
        address: str,
        *,
        read_only: bool = False,
        token: str | None = None,
        timeout: float = 30.0,
        abandoned_after: float = 3600.0,
    ) -> None:
        super().__init__(address, token, timeout)
        self.read_only, self.abandoned_after = read_only, abandoned_after

    @classmethod
    def create(
        cls,
        address: str,
        dim: int,
        *,
        model_key: str,
        model_name: str = '',
        dtype: str = 'float32',
        token: str | None = None,
        timeout: float = 30.0,
        **options: Any,
    ) -> 'MilvusGallery':
        """Make an empty gallery.

        Args:
            address (str): As of the class; there must be none of this name.
            dim (int): Width of the vectors.
            model_key (str): Key of the model whose vectors it will keep.
            model_name (str): What to call that model. Defaults to ``''``.
            dtype (str): ``'float32'``, or ``'float16'`` to round as a file does;
                Milvus keeps float32 in both cases. Defaults to ``'float32'``.
            token (str, optional): As of the class.
            timeout (float): As of the class.
            **options (Any): Of the class.

        Returns:
            MilvusGallery: Open.

        Raises:
            FileExistsError: There is one.
            ValueError: An argument out of range.
        """
        about: dict[str, Any] = dict(
            dim=check_new(dim, dtype, model_key),
            dtype=dtype,
            model_key=model_key,
            model_name=model_name,
        )
        place = MilvusAddress.parse(address)
        with closing(Connection(place, token, timeout, create=True)) as connection:
            with connection.indexing():
                create_collections(connection.client, place, about, timeout)
            return cls(address, token=token, timeout=timeout, **options)

    def _to_kept(self, vectors: Any) -> np.ndarray:
        """Refuse lengths that Milvus cannot scale, too."""
        kept = super()._to_kept(vectors)
        lengths = np.linalg.norm(kept.astype(np.float64), axis=1)
        good = (lengths > _SHORTEST) & (lengths < 1 / _SHORTEST)
        if not good.all():
            row = int(good.argmin())
            raise ValueError(
                f'vectors must have a length from {_SHORTEST:g} to {1 / _SHORTEST:g} '
                f'in Milvus, which squares them in float32; got {lengths[row]:g} in '
                f'row {row}.'
            )
        return kept

    def _add(self, kept: np.ndarray, labels: dict[str, list[Any]]) -> np.ndarray:
        rows = rows_of(kept, labels, NO_LABELS)
        with explained(self.address):
            claim = self._journal.claim(len(rows))
            try:
                for number, row in enumerate(rows, claim.first):
                    row['id'] = number
                self._table.put(rows, new=True)
                self._journal.finish(claim)
            except BaseException:
                # Hidden already, and compact finds it where even this fails.
                with suppress(import_pymilvus().MilvusException):
                    self._journal.give_up(claim)
                raise
            # What is added is added: the next one tidies where this fails.
            with suppress(import_pymilvus().MilvusException):
                self._journal.tidy()
        return np.arange(claim.first, claim.last + 1)

    def _change(
        self,
        numbers: np.ndarray,
        kept: np.ndarray | None,
        labels: dict[str, list[Any]],
    ) -> None:
        if kept is None and not labels:
            return
        changes = rows_of(kept, labels)
        with explained(self.address):
            snapshot = self._journal.snapshot()
            before = self._table.rows(snapshot, numbers, COLUMNS)
            self._check_there(numbers, before)
            rows = [
                {**before[number], **change}
                for number, change in zip(numbers.tolist(), changes, strict=True)
            ]
            self._table.put(rows, new=False)

    def _remove(self, numbers: np.ndarray | None, where: Filter | None) -> int:
        with explained(self.address):
            snapshot = self._journal.snapshot()
            if numbers is None:
                numbers = self._table.ids(snapshot, expression(where))
            else:
                self._check_there(numbers, self._table.rows(snapshot, numbers, ()))
            self._table.delete(numbers)
        return len(numbers)

    def _compact(self) -> None:
        """Remove what dead writers have left, too."""
        with explained(self.address):
            self._journal.clean(self.abandoned_after, self._table.delete_range)
            self._table.compact()

    def _reindex(self, kind: str, options: dict[str, int]) -> None:
        params = build_params(kind, options, len(self))
        with self._connection.indexing():
            self._table.index(KINDS[kind], params)
            chosen = json.dumps(dict(kind=kind, options=options))
            self._journal.write('index', chosen)

    def _write_point(self, point: dict[str, Any] | None) -> None:
        with explained(self.address):
            self._journal.write('point', json.dumps(point))
