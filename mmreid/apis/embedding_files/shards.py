"""What is embedded so far, in files beside the one that is asked for."""

import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mmreid.apis.inference.records import Embeddings, Failure
from mmreid.evaluation.features.formats.npz import read_npz, write_npz
from mmreid.files import read_json, whole_file, write_json

_NAME = re.compile(r'(\d+)-(\d+)\.npz')
_NO_BOX = (0.0, 0.0, 0.0, 0.0)


class Rows(NamedTuple):
    """Vectors and where they are from.

    Attributes:
        embedding: ``(N, D)`` float32.
        unit: ``(N,)``, the number of the picture among all.
        box_index: ``(N,)``, which of its boxes; -1 for the whole picture.
        box: ``(N, 4)``, the clipped box.
        failures: What gave no vector.
    """

    embedding: np.ndarray
    unit: np.ndarray
    box_index: np.ndarray
    box: np.ndarray
    failures: list[Failure]


class Shards:
    """A folder of shards, one for each range of pictures that is done.

    Args:
        out (Path): The file that is asked for; the folder lies beside it.
        plan (dict): What the vectors depend on, as JSON has it.
        size (int): Number of pictures in all.
    """

    def __init__(self, out: Path, plan: dict[str, Any], size: int) -> None:
        self.folder = out.with_name(f'{out.name}.shards')
        self._taken = out.with_name(f'{out.name}.merging')
        self.plan, self.size = plan, size

    def open(self, restart: bool = False) -> int:
        """Make the folder, or go on with what an earlier run has left there.

        Args:
            restart (bool): Remove that. Defaults to False.

        Returns:
            int: How many pictures are done.

        Raises:
            ValueError: It is of other pictures, another model or other options.
        """
        if self._taken.is_dir():  # a process ended while it wrote the file
            self._taken.rename(self.folder)
        if restart and self.folder.is_dir():
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / 'plan.json'
        if path.is_file():
            known = read_json(path)
            other = [key for key in self.plan if known.get(key) != self.plan[key]]
            if other:
                raise ValueError(
                    f'{self.folder} holds unfinished work with other {other}: finish '
                    'it with the command that began it, or remove it with --restart.'
                )
        else:
            write_json(path, self.plan)
        return sum(stop - start for start, stop in self.ranges())

    def ranges(self) -> list[tuple[int, int]]:
        """List what is done.

        Returns:
            list[tuple[int, int]]: First picture and the one behind the last, sorted.
        """
        if not self.folder.is_dir():
            return []
        matches = [_NAME.fullmatch(path.name) for path in self.folder.iterdir()]
        return sorted((int(m[1]), int(m[2])) for m in matches if m)

    def gaps(self, start: int, stop: int) -> list[tuple[int, int]]:
        """List what is not done.

        Args:
            start (int): The first picture to ask for.
            stop (int): The one behind the last.

        Returns:
            list[tuple[int, int]]: As of :meth:`ranges`.
        """
        gaps = []
        for first, behind in self.ranges():
            if first > start and start < stop:
                gaps.append((start, min(first, stop)))
            start = max(start, behind)
        return [*gaps, (start, stop)] if start < stop else gaps

    def write(self, start: int, stop: int, rows: Rows) -> None:
        """Keep the rows of some pictures.

        Args:
            start (int): The first picture.
            stop (int): The one behind the last.
            rows (Rows): Of them.
        """
        arrays = rows._asdict()
        failures = [[f.index, f.source, f.reason] for f in arrays.pop('failures')]
        with whole_file(self.folder / f'{start:09}-{stop:09}.npz') as unfinished:
            write_npz(unfinished, arrays, json.dumps(failures))

    def read(self) -> list[Rows]:
        """Read all that is done, in the order of the pictures."""
        found = []
        for start, stop in self.ranges():
            arrays, text = read_npz(self.folder / f'{start:09}-{stop:09}.npz')
            failures = [Failure(*values) for values in json.loads(text)]
            found.append(Rows(**arrays, failures=failures))
        return found

    def take(self) -> bool:
        """Take the folder for this process alone.

        Returns:
            bool: False where another process has it, or has written the file already.
        """
        try:
            self.folder.rename(self._taken)
        except FileNotFoundError:
            return False
        self.folder = self._taken
        return True

    def remove(self) -> None:
        """Remove the folder, once all is in the file."""
        shutil.rmtree(self.folder)


class Collector:
    """Collects batches of one range of pictures and writes whole pictures of it.

    Args:
        shards (Shards): Where to write.
        start (int): The first picture of the range.
    """

    def __init__(self, shards: Shards, start: int) -> None:
        self._shards, self._start, self._next = shards, start, start
        self._parts: list[Rows] = []

    def add(self, part: Embeddings) -> None:
        """Take a batch, of whose last picture more may come.

        Args:
            part (Embeddings): Numbered from the start of the range.
        """
        sources = part.sources
        failures = [
            Failure(f.index + self._start, f.source, f.reason) for f in part.failures
        ]
        whole = [-1 if s.box_index is None else s.box_index for s in sources]
        self._parts.append(
            Rows(
                part.vectors,
                np.array([s.index + self._start for s in sources], np.int64),
                np.array(whole, np.int64),
                np.array([s.box or _NO_BOX for s in sources]).reshape(-1, 4),
                failures,
            )
        )

    @property
    def size(self) -> int:
        """Number of rows that wait."""
        return sum(len(part.unit) for part in self._parts)

    def flush(self, stop: int | None = None) -> int:
        """Write the pictures that are whole.

        Args:
            stop (int | None): The end of the range, where all came. Defaults to None:
                those before the last one that a vector came of.

        Returns:
            int: The picture behind the last one written.
        """
        if not self._parts:
            return self._next
        rows = join_rows(self._parts)
        if stop is None:
            stop = int(rows.unit.max(initial=self._next))
        if stop > self._next:
            done, later = _split(rows, stop)
            self._shards.write(self._next, stop, done)
            self._parts, self._next = [later], stop
        return self._next


def join_rows(parts: Sequence[Rows]) -> Rows:
    """Put rows behind each other.

    Args:
        parts (Sequence[Rows]): At least one.

    Returns:
        Rows: All of them.
    """
    columns = list(zip(*parts, strict=True))[:4]
    arrays = [np.concatenate(column) for column in columns]
    return Rows._make([*arrays, [f for part in parts for f in part.failures]])


def _split(rows: Rows, stop: int) -> tuple[Rows, Rows]:
    """Part rows at a picture."""
    early = rows.unit < stop
    before = [f for f in rows.failures if f.index < stop]
    behind = [f for f in rows.failures if f.index >= stop]
    return (
        Rows._make([*(array[early] for array in rows[:4]), before]),
        Rows._make([*(array[~early] for array in rows[:4]), behind]),
    )
