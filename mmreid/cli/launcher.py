"""torchrun for trainings that stop when asked to: what mmreid dist-train starts.

Takes torchrun's arguments. A signal that comes here is every process's; when the
training has stopped and saved this ends with status 75 and not with torchrun's 1, and
starts nothing again. Where a process fails it ends with that process's status.
"""

import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from types import FrameType, ModuleType

from mmreid.cli.processes.early_signals import FOLDER, SIGNALS, STOPPED_STATUS

# A store that outlives processes that died would give out their addresses to those
# that are started again; torch 2.12 shares it unless this is set.
_NO_SHARED_STORE = 'TORCH_DISABLE_SHARE_RDZV_TCP_STORE'


class Launcher:
    """Starts torchrun and passes signals on to its processes.

    Args:
        folder (Path): An empty folder for notes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, arguments: list[str]) -> int:
        """Start the processes and wait for them.

        Args:
            arguments (list[str]): torchrun's.

        Returns:
            int: The status to end with.
        """
        os.environ[FOLDER] = str(self.folder)
        # Seconds that processes have to save, before torchrun kills them.
        os.environ.setdefault('TORCH_ELASTIC_SHUTDOWN_TIMEOUT', '120')
        for number in SIGNALS:
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self.pass_on)
        import torch.distributed.run as torchrun  # takes seconds

        status = 0 if self.is_stopped else self._launch(torchrun, arguments)
        # Where saving failed, its status says so.
        stopped = self.is_stopped and (status == 0 or status > 128)
        return STOPPED_STATUS if stopped else status

    def _launch(self, torchrun: ModuleType, arguments: list[str]) -> int:
        """Run torchrun in this process, and return the status of what it started."""
        from torch.distributed.elastic.multiprocessing import SignalException
        from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

        try:
            options = torchrun.parse_args(arguments)
            if torchrun.determine_local_world_size(options.nproc_per_node) > 1:
                # As torchrun does itself, but with a warning.
                os.environ.setdefault('OMP_NUM_THREADS', '1')
            if options.max_restarts:
                os.environ[_NO_SHARED_STORE] = '1'
            # It handles most signals itself once its processes are there.
            torchrun.run(options)
        except SignalException:
            return STOPPED_STATUS
        except ChildFailedError as error:
            print(error, file=sys.stderr)
            status = error.get_first_failure()[1].exitcode
            return status if status > 0 else 128 - status
        except RuntimeError as error:
            if 'EADDRINUSE' not in str(error):
                raise
            print('error: another program has the port; set PORT.', file=sys.stderr)
            return 2
        return 0

    def pass_on(self, number: int, frame: FrameType | None) -> None:
        """Note a signal, for processes to come, and send it to those that are there."""
        (self.folder / 'asked').write_text(signal.Signals(number).name, 'utf-8')
        for path in self.folder.glob('*.pid'):
            try:
                os.kill(int(path.stem), number)
            except ProcessLookupError:
                path.unlink(missing_ok=True)

    @property
    def is_stopped(self) -> bool:
        """Whether a signal came here or to one of the processes."""
        return any((self.folder / name).exists() for name in ('asked', 'stopped'))


def main() -> None:
    """Launch."""
    folder = Path(tempfile.mkdtemp(prefix='mmreid_'))
    try:
        status = Launcher(folder).run(sys.argv[1:])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(status)
