"""Draw the frames of a camera in their order, by several processes at once."""

import signal
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial

import cv2
import numpy as np

from mmreid.datasets.synthetic.threads import one_opencv_thread
from mmreid.datasets.synthetic.video.frame import TrueBox, draw_frame
from mmreid.datasets.synthetic.video.itinerary import Itinerary

Frame = tuple[np.ndarray, list[TrueBox]]
# Frames of each process that may wait to be written: many processes draw faster than
# one writes, and a long scene does not fit into memory.
_AHEAD = 4

# The scene that a process draws frames of.
_plan: Itinerary | None = None


@contextmanager
def drawn_frames(
    plan: Itinerary, workers: int
) -> Iterator[Callable[[int], Iterator[Frame]]]:
    """Give what draws the frames of a camera.

    Args:
        plan (Itinerary): The scene.
        workers (int): Number of processes; 1 is this one.

    Yields:
        Callable: From the number of a camera to its frames in order: a picture, and
        who is in it.

    Raises:
        ChildProcessError: One of the processes was ended from outside.
    """
    numbers = range(1, plan.size.frames + 1)
    with one_opencv_thread():
        if workers == 1:
            yield lambda camera: map(partial(draw_frame, plan, camera), numbers)
            return
        with _processes(plan, workers) as pool:
            yield lambda camera: _in_order(pool, camera, numbers, _AHEAD * workers)


@contextmanager
def _processes(plan: Itinerary, workers: int) -> Iterator[ProcessPoolExecutor]:
    """Start processes that draw, and end them."""
    pool = ProcessPoolExecutor(workers, initializer=_start, initargs=(plan,))
    try:
        with _without_interrupts():
            pool.submit(int).result()  # this starts the processes
        yield pool
    except BrokenExecutor as error:
        raise ChildProcessError(
            f'One of the {workers} processes that draw was ended, perhaps for want of '
            'memory; fewer (num_workers) need less.'
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Have Ctrl-C wait: Python loses one that comes while a process is forked."""
    if not hasattr(signal, 'pthread_sigmask'):  # Windows, which does not fork
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start(plan: Itinerary) -> None:
    """Prepare a process; Ctrl-C is for the one that writes."""
    global _plan
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    _plan = plan


def _draw(camera: int, number: int) -> Frame:
    """Draw a frame in a process."""
    assert _plan is not None, 'a process draws only after _start'
    return draw_frame(_plan, camera, number)


def _in_order(
    pool: ProcessPoolExecutor, camera: int, numbers: range, ahead: int
) -> Iterator[Frame]:
    """Ask for frames a little before they are taken."""
    waiting: deque[Future[Frame]] = deque()
    for number in numbers:
        waiting.append(pool.submit(_draw, camera, number))
        if len(waiting) > ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
