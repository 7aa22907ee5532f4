"""Programs that this one has started, and what ends them when it is stopped."""

import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Programs:
    """Starts programs from several threads, and ends those that still run."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def run(
        self, command: Sequence[str], environment: Mapping[str, str], **options: Any
    ) -> None:
        """Run a program until it ends.

        Args:
            command (Sequence[str]): Its words.
            environment (Mapping[str, str]): Its variables.
            **options (Any): Of :class:`subprocess.Popen`.

        Raises:
            CalledProcessError: Its status is not 0, or :meth:`stop` came before it.
        """
        with self._lock:
            if self._stopped:
                raise subprocess.CalledProcessError(-signal.SIGTERM, list(command))
            process = subprocess.Popen(command, env=dict(environment), **options)
            self._running.add(process)
        try:
            status = process.wait()
        finally:
            with self._lock:
                self._running.discard(process)
        if status:
            raise subprocess.CalledProcessError(status, list(command))

    def stop(self) -> None:
        """Ask what runs to end, as ``kill`` does, and start nothing more.

        A training then saves where it is and ends.
        """
        with self._lock:
            self._stopped = True
            for process in self._running:
                process.send_signal(signal.SIGTERM)

    @contextmanager
    def side_by_side(self, parallel: int) -> Iterator[ThreadPoolExecutor]:
        """Give threads that run programs, and end all when this one is stopped.

        What fails once would fail again: where an error leaves the block, nothing that
        waits is begun.

        Args:
            parallel (int): How many at the same time.

        Yields:
            ThreadPoolExecutor: Of so many threads, or of one.
        """
        with ThreadPoolExecutor(max(1, parallel)) as pool:
            try:
                with self._stopped_together():
                    yield pool
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise

    @contextmanager
    def _stopped_together(self) -> Iterator[None]:
        """Stop the programs when this one is stopped, by Ctrl-C or by SIGTERM.

        Whoever kills this program alone would leave trainings behind that go on for
        hours, and hold the folders that the next start needs. Inside, SIGTERM raises
        KeyboardInterrupt, too, if this is the main thread.
        """
        is_main = threading.current_thread() is threading.main_thread()
        before = signal.signal(signal.SIGTERM, _interrupt) if is_main else None
        try:
            yield
        except (KeyboardInterrupt, SystemExit):
            self.stop()
            raise
        finally:
            if is_main:
                signal.signal(signal.SIGTERM, before)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
