"""Reading the parts of a data set from whatever tells their labels."""

import os
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from mmreid.datasets.reading.file_names import compile_pattern, require_utf8
from mmreid.datasets.reading.label_lists import read_label_list
from mmreid.datasets.reading.rows import Row, read_folder
from mmreid.datasets.reading.tables import read_table, take_part, warn_unused

Content = TypeVar('Content')
Table = str | os.PathLike | Mapping[str, str]


class PartReader:
    """The half of :class:`mmreid.datasets.ReIDDataset` that reads rows.

    A data set whose files are laid out in another way overrides :meth:`read_part`, one
    whose names count frames in its own way :meth:`place_in_time`.

    Attributes:
        data_root: Folder that all paths belong to.
        check: Whether to refuse what would be passed over.
        table: A table of all parts, if there is one.
        lists: A list for each part, if there are any.
        pattern: How to read the names of pictures in folders, if those tell.
        list_pattern: How to read the names of pictures in lists, if those tell.
        folders: The folder of each part.
    """

    SPLITS: Mapping[str, tuple[str, ...]]
    FOLDERS: Mapping[str, str]
    PATTERN: str
    data_root: str
    check: bool
    table: str | None
    lists: dict[str, str]
    pattern: re.Pattern[str] | None
    list_pattern: re.Pattern[str] | None
    folders: dict[str, str]

    def choose_sources(
        self,
        pattern: str | None,
        folders: Mapping[str, str] | None,
        table: Table | None,
    ) -> None:
        """Choose what to read labels from, one place alone; ``~`` is the user's home.

        Args:
            pattern (str, optional): As the data set's constructor takes it.
            folders (Mapping[str, str], optional): As there.
            table (str | os.PathLike | Mapping[str, str], optional): As there.

        Raises:
            ValueError: When nothing tells labels, two things do, or there is a folder
                or list of no part.
        """
        self._check_sources(pattern, folders, table)
        names = pattern or self.PATTERN
        lists = table if isinstance(table, Mapping) else {}
        self.table = None
        if table is not None and not isinstance(table, Mapping):
            self.table = os.path.expanduser(os.fspath(table))
        self.lists = {part: os.path.expanduser(path) for part, path in lists.items()}
        self.pattern = compile_pattern(names) if table is None else None
        self.list_pattern = compile_pattern(names) if lists and names else None
        self.folders = {**self.FOLDERS, **(folders or {})}
        self._contents: dict[tuple, Any] = {}

    def find_root(self, data_root: str | os.PathLike | None) -> str:
        """Return the folder that paths belong to.

        Args:
            data_root (str | os.PathLike, optional): As it was given; None: the folder
                of the table or of the first list.

        Raises:
            ValueError: When nothing tells it, or it is not UTF-8.
        """
        files = [self.table] if self.table else [*self.lists.values()]
        if data_root is not None:
            root = os.path.expanduser(os.fspath(data_root))
        elif files:
            root = os.path.dirname(os.path.abspath(files[0]))
        else:
            raise ValueError('data_root, the folder of the pictures, must be given.')
        require_utf8([root])
        return root

    def _check_sources(
        self,
        pattern: str | None,
        folders: Mapping[str, str] | None,
        table: Table | None,
    ) -> None:
        """Raise unless one thing tells labels, of parts that there are."""
        if unknown := set(folders or {}) - set(self.FOLDERS):
            raise ValueError(
                f'folders may name {[*self.FOLDERS]}, got {sorted(unknown)}.'
            )
        if table is None and not (pattern or self.PATTERN):
            raise ValueError(
                'Either pattern (how to read file names) or table (a CSV or JSON file) '
                'must be given, got neither.'
            )
        lists = table if isinstance(table, Mapping) else {}
        if table == {} or set(lists) - set(self.FOLDERS):
            raise ValueError(
                f'table may be a dict of lists of {[*self.FOLDERS]}, got {table}.'
            )
        if table is not None and pattern is not None and not lists:
            raise ValueError(
                f'Give a pattern or a table, not both, got "{pattern}" and {table}.'
            )

    def forget_contents(self) -> None:
        """Let what :meth:`read_once` has read be read anew."""
        self._contents.clear()

    def read_part(self, part: str) -> list[Row]:
        """Read the labels of a part of the data set, as they are written.

        Args:
            part (str): One of the parts of ``SPLITS``.

        Returns:
            list[Row]: A row for each picture.

        Raises:
            FileNotFoundError: When its folder, table or list is missing.
            ValueError: When what is there cannot be read, or says nothing of the part.
        """
        if self.pattern is not None:
            folder = os.path.join(self.data_root, self.folders[part])
            rows = self.read_once(read_folder, folder, self.pattern, self.check)
            return self._place_own(rows, self.pattern)
        if self.lists:
            return self.read_list(part)
        assert self.table is not None  # where there is no pattern
        tables = self.read_own_table(self.table)
        warn_unused(self.table, tables, self.SPLITS.values())
        return take_part(self.table, tables, part)

    def place_in_time(self, rows: list[Row], pattern: re.Pattern[str]) -> list[Row]:
        """Say when pictures were taken whose names ``PATTERN`` has read.

        Here times stay as they were read; other names and tables are not asked.

        Args:
            rows (list[Row]): Pictures of a folder or a list, not to be changed.
            pattern (re.Pattern[str]): ``PATTERN``.

        Returns:
            list[Row]: The same pictures.
        """
        return rows

    def _place_own(self, rows: list[Row], pattern: re.Pattern[str] | None) -> list[Row]:
        if pattern is None or pattern.pattern != self.PATTERN:
            return rows
        return self.place_in_time(rows, pattern)

    def read_own_table(self, path: str) -> dict[str, list[Row]]:
        """Read a table whose paths belong to ``data_root``.

        Args:
            path (str): The table.

        Returns:
            dict[str, list[Row]]: The rows of each part, not to be changed.
        """
        return self.read_once(read_table, path, self.data_root, self.check)

    def read_once(self, read: Callable[..., Content], *arguments: Any) -> Content:
        """Read what several parts are in once, until all parts are read.

        Args:
            read (Callable): Reads it.
            *arguments (Any): What to call it with.

        Returns:
            Any: What it returns, not to be changed.
        """
        key = (read, *arguments)
        if key not in self._contents:
            self._contents[key] = read(*arguments)
        return self._contents[key]

    def read_list(self, part: str) -> list[Row]:
        """Read the list of a part.

        Args:
            part (str): One of the parts of ``SPLITS``.

        Returns:
            list[Row]: A row for each picture.
        """
        if part not in self.lists:
            raise ValueError(f'table has no list of {part!r}, only {[*self.lists]}.')
        rows = read_label_list(self.lists[part], self.data_root, self.list_pattern)
        return self._place_own(rows, self.list_pattern)
