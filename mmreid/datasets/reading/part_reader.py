"""Reading the parts of a data set from whatever tells their labels."""

import os
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from mmreid.datasets.reading.label_lists import read_label_list
from mmreid.datasets.reading.rows import Row, read_folder
from mmreid.datasets.reading.sources import Table, find_sources
from mmreid.datasets.reading.tables import read_table, take_part, warn_unused

Content = TypeVar('Content')


class PartReader:
    """The half of :class:`mmreid.datasets.ReIDDataset` that reads rows.

    A data set whose files are laid out in another way overrides :meth:`read_part`.

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
        """Choose what to read labels from.

        Args:
            pattern (str, optional): As the data set's constructor takes it.
            folders (Mapping[str, str], optional): As there.
            table (str | os.PathLike | Mapping[str, str], optional): As there.

        Raises:
            ValueError: When they contradict each other, or nothing tells labels.
        """
        self.table, self.lists, self.pattern, self.list_pattern = find_sources(
            self.FOLDERS, pattern, self.PATTERN, folders, table
        )
        self.folders = {**self.FOLDERS, **(folders or {})}
        self._contents: dict[tuple, Any] = {}

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
            return self.read_once(read_folder, folder, self.pattern, self.check)
        if self.lists:
            return self.read_list(part)
        assert self.table is not None  # where there is no pattern
        tables = self.read_own_table(self.table)
        warn_unused(self.table, tables, self.SPLITS.values())
        return take_part(self.table, tables, part)

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
        return read_label_list(self.lists[part], self.data_root, self.list_pattern)
