"""Training by epochs that can stop, and be killed, at any step."""

import time
from collections.abc import Sequence
from pathlib import Path

import torch
from mmengine.device import get_device
from mmengine.dist import all_reduce, barrier, get_world_size, is_main_process
from mmengine.runner import EpochBasedTrainLoop, Runner
from torch.utils.data import DataLoader

from mmreid.engine.atomic_backend import AtomicBackend
from mmreid.engine.loops.mid_epoch import (
    batches_from,
    gather_buffers,
    restore_buffers,
)
from mmreid.engine.loops.stop_signals import (
    StopSignals,
    TrainingStoppedError,
    shield_workers,
)
from mmreid.registry import LOOPS

#: Name of the checkpoint that is written between those of a config.
RESUME_POINT = 'resume_point.pth'
# Processes agree whether to stop once in so many updates: asking costs a meeting.
_UPDATES_BETWEEN_MEETINGS = 10


@LOOPS.register_module()
class ResumableTrainLoop(EpochBasedTrainLoop):
    """mmengine's training by epochs, which goes on where it was, in mid epoch too.

    - SIGTERM, SIGUSR1, SIGINT (Ctrl-C) and SIGHUP end the current step, write
      :data:`RESUME_POINT` to the work folder and raise :class:`TrainingStoppedError`.
      Processes agree on the step.
    - The same file is written every ``resume_point_minutes``, and before a validation
      unless the config's hook has just saved: a validation that fails, or that a signal
      ends at once, costs no training. It is one file, written aside and renamed.
    - A resumed training skips the batches that were trained on, without loading them,
      and first makes up for a validation that was due and did not take place.

    With ``SeedHook``, which draws random numbers by epoch, step and batch, the resumed
    training is bitwise the uninterrupted one. ``tools/train.py`` takes this loop for
    every ``train_cfg`` with ``by_epoch=True``.

    Args:
        runner (Runner): The runner.
        dataloader (DataLoader | dict): Training data, or its config.
        max_epochs (int): Epochs to train.
        val_begin (int): First epoch to validate after. Defaults to 1.
        val_interval (int): Epochs between validations. Defaults to 1.
        dynamic_intervals (Sequence, optional): Pairs of an epoch and the interval from
            there on. Defaults to None.
        resume_point_minutes (float, optional): Most minutes of training that a killed
            run loses; None leaves that to the config's checkpoints. Defaults to 30.
    """

    def __init__(
        self,
        runner: Runner,
        dataloader: DataLoader | dict,
        max_epochs: int,
        val_begin: int = 1,
        val_interval: int = 1,
        dynamic_intervals: Sequence[tuple[int, int]] | None = None,
        resume_point_minutes: float | None = 30,
    ) -> None:
        super().__init__(
            runner, dataloader, max_epochs, val_begin, val_interval, dynamic_intervals
        )
        self.signals = StopSignals()
        self.resume_point_minutes = resume_point_minutes
        self._saved_at = time.monotonic()
        self._updates = 0

    def run(self) -> torch.nn.Module:
        """Train.

        Returns:
            torch.nn.Module: The trained model.

        Raises:
            TrainingStoppedError: A signal asked to stop; everything is saved.
        """
        restore_buffers(self.runner)
        with self.signals:
            self._stop_before_training()
            self._shield_workers()
            self.runner.call_hook('before_train')
            self._decide_current_val_interval()
            if self._validation_is_owed:
                self.runner.logger.info(
                    f'epoch {self._epoch} was not validated before: validating it now'
                )
                self._validate()
            elif self._epoch >= self._max_epochs:
                self.runner.logger.warning(
                    f'the training is finished already: the checkpoint has epoch '
                    f'{self._epoch} of train_cfg.max_epochs={self._max_epochs}. With '
                    'a larger max_epochs it goes on.'
                )
            while self._epoch < self._max_epochs and not self.stop_training:
                self.run_epoch()
                self._decide_current_val_interval()
                if self._validation_is_due:
                    self._validate()
            self.runner.call_hook('after_train')
        return self.runner.model

    def run_epoch(self) -> None:
        """Train for one epoch, or for the rest of one."""
        self.runner.call_hook('before_train_epoch')
        self.runner.model.train()
        done = self._batches_done
        for index, batch in enumerate(batches_from(self.dataloader, done), done):
            self.run_iter(index, batch)
        self._batches_done = 0
        self.runner.call_hook('after_train_epoch')
        self._epoch += 1

    def run_iter(self, idx: int, data_batch: Sequence[dict]) -> None:
        """Train on one batch, then save or stop if it is time to.

        Args:
            idx (int): Index of the batch in its epoch.
            data_batch (Sequence[dict]): The batch.
        """
        # Before the hooks of this step, for those that save.
        self._batches_done = idx + 1
        super().run_iter(idx, data_batch)
        # Gradients that are still accumulating are in no checkpoint.
        if getattr(self.runner.optim_wrapper, 'should_update', lambda: True)():
            self._updates += 1
            if get_world_size() == 1 or self._updates % _UPDATES_BETWEEN_MEETINGS == 0:
                self._save_or_stop()

    def save_resume_point(self) -> None:
        """Write all that resuming needs, on every process at the same step."""
        runner, hub = self.runner, self.runner.message_hub
        gather_buffers(runner)
        runner.save_checkpoint(
            runner.work_dir,
            RESUME_POINT,
            meta=dict(epoch=self._epoch, iter=self._iter),
            backend_args=dict(backend='atomic'),
        )
        hub.runtime_info.pop('rank_buffers', None)
        if is_main_process():
            path = Path(runner.work_dir)
            newest = str(path / RESUME_POINT).encode()
            AtomicBackend().put(newest, path / 'last_checkpoint')
        # Where one process leaves earlier, its launcher would end the one that writes.
        barrier()
        self._saved_at = time.monotonic()

    @property
    def _batches_done(self) -> int:
        """Batches of the current epoch that were trained on, kept in checkpoints."""
        info = self.runner.message_hub.runtime_info
        done, length = info.get('batches_done', (0, len(self.dataloader)))
        if done and length != len(self.dataloader):
            self.runner.logger.warning(
                f'an epoch has {len(self.dataloader)} batches now and had {length} '
                'when the checkpoint was written: the epoch starts anew.'
            )
            return 0
        return done

    @_batches_done.setter
    def _batches_done(self, done: int) -> None:
        info = (done, len(self.dataloader))
        self.runner.message_hub.update_info('batches_done', info)

    @property
    def _validation_is_due(self) -> bool:
        epoch = self._epoch
        if self.runner.val_loop is None or epoch < self.val_begin:
            return False
        return epoch % self.val_interval == 0 or epoch == self._max_epochs

    @property
    def _validation_is_owed(self) -> bool:
        """Whether the epoch of the resumed checkpoint should have been validated."""
        validated = self.runner.message_hub.runtime_info.get('last_validated')
        at_end = self._epoch > 0 and self._batches_done == 0
        return at_end and self._validation_is_due and validated != self._epoch

    def _validate(self) -> None:
        hub = self.runner.message_hub
        if hub.runtime_info.get('saved_iter') != self._iter:
            self.save_resume_point()
        # Whatever is saved from here to the end of the validation knows its results.
        hub.update_info('last_validated', self._epoch)
        with self.signals.interrupting():
            self.runner.val_loop.run()

    def _stop_before_training(self) -> None:
        """Stop all processes where a signal came to one before there was a loop."""
        heard = torch.tensor(bool(self.signals.received), device=get_device()).int()
        all_reduce(heard, 'max')
        if heard:
            raise TrainingStoppedError(
                f'{self.signals.received or "a signal to another process"} came before '
                'the first step: nothing was trained since the last checkpoint.'
            )

    def _save_or_stop(self) -> None:
        minutes = (time.monotonic() - self._saved_at) / 60
        limit = self.resume_point_minutes
        wishes = torch.tensor(
            [bool(self.signals.received), limit is not None and minutes >= limit],
            dtype=torch.int32,
            device=get_device(),
        )
        all_reduce(wishes, 'max')
        stop, save = wishes.tolist()
        if stop or save:
            self.save_resume_point()
        if stop:
            raise TrainingStoppedError(
                f'{self.signals.received or "a signal to another process"} came: '
                f'stopped after step {self._iter} and saved '
                f'{Path(self.runner.work_dir) / RESUME_POINT}.'
            )

    def _shield_workers(self) -> None:
        shield_workers(self.dataloader)
        loop = self.runner.val_loop
        if loop is not None:
            for single in getattr(loop, 'sets', {'': loop}).values():
                shield_workers(single.dataloader)
