"""Pictures made ready in threads, a bounded number ahead of the network."""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from torch import Tensor

from mmreid.apis.inference.arrays import to_picture
from mmreid.apis.inference.crops import clip_box, cut, read_boxes_of
from mmreid.apis.inference.records import Failure, Source, describe
from mmreid.apis.inference.sources import Item
from mmreid.apis.test_pipeline import TestPipeline

# What a picture may be wrong in: decoders raise their own errors, too.
_WRONG = Exception
# Decoding more at once than this waits for the disk or the network.
_MOST_THREADS = 8


@dataclass(frozen=True, slots=True)
class Prepared:
    """What became of one picture.

    Attributes:
        inputs: One ``(3, H, W)`` for each of ``sources``.
        sources: Where they are from.
        failures: What is not among them.
    """

    inputs: tuple[Tensor, ...] = ()
    sources: tuple[Source, ...] = ()
    failures: tuple[Failure, ...] = ()


class Preparer:
    """Reads pictures, cuts boxes out of them and runs the test pipeline.

    Args:
        pipeline (TestPipeline): Of the model's config.
        num_workers (int | None): Threads; 0 for none, where pictures are prepared
            between the batches. None for as many as there are processors, 8 at most.
    """

    def __init__(self, pipeline: TestPipeline, num_workers: int | None) -> None:
        self.pipeline = pipeline
        if num_workers is None:
            num_workers = min(_MOST_THREADS, os.cpu_count() or 1)
        self.num_workers = num_workers

    def __call__(
        self, pairs: Iterator[tuple[Item, Any]], chunk: int
    ) -> Iterator[list[Prepared]]:
        """Prepare pictures in their order.

        A thread of its own takes them from the iterator, which may decode a video, a
        chunk at a time and never more than two chunks ahead.

        Args:
            pairs (Iterator[tuple[Item, Any]]): Pictures with their boxes, or None.
            chunk (int): How many pictures are taken at once.

        Yields:
            list[Prepared]: What became of the pictures of a chunk.
        """
        if not self.num_workers:
            while taken := [*islice(pairs, chunk)]:
                yield [self.prepare(*pair) for pair in taken]
            return
        with (
            ThreadPoolExecutor(1) as taker,
            ThreadPoolExecutor(self.num_workers) as pool,
        ):
            try:
                yield from self._ahead(pairs, chunk, taker, pool)
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
                taker.shutdown(wait=True, cancel_futures=True)

    def _ahead(
        self,
        pairs: Iterator[tuple[Item, Any]],
        chunk: int,
        taker: ThreadPoolExecutor,
        pool: ThreadPoolExecutor,
    ) -> Iterator[list[Prepared]]:
        """Yield chunks while the next ones are made."""

        def take() -> list[Future[Prepared]]:
            taken = [*islice(pairs, chunk)]
            return [pool.submit(self.prepare, *pair) for pair in taken]

        ahead = deque(taker.submit(take) for _ in range(2))
        while futures := ahead.popleft().result():
            ahead.append(taker.submit(take))
            yield [future.result() for future in futures]

    def prepare(self, item: Item, boxes: Any = None) -> Prepared:
        """Prepare one picture, or what its boxes show; whatever fails is told.

        Args:
            item (Item): The picture.
            boxes (Any): ``(n, 4)``. Defaults to None: the whole picture.

        Returns:
            Prepared: Inputs of the network.
        """
        if item.failure is not None:
            return Prepared(failures=(item.failure,))
        try:
            if boxes is None:
                return self._whole(item)
            rows = read_boxes_of(boxes)
            if not len(rows):
                return Prepared()
            return self._cut_all(item, self._read(item), rows)
        except _WRONG as error:
            return Prepared(failures=(_failure(item, error),))

    def _whole(self, item: Item) -> Prepared:
        """Prepare a whole picture."""
        shown = to_picture(item.picture) if item.path is None else item.path
        source = Source(item.index, item.path, item.frame)
        return Prepared((self.pipeline(shown),), (source,))

    def _read(self, item: Item) -> np.ndarray:
        """Read a picture that boxes are cut out of."""
        if item.path is None:
            return to_picture(item.picture)
        return self.pipeline.read(item.path)

    def _cut_all(self, item: Item, picture: np.ndarray, rows: np.ndarray) -> Prepared:
        """Prepare what boxes show."""
        frame = item.index if item.frame is None else item.frame
        height, width = picture.shape[:2]
        inputs, sources, failures = [], [], []
        for number, row in enumerate(rows):
            try:
                box = clip_box(row, width, height)
                inputs.append(self.pipeline(cut(picture, box)))
                source = Source(item.index, item.path, frame, box, number)
                sources.append(source)
            except _WRONG as error:
                failures.append(_failure(item, error, number))
        return Prepared(tuple(inputs), tuple(sources), tuple(failures))


def _failure(item: Item, error: Exception, box: int | None = None) -> Failure:
    """Say what failed."""
    reason = str(error) or type(error).__name__
    return Failure(item.index, describe(item.path, item.index, box, item.frame), reason)


def regroup(
    chunks: Iterable[list[Prepared]], size: int
) -> Iterator[tuple[list[Tensor], list[Source], list[Failure], int]]:
    """Make batches of what pictures gave, whatever it was.

    Args:
        chunks (Iterable[list[Prepared]]): Of :class:`Preparer`.
        size (int): How many inputs a batch has, the last one fewer.

    Yields:
        tuple: Inputs, their sources, failures, and how many pictures are done with it.
    """
    inputs: list[Tensor] = []
    sources: list[Source] = []
    failures: list[Failure] = []
    done = 0
    for chunk in chunks:
        for prepared in chunk:
            inputs += prepared.inputs
            sources += prepared.sources
            failures += prepared.failures
            done += 1
            while len(inputs) >= size:
                yield inputs[:size], sources[:size], failures, done
                inputs, sources, failures, done = inputs[size:], sources[size:], [], 0
    if inputs or failures or done:
        yield inputs, sources, failures, done
