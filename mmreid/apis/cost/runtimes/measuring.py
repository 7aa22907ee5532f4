"""The ways to run a network, opened and measured in turns."""

import contextlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mmreid.apis.cost.runtimes.eager import Shown
from mmreid.apis.cost.runtimes.exported_files import ExportedFiles, size_of
from mmreid.apis.cost.runtimes.memory import forget_peak, peak_since
from mmreid.apis.cost.runtimes.pictures import draw_pictures
from mmreid.apis.cost.runtimes.processor import describe_processor, list_versions
from mmreid.apis.cost.runtimes.speeds import RuntimeSpeeds, Speed
from mmreid.apis.cost.runtimes.ways import WAYS, Job, NotPossibleError, Opened
from mmreid.apis.inference.sources import find_files
from mmreid.apis.test_pipeline import TestPipeline, input_size
from mmreid.arguments import check_choice, check_number
from mmreid.evaluation.functional.distances.pairs import cosines
from mmreid.processors import count_processors

# Threads of one runtime look for work for a while before they sleep.
_REST = 0.1

Progress = Callable[[str], Any]


def measure_runtimes(
    network: Any,
    name: str,
    *,
    ways: Sequence[str] = tuple(WAYS),
    batches: Sequence[int] = (1, 32),
    threads: int | None = None,
    pictures: int = 64,
    repeat: int = 5,
    folder: str | os.PathLike | None = None,
    progress: Progress | None = None,
) -> RuntimeSpeeds:
    """Measure how fast a network computes vectors, by many ways in turns.

    Every way computes the same pictures once in each of ``repeat`` rounds, so that what
    else the machine does meets all of them, and once before that is not counted.

    Args:
        network (Any): Of :func:`mmreid.apis.init_model`, on the CPU.
        name (str): What it is called.
        ways (Sequence[str]): Words of ``WAYS``; the first is what others are compared
            to. Defaults to all.
        batches (Sequence[int]): Sizes of batches. Defaults to 1 and 32.
        threads (int, optional): How many compute. Defaults to None: a thread for each
            processor.
        pictures (int): Of a turn, at most. Defaults to 64.
        repeat (int): Turns. Defaults to 5.
        folder (str | PathLike, optional): Of pictures, which each way reads and resizes
            itself, exported files by way of ``ReIDInferencer``. Defaults to None:
            drawn pictures, in memory and of the size that the network takes.
        progress (Callable, optional): Told what is done now. Defaults to None.

    Returns:
        RuntimeSpeeds: What was measured, and what could not be.

    Raises:
        ValueError: There is no such way, a number is below 1, or a picture cannot be
            read.
        OSError: There is no such folder, or no picture in it.
    """
    threads = count_processors() if threads is None else threads
    for word in ways:
        check_choice('ways', word, WAYS)
    numbers = dict(threads=threads, pictures=pictures, repeat=repeat)
    numbers |= {f'batches[{i}]': batch for i, batch in enumerate(batches)}
    for key, value in numbers.items():
        check_number(key, value, above=0)
    size = input_size(network.cfg)
    speeds = RuntimeSpeeds(name, size, threads, describe_processor(), list_versions())
    with tempfile.TemporaryDirectory() as made, _threads(threads):
        shown, examples = _show(network, size, pictures, folder)
        files = ExportedFiles(network, Path(made), examples)
        for batch in batches:
            job = Job(network, shown, files, batch, threads)
            rounds = _Rounds(job, speeds, progress or (lambda text: None))
            rounds.run([word for word in ways if word not in speeds.left_out], repeat)
    return speeds


def _show(
    network: Any, size: tuple[int, int], count: int, folder: str | os.PathLike | None
) -> tuple[Shown, np.ndarray]:
    """Find the pictures of a turn, and what the network takes of them."""
    if folder is None:
        drawn = draw_pictures(count, size)
        return drawn, drawn
    files = find_files(folder)[:count]
    pipeline = TestPipeline(network.cfg)
    return files, np.stack([pipeline(file).permute(1, 2, 0).numpy() for file in files])


class _Rounds:
    """The ways of one size of batches.

    Args:
        job (Job): What is measured.
        speeds (RuntimeSpeeds): What was found is put here.
        progress (Callable): Told what is done now.
    """

    def __init__(self, job: Job, speeds: RuntimeSpeeds, progress: Progress) -> None:
        self._job, self._speeds, self._progress = job, speeds, progress
        self._opened: dict[str, Opened] = {}
        self._facts: dict[str, dict[str, Any]] = {}

    def run(self, words: Sequence[str], repeat: int) -> None:
        """Open the ways, and have them take turns."""
        exact = WAYS['inferencer-float32'].open(self._job).embed(self._job.pictures)
        for word in words:
            self._open(word, exact)
        turns: dict[str, list[tuple[float, float]]] = {w: [] for w in self._opened}
        for number in range(repeat):
            self._progress(f'batches of {self._job.batch}: round {number + 1}')
            for word, opened in self._opened.items():
                turns[word].append(self._time(opened))
        for word, taken in turns.items():
            seconds, work = map(list, zip(*taken, strict=True))
            self._speeds.speeds.append(
                Speed(
                    word=word,
                    title=WAYS[word].title,
                    precision=self._opened[word].precision,
                    batch=self._job.batch,
                    seconds=seconds,
                    work=work,
                    pictures=len(self._job.pictures),
                    **self._facts[word],
                )
            )

    def _open(self, word: str, exact: np.ndarray) -> None:
        """Make a way ready, or tell why that cannot be."""
        self._progress(f'batches of {self._job.batch}: {word}')
        try:
            file = WAYS[word].prepare(self._job)
            before = forget_peak()
            start = time.perf_counter()
            opened = WAYS[word].open(self._job)
            opened.embed(self._job.pictures[: self._job.batch])
            ready = time.perf_counter() - start
        except (ImportError, NotPossibleError) as error:
            why = f' ({error.__cause__})' if error.__cause__ else ''
            self._speeds.left_out[word] = f'{error}{why}'
            return
        memory = peak_since(before)
        found = cosines(opened.embed(self._job.pictures), exact)
        self._opened[word] = opened
        self._facts[word] = dict(
            lowest_cosine=float(found.min()),
            median_cosine=float(np.median(found)),
            ready=ready,
            memory=memory,
            file_size=None if file is None else size_of(file),
        )

    def _time(self, opened: Opened) -> tuple[float, float]:
        """Time a turn: seconds on the clock, and seconds of work."""
        time.sleep(_REST)
        opened.embed(self._job.pictures[: self._job.batch])
        start, work = time.perf_counter(), time.process_time()
        opened.embed(self._job.pictures)
        return time.perf_counter() - start, time.process_time() - work


@contextlib.contextmanager
def _threads(count: int) -> Iterator[None]:
    """Have torch compute with so many threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
