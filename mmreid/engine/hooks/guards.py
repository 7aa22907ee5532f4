"""Hooks that no list of a config can leave out."""

from typing import Any

from mmengine.config import Config
from mmengine.hooks import Hook

from mmreid.nearest_names import end_with_hint, nearest_name
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

# Those that a config may switch off by None.
_MMENGINE = (
    *('runtime_info', 'timer', 'sampler_seed', 'logger', 'param_scheduler'),
    'checkpoint',
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

    Raises:
        ValueError: An entry of ``default_hooks`` or ``custom_hooks`` is no hook.
    """
    hooks = dict(cfg.get('default_hooks') or {})
    off: list[str] = []
    custom = cfg.get('custom_hooks') or []
    if not isinstance(custom, list | tuple) or not all(map(_is_hook, custom)):
        raise ValueError(
            'custom_hooks must be a list of hooks, each a dict with its type, got '
            f'{custom!r}.'
        )
    listed = [_kind_of(hook) for hook in custom]
    for name, kind in GUARDS.items():
        guard = HOOKS.get(kind)
        others = [_kind_of(hook) for key, hook in hooks.items() if key != name]
        if any(issubclass(other, guard) for other in [*listed, *others]):
            hooks.pop(name, None)
        elif hooks.setdefault(name, dict(type=kind)) is None:
            del hooks[name]
            off.append(kind)
    for name, hook in hooks.items():
        if not _is_hook(hook):
            _check_switch(name, hook)
    cfg.default_hooks = hooks
    return off


def _is_hook(hook: Any) -> bool:
    return isinstance(hook, Hook) or (isinstance(hook, dict) and 'type' in hook)


def _check_switch(name: str, hook: Any) -> None:
    """Raise unless an entry of ``default_hooks`` switches one of mmengine's off."""
    if hook is None and name in _MMENGINE:
        return
    near = nearest_name(name, [*GUARDS, *_MMENGINE])
    hint = end_with_hint(f'default_hooks.{near}' if near else '')
    raise ValueError(
        f'default_hooks.{name} must be a hook, a dict with its type, got {hook!r}{hint}'
    )


def _kind_of(hook: Any) -> type:
    """Return the class of a hook or of its config; NoneType for one switched off."""
    kind = hook.get('type') if isinstance(hook, dict) else type(hook)
    if isinstance(kind, str):
        kind = HOOKS.get(kind)
    return kind if isinstance(kind, type) else type(None)
