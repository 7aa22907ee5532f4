"""What has happened to vectors, as the log of a gallery's file writes it."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Changes:
    """What has happened to vectors since a generation.

    Attributes:
        removed: Ids that were removed or replaced.
        added: Ids whose vectors are to be read, ascending.
    """

    removed: np.ndarray
    added: np.ndarray


def runs_of(ids: np.ndarray) -> list[tuple[int, int]]:
    """Write ids as ranges without gaps.

    Args:
        ids (np.ndarray): ``(N,)``, each once.

    Returns:
        list[tuple[int, int]]: First and last number of each range, ascending.
    """
    ordered = np.sort(ids)
    breaks = np.flatnonzero(np.diff(ordered) > 1) + 1
    runs = np.split(ordered, breaks) if len(ordered) else []
    return [(int(run[0]), int(run[-1])) for run in runs]


def numbers_of(runs: Iterable[tuple[int, int]]) -> np.ndarray:
    """Return the numbers of ranges, each once.

    Args:
        runs (Iterable[tuple[int, int]]): First and last number of each.

    Returns:
        np.ndarray: ``(N,)`` int64, ascending.
    """
    parts = [np.arange(first, last + 1) for first, last in runs]
    return np.unique(np.concatenate(parts)) if parts else np.empty(0, np.int64)
