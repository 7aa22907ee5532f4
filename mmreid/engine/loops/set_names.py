"""Names that tell the data sets of one evaluation apart."""

import re
from collections.abc import Mapping, Sequence
from typing import Any


def name_sets(metas: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name data sets after themselves, so that they can stand in keys and file names.

    Of data sets with one name, the name is followed by what differs between them
    (boxes, split, number of the split, version), and where nothing does by a number.
    Characters other than letters, digits and ``_.+-`` become ``-``.

    Args:
        metas (Sequence[Mapping]): Metainfo of the data sets.

    Returns:
        list[str]: A name each, no two the same.
    """
    names = [_plain(meta.get('dataset')) or 'data' for meta in metas]
    for key in ('boxes', 'split', 'split_index', 'version'):
        values = [_plain(meta.get(key)) for meta in metas]
        pairs = set(zip(names, values, strict=True))
        several = {name for name in names if sum(n == name for n, _ in pairs) > 1}
        names = [
            f'{name}-{value}' if name in several and value else name
            for name, value in zip(names, values, strict=True)
        ]
    unique: list[str] = []
    for name in names:
        number = 1
        while (numbered := name if number == 1 else f'{name}-{number}') in unique:
            number += 1
        unique.append(numbered)
    return unique


def _plain(value: Any) -> str:
    """Write a value without blanks, slashes and leading dots."""
    text = '' if value is None else str(value)
    return re.sub(r'[^\w.+-]+', '-', text).strip('-.')
