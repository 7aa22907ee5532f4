"""Render the data set to a folder, with several processes."""

import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
from mmengine.logging import MMLogger

from mmreid.datasets.synthetic.manifest import (
    FOLDERS,
    check_target,
    is_complete,
    make_manifest,
    read_manifest,
    write_manifest,
)
from mmreid.datasets.synthetic.persons.identity import Identity
from mmreid.datasets.synthetic.plan import SIZES, DatasetSize, make_plan
from mmreid.datasets.synthetic.rendering import USUAL, Rendering
from mmreid.datasets.synthetic.shot import Shot, draw_shot
from mmreid.datasets.synthetic.threads import one_opencv_thread

Progress = Callable[[int, int], None]
_QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 90]
_job: '_Job | None' = None


@dataclass(frozen=True)
class _Job:
    """What a process needs to draw any picture."""

    root: Path
    seed: int
    people: Mapping[int, Identity]
    rendering: Rendering


def _take(job: _Job) -> None:
    """Let this process draw."""
    global _job
    cv2.setNumThreads(1)
    _job = job


def _start(job: _Job) -> None:
    """Prepare a process of its own."""
    # Ctrl-C comes to all processes of a terminal; the first one ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _take(job)


def _write(shot: Shot) -> None:
    """Draw one picture and save it."""
    assert _job is not None, 'a process draws only after _start'
    picture = draw_shot(shot, _job.people, _job.seed, _job.rendering)
    path = _job.root / shot.path
    if not cv2.imwrite(str(path), picture, _QUALITY):
        raise OSError(f'cannot write {path}; is the disk full or write-protected?')


@contextmanager
def _mapped(
    workers: int, shots: tuple[Shot, ...], job: _Job
) -> Iterator[Iterator[None]]:
    """Give an iterator that draws all pictures as it is walked through."""
    with one_opencv_thread():
        if workers == 1:
            _take(job)
            yield map(_write, shots)
            return
        with multiprocessing.Pool(workers, _start, (job,)) as pool:
            yield pool.imap_unordered(_write, shots, chunksize=16)


def _checked(
    size: str | DatasetSize, seed: int, workers: int | None
) -> tuple[DatasetSize, int]:
    """Return the size and the number of processes, or say what is wrong."""
    if isinstance(size, str) and size not in SIZES:
        raise ValueError(
            f'size must be one of {sorted(SIZES)} or a DatasetSize, got {size!r}'
        )
    if seed < 0:
        raise ValueError(f'seed must not be negative, got {seed}; use 0 or more')
    if workers is not None and workers < 1:
        raise ValueError(
            f'num_workers must be at least 1, got {workers}; or leave it out'
        )
    chosen = SIZES[size] if isinstance(size, str) else size
    return chosen, workers or os.cpu_count() or 1


def render_synthreid(
    out_dir: str | Path,
    size: str | DatasetSize = 'mini',
    seed: int = 0,
    num_workers: int | None = None,
    progress: Progress | None = None,
    rendering: Rendering = USUAL,
) -> dict:
    """Render SynthReID in the layout of Market-1501.

    The same seed gives the same bytes whatever the number of processes (with the same
    versions of NumPy and OpenCV). Nothing is drawn when the folder already holds the
    data set asked for. The pictures are made beside ``out_dir`` and moved there at
    last, so that an interrupted run leaves no half data set.

    Args:
        out_dir (str | Path): Where ``bounding_box_train``, ``query``,
            ``bounding_box_test`` and ``manifest.json`` go: a folder that is new,
            empty or made by this function.
        size (str | DatasetSize): ``'mini'``, ``'market'`` or a size of your own.
        seed (int): Seed, not negative.
        num_workers (int, optional): Processes; default one per processor.
        progress (Callable, optional): Called with the number of pictures done and the
            number of all.
        rendering (Rendering): How hard it is, which the version of the data set tells
            where it is not the usual one. Defaults to the usual one.

    Returns:
        dict: The manifest: name, version, size, seed, counts, identities, cameras,
        checksum.

    Raises:
        ValueError: If an argument is out of range or ``out_dir`` holds other files.
    """
    chosen, workers = _checked(size, seed, num_workers)
    target = Path(out_dir)
    if is_complete(target, seed, chosen, rendering):
        MMLogger.get_current_instance().info(f'SynthReID is already in {target}')
        return read_manifest(target)
    check_target(target)
    plan = make_plan(seed, chosen, rendering)
    partial = target.with_name(target.name + '.partial')
    shutil.rmtree(partial, ignore_errors=True)
    for folder in FOLDERS:
        (partial / folder).mkdir(parents=True)
    job = _Job(partial, seed, plan.people, rendering)
    with _mapped(workers, plan.shots, job) as drawn:
        for done, _ in enumerate(drawn, start=1):
            if progress is not None:
                progress(done, len(plan.shots))
    manifest = make_manifest(partial, seed, chosen, rendering, plan)
    write_manifest(partial, manifest)
    if target.exists():
        shutil.rmtree(target)
    partial.rename(target)
    return manifest
