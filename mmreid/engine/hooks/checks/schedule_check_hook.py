"""Schedules and intervals that do not fit the length of a training."""

from collections.abc import Iterator, Mapping
from typing import Any

from mmengine.hooks import CheckpointHook, Hook
from mmengine.runner import Runner

from mmreid.registry import HOOKS

# Schedules that are made for a length: behind their end nothing is planned.
_CURVES = ('Cosine', 'Poly', 'OneCycle', 'WarmupCosine')


@HOOKS.register_module()
class ScheduleCheckHook(Hook):
    """Warns of what is planned for another length than that of the training.

    ``train_cfg.max_epochs=60`` leaves a schedule of 120 epochs as it is. Steps of
    ``accumulative_counts`` batches that checkpoints cut apart are told of, too.

    One of the guards of every training (:mod:`mmreid.engine.hooks.guards`).
    """

    def before_train(self, runner: Runner) -> None:
        """Compare the numbers."""
        schedules = runner.param_schedulers
        if isinstance(schedules, Mapping):
            schedules = [one for several in schedules.values() for one in several]
        loop = runner.train_loop
        lengths = {True: loop.max_epochs, False: loop.max_iters}
        for text in [*_misfits(schedules or [], lengths), *_cut_steps(runner)]:
            runner.logger.warning(text)


def _misfits(schedules: list[Any], lengths: Mapping[bool, int]) -> Iterator[str]:
    """Tell which schedules are longer or shorter than the training."""
    for schedule in schedules:
        length = lengths[schedule.by_epoch]
        unit = 'epochs' if schedule.by_epoch else 'steps'
        name = type(schedule).__name__
        late = sorted(n for n in getattr(schedule, 'milestones', ()) if n >= length)
        if late:
            yield (
                f'the schedule {name} does not fit: the training has {length} {unit} '
                f'and never reaches the milestones {late}. Change param_scheduler '
                'together with train_cfg.max_epochs.'
            )
        elif not hasattr(schedule, 'milestones') and length < schedule.end < 10**9:
            yield (
                f'the schedule {name} does not fit: it is made for {schedule.end} '
                f'{unit}, and the training ends after {length}. Change param_scheduler '
                'together with train_cfg.max_epochs.'
            )
    lasts = [s for s in schedules if s.end < lengths[s.by_epoch]]
    if schedules and len(lasts) == len(schedules):
        last = max(lasts, key=lambda s: s.end / lengths[s.by_epoch])
        if _falls(last):
            length, unit = (
                lengths[last.by_epoch],
                'epochs' if last.by_epoch else 'steps',
            )
            yield (
                f'the schedule {type(last).__name__} does not fit: it ends after '
                f'{last.end} of {length} {unit}, and the learning rate stays at its '
                'end. Change param_scheduler together with train_cfg.max_epochs.'
            )


def _falls(schedule: Any) -> bool:
    """Whether a schedule ends low: what follows a warm-up may stay as it is."""
    name = type(schedule).__name__
    start, end = (getattr(schedule, f'{n}_factor', 1.0) for n in ('start', 'end'))
    return name.startswith(_CURVES) or end < start


def _cut_steps(runner: Runner) -> Iterator[str]:
    """Tell of checkpoints that are written between the batches of one step."""
    counts = getattr(runner.optim_wrapper, '_accumulative_counts', 1)
    length = len(runner.train_dataloader)
    hooks = [hook for hook in runner.hooks if isinstance(hook, CheckpointHook)]
    moments = [
        hook.interval * (length if hook.by_epoch else 1)
        for hook in hooks
        if hook.interval > 0
    ]
    if hooks and runner.val_loop is not None:
        moments.append(length * runner.train_loop.val_interval)
    cut = [batches for batches in moments if batches % counts]
    if cut:
        yield (
            f'checkpoints are written every {min(cut)} batches, which is no multiple '
            f'of optim_wrapper.accumulative_counts={counts}: what has accumulated of '
            'a step is in no checkpoint, so that a resumed training is not bit by bit '
            'the uninterrupted one.'
        )
