"""What is there and nobody uses: rows, columns, files."""

import os
from collections.abc import Iterator, Sequence

from mmreid.datasets.checking.findings import Finding
from mmreid.datasets.reading.folders import list_contents
from mmreid.datasets.reading.tables import (
    COLUMNS,
    REQUIRED,
    read_table,
)
from mmreid.datasets.reading.unread_columns import find_unread
from mmreid.datasets.reid_dataset import ReIDDataset
from mmreid.files import read_entries


def check_unread(name: str, datasets: Sequence[ReIDDataset]) -> Iterator[Finding]:
    """Yield what of a data set is not read.

    Args:
        name (str): The data set.
        datasets (Sequence[ReIDDataset]): One for each split, after their parts were
            read.
    """
    first = datasets[0]
    if first.table is not None and os.path.isfile(first.table):
        yield from _check_table(name, first.table, datasets)
    if first.pattern is not None:
        yield from _check_folders(name, datasets)


def _check_table(
    name: str, table: str, datasets: Sequence[ReIDDataset]
) -> Iterator[Finding]:
    try:
        columns, _ = read_entries(table, REQUIRED)
        tables = read_table(table, strict=False)
    except ValueError:
        return  # said already
    if unread := find_unread(columns, COLUMNS):
        yield Finding('not read', name, ', '.join(unread))
    parts = {part for dataset in datasets for part in dataset.parts}
    for split, rows in tables.items():
        if split not in parts:
            yield Finding('not used', name, f'{len(rows):,} whose split is {split!r}')


def _check_folders(name: str, datasets: Sequence[ReIDDataset]) -> Iterator[Finding]:
    parts = {
        os.path.join(dataset.data_root, dataset.folders[part]): (part, dataset.pattern)
        for dataset in datasets
        for part in dataset.parts
    }
    for folder, (part, pattern) in parts.items():
        if not os.path.isdir(folder) or pattern is None:
            continue
        try:
            contents = list_contents(folder, recursive='/' in pattern.pattern)
        except (OSError, ValueError):
            continue  # said already
        if description := contents.describe_unread():
            paths = [os.path.join(folder, file) for file in contents.unread]
            yield Finding('passed over', name, f'{part}: {description}', paths)
