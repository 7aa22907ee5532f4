"""Checkpoints of tensors and plain python, readable without any allow-list."""

from collections import Counter, OrderedDict
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from types import FunctionType, MethodType
from typing import Any

import numpy as np
import torch
from mmengine.hooks import Hook
from mmengine.logging import HistoryBuffer
from mmengine.runner import Runner

from mmreid.registry import HOOKS

_SCALARS = (bool, int, float, str)
_MAPPINGS = (OrderedDict, Counter)


def to_plain(value: Any) -> Any:
    """Express a value in what ``torch.load(weights_only=True)`` accepts.

    Tensors stay as they are. numpy scalars become python's, numpy arrays tensors (or
    lists, where torch has no such dtype), sets and other sequences lists, and
    subclasses of python's own types these types.

    Args:
        value (Any): A nest of containers.

    Returns:
        Any: The same content in plain types.

    Raises:
        TypeError: Something in it has no plain form.
    """
    if isinstance(value, np.generic):
        return to_plain(value.item())
    if isinstance(value, np.ndarray):
        return _plain_array(value)
    if value is None or isinstance(value, torch.Tensor | bytes):
        return value
    for kind in _SCALARS:
        if isinstance(value, kind):
            return kind(value)
    return _plain_container(value)


def _plain_array(array: np.ndarray) -> Any:
    try:
        return torch.from_numpy(array.copy())
    except TypeError:  # strings and objects
        return to_plain(array.tolist())


def _plain_container(value: Any) -> Any:
    if isinstance(value, Mapping):
        plain = {to_plain(key): to_plain(item) for key, item in value.items()}
        kinds = [kind for kind in _MAPPINGS if isinstance(value, kind)]
        return kinds[0](plain) if kinds else plain
    if isinstance(value, tuple):
        return tuple(to_plain(item) for item in value)
    if isinstance(value, list):
        return [to_plain(item) for item in value]
    if isinstance(value, AbstractSet):
        return sorted((to_plain(item) for item in value), key=repr)
    raise TypeError(
        f'{value!r} of type {type(value).__name__} has no plain form for a checkpoint; '
        'use numbers, strings, tensors, lists and dicts.'
    )


def plain_schedules(states: Any) -> Any:
    """Express the states of schedules in plain types.

    What a schedule computes with, such as the curve of ``OneCycleLR``, it gets from its
    config, and keeps when a state without it is loaded.

    Args:
        states (Any): Of one schedule, or a list or dict of these.

    Returns:
        Any: The same without functions.

    Raises:
        TypeError: Something else in it has no plain form.
    """
    if isinstance(states, Mapping):
        return {
            to_plain(key): plain_schedules(value)
            for key, value in states.items()
            if not isinstance(value, FunctionType | MethodType)
        }
    if isinstance(states, list) and all(isinstance(part, Mapping) for part in states):
        return [plain_schedules(part) for part in states]
    return to_plain(states)


def _plain_history(history: HistoryBuffer) -> dict:
    values, counts = history.data
    return to_plain(dict(values=values, counts=counts, max_length=history.max_length))


def _history(plain: dict) -> HistoryBuffer:
    values, counts = plain['values'].cpu().numpy(), plain['counts'].cpu().numpy()
    return HistoryBuffer(values, counts, plain['max_length'])


@HOOKS.register_module()
class PlainCheckpointHook(Hook):
    """Saves checkpoints that bare ``torch.load(weights_only=True)`` reads.

    mmengine writes its message hub as ``HistoryBuffer`` objects, whose pickle calls
    ``getattr``. This hook writes the hub as tensors and plain python, and turns it
    back after loading, so that a resumed run continues its log. Information in the
    hub that has no plain form is left out, with a warning.
    """

    # The last to touch a checkpoint: what other hooks add is made plain too.
    priority = 'LOWEST'

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Make everything but the tensors' own dicts plain, in place."""
        hub = checkpoint['message_hub']
        info, left_out = {}, set()
        for key, value in hub['runtime_info'].items():
            try:
                info[key] = to_plain(value)
            except TypeError as error:
                left_out.add(key)
                runner.logger.warning(f'the checkpoint leaves {key} out: {error}')
        scalars, resumed = hub['log_scalars'].items(), hub['resumed_keys'].items()
        checkpoint['message_hub'] = dict(
            log_scalars={key: _plain_history(history) for key, history in scalars},
            runtime_info=info,
            resumed_keys={key: on for key, on in resumed if key not in left_out},
        )
        if 'param_schedulers' in checkpoint:
            checkpoint['param_schedulers'] = plain_schedules(
                checkpoint['param_schedulers']
            )
        for part in ('meta', 'optimizer'):
            if part in checkpoint:
                checkpoint[part] = to_plain(checkpoint[part])

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Turn the log back into mmengine's objects, in place."""
        scalars = checkpoint.get('message_hub', {}).get('log_scalars', {})
        for key, plain in scalars.items():
            if isinstance(plain, dict):
                scalars[key] = _history(plain)
