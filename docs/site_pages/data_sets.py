"""The page of data sets: published counts and sources, as the classes declare them."""

from collections.abc import Mapping
from typing import Any

from mmreid.datasets.conversion.cuhk03_files import (
    BOXES,
    CUHK03_PROTOCOLS,
    published_counts,
)
from site_pages.api import registered_types
from site_pages.markdown import code, escape, table

_COUNTS = ('images', 'ids', 'cams')


def format_data_sets() -> str:
    """List the known data sets.

    Returns:
        str: Markdown with a section for each class that states counts.
    """
    known = [
        kind for kind in registered_types('DATASETS') if getattr(kind, 'COUNTS', 0)
    ]
    return '\n\n'.join(_format_data_set(kind) for kind in known)


def counts_of(kind: Any) -> dict[str, Mapping[str, Mapping[str, int]]]:
    """The published counts of a data set.

    Args:
        kind (Any): Its class.

    Returns:
        dict: Variant (``''`` where there is one alone) -> part -> ``images``, ``ids``
        and ``cams``, as far as they are known.
    """
    if kind.__name__ != 'CUHK03':
        return {'': kind.COUNTS}
    return {
        f'boxes={boxes!r}, protocol={protocol!r}': published_counts(boxes, protocol)
        for protocol in CUHK03_PROTOCOLS
        for boxes in BOXES
    }


def _format_data_set(kind: Any) -> str:
    """The section of a class."""
    variants, about = counts_of(kind), kind.METAINFO
    is_one = len(variants) == 1 and about.get('version')
    version = f', version {about["version"]}' if is_one else ''
    name = f'{kind.__module__}.{kind.__qualname__}'
    splits = ', '.join(
        f'{code(split)} ({", ".join(parts)})' for split, parts in kind.SPLITS.items()
    )
    rows = [
        (escape(variant), part, *(_number(counts.get(key)) for key in _COUNTS))
        for variant, parts in variants.items()
        for part, counts in parts.items()
    ]
    head = ('variant', 'part', 'images:', 'identities:', 'cameras:')
    hidden = int(len(variants) == 1)
    tracklets = ', '.join(
        f'{number:,} {part}' for part, number in getattr(kind, 'TRACKLETS', {}).items()
    )
    archives = [f'- {code(a)}: {code(hash_)}' for a, hash_ in kind.ARCHIVES.items()]
    parts = [
        f'## {about["dataset"]}',
        f"[`type='{kind.__name__}'`][{name}]{version}. Splits: {splits}.",
        table(head[hidden:], [row[hidden:] for row in rows]),
        f'Tracklets: {tracklets}.' if tracklets else '',
        f'To get it: {escape(kind.SOURCE)}.',
        '\n'.join(['Checksums of what is published:', '', *archives])
        if archives
        else '',
    ]
    return '\n\n'.join(part for part in parts if part)


def _number(value: int | None) -> str:
    return 'not known' if value is None else f'{value:,}'
