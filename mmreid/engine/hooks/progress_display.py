"""A live bar that shows how far a loop has come."""

import atexit
import logging
import sys
import time
from datetime import timedelta
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn


class Clock:
    """Counts steps and images, and the seconds they took.

    Args:
        total (int): Steps in all.
        done (int): Steps made before, by an earlier run. Defaults to 0.
    """

    def __init__(self, total: int, done: int = 0) -> None:
        self.total = total
        self.done = done
        self._steps = self._images = 0
        self._seconds = 0.0
        self.resume()

    def resume(self) -> None:
        """Leave out the time since the last step; it went into something else."""
        self._since = time.perf_counter()

    def tick(self, images: int) -> None:
        """Count a step of so many images."""
        self._seconds += time.perf_counter() - self._since
        self._steps += 1
        self._images += images
        self.done += 1
        self.resume()

    @property
    def status(self) -> str:
        """Images per second and the time left."""
        left = (self.total - self.done) * self._seconds / max(self._steps, 1)
        rate = self._images / max(self._seconds, 1e-9)
        return f'{rate:.0f} images/s  eta {timedelta(seconds=round(left))}'


class TerminalBar:
    """Live bars at the bottom of the terminal; the log appears above them.

    Args:
        logger (logging.Logger): The log that shares the terminal.
        console (Console): The terminal.
    """

    def __init__(self, logger: logging.Logger, console: Console) -> None:
        # No refreshing thread: data loader workers are forked from this process.
        self._progress = Progress(
            TextColumn('{task.description}'),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn('{task.fields[status]}'),
            console=console,
            auto_refresh=False,
        )
        self._tasks: dict[str, TaskID] = {}
        self._shown = 0.0
        self._logger = logger
        self._terminal = sys.stdout
        self._progress.start()
        # Now sys.stdout prints above the bars; the log holds the stream from before.
        self._proxy = sys.stdout
        self._lead_log(self._terminal, self._proxy)
        # An exception in the loop would leave the terminal without its cursor.
        atexit.register(self.close)

    def _lead_log(self, old: Any, new: Any) -> None:
        for handler in self._logger.handlers:
            if isinstance(handler, logging.StreamHandler) and handler.stream is old:
                handler.setStream(new)

    def open(self, loop: str, clock: Clock) -> None:
        """Add a bar."""
        self._tasks[loop] = self._progress.add_task(
            loop, total=clock.total, completed=clock.done, status=''
        )

    def show(self, loop: str, clock: Clock, title: str, status: str) -> None:
        """Redraw, at most ten times a second."""
        now = time.perf_counter()
        if now - self._shown < 0.1 and clock.done < clock.total:
            return
        self._shown = now
        self._progress.update(
            self._tasks[loop], description=title, completed=clock.done, status=status
        )
        self._progress.refresh()

    def remove(self, loop: str) -> None:
        """Take a finished bar away."""
        self._progress.remove_task(self._tasks.pop(loop))

    def close(self) -> None:
        """Stop drawing and give the log its stream back."""
        atexit.unregister(self.close)
        self._progress.stop()
        self._lead_log(self._proxy, self._terminal)


def terminal_bar(logger: logging.Logger) -> TerminalBar | None:
    """Make a bar, where stdout is a terminal that can move its cursor.

    Args:
        logger (logging.Logger): The log of the run.

    Returns:
        TerminalBar | None: None elsewhere; there mmengine's log tells all of it.
    """
    console = Console()
    if console.is_terminal and not console.is_dumb_terminal:
        return TerminalBar(logger, console)
    return None
