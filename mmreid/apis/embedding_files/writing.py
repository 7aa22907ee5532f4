"""The file of vectors that is asked for."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mmreid.evaluation.features import WRITERS, check_safetensors
from mmreid.files import whole_file

ENDINGS = (*WRITERS, '.csv')


def check_out(path: Path) -> None:
    """Refuse a file that could not be written, before anything is computed.

    Args:
        path (Path): The file.

    Raises:
        ValueError: Its ending is none of those known.
        ImportError: ``.safetensors`` without the package of that name.
    """
    if path.suffix not in ENDINGS:
        raise ValueError(f'--out must end in one of {ENDINGS}, got {str(path)!r}.')
    if path.suffix == '.safetensors':
        check_safetensors()


def write_vectors(
    path: Path, arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any]
) -> None:
    """Write vectors with what is known of them, whole or not at all.

    Args:
        path (Path): ``.npz``, ``.safetensors`` or ``.csv``; the last has no ``meta``.
        arrays (Mapping[str, np.ndarray]): ``embedding`` and columns, a row each.
        meta (Mapping[str, Any]): What else is told, as JSON.
    """
    with whole_file(path) as unfinished:
        if path.suffix == '.csv':
            _write_csv(unfinished, arrays)
        else:
            WRITERS[path.suffix](unfinished, arrays, json.dumps(meta))


def _write_csv(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write a table, whose columns f0, f1, ... are the vector's."""
    columns = {
        name: a for name, a in arrays.items() if name not in ('embedding', 'box')
    }
    if 'box' in arrays:
        sides = ('left', 'top', 'right', 'bottom')
        columns |= dict(zip(sides, arrays['box'].T, strict=True))
    vectors = arrays['embedding']
    # Names of files need not be UTF-8; their bytes are kept.
    with path.open('w', encoding='utf-8', errors='surrogateescape', newline='') as file:
        writer = csv.writer(file)
        writer.writerow([*columns, *(f'f{i}' for i in range(vectors.shape[1]))])
        for row, vector in enumerate(vectors):
            writer.writerow([*(c[row] for c in columns.values()), *vector])
