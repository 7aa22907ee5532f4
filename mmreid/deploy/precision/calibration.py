"""The pictures that tell in which range the maps of a network lie."""

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import numpy as np
from mmengine.logging import print_log

from mmreid.arguments import check_count


def choose_calibration(
    cameras: Sequence[Any] | np.ndarray,
    num: int = 300,
    seed: int = 0,
    *,
    persons: Sequence[Any] | np.ndarray | None = None,
) -> np.ndarray:
    """Draw pictures evenly over cameras, and over the persons before each.

    A camera with few pictures gives all of them, and the others more. The same seed
    gives the same pictures.

    Args:
        cameras (Sequence | np.ndarray): Of every picture, its camera.
        num (int): How many to draw. Defaults to 300.
        seed (int): Of the draw. Defaults to 0.
        persons (Sequence | np.ndarray, optional): Of every picture, who is seen.
            Defaults to None: unknown.

    Returns:
        np.ndarray: Their numbers, ascending; all where there are no more than ``num``.

    Raises:
        ValueError: There is no picture, ``num`` or ``seed`` is out of range, or the
            lists differ in length.
    """
    check_count('num', num)
    check_count('seed', seed, least=0)
    views = np.asarray(cameras).tolist()
    people = views if persons is None else np.asarray(persons).tolist()
    if len(people) != len(views):
        raise ValueError(
            'persons must have an entry for every picture, as cameras has: got '
            f'{len(people)} and {len(views)}.'
        )
    if not views:
        raise ValueError('cameras must name at least one picture, got none.')
    if len(views) < num:
        print_log(
            f'Calibration: all {len(views)} pictures are taken, {num} were asked for.',
            'current',
        )
    order = np.random.default_rng(seed).permutation(len(views)).tolist()
    order = _by_turns(order, [(views[i], people[i]) for i in order])
    order = _by_turns(order, [views[i] for i in order])
    return np.sort(np.array(order[:num]))


def _by_turns(items: list[int], groups: list[Hashable]) -> list[int]:
    """Put the first of every group first, then every second one, and so on."""
    seen: Counter[Hashable] = Counter()
    turns = []
    for group in groups:
        turns.append(seen[group])
        seen[group] += 1
    return [items[i] for i in sorted(range(len(items)), key=turns.__getitem__)]


def gather(batches: Iterable[np.ndarray]) -> np.ndarray:
    """Join batches of pictures to one array.

    Args:
        batches (Iterable[np.ndarray]): Each ``(n, H, W, 3)`` uint8.

    Returns:
        np.ndarray: All, ``(N, H, W, 3)`` uint8.

    Raises:
        ValueError: There is none, or one is of another kind or size.
    """
    parts = [np.asarray(batch) for batch in batches]
    parts = [part for part in parts if part.size]
    if not parts:
        raise ValueError(
            'calibration must have at least one picture, got none: the range of every '
            "map is taken from it. Give pictures that the network's cameras may see."
        )
    for number, part in enumerate(parts):
        if part.dtype != np.uint8 or part.ndim != 4 or part.shape[3] != 3:
            raise ValueError(
                f'Batch {number} of calibration must be (n, H, W, 3) uint8, got '
                f'{part.shape} {part.dtype}: the network normalises pictures itself.'
            )
        if part.shape[1:] != parts[0].shape[1:]:
            raise ValueError(
                f'Batch {number} of calibration must have pictures of the size of the '
                f'first, {parts[0].shape[1:3]}, got {part.shape[1:3]}.'
            )
    return np.concatenate(parts)


def split(pictures: np.ndarray, size: int, least: int = 1) -> list[np.ndarray]:
    """Cut pictures into batches.

    Args:
        pictures (np.ndarray): All of them.
        size (int): Of a batch, at most.
        least (int): Batches at least, where there are as many pictures.
            Defaults to 1.

    Returns:
        list[np.ndarray]: The batches.
    """
    count = min(len(pictures), max(least, math.ceil(len(pictures) / size)))
    return np.array_split(pictures, count)
