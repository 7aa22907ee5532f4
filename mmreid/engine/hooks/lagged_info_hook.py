"""Losses for the log, without waiting for the step that makes them."""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import torch
from mmengine.hooks import LoggerHook, RuntimeInfoHook
from mmengine.runner import Runner
from torch import Tensor

from mmreid.registry import HOOKS


@HOOKS.register_module()
class LaggedInfoHook(RuntimeInfoHook):
    """mmengine's ``RuntimeInfoHook``, which lets a GPU run without a pause.

    The parent asks for every loss as soon as a step is queued. That waits for the end
    of the step, and the GPU then for the next one to be prepared: hooks, the next
    batch, its way to the device. This hook starts the copies of a step's losses and
    reads them when the next step has been queued. Where something is logged or saved
    it waits, so that logs and checkpoints hold what they would hold otherwise.

    It takes the parent's place in a config::

        default_hooks = dict(runtime_info=dict(type='LaggedInfoHook'))

    The step whose losses were logged last is ``'loss_iter'`` in the message hub's
    runtime information.

    Args:
        lag (int, optional): How many steps the log may be behind. Defaults to None: 1
            on CUDA devices, 0 elsewhere, which is what the parent does.

    Raises:
        ValueError: ``lag`` is negative.
    """

    def __init__(self, lag: int | None = None) -> None:
        if lag is not None and lag < 0:
            raise ValueError(f'lag must be at least 0, got {lag}.')
        self.lag = lag
        self._on_the_way: deque[tuple[int, list[str], Callable[[], list[float]]]]
        self._on_the_way = deque()

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: Any = None,
        outputs: Mapping[str, Any] | None = None,
    ) -> None:
        """Send for this step's losses and log those that have arrived."""
        if outputs:
            losses = [loss.detach().double().reshape(()) for loss in outputs.values()]
            values = torch.stack(losses)
            self._on_the_way.append((runner.iter, list(outputs), _send_for(values)))
            lag = int(values.is_cuda) if self.lag is None else self.lag
            self._log(runner, 0 if self._is_due(runner, batch_idx) else lag)

    def after_train_epoch(self, runner: Runner) -> None:
        """Log what is missing."""
        self._log(runner)

    def after_train(self, runner: Runner) -> None:
        """Log what is missing."""
        self._log(runner)
        super().after_train(runner)

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Log what is missing, also in the checkpoint."""
        if self._on_the_way:
            self._log(runner)
            checkpoint['message_hub'] = runner.message_hub.state_dict()

    def _is_due(self, runner: Runner, batch_idx: int) -> bool:
        """Whether this step's losses are written to the log."""
        loggers = [hook for hook in runner.hooks if isinstance(hook, LoggerHook)]
        last = self.end_of_epoch(runner.train_dataloader, batch_idx)
        return last or any(
            self.every_n_inner_iters(batch_idx, logger.interval) for logger in loggers
        )

    def _log(self, runner: Runner, left: int = 0) -> None:
        """Log all but the last few steps that are on the way."""
        while len(self._on_the_way) > left:
            step, names, receive = self._on_the_way.popleft()
            for name, value in zip(names, receive(), strict=True):
                runner.message_hub.update_scalar(f'train/{name}', value)
            runner.message_hub.update_info('loss_iter', step)


def _send_for(values: Tensor) -> Callable[[], list[float]]:
    """Start to copy values from the device; return what waits for them."""
    if not values.is_cuda:
        return values.tolist
    # Only memory that the device may write to by itself is copied to in the background.
    host = torch.empty_like(values, device='cpu', pin_memory=True)
    host.copy_(values, non_blocking=True)
    arrived = torch.cuda.Event()
    arrived.record()

    def receive() -> list[float]:
        arrived.synchronize()
        return host.tolist()

    return receive
