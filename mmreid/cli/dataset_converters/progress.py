"""The bars that data set commands draw on a terminal."""

import sys
from typing import Any, TextIO


class Bar:
    """A bar that is drawn where someone may watch, in at most a hundred steps.

    Args:
        stream (TextIO, optional): Where it is drawn. Defaults to None: standard output.
        always (bool): Draw it into files and pipes as well. Defaults to False.
    """

    def __init__(self, stream: TextIO | None = None, always: bool = False) -> None:
        self.stream = stream or sys.stdout
        self.is_shown = always or self.stream.isatty()
        self._bar: Any = None

    def advance(self, done: int, total: int) -> None:
        """Show how far the work is.

        Args:
            done (int): What is done.
            total (int): What there is to do.
        """
        if not self.is_shown or (done % max(1, total // 100) and done < total):
            return
        if self._bar is None:
            from mmengine.utils import ProgressBar

            self._bar = ProgressBar(total, file=self.stream)
        self._bar.update(done - self._bar.completed)
        if done == total:
            print(file=self.stream, flush=True)
