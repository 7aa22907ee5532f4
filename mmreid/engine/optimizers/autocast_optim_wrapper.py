"""Mixed precision on any device."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from mmengine.device import get_device
from mmengine.logging import print_log
from mmengine.optim import OptimWrapper
from torch import nn

from mmreid.registry import OPTIM_WRAPPERS

_KERNELS = ('fused', 'foreach')
_DTYPES = {'bfloat16': torch.bfloat16, 'float16': torch.float16}


def has_fast_bfloat16(device_type: str) -> bool:
    """Tell whether bfloat16 gains anything: not on CPUs that have no such arithmetic.

    Args:
        device_type (str): ``'cpu'``, ``'cuda'``, ...

    Returns:
        bool: False on a CPU for which torch would emulate it.
    """
    if device_type != 'cpu':
        return True
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def arithmetic_of(wrapper: Mapping[str, Any], device_type: str) -> str | None:
    """Name the numbers in which a training computes forward passes.

    Args:
        wrapper (Mapping[str, Any]): The config of its optimizer wrapper; an empty one
            is mmengine's ``OptimWrapper``.
        device_type (str): ``'cpu'``, ``'cuda'``, ...

    Returns:
        str | None: ``'float32'``, ``'bfloat16'`` or ``'float16'``; None for a wrapper
        that is neither mmengine's nor ours.
    """
    kind = wrapper.get('type', 'OptimWrapper')
    if kind == 'AmpOptimWrapper':
        return str(wrapper.get('dtype') or 'float16')
    if kind != 'AutocastOptimWrapper':
        return 'float32' if kind == 'OptimWrapper' else None
    dtype = str(wrapper.get('dtype', 'bfloat16'))
    emulated = dtype == 'bfloat16' and not has_fast_bfloat16(device_type)
    return 'float32' if emulated else dtype


@OPTIM_WRAPPERS.register_module()
class AutocastOptimWrapper(OptimWrapper):
    """An optimizer wrapper whose forward pass runs under ``torch.autocast``.

    mmengine's ``AmpOptimWrapper`` refuses to run on the CPU and scales losses for
    every dtype. Here bfloat16, which has float32's range, is not scaled, and float16 is
    scaled on every device; its scale is part of the checkpoint. Gradient accumulation
    and clipping work as in ``OptimWrapper``. A CPU without bfloat16 arithmetic, which
    would emulate it many times slower than float32, trains in float32, with a warning.

    Args:
        dtype (str): ``'bfloat16'`` or ``'float16'``. Defaults to ``'bfloat16'``.
        init_scale (float): First scale of float16 losses. Defaults to 65536.
        **kwargs (Any): Arguments of :class:`mmengine.optim.OptimWrapper`.

    Raises:
        ValueError: The dtype is another one.
    """

    def __init__(
        self, dtype: str = 'bfloat16', init_scale: float = 2.0**16, **kwargs: Any
    ) -> None:
        if dtype not in _DTYPES:
            raise ValueError(
                f'dtype must be one of {sorted(_DTYPES)}, got {dtype!r}; '
                'for float32 use OptimWrapper.'
            )
        super().__init__(**kwargs)
        self.dtype = _DTYPES[dtype]
        self.device_type = torch.device(get_device()).type
        self.enabled = dtype == 'float16' or has_fast_bfloat16(self.device_type)
        if not self.enabled:
            print_log(
                'This CPU has no bfloat16 arithmetic: training in float32, which is '
                'faster here than emulating it.',
                logger='current',
                level=logging.WARNING,
            )
        self.scaler = torch.amp.GradScaler(
            self.device_type, init_scale, enabled=self.dtype == torch.float16
        )

    def backward(self, loss: torch.Tensor, **kwargs: Any) -> None:
        """Propagate the loss, scaled where the dtype needs it."""
        super().backward(self.scaler.scale(loss), **kwargs)

    def step(self, **kwargs: Any) -> None:
        """Update the parameters, unless scaled gradients overflowed."""
        if self.clip_grad_kwargs:
            self.scaler.unscale_(self.optimizer)
            self._clip_grad()
        self.scaler.step(self.optimizer, **kwargs)
        self.scaler.update()

    def state_dict(self) -> dict:
        """Return the optimizer's state and, for float16, the scale."""
        state = super().state_dict()
        if self.scaler.is_enabled():
            state['loss_scaler'] = self.scaler.state_dict()
        return state

    def load_state_dict(self, state_dict: dict) -> None:
        """Restore a state of this wrapper or of ``OptimWrapper``.

        ``fused`` and ``foreach`` stay as the optimizer was built with: they tell how a
        step is computed, and a fused optimizer takes over the scaler's work.
        """
        state = dict(state_dict)
        own = self.optimizer.param_groups
        if len(own) == len(state['param_groups']):
            state['param_groups'] = [
                {**saved, **{key: group[key] for key in _KERNELS if key in group}}
                for saved, group in zip(state['param_groups'], own, strict=True)
            ]
        scaler = state.pop('loss_scaler', None)
        if scaler is not None and self.scaler.is_enabled():
            self.scaler.load_state_dict(scaler)
        super().load_state_dict(state)

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """Run the forward pass under autocast.

        Args:
            model (nn.Module): The model that is trained.

        Yields:
            None: Inside, operations choose their precision.
        """
        with (
            super().optim_context(model),
            torch.autocast(self.device_type, dtype=self.dtype, enabled=self.enabled),
        ):
            yield
