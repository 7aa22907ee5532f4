"""What every gallery can do, whatever keeps its vectors."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np

from mmreid.search.answering import check_k, recall
from mmreid.search.answers import Answers, Entry
from mmreid.search.decisions import OperatingPoint
from mmreid.search.filters import Filter, check_filter
from mmreid.search.given import check_ids, check_key, check_labels
from mmreid.search.keeping import Keeping
from mmreid.search.scan import check_options
from mmreid.search.scan.ordering import check_rerank
from mmreid.search.vectors import check_queries


class BaseGallery(Keeping):
    """Vectors of one model with what is known of them.

    Vectors are kept as they are given in float32, and with length one in float16, whose
    range is small; distances are cosine distances of what is kept, in float64.

    What is given is checked here; the work is that of a :class:`Keeping`.
    """

    def add(self, vectors: np.ndarray, *, model_key: str, **labels: Any) -> np.ndarray:
        """Add vectors, all of them or none.

        Args:
            vectors (np.ndarray): ``(N, D)``, of any length but zero.
            model_key (str): Key of the model that made them.
            **labels (Any): Lists with an entry for each vector, None for what is
                unknown: ``persons`` and ``cameras``, text or whole numbers, kept as
                text; ``times`` in seconds; ``paths`` of pictures; ``fields``, dicts of
                text, numbers and truth values by name.

        Returns:
            np.ndarray: ``(N,)`` int64, their ids. What was returned is kept.
        """
        self._check_writable()
        check_key(model_key, self.model_key)
        kept = self._to_kept(vectors)
        checked = check_labels(len(kept), labels)
        return self._add(kept, checked) if len(kept) else np.empty(0, np.int64)

    def replace(
        self, ids: Any, vectors: np.ndarray, *, model_key: str, **labels: Any
    ) -> None:
        """Give entries other vectors.

        Args:
            ids (Any): ``(N,)`` whole numbers.
            vectors (np.ndarray): ``(N, D)``.
            model_key (str): Key of the model that made them.
            **labels (Any): As of :meth:`update`.
        """
        self._check_writable()
        check_key(model_key, self.model_key)
        numbers, kept = check_ids(ids), self._to_kept(vectors)
        if len(kept) != len(numbers):
            raise ValueError(
                f'vectors must be as many as the {len(numbers)} ids, got {len(kept)}.'
            )
        self._change(numbers, kept, check_labels(len(numbers), labels))

    def update(self, ids: Any, **labels: Any) -> None:
        """Change what is known of entries; what is not named stays.

        Args:
            ids (Any): ``(N,)`` whole numbers.
            **labels (Any): As of :meth:`add`; fields are replaced as a whole.
        """
        self._check_writable()
        numbers = check_ids(ids)
        self._change(numbers, None, check_labels(len(numbers), labels))

    def remove(self, ids: Any = None, where: Filter | None = None) -> int:
        """Remove entries.

        Args:
            ids (Any, optional): Their ids, all of which must be there.
            where (Filter, optional): Or a condition.

        Returns:
            int: How many.
        """
        self._check_writable()
        if (ids is None) == (where is None):
            raise ValueError('ids or where must be given, one of them.')
        check_filter(where)
        return self._remove(None if ids is None else check_ids(ids), where)

    def entries(self, where: Filter | None = None, ids: Any = None) -> Iterator[Entry]:
        """Yield what is known, by ascending id, or in the order of ``ids``.

        Args:
            where (Filter, optional): Only these. Defaults to None: all.
            ids (Any, optional): Only these, all of which must be there.

        Returns:
            Iterator[Entry]: One an entry.
        """
        check_filter(where)
        if ids is None:
            yield from self._entries(where)
            return
        numbers = check_ids(ids)
        found = self._look_up(numbers)
        for number in numbers.tolist():
            if where is None or where.passes(found[number]):
                yield found[number]

    def vectors(self, ids: Any) -> np.ndarray:
        """Return vectors as they are kept.

        Args:
            ids (Any): ``(N,)`` whole numbers.

        Returns:
            np.ndarray: ``(N, D)`` float32.
        """
        return self._vectors(check_ids(ids))

    def search(
        self,
        vectors: np.ndarray,
        k: int = 10,
        *,
        model_key: str,
        where: Filter | None = None,
        rerank: dict[str, Any] | None = None,
    ) -> Answers:
        """Find the nearest entries.

        Args:
            vectors (np.ndarray): ``(Q, D)`` queries.
            k (int): Answers of each. Defaults to 10.
            model_key (str): Key of the model that made them.
            where (Filter, optional): Who may answer. Defaults to None: everybody.
            rerank (dict, optional): Order the nearest ``candidates`` (200) of each
                query by k-reciprocal neighbours, ``k1`` (20), ``k2`` (6),
                ``lambda_value`` (0.3). Defaults to None: by distance, then by id.

        Returns:
            Answers: With cosine distances in any case.
        """
        check_key(model_key, self.model_key)
        queries = check_queries(vectors, self.dim)
        check_filter(where)
        options = check_rerank(rerank, check_k(k))
        return self._search(queries, int(k), where, options)

    def compact(self) -> None:
        """Give back the space of what was removed."""
        self._check_writable()
        self._compact()

    def info(self) -> dict[str, Any]:
        """Tell what is in the gallery."""
        point = self.operating_point
        return dict(
            path=self.place,
            **self._summary(),
            dim=self.dim,
            dtype=self.dtype,
            model_name=self.model_name,
            model_key=self.model_key,
            index=self._index(),
            bytes=self._size(),
            operating_point=None if point is None else point.to_dict(),
        )

    def reindex(self, kind: str = 'exact', **options: Any) -> None:
        """Choose how it is searched.

        Args:
            kind (str): ``'exact'``, ``'ivf'`` or ``'hnsw'``. Defaults to ``'exact'``.
            **options (Any): Of that kind.
        """
        self._check_writable()
        self._reindex(kind, check_options(kind, options))

    def measure_recall(self, queries: np.ndarray, k: int = 10) -> float:
        """Count the share of the exact first answers that the index finds.

        Args:
            queries (np.ndarray): ``(Q, D)`` vectors.
            k (int): Answers of each. Defaults to 10.

        Returns:
            float: From 0 to 1.
        """
        given, count = check_queries(queries, self.dim), check_k(k)
        found = self._search(given, count, None, None).ids
        exact = self._search(given, count, None, None, exact=True).ids
        return recall(found, exact)

    @property
    def operating_point(self) -> OperatingPoint | None:
        """The threshold that decides "unknown", kept with the gallery."""
        kept = self._read_point()
        return None if kept is None else OperatingPoint.from_dict(kept)

    @operating_point.setter
    def operating_point(self, point: OperatingPoint | None) -> None:
        """Keep a threshold of the same model; None forgets it."""
        self._check_writable()
        if point is not None:
            if not isinstance(point, OperatingPoint):
                raise ValueError(
                    'operating_point must be an OperatingPoint, of fit_operating_point '
                    f'or load_operating_point, or None, got {point!r}.'
                )
            point.check_model(self.model_key)
        self._write_point(None if point is None else point.to_dict())

    @abstractmethod
    def close(self) -> None:
        """Let go of files and connections."""

    @abstractmethod
    def __len__(self) -> int: ...

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
