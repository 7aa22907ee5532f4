"""Progress of training and testing on the terminal."""

from collections.abc import Sized
from typing import Any

from mmengine.dist import get_world_size, is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmreid.engine.logs import peak_memory
from mmreid.progress import LiveBars, live_bars
from mmreid.registry import HOOKS

# How mmengine calls the loops in its log.
_MODES = dict(train='train', validate='val', test='test')


def _num_images(batch: Any) -> int:
    inputs = batch.get('inputs') if isinstance(batch, dict) else None
    return len(inputs) if isinstance(inputs, Sized) else 0


def _costs(runner: Runner, loop: str) -> str:
    """Tell how long the last steps waited for data, and the memory in use."""
    waits = runner.message_hub.log_scalars.get(f'{_MODES[loop]}/data_time')
    items = [] if waits is None else [f'data {1000 * waits.mean(10):.0f} ms']
    if memory := peak_memory():
        items.append(f'{memory} MB')
    return ''.join(f'  {item}' for item in items)


@HOOKS.register_module()
class ProgressBarHook(Hook):
    """Shows epoch, loss, speed, waiting for data, memory and the time left.

    On a terminal it is one bar for the whole training, and a second one while it
    validates. Elsewhere (a file, a batch system) it shows nothing: the lines of
    mmengine's ``LoggerHook`` tell the same. Only the first process shows it; images
    per second are those of all.
    """

    def __init__(self) -> None:
        self._bars: LiveBars | None = None

    def before_train(self, runner: Runner) -> None:
        """Show the training, from where it resumes."""
        self._open(runner, 'train', runner.max_iters, runner.iter)

    def before_train_epoch(self, runner: Runner) -> None:
        """Leave the validation before out of the speed."""
        if self._bars is not None:
            self._bars.leave_out_pause('train')

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: Any = None,
        outputs: dict | None = None,
    ) -> None:
        """Advance by one batch."""
        history = runner.message_hub.log_scalars.get('train/loss')
        loss = '' if history is None else f'loss {history.mean(10):.3f}  '
        title = f'epoch {runner.epoch + 1}/{runner.max_epochs}'
        self._step(runner, 'train', data_batch, title, loss)

    def after_train(self, runner: Runner) -> None:
        """Show it no longer."""
        self._close('train')

    def before_val_epoch(self, runner: Runner) -> None:
        """Show the validation."""
        self._open(runner, 'validate', len(runner.val_dataloader))

    def after_val_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: Any = None,
        outputs: Any = None,
    ) -> None:
        """Advance by one batch."""
        self._step(runner, 'validate', data_batch, 'validate')

    def after_val_epoch(self, runner: Runner, metrics: dict | None = None) -> None:
        """Show it no longer."""
        self._close('validate')

    def before_test_epoch(self, runner: Runner) -> None:
        """Show the test."""
        self._open(runner, 'test', len(runner.test_dataloader))

    def after_test_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: Any = None,
        outputs: Any = None,
    ) -> None:
        """Advance by one batch."""
        self._step(runner, 'test', data_batch, 'test')

    def after_test_epoch(self, runner: Runner, metrics: dict | None = None) -> None:
        """Show it no longer."""
        self._close('test')

    def _open(self, runner: Runner, loop: str, total: int, done: int = 0) -> None:
        if self._bars is None and is_main_process():
            self._bars = live_bars(runner.logger)
        if self._bars is not None:
            self._bars.open(loop, total, done)

    def _step(
        self, runner: Runner, loop: str, batch: Any, title: str, prefix: str = ''
    ) -> None:
        if self._bars is None:
            return
        images = _num_images(batch) * get_world_size()

        def tell(speed: float, left: str) -> str:
            # What matters less stands last, where a narrow terminal cuts.
            rate = f'{images * speed:.0f} images/s'
            return f'{prefix}{rate}  eta {left}{_costs(runner, loop)}'

        self._bars.advance(loop, title, tell)

    def _close(self, loop: str) -> None:
        if self._bars is None:
            return
        self._bars.remove(loop)
        if not len(self._bars):
            self._bars = None
