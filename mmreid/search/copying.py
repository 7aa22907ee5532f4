"""All of one gallery into another, whatever keeps them."""

from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np

from mmreid.search.answers import Entry
from mmreid.search.base_gallery import BaseGallery

_ENTRIES_AT_ONCE = 4096


def copy_gallery(
    source: BaseGallery,
    target: BaseGallery,
    progress: Callable[[int], None] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Add all entries of a gallery to another one, and its operating point.

    The target gives ids of its own, in the same order. Its operating point stays if it
    has one; how it is searched is its own affair. What others write meanwhile may be
    missing; what is interrupted has added a part, in whole batches.

    Args:
        source (BaseGallery): Where from.
        target (BaseGallery): Where to, of the same model.
        progress (Callable, optional): Called with how many entries have been copied.
            Defaults to None.

    Returns:
        tuple[np.ndarray, np.ndarray]: ``(N,)`` ids in the source, and in the target.

    Raises:
        ValueError: They are of two models or widths; nothing is copied.
    """
    for name in ('model_key', 'dim'):
        if getattr(source, name) != getattr(target, name):
            raise ValueError(
                f'target must have the {name} of the source, {getattr(source, name)}, '
                f'got {getattr(target, name)}.'
            )
    old, new = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    copied = 0
    for entries in _batches(source.entries()):
        ids = np.array([entry.id for entry in entries], np.int64)
        given = target.add(
            source.vectors(ids),
            model_key=source.model_key,
            persons=[entry.person for entry in entries],
            cameras=[entry.camera for entry in entries],
            times=[entry.time for entry in entries],
            paths=[entry.path for entry in entries],
            fields=[dict(entry.fields) for entry in entries],
        )
        old.append(ids)
        new.append(given)
        copied += len(ids)
        if progress is not None:
            progress(copied)
    point = source.operating_point
    if point is not None and target.operating_point is None:
        target.operating_point = point
    return np.concatenate(old), np.concatenate(new)


def _batches(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    while batch := list(islice(entries, _ENTRIES_AT_ONCE)):
        yield batch
