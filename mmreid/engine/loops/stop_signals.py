"""Requests to stop, heard at a moment when nothing is lost."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from mmengine.dist import get_world_size, is_main_process
from torch.utils.data import DataLoader

#: Status of a training that stopped when asked to, and can be resumed: EX_TEMPFAIL of
#: sysexits.h, "try again".
STOPPED_STATUS = 75

# SIGHUP and SIGUSR1 are unknown to Windows.
SIGNALS = [
    getattr(signal, name)
    for name in ('SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1')
    if hasattr(signal, name)
]
# Seconds in which a launcher passes on what the terminal has sent to all.
_ECHO = 2.0
# Of macOS python does not know who sent a signal, of Windows not how to hold one back.
_BLOCKS = hasattr(signal, 'pthread_sigmask')
_TELLS_SENDER = _BLOCKS and hasattr(signal, 'sigwaitinfo')


class TrainingStoppedError(Exception):
    """Training was asked to stop; the message says where it can go on."""


class StopSignals:
    """Notes the signals by which batch systems and users ask a training to end.

    SIGTERM and SIGUSR1 announce the end of a job, SIGHUP that of a terminal, SIGINT is
    Ctrl-C. A context manager: inside, they only set :attr:`received`, and a second
    Ctrl-C ends the process. What is ignored, as SIGHUP is after ``nohup``, stays so. A
    handler from before that has ``heard`` a signal passes it on. Outside of python's
    main thread, where no handler can be set, it hears nothing.
    """

    def __init__(self) -> None:
        #: Name of the first signal that came, None before.
        self.received: str | None = None
        self._interrupts = False
        self._before: dict[int, Any] = {}
        self._at = 0.0

    def __enter__(self) -> 'StopSignals':
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                before = signal.getsignal(number)
                if before not in (signal.SIG_IGN, None):
                    self._before[number] = signal.signal(number, self._hear)
                    self.received = self.received or getattr(before, 'heard', None)
        return self

    def __exit__(self, *error: object) -> None:
        while self._before:
            signal.signal(*self._before.popitem())

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
        if self.received is None:
            self._at = time.monotonic()
            self.received = signal.Signals(number).name
            _say(f'{self.received}: this step is ended and saved; Ctrl-C ends at once.')
        elif number == signal.SIGINT:
            several = get_world_size() > 1
            if not several or time.monotonic() - self._at > _ECHO:
                signal.signal(number, signal.SIG_DFL)
                os.kill(os.getpid(), number)
        if self._interrupts:
            self._raise_if_received()

    def _raise_if_received(self) -> None:
        if self.received:
            raise TrainingStoppedError(
                f'{self.received} came during a validation, which is repeated when the '
                'training is resumed; all training before is saved.'
            )


def _say(text: str) -> None:
    """Tell the user from within a signal handler, if there still is one."""
    if is_main_process():
        with contextlib.suppress(OSError):
            os.write(2, f'\n{text}\n'.encode())


class ShieldedWorker:
    """Starts a data loader's worker so that only its parent can terminate it.

    A batch system signals every process of a job, a terminal too. torch ends a worker
    by SIGTERM, and the end of a worker raises an error in the midst of whatever the
    training does.

    Args:
        start (Callable | None): The ``worker_init_fn`` to call then.
    """

    def __init__(self, start: Callable[[int], Any] | None) -> None:
        self.start = start

    def __call__(self, worker_id: int) -> None:
        """Prepare the worker."""
        for number in SIGNALS:
            if number != signal.SIGTERM or not _TELLS_SENDER:
                signal.signal(number, signal.SIG_IGN)
        if _TELLS_SENDER:
            # Blocked, the signal waits for the thread, which learns who sent it.
            signal.pthread_sigmask(signal.SIG_SETMASK, {signal.SIGTERM})
            threading.Thread(target=_end_for_parent, daemon=True).start()
        elif _BLOCKS:
            signal.pthread_sigmask(signal.SIG_SETMASK, set())
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
    if not loader.num_workers or isinstance(loader.worker_init_fn, ShieldedWorker):
        return
    loader.worker_init_fn = ShieldedWorker(loader.worker_init_fn)
    start: Any = loader._get_iterator

    def start_blocked() -> Any:
        # A worker begins with its parent's handlers, which are not for it.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            return start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    if _BLOCKS:
        loader._get_iterator = start_blocked  # type: ignore[method-assign]
