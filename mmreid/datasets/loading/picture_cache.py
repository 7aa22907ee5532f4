"""Many pictures at once: read in threads, kept in memory that all workers share."""

import copy
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import torch

from mmreid.datasets.loading.free_memory import free_memory
from mmreid.datasets.transforms import LoadImage

MEBI = 2**20
Item = TypeVar('Item')
Result = TypeVar('Result')
AT_ONCE = 1024  # so many items are worked on, or wait with their results
BLOCK = 64 * MEBI  # pictures are copied into shared memory in pieces of this size


class PictureCache:
    """The content of many picture files, read once.

    Nothing is read from the files afterwards; they may even disappear. The memory is
    shared with worker processes however they are started: forked ones inherit it,
    spawned ones map it. Each process of a distributed run has a cache of its own.

    Args:
        paths (Sequence[str]): The files. One that is named twice is read once.
        load (LoadImage): How the pipeline reads them.
        decoded (bool): Keep pictures, not files: about ten times the memory, and no
            decoding later. Defaults to False.
        room (Callable[[], int]): Tells how many bytes more there is memory for.
            Defaults to :func:`mmreid.datasets.loading.free_memory.free_memory`.

    Raises:
        FileNotFoundError: When a file is missing.
        OSError: When one cannot be decoded; without ``decoded`` that shows later, when
            it is used.
        MemoryError: When there is not enough memory.
    """

    def __init__(
        self,
        paths: Sequence[str],
        load: LoadImage,
        decoded: bool = False,
        room: Callable[[], int] = free_memory,
    ) -> None:
        paths = list(dict.fromkeys(paths))
        self.decoded = decoded
        self.numbers = {path: number for number, path in enumerate(paths)}
        self.blocks: list[torch.Tensor] = []
        # Of each picture: its block, where it begins and ends there, and its shape.
        self.places = np.zeros((len(paths), 3), np.int64)
        self.shapes = np.zeros((len(paths), 3), np.int32)
        load = copy.copy(load)
        load.to_float32 = load.ignore_empty = False
        read = _read_picture if decoded else _read_file
        self._fill(map_in_threads(lambda path: read(path, load), paths), room)

    @property
    def nbytes(self) -> int:
        """The size of all pictures."""
        return sum(map(len, self.blocks))

    def __len__(self) -> int:
        return len(self.numbers)

    def __deepcopy__(self, memo: dict) -> 'PictureCache':
        """Return the same one: it is as large as the data set, and nobody writes."""
        return self

    def put_into(self, record: dict) -> None:
        """Add the picture of ``record['img_path']``: ``img``, or ``img_bytes``.

        Args:
            record (dict): A record, changed in place.
        """
        number = self.numbers[record['img_path']]
        block, start, stop = self.places[number]
        content = self.blocks[block].numpy()[start:stop]
        if self.decoded:
            shape = [int(length) for length in self.shapes[number] if length]
            record['img'] = content.reshape(shape)
        else:
            record['img_bytes'] = content

    def _fill(self, pictures: Iterable[np.ndarray], room: Callable[[], int]) -> None:
        """Copy pictures into shared blocks, as long as there is memory."""
        done = 0
        for block in _in_blocks(pictures):
            size = sum(picture.size for picture in block)
            total = (self.nbytes + size) * len(self) // (done + len(block))
            self._check_room(total, total - self.nbytes, room())
            ends = np.cumsum([picture.size for picture in block])
            for number, (picture, end) in enumerate(zip(block, ends, strict=True)):
                place = (len(self.blocks), end - picture.size, end)
                self.places[done + number] = place
                self.shapes[done + number, : picture.ndim] = picture.shape
            content = np.concatenate([picture.reshape(-1) for picture in block])
            self.blocks.append(torch.from_numpy(content).share_memory_())
            done += len(block)

    def _check_room(self, total: int, needed: int, room: int) -> None:
        if needed <= room:
            return
        kind, advice = 'files', ''
        if self.decoded:
            kind, advice = 'decoded pictures', "cache='ram' (about a tenth) or "
        raise MemoryError(
            f'{len(self):,} {kind} take about {total / MEBI:,.0f} MiB, but there are '
            f'only {room / MEBI:,.0f} MiB free, of main memory or in /dev/shm (docker '
            f'run --shm-size sets the latter); use {advice}cache=None.'
        )


def _read_file(path: str, load: LoadImage) -> np.ndarray:
    return np.frombuffer(load.read(path), np.uint8)


def _read_picture(path: str, load: LoadImage) -> np.ndarray:
    results = load(dict(img_path=path))
    img = results['img']
    if img.dtype != np.uint8:
        raise ValueError(
            f"cache='ram-decoded' keeps pictures of 8 bits, but {path!r} has "
            f"{img.dtype}; use cache='ram'."
        )
    return img


def _in_blocks(pictures: Iterable[np.ndarray]) -> Iterator[list[np.ndarray]]:
    """Collect pictures until they fill a block."""
    block: list[np.ndarray] = []
    size = 0
    for picture in pictures:
        block.append(picture)
        size += picture.size
        if size >= BLOCK:
            yield block
            block, size = [], 0
    if block:
        yield block


def map_in_threads(
    function: Callable[[Item], Result], items: Sequence[Item]
) -> Iterator[Result]:
    """Yield the results for all items in their order.

    Reading, decoding and hashing leave Python to other threads meanwhile. The items
    are taken by the thousand, so that few results wait for whoever takes them.

    Args:
        function (Callable[[Item], Result]): What to do with an item. The first error
            that it raises ends all.
        items (Sequence[Item]): The items.
    """
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        for start in range(0, len(items), AT_ONCE):
            yield from pool.map(function, items[start : start + AT_ONCE])
