"""Progress of long computations, for whoever looks at the terminal or the log."""

import sys
import time

from mmengine.logging import print_log
from mmengine.utils import ProgressBar


class StepProgress:
    """A bar on a terminal, else now and then a line in the log.

    Call it with the work done and in all.

    Args:
        title: What is being done.
        seconds: Between two lines. Defaults to 30.
    """

    def __init__(self, title: str, seconds: float = 30) -> None:
        self._title, self._seconds = title, seconds
        self._told = time.monotonic()
        self._percent = 0
        self._bar: ProgressBar | None = None

    def __call__(self, done: int, total: int) -> None:
        """Show progress, if there is any to be seen.

        Args:
            done: Work done.
            total: Work in all.
        """
        percent = 100 * done // max(1, total)
        if percent == self._percent:
            return
        if sys.stderr.isatty():
            if self._bar is None:
                sys.stderr.write(f'{self._title}\n')
                self._bar = ProgressBar(100, file=sys.stderr)
            self._bar.update(percent - self._percent)
            if percent == 100:
                sys.stderr.write('\n')
        elif time.monotonic() > self._told + self._seconds:
            self._told = time.monotonic()
            print_log(f'{self._title}: {percent} %', logger='current')
        self._percent = percent
