"""Signals that come before a training has begun, and notes between its processes.

Nothing here needs more than the standard library: torch takes seconds to arrive, and
signals do not wait for it.
"""

import contextlib
import os
import signal
import threading
import time
from pathlib import Path
from types import FrameType

#: Variable with the folder in which launcher and processes leave each other notes.
FOLDER = 'MMREID_STOP_FOLDER'
#: As of ``mmreid.engine``.
STOPPED_STATUS = 75
# SIGHUP and SIGUSR1 are unknown to Windows.
SIGNALS = [
    getattr(signal, name)
    for name in ('SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1')
    if hasattr(signal, name)
]
# Seconds that processes without launcher have to save before they end.
_LAST_SECONDS = 120


class EarlySignals:
    """Hears the signals until ``StopSignals`` of the training loop does.

    A single process ends at once, for nothing is lost. Several would leave each other
    waiting: they go on to the loop, which finds the signal here and stops all.

    Args:
        several (bool): Whether this is one of several processes.
    """

    def __init__(self, several: bool) -> None:
        self.several = several
        #: Name of the first signal that came, None before.
        self.heard: str | None = None

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal."""
        again = self.heard is not None and number == signal.SIGINT
        self.heard = self.heard or signal.Signals(number).name
        if not self.several or again:
            with contextlib.suppress(OSError):  # a terminal that has gone
                text = f'{self.heard} came and no training is under way: nothing is '
                os.write(2, f'\n{text}lost. Start or continue it again.\n'.encode())
            os._exit(STOPPED_STATUS)


def listen(several: bool) -> None:
    """Hear signals from now on, and notice where the launcher ends.

    A signal that is ignored, as SIGHUP is after ``nohup``, stays ignored.

    Args:
        several (bool): Whether this is one of several processes.
    """
    early = EarlySignals(several)
    for number in SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, early)
    if folder := os.environ.get(FOLDER):
        # In this order: the launcher notes its signal before it looks for processes.
        Path(folder, f'{os.getpid()}.pid').touch()
        asked = Path(folder, 'asked')
        early.heard = asked.read_text('utf-8') if asked.exists() else None
    if folder or 'TORCHELASTIC_RUN_ID' in os.environ:
        watch = threading.Thread(target=_watch, args=(os.getppid(),), daemon=True)
        watch.start()


def unlisten() -> None:
    """Give the signals back their own meaning."""
    for number in SIGNALS:
        if isinstance(signal.getsignal(number), EarlySignals):
            signal.signal(number, signal.SIG_DFL)
    if signal.getsignal(signal.SIGINT) == signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def stopped_status() -> int:
    """Return the status with which a stopped training ends.

    Returns:
        int: 75; 0 below a launcher that gives 75 for all processes, because torchrun
        takes any other status for a failure and starts the processes again.
    """
    if folder := os.environ.get(FOLDER):
        Path(folder, 'stopped').touch()
        return 0
    return STOPPED_STATUS


def _watch(launcher: int) -> None:
    """Stop this process as a signal does when its launcher is no more."""
    while os.getppid() == launcher:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_LAST_SECONDS)
    os._exit(STOPPED_STATUS)
