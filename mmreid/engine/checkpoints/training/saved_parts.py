"""What a training is resumed from beside weights, compared with what it needs.

mmengine puts these parts into its objects as they are; what is odd in them ends a
training later, somewhere else, or takes the place of a method.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from os import PathLike
from typing import Any

import torch
from mmengine.logging import HistoryBuffer
from mmengine.optim import OptimWrapper
from mmengine.runner import Runner
from torch import Tensor

from mmreid.engine.checkpoints.foreign.recognition import converter_hint
from mmreid.errors import UnreadableCheckpointError

# What is not needed where only weights are taken.
PARTS = ('message_hub', 'optimizer', 'param_schedulers')
_NEEDED = ('state_dict', 'optimizer', 'message_hub', 'meta')
_HUB = ('log_scalars', 'runtime_info', 'resumed_keys')
# A training of one step a microsecond takes an hour for so many.
_MOST_STEPS = 2**32


def check_parts(
    runner: Runner, checkpoint: Mapping[str, Any], source: str | PathLike
) -> None:
    """Refuse a checkpoint whose parts are not what a training saves.

    Args:
        runner (Runner): The training that is to go on.
        checkpoint (Mapping): The content of the file.
        source (str | PathLike): The file, for messages.

    Raises:
        UnreadableCheckpointError: One of them is missing or something else.
    """
    if lacking := why_not_resumable(checkpoint):
        advice = (
            ' Where it holds weights, a training starts from them with --cfg-options '
            'load_from=FILE.'
        )
        raise UnreadableCheckpointError(
            f'{source} has {lacking}: it is no checkpoint to resume.'
            f'{converter_hint(checkpoint, source) or advice}'
        )
    part = next(_odd_parts(runner, checkpoint), None)
    if part is not None:
        raise UnreadableCheckpointError(
            f'{source} cannot be resumed: its {part} is not what a training of this '
            'config saves. Resume with the config that it was trained with; where it '
            'holds weights, a training starts from them with --cfg-options '
            'load_from=FILE.'
        )


def why_not_resumable(checkpoint: Any) -> str | None:
    """Tell what a training needs and a loaded checkpoint does not have.

    Args:
        checkpoint (Any): The content of a file.

    Returns:
        str | None: What is missing or is not what it should be; None for a whole one.
    """
    if missing := _missing(checkpoint, _NEEDED):
        return f'no {missing}'
    if missing := _missing(checkpoint['message_hub'], _HUB):
        return f'no {missing} in its message_hub'
    if not all(_is_count(checkpoint['meta'].get(name)) for name in ('epoch', 'iter')):
        return 'no count of epochs and steps in its meta'
    position = checkpoint['message_hub']['runtime_info'].get('batches_done', (0, 0))
    is_row = isinstance(position, tuple | list)
    if not is_row or list(map(_is_count, position)) != [True] * 2:
        return 'no pair of counts as batches_done in its message_hub'
    return None


def _missing(content: Any, parts: Sequence[str]) -> str:
    """Name the dicts that something should have and does not."""
    content = content if isinstance(content, Mapping) else {}
    return ', '.join(p for p in parts if not isinstance(content.get(p), Mapping))


def _odd_parts(runner: Runner, checkpoint: Mapping[str, Any]) -> Iterator[str]:
    """Name what is there and odd."""
    if not isinstance(checkpoint['meta'].get('seed'), int | None):
        yield "meta['seed']"
    yield from _odd_log(checkpoint['message_hub'])
    if isinstance(runner.optim_wrapper, OptimWrapper):
        optimizer = runner.optim_wrapper.optimizer
        yield from _odd_optimizer(checkpoint['optimizer'], optimizer)
    schedulers = runner.param_schedulers
    if 'param_schedulers' in checkpoint and isinstance(schedulers, list):
        yield from _odd_schedulers(checkpoint['param_schedulers'], schedulers)


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < _MOST_STEPS


def _odd_log(hub: Any) -> Iterator[str]:
    """Name what is odd in mmengine's message hub."""
    parts = ('log_scalars', 'runtime_info', 'resumed_keys')
    if not isinstance(hub, dict) or not all(_is_named(hub.get(k, {})) for k in parts):
        yield 'message_hub'
        return
    if not all(_is_history(entry) for entry in hub.get('log_scalars', {}).values()):
        yield "message_hub['log_scalars']"
    if not all(isinstance(on, bool) for on in hub.get('resumed_keys', {}).values()):
        yield "message_hub['resumed_keys']"


def _is_named(part: Any) -> bool:
    return isinstance(part, dict) and all(isinstance(key, str) for key in part)


def _is_history(entry: Any) -> bool:
    """Whether something is a log, as mmengine or ``PlainCheckpointHook`` saves it."""
    match entry:
        case HistoryBuffer():
            return True
        case {'values': Tensor() as v, 'counts': Tensor() as c, 'max_length': int(n)}:
            return v.ndim == c.ndim == 1 and len(v) == len(c) and n > 0
    return False


def _odd_optimizer(saved: Any, optimizer: torch.optim.Optimizer) -> Iterator[str]:
    """Name what is odd in the state of an optimizer."""
    state = saved.get('state') if isinstance(saved, Mapping) else None
    groups = saved.get('param_groups') if isinstance(saved, Mapping) else None
    if not isinstance(state, dict) or not isinstance(groups, list):
        yield 'optimizer'
        return
    own = optimizer.state_dict()['param_groups']
    if not all(
        isinstance(g, dict) and isinstance(g.get('params'), list) for g in groups
    ):
        yield "optimizer['param_groups']"
        return
    for group, fresh in zip(groups, own, strict=False):
        for key in fresh.keys() & group.keys():
            if not _alike(group[key], fresh[key]):
                yield f"optimizer['param_groups'] ({key})"
    parameters = dict(enumerate(p for g in optimizer.param_groups for p in g['params']))
    if sum(len(group['params']) for group in groups) != len(parameters):
        parameters = {}  # of another model, which its weights tell better
    for index, entry in state.items():
        shape = parameters[index].shape if index in parameters else None
        if not isinstance(entry, dict) or not all(
            _remembers(value, shape) for value in entry.values()
        ):
            yield "optimizer['state']"
            return


def _remembers(value: Any, shape: torch.Size | None) -> bool:
    """Whether something is a memory of a parameter: a count, or numbers like it."""
    if isinstance(value, Tensor):
        return value.numel() == 1 or shape is None or value.ndim == len(shape)
    return isinstance(value, int | float | None)


def _odd_schedulers(saved: Any, schedulers: list[Any]) -> Iterator[str]:
    """Name what is odd in the state of schedulers."""
    if not isinstance(saved, list):
        yield 'param_schedulers'
        return
    for index, (state, scheduler) in enumerate(zip(saved, schedulers, strict=False)):
        name = f'param_schedulers[{index}]'
        if not isinstance(state, dict):
            yield name
            continue
        if not hasattr(scheduler, 'state_dict'):  # not built yet
            return
        fresh = scheduler.state_dict()
        for key, value in state.items():
            # They become attributes, and would hide a method of that name.
            known = key in fresh and _alike(value, fresh[key])
            if not known and (key in fresh or hasattr(scheduler, str(key))):
                yield f'{name} ({key})'


def _alike(value: Any, fresh: Any) -> bool:
    """Whether a value can stand where another one stands."""
    if fresh is None or isinstance(fresh, bool):
        return isinstance(value, bool | int | float | str | None)
    if isinstance(fresh, int | float | Tensor):
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number or (isinstance(value, Tensor) and value.numel() == 1)
    if isinstance(fresh, list | tuple):
        return isinstance(value, list | tuple) and all(
            _alike(part, fresh[0]) for part in value if fresh
        )
    if isinstance(fresh, Mapping) and not isinstance(fresh, Counter):
        return isinstance(value, Mapping) and all(
            key in fresh and _alike(part, fresh[key]) for key, part in value.items()
        )
    if isinstance(fresh, Counter):  # milestones
        return isinstance(value, Mapping) and all(
            isinstance(part, int | float) for pair in value.items() for part in pair
        )
    return isinstance(value, type(fresh))
