"""Requests to stop, heard at a moment when nothing is lost."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from torch.utils.data import DataLoader

#: Status of a training that stopped when asked to, and can be resumed: EX_TEMPFAIL of
#: sysexits.h, "try again".
STOPPED_STATUS = 75

_SIGNALS = (signal.SIGTERM, signal.SIGUSR1)


class TrainingStoppedError(Exception):
    """Training was asked to stop; the message says where it can go on."""


class StopSignals:
    """Notes SIGTERM and SIGUSR1, by which batch systems announce the end of a job.

    A context manager: inside, the two signals only set :attr:`received`. Outside of
    python's main thread, where no handler can be set, it hears nothing.
    """

    def __init__(self) -> None:
        #: Name of the first signal that came, None before.
        self.received: str | None = None
        self._interrupts = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> 'StopSignals':
        if threading.current_thread() is threading.main_thread():
            self._before = {name: signal.signal(name, self._hear) for name in _SIGNALS}
        return self

    def __exit__(self, *error: object) -> None:
        for name, handler in self._before.items():
            signal.signal(name, handler)

    @contextmanager
    def interrupting(self) -> Iterator[None]:
        """Let a signal end what runs inside at once: nothing of it would be lost.

        Raises:
            TrainingStoppedError: A signal came, inside or before.
        """
        self._interrupts = True
        try:
            self._raise_if_received()
            yield
        finally:
            self._interrupts = False

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self.received = self.received or signal.Signals(number).name
        if self._interrupts:
            self._raise_if_received()

    def _raise_if_received(self) -> None:
        if self.received:
            raise TrainingStoppedError(
                f'{self.received} came during a validation, which is repeated when the '
                'training is resumed; all training before is saved.'
            )


class ShieldedWorker:
    """Starts a data loader's worker so that only its parent can terminate it.

    A batch system signals every process of a job. torch ends a worker by SIGTERM, and
    the end of a worker raises an error in the midst of whatever the training does.

    Args:
        start (Callable | None): The ``worker_init_fn`` to call then.
    """

    def __init__(self, start: Callable[[int], Any] | None) -> None:
        self.start = start

    def __call__(self, worker_id: int) -> None:
        """Prepare the worker."""
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        # Blocked, the signal waits for the thread, which learns who sent it.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        threading.Thread(target=_end_for_parent, daemon=True).start()
        if self.start is not None:
            self.start(worker_id)


def _end_for_parent() -> None:
    while signal.sigwaitinfo({signal.SIGTERM}).si_pid != os.getppid():
        pass
    os._exit(0)


def shield_workers(loader: DataLoader) -> None:
    """Let only the main process terminate a loader's workers.

    Args:
        loader (DataLoader): Changed in place, before its workers start.
    """
    start = loader.worker_init_fn
    if loader.num_workers and not isinstance(start, ShieldedWorker):
        loader.worker_init_fn = ShieldedWorker(start)
