"""Training that stops where its numbers end."""

import math
from collections import deque
from collections.abc import Mapping
from typing import Any

import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmreid.registry import HOOKS


class NonFiniteError(ArithmeticError):
    """A loss or a weight became infinite or not a number."""


@HOOKS.register_module()
class FiniteCheckHook(Hook):
    """Stops a training whose loss is infinite or NaN, and never saves such weights.

    The error names the losses and the pictures of the batch; the checkpoints from
    before stay. The values are those that mmengine has fetched for its log, so that
    looking at them costs nothing.

    Args:
        tolerated (int): Non-finite steps in a row to pass over with a warning. In
            float16 a step may overflow, which ``AutocastOptimWrapper`` leaves out of
            the weights. Defaults to 0.

    Raises:
        ValueError: ``tolerated`` is negative.
    """

    # Before all that save or go on with the weights.
    priority = 'HIGH'

    def __init__(self, tolerated: int = 0) -> None:
        if tolerated < 0:
            raise ValueError(f'tolerated must be at least 0, got {tolerated}.')
        self.tolerated = tolerated
        self._in_a_row = 0
        # The log may be a step or two behind (LaggedInfoHook).
        self._samples: deque[tuple[int, Any]] = deque(maxlen=8)

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: Any = None,
        outputs: Mapping[str, Any] | None = None,
    ) -> None:
        """Look at the losses of a step.

        Raises:
            NonFiniteError: One is infinite or NaN, and not tolerated.
        """
        batch = data_batch if isinstance(data_batch, Mapping) else {}
        self._samples.append((runner.iter, batch.get('data_samples')))
        values = {name: _logged(runner, name, outputs) for name in outputs or {}}
        bad = {name: v for name, v in values.items() if not math.isfinite(v)}
        if not bad:
            self._in_a_row = 0
            return
        self._in_a_row += 1
        step = runner.message_hub.runtime_info.get('loss_iter', runner.iter)
        text = _describe(runner, bad, step, dict(self._samples).get(step))
        if self._in_a_row > self.tolerated:
            raise NonFiniteError(text)
        runner.logger.warning(text)

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Look at the weights that are about to be saved.

        Raises:
            NonFiniteError: One is infinite or NaN.
        """
        for name, value in checkpoint['state_dict'].items():
            if value.is_floating_point() and not torch.isfinite(value).all():
                raise NonFiniteError(
                    f'{name} has become infinite or NaN by step {runner.iter}, and '
                    'nothing is saved; the checkpoints from before stay. '
                    f'{_remedy(runner)}'
                )


def _logged(runner: Runner, name: str, outputs: Any) -> float:
    history = runner.message_hub.log_scalars.get(f'train/{name}')
    return float(outputs[name] if history is None else history.current())


def _describe(runner: Runner, bad: Mapping[str, float], step: int, samples: Any) -> str:
    losses = ', '.join(f'{name} = {value}' for name, value in bad.items())
    paths = [getattr(sample, 'img_path', None) for sample in samples or ()]
    listed = ''.join(f'\n  {path}' for path in paths if path)
    pictures = f'\nThe pictures of the batch:{listed}' if listed else ''
    return (
        f'{losses} in step {step + 1} (epoch {runner.epoch + 1}). '
        f'{_remedy(runner)}{pictures}'
    )


def _remedy(runner: Runner) -> str:
    return (
        f'Resume from a checkpoint in {runner.work_dir} with a lower learning rate or '
        'clipped gradients (optim_wrapper.clip_grad.max_norm=10), in float32 (type='
        "'OptimWrapper'), or without these pictures if one is damaged."
    )
