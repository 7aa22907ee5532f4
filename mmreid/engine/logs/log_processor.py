"""What is added to mmengine's log."""

import importlib
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from mmengine.device import is_cuda_available, is_musa_available
from mmengine.dist import get_world_size
from mmengine.runner import BaseLoop, LogProcessor, Runner

from mmreid.engine.logs.screen_lines import (
    ScreenLine,
    count,
    describe_batch,
    describe_scores,
    describe_step,
)
from mmreid.registry import LOG_PROCESSORS

# More parameter groups than these are told by their range.
_MAX_GROUPS = 16

# What an evaluation is called while it runs and when it is over.
_EVALUATIONS = dict(val=('validate', 'validated'), test=('test', 'tested'))


@LOG_PROCESSORS.register_module()
class ScalarLogProcessor(LogProcessor):
    """Tells of training what mmengine does not, and of a validation numbers only.

    Training: the learning rate of every parameter group (``backbone.lr``, after the
    group's name), images per second in all processes, and on the CPU the memory of the
    process, in MB. Validation: the training's ``iter`` and ``epoch`` in the JSON log,
    and not the protocol stamp, which takes 600 characters. The metric has written it to
    the log in words, and it stays in the JSON files of a test. Where several data sets
    were evaluated, each has a line of its own. The screen has all lines in short
    (:class:`ScreenLine`). Takes the parent's arguments.
    """

    def get_log_after_iter(
        self, runner: Runner, batch_idx: int, mode: str
    ) -> tuple[dict, str]:
        """Return the values and the line of the log.

        Args:
            runner (Runner): Holds the log's history.
            batch_idx (int): Index of the batch in the loop.
            mode (str): ``'train'``, ``'val'`` or ``'test'``.

        Returns:
            tuple[dict, str]: Values by name, and the line.
        """
        values, line = super().get_log_after_iter(runner, batch_idx, mode)
        eta = runner.message_hub.runtime_info.get('eta')
        if mode != 'train':
            total = self._get_dataloader_size(runner, mode)
            place = f'{_EVALUATIONS[mode][0]} batch {count(batch_idx + 1, total)}'
            return values, ScreenLine(line, describe_batch(place, eta))
        items = [line.rstrip()]
        prefix = 'train/' if self.log_with_hierarchy else ''
        # Of several optimizers mmengine tells each one's rate.
        optimizer = getattr(runner.optim_wrapper, 'optimizer', None)
        groups = optimizer.param_groups if optimizer is not None else ()
        for name, rate in learning_rates(groups).items():
            values[f'{prefix}{name}'] = rate
            items.append(f'{name}: {rate:.{self.num_digits}e}')
        images = runner.train_dataloader.batch_size
        if images and (seconds := values.get(f'{prefix}time')):
            speed = images * get_world_size() / seconds
            values[f'{prefix}images_per_second'] = speed
            items.append(f'images/s: {speed:.1f}')
        on_cpu = not (is_cuda_available() or is_musa_available())
        if on_cpu and (memory := peak_memory()):
            values['memory'] = memory
            items.append(f'memory: {memory}')
        place = self._place(runner, batch_idx)
        words = describe_step(place, values, prefix, eta)
        return values, ScreenLine('  '.join(items), words)

    def _place(self, runner: Runner, batch_idx: int) -> str:
        """Tell which step of the training this is."""
        if not self.by_epoch:
            return f'step {count(runner.iter + 1, runner.max_iters)}'
        steps = count(batch_idx + 1, len(runner.train_dataloader))
        return f'epoch {count(runner.epoch + 1, runner.max_epochs)}  step {steps}'

    def get_log_after_epoch(
        self, runner: Runner, batch_idx: int, mode: str, with_non_scalar: bool = False
    ) -> tuple[dict, str]:
        """Return the values and the line of the log.

        Args:
            runner (Runner): Holds the log's history.
            batch_idx (int): Index of the batch in the loop.
            mode (str): ``'val'`` or ``'test'``.
            with_non_scalar (bool): Whether the values hold more than numbers.
                Defaults to False.

        Returns:
            tuple[dict, str]: Values by name, and the line.
        """
        get_log = super().get_log_after_epoch
        values, line = get_log(runner, batch_idx, mode, with_non_scalar)
        everything, _ = get_log(runner, batch_idx, mode, True)
        for name, value in everything.items():
            if isinstance(value, dict):
                line = line.replace(f'  {name}: {value}', '')
        place = _EVALUATIONS[mode][1]
        if mode == 'val' and isinstance(runner._train_loop, BaseLoop):
            values['iter'] = runner.iter
            unit, number = 'step', runner.iter
            if self.by_epoch:
                unit, number = 'epoch', runner.epoch
                values['epoch'] = runner.epoch
            place = f'{unit} {number} {place}'
        loop = runner.val_loop if mode == 'val' else runner.test_loop
        sets = list(getattr(loop, 'sets', ()))
        words = describe_scores(place, values, sets)
        return values, ScreenLine(self._give_lines(line, values, sets), words)

    def _give_lines(self, line: str, values: dict, sets: list[str]) -> str:
        """Move the numbers of each of several data sets to a line of its own."""
        lines = []
        for name in sets:
            items = []
            for key, value in values.items():
                if key.startswith(f'{name}/') and not isinstance(value, dict):
                    if isinstance(value, float):
                        value = f'{value:.{self.num_digits}f}'
                    line = line.replace(f'  {key}: {value}', '')
                    items.append(f'{key.removeprefix(f"{name}/")}: {value}')
            if items:
                lines.append('  '.join([f'    {name:<{max(map(len, sets))}}', *items]))
        return '\n'.join([line, *lines])


def learning_rates(groups: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Name the learning rates of parameter groups.

    Args:
        groups (Sequence[Mapping[str, Any]]): ``param_groups`` of an optimizer.

    Returns:
        dict[str, float]: By ``'<group_name>.lr'``, or ``'group<index>.lr'`` for groups
        without name; ``'lowest.lr'`` and ``'highest.lr'`` of more than 16. Empty where
        there is but one, which mmengine calls ``lr``.
    """
    if len(groups) < 2:
        return {}
    rates = {
        group.get('group_name', f'group{index}'): float(group['lr'])
        for index, group in enumerate(groups)
    }
    if len(rates) > _MAX_GROUPS:
        rates = dict(lowest=min(rates.values()), highest=max(rates.values()))
    return {f'{name}.lr': rate for name, rate in rates.items()}


def peak_memory() -> int:
    """Return the most memory that was in use so far, in MB.

    Returns:
        int: On a CUDA device what tensors occupied there (since the last line of
        mmengine's log, which sets it back); else what the process occupied, without its
        data loading processes. 0 where the system does not tell.
    """
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() // 2**20
    try:
        resource = importlib.import_module('resource')
    except ImportError:  # Windows
        return 0
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used // (2**20 if sys.platform == 'darwin' else 2**10)
