"""OpenCV without threads, so that processes can be forked and share the processors."""

from collections.abc import Iterator
from contextlib import contextmanager

import cv2


@contextmanager
def one_opencv_thread() -> Iterator[None]:
    """Have OpenCV compute in the thread that calls it, also in processes begun inside.

    Its pool of threads must be ended before a fork: a forked process has the pool but
    not the threads, and waits for ever where it ends the pool itself.

    Yields:
        None: Inside, there is one thread; the number is set back afterwards.
    """
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)
