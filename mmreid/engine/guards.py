"""Hooks that no list of a config can leave out."""

from typing import Any

from mmengine.config import Config

from mmreid.registry import HOOKS

#: Name in ``default_hooks`` -> type.
GUARDS = dict(
    training_check='TrainingCheckHook',
    seed='SeedHook',
    finite_check='FiniteCheckHook',
    plain_checkpoint='PlainCheckpointHook',
    channels_last='ChannelsLastHook',
    # Batch norm's statistics differ between processes until validation needs them.
    sync_buffers='SyncBuffersHook',
    progress_bar='ProgressBarHook',
    trained_on='TrainedOnHook',
    compile='CompileHook',
    resume='ResumeHook',
    schedule_check='ScheduleCheckHook',
)


def add_guards(cfg: Config) -> list[str]:
    """Give a config the hooks that every training and test has.

    ``configs/_base_/default_runtime.py`` has them among its ``default_hooks``, which a
    list of ``custom_hooks`` leaves alone; this is for configs without it. One that
    ``custom_hooks`` lists, with options of its own, is not doubled. Only its name
    switches one off, as in ``default_hooks=dict(progress_bar=None)``.

    Args:
        cfg (Config): Changed in place.

    Returns:
        list[str]: Types of those switched off.
    """
    hooks = dict(cfg.get('default_hooks') or {})
    off: list[str] = []
    listed = [_kind_of(hook) for hook in cfg.get('custom_hooks') or ()]
    for name, kind in GUARDS.items():
        guard = HOOKS.get(kind)
        others = [_kind_of(hook) for key, hook in hooks.items() if key != name]
        if any(issubclass(other, guard) for other in [*listed, *others]):
            hooks.pop(name, None)
        elif hooks.setdefault(name, dict(type=kind)) is None:
            del hooks[name]
            off.append(kind)
    cfg.default_hooks = hooks
    return off


def _kind_of(hook: Any) -> type:
    """Return the class of a hook or of its config; NoneType for one switched off."""
    kind = hook.get('type') if isinstance(hook, dict) else type(hook)
    if isinstance(kind, str):
        kind = HOOKS.get(kind)
    return kind if isinstance(kind, type) else type(None)
