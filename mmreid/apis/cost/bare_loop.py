"""Training as it is without a framework: the yardstick of its overhead."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

import torch
from mmengine.model import is_model_wrapper
from mmengine.optim import build_optim_wrapper
from mmengine.runner import Runner
from torch import Tensor, nn

from mmreid.engine.hooks.compile_hook import CompileHook, compile_modules


class BareLoop:
    """The steps of a runner's training, written as one would in plain torch.

    Network, weights, losses, optimizer, precision, memory layout and compilation are
    those of the runner; there are no hooks, no log, and nothing waits for the device.

    Args:
        runner (Runner): One that is ready to train a :class:`PersonReID` on one device.

    Raises:
        ValueError: It trains in several processes.
    """

    def __init__(self, runner: Runner) -> None:
        if is_model_wrapper(runner.model):
            raise ValueError(
                'the bare loop runs in one process; start the tool in one.'
            )
        self.model: Any = copy.deepcopy(runner.model)
        for hook in runner.hooks:
            if isinstance(hook, CompileHook) and hook.options is not None:
                compile_modules(self.model, hook.modules, **hook.options)
        options = runner.cfg.optim_wrapper
        wrapper: Any = build_optim_wrapper(self.model, copy.deepcopy(options))
        self.optimizer = wrapper.optimizer
        self.clip = wrapper.clip_grad_kwargs
        self.every = options.get('accumulative_counts', 1)
        self.autocast, self.scaler = _precision(wrapper)
        self._count = 0

    def step(self, batch: Mapping[str, Any]) -> None:
        """Train on a batch of the data loader.

        Args:
            batch (Mapping): ``inputs`` ``(N, 3, H, W)`` and ``labels`` ``(N,)``.
        """
        with self.autocast():
            images = self.model.data_preprocessor(dict(inputs=batch['inputs']), True)
            labels = batch['labels'].to(images['inputs'].device, non_blocking=True)
            loss = self._loss(images['inputs'], labels)
        self.scaler.scale(loss / self.every).backward()
        self._count += 1
        if self._count % self.every == 0:
            self._update()

    def _loss(self, images: Tensor, labels: Tensor) -> Tensor:
        feats = self.model.backbone(images)
        losses = self.model.head.losses_of(feats, labels)
        return torch.stack([*losses.values()]).sum()

    def _update(self) -> None:
        if self.clip:
            self.scaler.unscale_(self.optimizer)
            nn.utils.clip_grad_norm_(self.model.parameters(), **self.clip)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.optimizer.zero_grad()


def _precision(
    wrapper: Any,
) -> tuple[Callable[[], torch.autocast], torch.amp.GradScaler]:
    """The autocast and the scaler that an optimizer wrapper uses."""
    dtype = getattr(wrapper, 'dtype', torch.bfloat16)
    enabled = getattr(wrapper, 'enabled', False)
    device = getattr(wrapper, 'device_type', 'cpu')

    def autocast() -> torch.autocast:
        return torch.autocast(device, dtype=dtype, enabled=enabled)

    scaled = enabled and dtype == torch.float16
    return autocast, torch.amp.GradScaler(device, enabled=scaled)
