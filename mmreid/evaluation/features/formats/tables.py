"""Tables with a row for each picture: .csv, and .parquet by pyarrow."""

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from mmreid.evaluation.features.formats.damage import (
    FeaturesFileError,
    check_size,
    text_array,
)
from mmreid.optional import install_command

_TRUTH = {'True': True, 'False': False}
# A column of a component: `0`, `f0`, `feat_12`.
_COMPONENT = re.compile(r'((?:[A-Za-z]+[_.-]?)?)(\d+)')


def read_csv(path: Path) -> tuple[dict[str, np.ndarray], str]:
    """Read a table whose first line names its columns, or a matrix without names.

    Columns that are named by a number (``0``, ``f0``, ``feat_12``) are the components
    of ``embedding``, in the order of their numbers; the others are arrays of their
    name. A file of numbers only is one matrix, or one list of labels, under the file's
    own name.

    Args:
        path (Path): The file, in UTF-8; values are parted by a comma, semicolon or tab.

    Raises:
        FeaturesFileError: Rows of several lengths, or columns of several numberings.
    """
    with path.open(encoding='utf-8-sig', newline='') as file:
        first = file.readline()
        delimiter = max(',;\t', key=first.count)
        head = next(csv.reader([first], delimiter=delimiter), [])
        named = not all(map(_is_number, head))
        if not named:
            file.seek(0)
        # A single column may be labels, of more digits than float32 has.
        single = not named and len(head) == 1
        places = _components(head) if named else list(range(len(head) - single))
        others = sorted({*range(len(head))} - {*places})
        rows, texts = [], []
        for row in _rows(file, delimiter, len(head), path):
            rows.append(np.array([row[place] for place in places], np.float32))
            texts.append([row[other] for other in others])
    matrix = np.stack(rows) if rows else np.empty((0, len(places)), np.float32)
    if not named:
        return {path.stem: _column([t[0] for t in texts]) if single else matrix}, '{}'
    columns = {head[i]: _column([t[j] for t in texts]) for j, i in enumerate(others)}
    return ({'embedding': matrix} if places else {}) | columns, '{}'


def _rows(file: TextIO, delimiter: str, width: int, path: Path) -> Iterator[list[str]]:
    """Yield the rows of a table, which must be of one length."""
    for number, row in enumerate(csv.reader(file, delimiter=delimiter), 1):
        if len(row) != width:
            raise FeaturesFileError(
                f'{path}, row {number}, has {len(row)} values, but the first line has '
                f'{width}.'
            )
        yield row


def _components(names: Sequence[str]) -> list[int]:
    """Return which columns are components, in the order of their numbers."""
    matches = {i: _COMPONENT.fullmatch(name.strip()) for i, name in enumerate(names)}
    numbers = {i: int(match[2]) for i, match in matches.items() if match}
    kinds = sorted({match[1] for match in matches.values() if match})
    if len(kinds) > 1 or len(set(numbers.values())) < len(numbers):
        raise FeaturesFileError(
            'The columns that are named by a number must be the components of one '
            f'vector, such as f0, f1, ..., but are named {kinds} and numbers, or twice '
            'alike; rename or remove the others.'
        )
    return sorted(numbers, key=lambda i: numbers[i])


def _column(values: list[str]) -> np.ndarray:
    """Return the values of a column as numbers where all are, else as texts."""
    texts = text_array(values)
    if set(values) <= _TRUTH.keys():  # as pandas writes it
        return np.array([_TRUTH[value] for value in values], bool)
    for kind in (np.int64, np.float64):
        try:
            return texts.astype(kind)
        except (ValueError, OverflowError):
            continue
    return texts


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def read_parquet(path: Path) -> tuple[dict[str, np.ndarray], str]:
    """Read a table, whose embeddings are a column of lists or a column a component.

    Args:
        path (Path): The file.

    Raises:
        ImportError: The package pyarrow is not installed.
    """
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise ImportError(
            f'{path} takes pyarrow to read: {install_command("pyarrow")}; or write the '
            'table as .csv, or its arrays with numpy.savez.'
        ) from error
    file = parquet.ParquetFile(path)
    groups = [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
    values = 8 * file.metadata.num_rows * file.metadata.num_columns
    check_size(path, max(values, sum(group.total_byte_size for group in groups)))
    table = file.read()
    columns = {name: _arrow_column(table[name]) for name in table.column_names}
    places = _components(table.column_names)
    if not places:
        return columns, '{}'
    names = [table.column_names[place] for place in places]
    matrix = np.stack([columns.pop(name) for name in names], axis=1)
    return {'embedding': matrix, **columns}, '{}'


def _arrow_column(column: Any) -> np.ndarray:
    """Return a column as an array: numbers, texts, or a matrix of lists."""
    values = column.to_numpy()
    if len(values) and isinstance(values[0], np.ndarray):
        return np.stack(list(values))
    return text_array(values) if values.dtype.hasobject else values
