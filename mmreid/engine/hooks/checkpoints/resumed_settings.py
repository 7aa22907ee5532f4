"""Learning rates and schedules of a config that changed since the checkpoint."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from mmengine.optim import OptimWrapperDict
from mmengine.runner import Runner

from mmreid.engine.checkpoints import MismatchedCheckpointError
from mmreid.engine.hooks.checkpoints.plain_checkpoint_hook import plain_schedules

_REMEDY = (
    'take the settings of then, or start a training of its own from these weights, '
    'with another --work-dir and --cfg-options load_from=FILE instead of --resume'
)
# Of an optimizer's group of parameters, what may change in mid training. All else
# decides what the optimizer remembers of each parameter, or is told by the config.
_CHANGEABLE = ('lr', 'weight_decay', 'betas', 'eps', 'dampening', 'nesterov')
_OF_SGD = ('momentum',)
# How a step is computed, which depends on the device.
_IMMATERIAL = {'params', 'fused', 'foreach', 'capturable', 'differentiable'}
# What a schedule counts while it runs; base_values follow from the optimizer.
_RUNNING = {'last_step', '_global_step', '_last_value', 'base_values', 'verbose'}
_RUNNING |= {'best', 'num_bad_epochs', 'cooldown_counter'}


def apply_settings(runner: Runner, checkpoint: dict) -> None:
    """Let the config, where it differs, decide on learning rates and schedules.

    mmengine restores them from the checkpoint, and what was changed since has no
    effect. Here the schedules of the config are run up to the checkpoint's step, and
    the checkpoint gets what they arrive at. Momenta stay. Without a difference nothing
    is touched.

    Args:
        runner (Runner): Freshly built; its optimizer and schedules have not run.
        checkpoint (dict): Loaded, in plain types; changed in place.

    Raises:
        MismatchedCheckpointError: A change that the optimizer's memory does not fit,
            or a schedule that depends on results of validations.
    """
    wrapper, schedules = runner.optim_wrapper, runner.param_schedulers or []
    if isinstance(wrapper, OptimWrapperDict) or isinstance(schedules, Mapping):
        return
    saved = checkpoint['optimizer'].get('param_groups', [])
    _check_memory(runner, checkpoint['meta'].get('optimizer'), saved)
    changes = '; '.join(dict.fromkeys(_changes(checkpoint, wrapper, schedules)))
    if not changes:
        return
    if any(getattr(schedule, 'need_val_args', False) for schedule in schedules):
        raise MismatchedCheckpointError(
            f'{runner._load_from} was trained with other settings ({changes}), and a '
            f'schedule that follows the validations cannot be run again: {_REMEDY}.'
        )
    run_schedules(runner, checkpoint)
    state = wrapper.state_dict()
    for key in state.keys() & {'param_groups', 'base_param_settings'}:
        checkpoint['optimizer'][key] = state[key]
    checkpoint['param_schedulers'] = [schedule.state_dict() for schedule in schedules]
    runner.logger.warning(
        f'the config has changed since the checkpoint was written: {changes}. The '
        f'config is applied: the learning rate is {_rates(state["param_groups"])}, and '
        f'was {_rates(saved)}.'
    )


def _changes(
    checkpoint: Mapping[str, Any], wrapper: Any, schedules: Sequence[Any]
) -> Iterator[str]:
    """Tell which settings differ between a checkpoint and what the config built."""
    groups = wrapper.optimizer.param_groups
    yield from _compare_groups(checkpoint['optimizer']['param_groups'], groups)
    old = [_lasting(state) for state in checkpoint.get('param_schedulers') or []]
    new = [_lasting(plain_schedules(part.state_dict())) for part in schedules]
    yield from _compare_schedules(old, new)


def run_schedules(runner: Runner, checkpoint: Mapping[str, Any]) -> None:
    """Step freshly built schedules up to a checkpoint, in the order of a training.

    Args:
        runner (Runner): Holds schedules and optimizer.
        checkpoint (Mapping): Its ``meta`` has ``epoch`` and ``iter``.
    """
    epochs, steps = checkpoint['meta']['epoch'], checkpoint['meta']['iter']
    length = len(runner.train_dataloader)
    info = checkpoint['message_hub']['runtime_info']
    done, former = info.get('batches_done', (0, length))
    # An epoch of another length starts anew.
    converted = epochs * length + (done if former == length else 0)
    events: list[tuple[float, int, int]] = []
    for index, schedule in enumerate(runner.param_schedulers or []):
        # Schedules warn where the optimizer has done no step.
        schedule.optimizer._global_step = 0
        if schedule.by_epoch:
            events += [(epoch, 1, index) for epoch in range(1, epochs + 1)]
        elif _is_converted(runner, index):
            events += [(step / length, 0, index) for step in range(1, converted + 1)]
        else:
            events += [(step / former, 0, index) for step in range(1, steps + 1)]
    for *_, index in sorted(events):
        runner.param_schedulers[index].step()


def _is_converted(runner: Runner, index: int) -> bool:
    """Whether a schedule counts steps, and its config epochs."""
    configs = runner.cfg.get('param_scheduler') or []
    configs = [configs] if isinstance(configs, Mapping) else configs
    return index < len(configs) and bool(configs[index].get('convert_to_iter_based'))


def _check_memory(runner: Runner, kind: str | None, saved: Sequence[Mapping]) -> None:
    """Refuse what another optimizer remembers, or of other parameters."""
    optimizer = runner.optim_wrapper.optimizer
    now = type(optimizer).__name__
    if kind is not None and kind != now:
        raise MismatchedCheckpointError(
            f'{runner._load_from} was trained with {kind}, the config has {now}, which '
            f'remembers other things of each parameter: {_REMEDY}.'
        )
    groups = optimizer.state_dict()['param_groups']
    if [g['params'] for g in groups] != [g.get('params') for g in saved]:
        raise MismatchedCheckpointError(
            f'{runner._load_from} groups its parameters in another way than the config '
            f'(frozen stages, learning rates by name): {_REMEDY}.'
        )
    free = {*_CHANGEABLE, *_IMMATERIAL, *(_OF_SGD if now == 'SGD' else ())}
    for old, new in zip(saved, groups, strict=True):
        for name in sorted(old.keys() & new.keys() - free):
            if not name.startswith('initial_') and not _equal(old[name], new[name]):
                raise MismatchedCheckpointError(
                    f'{runner._load_from} was trained with {name}={old[name]}, the '
                    f'config has {new[name]}, which cannot change in mid training: '
                    f'{_REMEDY}.'
                )


def _compare_groups(
    saved: Sequence[Mapping], groups: Sequence[Mapping]
) -> Iterator[str]:
    """Tell which settings of groups of parameters differ."""
    for old, new in zip(saved, groups, strict=True):
        for name in (*_CHANGEABLE, *_OF_SGD):
            # Where there is a schedule, the value from which it starts.
            before = old.get(f'initial_{name}', old.get(name))
            after = new.get(f'initial_{name}', new.get(name))
            if not _equal(before, after):
                yield f'{name} was {before}, is {after}'


def _compare_schedules(old: list[dict], new: list[dict]) -> Iterator[str]:
    """Tell which schedules differ."""
    if len(old) != len(new):
        yield f'param_scheduler had {len(old)} entries, has {len(new)}'
        return
    for index, (before, after) in enumerate(zip(old, new, strict=True)):
        for name in sorted(before.keys() | after.keys()):
            values = before.get(name), after.get(name)
            if not _equal(*values):
                was, now = (
                    sorted(value) if isinstance(value, Mapping) else value
                    for value in values
                )
                yield f'param_scheduler.{index}.{name} was {was}, is {now}'


def _lasting(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a schedule was built with."""
    return {key: value for key, value in state.items() if key not in _RUNNING}


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor) or isinstance(other, torch.Tensor):
        one, other = torch.as_tensor(one), torch.as_tensor(other)
        return one.shape == other.shape and torch.equal(one, other)
    return one == other


def _rates(groups: Sequence[Mapping]) -> str:
    return ', '.join(dict.fromkeys(f'{float(group["lr"]):.4g}' for group in groups))
