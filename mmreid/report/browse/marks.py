"""What was marked right and wrong, in tables that other commands read."""

import threading
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from mmreid.files import (
    locked_folder,
    read_entries,
    remove_unfinished,
    whole_file,
    write_rows,
)
from mmreid.report.browse.mark import Mark, check_marks
from mmreid.report.browse.marked_persons import HEAD, find_persons

_REQUIRED = ('a', 'b', 'same')
_YES = ('1', 'true', 'yes')

Pair = tuple[str, str]


_COLUMNS = tuple(column.name for column in fields(Mark))


class Marks:
    """The table of marks, which ``mmreid threshold`` takes as pairs.

    Beside it lies ``NAME.persons.csv``, a data set's table: each marked picture whose
    person is known, queries of whom a right answer tells it included.

    The file is the truth: it is read again where another process, or its owner, has
    written it, and it is written whole under a lock.

    Args:
        path (Path): A ``.csv`` file; missing ones are written with the first mark.

    Raises:
        ValueError: The file is another table.
    """

    def __init__(self, path: Path) -> None:
        if path.suffix.lower() != '.csv':
            raise ValueError(f'Marks must be a .csv file, got {path}.')
        self.path = path
        self._lock = threading.RLock()
        self._marks: dict[Pair, Mark] = {}
        self._seen: tuple[int, ...] | None = None
        self._read()

    def __len__(self) -> int:
        return len(self.all())

    @property
    def table(self) -> Path:
        """The data set's table."""
        return self.path.with_suffix('.persons.csv')

    @property
    def folder(self) -> Path:
        """Where pictures lie that were sent and marked."""
        return self.path.with_suffix('.pictures')

    def all(self) -> list[Mark]:
        """Return every mark, in the order in which they were made."""
        with self._lock:
            self._read()
            return [*self._marks.values()]

    def find(self, a: str, b: str) -> bool | None:
        """Return what was said of two pictures, None where nothing was.

        Args:
            a (str): The query's.
            b (str): The answer's.
        """
        with self._lock:
            self._read()
            mark = self._marks.get((a, b)) or self._marks.get((b, a))
        return None if mark is None else mark.same

    def set(
        self, mark: Mark, taken_back: bool = False, sent: bytes | None = None
    ) -> None:
        """Keep a mark in place of an earlier one of the two pictures.

        Args:
            mark (Mark): The mark.
            taken_back (bool): Forget it instead. Defaults to False.
            sent (bytes, optional): File of a query that was sent, whose ``a`` is in
                :attr:`folder`; it is written there as long as a mark needs it. Defaults
                to None: it is there.

        Raises:
            OSError: A file cannot be written; the mark is not kept.
            ValueError: It contradicts others, or is of one picture.
        """
        folder = self.path.absolute().parent
        folder.mkdir(parents=True, exist_ok=True)
        with self._lock, locked_folder(folder):
            self._read()
            changed = dict(self._marks)
            changed.pop((mark.b, mark.a), None)
            changed.pop((mark.a, mark.b), None)
            picture = None if sent is None else self.path.parent / mark.a
            if not taken_back:
                changed[mark.a, mark.b] = mark
                check_marks([*changed.values()])
                if picture is not None and sent is not None and not picture.exists():
                    with whole_file(picture) as unfinished:
                        unfinished.write_bytes(sent)
            self._write(changed)
            self._marks, self._seen = changed, self._stamp()
            if picture is not None and not any(mark.a in pair for pair in changed):
                picture.unlink(missing_ok=True)

    def _read(self) -> None:
        """Follow what others have written."""
        stamp = self._stamp()
        if stamp == self._seen:
            return
        marks: dict[Pair, Mark] = {}
        if stamp is not None:
            _, entries = read_entries(str(self.path), _REQUIRED)
            for entry in entries:
                text: dict[str, Any] = {name: entry.text(name) for name in _COLUMNS}
                mark = Mark(**text | dict(same=text['same'].lower() in _YES))
                marks[mark.a, mark.b] = mark
            check_marks(
                [*marks.values()], f'Marks in {self.path} contradict each other'
            )
        self._marks, self._seen = marks, stamp

    def _stamp(self) -> tuple[int, ...] | None:
        """Tell one state of the file from another."""
        try:
            told = self.path.stat()
        except FileNotFoundError:
            return None
        return told.st_ino, told.st_size, told.st_mtime_ns

    def _write(self, marks: Mapping[Pair, Mark]) -> None:
        # The marks last: what they are is kept where the other fails.
        for path in (self.table, self.path):
            remove_unfinished(path)
        write_rows(self.table, HEAD, find_persons([*marks.values()]))
        rows = ((asdict(m) | dict(same=int(m.same))).values() for m in marks.values())
        write_rows(self.path, _COLUMNS, rows)
