"""Progress of long work, for whoever looks at the terminal or the log; rich draws it.

What works long takes a callback, to be called with the work done and in all, such as a
:class:`ProgressBar`. :class:`LiveBars` are several bars above which a log goes on.
"""

import atexit
import logging
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from mmengine.logging import print_log
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    Task,
    TaskID,
    TextColumn,
)

# Seconds of which the speed is told, so that it changes little and follows.
_SPEED_OF = 300


class LiveBars:
    """Bars at the bottom of a terminal; the log appears above them.

    Args:
        console (Console): The terminal.
        logger (logging.Logger | None): A log that shares the terminal.
            Defaults to None.
    """

    def __init__(self, console: Console, logger: logging.Logger | None = None) -> None:
        # No refreshing thread: data loader workers are forked from this process.
        self._bars = Progress(
            TextColumn('{task.description}'),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn('{task.fields[status]}'),
            console=console,
            auto_refresh=False,
            speed_estimate_period=_SPEED_OF,
        )
        self._names: dict[str, TaskID] = {}
        self._drawn = 0.0
        self._handlers = logger.handlers if logger is not None else []
        self._terminal = sys.stdout
        self._bars.start()
        # Now sys.stdout prints above the bars; the log holds the stream from before.
        self._above = sys.stdout
        self._lead_log(self._terminal, self._above)
        # An exception in the work would leave the terminal without its cursor.
        atexit.register(self.close)

    def _lead_log(self, old: Any, new: Any) -> None:
        for handler in self._handlers:
            if isinstance(handler, logging.StreamHandler) and handler.stream is old:
                handler.setStream(new)

    def __len__(self) -> int:
        return len(self._names)

    def open(self, name: str, total: int, done: int = 0) -> None:
        """Add a bar.

        Args:
            name (str): By which it is advanced.
            total (int): Steps in all.
            done (int): Steps made before, by an earlier run. Defaults to 0.
        """
        self._names[name] = self._bars.add_task(
            name, total=total, completed=done, status=''
        )

    def leave_out_pause(self, name: str) -> None:
        """Leave the time since the last step out of the speed."""
        task = self._task(name)
        self._bars.reset(task.id, completed=int(task.completed))

    def advance(
        self, name: str, title: str, status: Callable[[float, str], str]
    ) -> None:
        """Advance a bar by a step, and draw it at most ten times a second.

        Args:
            name (str): The bar.
            title (str): What stands before it.
            status (Callable[[float, str], str]): Makes what stands behind it of the
                steps in a second and the time left.
        """
        task = self._task(name)
        self._bars.update(task.id, advance=1, description=title)
        now = self._bars.get_time()
        if now - self._drawn < 0.1 and not task.finished:
            return
        self._drawn = now
        left = str(timedelta(seconds=round(task.time_remaining or 0)))
        self._bars.update(task.id, status=status(task.speed or 0.0, left))
        self._bars.refresh()

    def _task(self, name: str) -> Task:
        return next(task for task in self._bars.tasks if task.id == self._names[name])

    def remove(self, name: str) -> None:
        """Take a bar away; the last one stays where it is, and the drawing ends."""
        if len(self._names) > 1:
            self._bars.remove_task(self._names[name])
        del self._names[name]
        if not self._names:
            self.close()

    def close(self) -> None:
        """Stop drawing and give the log its stream back."""
        atexit.unregister(self.close)
        self._bars.stop()
        self._lead_log(self._above, self._terminal)


def live_bars(logger: logging.Logger | None = None) -> LiveBars | None:
    """Make bars, where stdout is a terminal that can move its cursor.

    Args:
        logger (logging.Logger | None): A log that shares the terminal.
            Defaults to None.

    Returns:
        LiveBars | None: None elsewhere; there a log tells how far the work is.
    """
    console = Console()
    if console.is_terminal and not console.is_dumb_terminal:
        return LiveBars(console, logger)
    return None


class ProgressBar:
    """A bar on a terminal (stderr), else now and then a line in the log.

    Args:
        title (str): What is being done.
        seconds (float): Between two lines. Defaults to 30.
    """

    def __init__(self, title: str, seconds: float = 30) -> None:
        self._title, self._seconds = title, seconds
        self._logged = time.monotonic()
        self._percent = 0
        self._bar: Progress | None = None

    def __call__(self, done: int, total: int) -> None:
        """Show progress, if there is any to be seen.

        Args:
            done (int): Work done.
            total (int): Work in all.
        """
        percent = 100 * done // max(1, total)
        if percent == self._percent:
            return
        self._percent = percent
        if sys.stderr.isatty():
            self._draw(done, total)
        elif time.monotonic() > self._logged + self._seconds:
            self._logged = time.monotonic()
            print_log(f'{self._title}: {percent} %', logger='current')

    def _draw(self, done: int, total: int) -> None:
        if self._bar is None:
            self._bar = Progress(console=Console(stderr=True), auto_refresh=False)
            self._bar.add_task(self._title, total=total)
            self._bar.start()
            atexit.register(self._bar.stop)
        self._bar.update(self._bar.task_ids[0], completed=done, refresh=True)
        if done >= total:
            atexit.unregister(self._bar.stop)
            self._bar.stop()
            self._bar = None
