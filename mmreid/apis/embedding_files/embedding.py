"""Embedding many pictures into a file, by processes that may stop and go on."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mmreid.apis.embedding_files.labels import label_by_name, label_by_table
from mmreid.apis.embedding_files.shards import Collector, Rows, Shards, join_rows
from mmreid.apis.embedding_files.work import FileWork, Work
from mmreid.apis.embedding_files.writing import check_out, write_vectors
from mmreid.apis.inference.records import Failure
from mmreid.apis.inferencer import ReIDInferencer

#: So many rows a shard has, about; a process that is killed loses no more.
ROWS_OF_SHARD = 4096


@dataclass(frozen=True)
class EmbeddedFile:
    """What came out.

    Attributes:
        out: The file; None where another process writes it.
        count: Vectors in it, or of this process.
        failures: What gave none.
        missing: Ranges of pictures that are not done, first and behind the last.
        kept: Pictures that an earlier run had done.
    """

    out: Path | None
    count: int
    failures: tuple[Failure, ...]
    missing: tuple[tuple[int, int], ...] = ()
    kept: int = 0


class EmbeddingFile:
    """A file of vectors in the making.

    Args:
        out (Path): The file: ``.npz``, ``.safetensors`` or ``.csv``.
        work (Work): What to embed.
        inferencer (ReIDInferencer): The model.
        labels (str | None): A table of persons, see
            :func:`~.labels.label_by_table`. Defaults to None.
        pattern (str | None): Of names that tell persons, see
            :func:`~.labels.label_by_name`. Defaults to None.
        restart (bool): Begin anew where an earlier run was stopped. Defaults to False.

    Raises:
        ValueError: The ending is unknown, labels cannot be read, or unfinished work of
            another kind lies beside the file.
    """

    def __init__(
        self,
        out: Path,
        work: Work,
        inferencer: ReIDInferencer,
        labels: str | None = None,
        pattern: str | None = None,
        restart: bool = False,
    ) -> None:
        check_out(out)
        self.out, self.work, self.inferencer = out, work, inferencer
        self._labels = _read_labels(work, labels, pattern)
        plan = dict(
            model=inferencer.model_key,
            precision=inferencer.precision,
            pictures=work.fingerprint(),
        )
        self.shards = Shards(out, plan, len(work))
        self.kept = self.shards.open(restart)

    def compute(
        self, rank: int, world: int, progress: Callable[[int, int], Any] | None
    ) -> None:
        """Compute a process's part of what is not done.

        Args:
            rank (int): Number of the process.
            world (int): How many there are.
            progress (Callable | None): Called with pictures done and in all.

        Raises:
            KeyboardInterrupt: With what is kept.
        """
        size = len(self.work)
        first, behind = size * rank // world, size * (rank + 1) // world
        done = 0
        gaps = self.shards.gaps(first, behind)
        total = sum(stop - start for start, stop in gaps)
        for start, stop in gaps:

            def tell(count: int, _: int, before: int = done) -> None:
                if progress is not None:
                    progress(before + count, total)

            self._compute_range(start, stop, tell)
            done += stop - start

    def _compute_range(
        self, start: int, stop: int, progress: Callable[[int, int], Any]
    ) -> None:
        """Compute a range of pictures, and keep what is done when it is stopped."""
        collector = Collector(self.shards, start)
        parts = self.inferencer.stream(
            self.work.pictures(start, stop),
            self.work.boxes(start, stop),
            progress=progress,
        )
        try:
            for part in parts:
                collector.add(part)
                if collector.size >= ROWS_OF_SHARD:
                    collector.flush()
        except BaseException:
            collector.flush()
            raise
        collector.flush(stop)

    def merge(self, partly: bool = False) -> EmbeddedFile:
        """Write the file, if all is done.

        Args:
            partly (bool): Also if not; the shards stay then. Defaults to False.

        Returns:
            EmbeddedFile: What came out.
        """
        missing = tuple(self.shards.gaps(0, len(self.work)))
        if missing and not partly:
            return EmbeddedFile(None, 0, (), missing, self.kept)
        if not missing and not self.shards.take():
            return EmbeddedFile(None, 0, (), (), self.kept)
        parts = self.shards.read()
        width = (0, self.inferencer.dim)
        none = np.zeros(0, np.int64)
        empty = Rows(np.zeros(width, np.float32), none, none, np.zeros((0, 4)), [])
        rows = join_rows([empty, *parts])
        write_vectors(self.out, self._arrays(rows), self._meta(rows))
        if not missing:
            self.shards.remove()
        return EmbeddedFile(
            self.out, len(rows.unit), tuple(rows.failures), missing, self.kept
        )

    def _arrays(self, rows: Rows) -> dict[str, np.ndarray]:
        """Put columns beside the vectors; boxes in the order of their table."""
        columns = self.work.columns(rows.unit, rows.box_index)
        if 'row' in columns:
            columns['box'] = rows.box
        columns |= {name: column[rows.unit] for name, column in self._labels.items()}
        arrays = dict(embedding=rows.embedding, **columns)
        if 'row' not in arrays:
            return arrays
        order = np.argsort(arrays['row'], kind='stable')
        return {name: array[order] for name, array in arrays.items()}

    def _meta(self, rows: Rows) -> dict[str, Any]:
        """Tell what no array does."""
        inferencer = self.inferencer
        return dict(
            model=inferencer.name,
            precision=inferencer.precision,
            embedding_dim=inferencer.dim,
            features_key=dict(model=inferencer.model_key),
            trained_on=inferencer.trained_on,
            failures=[[f.source, f.reason] for f in rows.failures],
        )


def embed_to_file(
    file: EmbeddingFile,
    rank: int = 0,
    world: int = 1,
    progress: Callable[[int, int], Any] | None = None,
) -> EmbeddedFile:
    """Embed a process's part, and write the file if it is the last part.

    Each process keeps its vectors in shards beside the file; the one that finishes last
    puts all in the order of the pictures. The same command goes on where it, or any of
    its processes, was stopped.

    Args:
        file (EmbeddingFile): The file.
        rank (int): Number of this process. Defaults to 0.
        world (int): How many there are. Defaults to 1.
        progress (Callable, optional): Called with pictures done and in all.
            Defaults to None.

    Returns:
        EmbeddedFile: What came out.

    Raises:
        KeyboardInterrupt: With what is kept.
    """
    try:
        file.compute(rank, world, progress)
        return file.merge()
    except KeyboardInterrupt:
        done = sum(stop - start for start, stop in file.shards.ranges())
        raise KeyboardInterrupt(
            f'{done:,} of {len(file.work):,} pictures are kept in '
            f'{file.shards.folder}; the same command goes on.'
        ) from None


def _read_labels(
    work: Work, labels: str | None, pattern: str | None
) -> dict[str, np.ndarray]:
    """Read the labels of pictures."""
    if labels is None and pattern is None:
        return {}
    if not isinstance(work, FileWork):
        raise ValueError(
            '--labels and --pattern are for picture files; the tracks of boxes are in '
            'the file anyway.'
        )
    if labels is not None:
        return label_by_table(work.paths, labels)
    return label_by_name(work.paths, str(pattern))
