"""Compiling what repays it: the network, and nothing around it."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import nn

from mmreid.engine.model_wrappers import unwrap_model
from mmreid.registry import HOOKS

# The parts of a model that are one graph each.
NETWORK = ('backbone', 'head.branches.*')


def compile_modules(
    model: nn.Module, names: Sequence[str] = NETWORK, **options: Any
) -> list[str]:
    """Let parts of a model compile themselves when they are used.

    Args:
        model (nn.Module): Changed in place; the names of its parameters stay.
        names (Sequence[str]): Names of modules, with ``*`` for any part of a name. Of
            a module within another the outer one counts. Torch leaves modules of its
            own, such as ``nn.Sequential``, as they are. Defaults to
            ``('backbone', 'head.branches.*')``.
        **options (Any): Arguments of ``torch.compile``.

    Returns:
        list[str]: The full names of the modules.

    Raises:
        ValueError: No module has such a name.
    """
    chosen: list[str] = []
    for path, module in model.named_modules():
        fits = any(fnmatchcase(path, name) for name in names)
        if fits and not any(path.startswith(f'{outer}.') for outer in chosen):
            module.compile(**options)
            chosen.append(path)
    if not chosen:
        children = [name for name, _ in model.named_children()]
        raise ValueError(
            f'modules must name parts of the model, got {tuple(names)}; its parts are '
            f'{children}.'
        )
    return chosen


@HOOKS.register_module()
class CompileHook(Hook):
    """Takes mmengine's switch ``compile`` and compiles the network alone.

    mmengine compiles ``train_step``: data samples, losses and optimizer with it, which
    falls into dozens of pieces, some of them made anew whenever the learning rate
    changes. This hook leaves that out. ``compile=True``, or a dict of arguments of
    ``torch.compile``, compiles the backbone and each branch of the head, which are one
    piece each, in place: parameters keep their names, and checkpoints pass between
    compiled runs and others.

    Compiling takes minutes before the first step, so that it is off unless asked for.
    Evaluation runs uncompiled, as ``tools/test.py`` does (with torch before 2.6, which
    cannot switch, it is compiled too).

    Args:
        modules (Sequence[str]): What to compile, see :func:`compile_modules`.
            Defaults to ``('backbone', 'head.branches.*')``.

    Raises:
        ValueError: ``compile`` is neither a bool nor a dict, or no module of the
            model has such a name.
    """

    # After all that changes the modules.
    priority = 'LOWEST'

    def __init__(self, modules: Sequence[str] = NETWORK) -> None:
        self.modules = tuple(modules)
        #: Arguments of ``torch.compile``; None where nothing is to be compiled.
        self.options: dict[str, Any] | None = None

    def before_run(self, runner: Runner) -> None:
        """Take the switch, so that mmengine does not act on it."""
        switch = runner.cfg.get('compile') or False
        if not isinstance(switch, bool | dict):
            raise ValueError(
                'compile must be True, False or a dict of arguments of torch.compile, '
                f'got {switch!r}.'
            )
        if switch is False:
            return
        self.options = {} if switch is True else dict(switch)
        runner.cfg['compile'] = False

    def before_train(self, runner: Runner) -> None:
        """Compile before the first step."""
        if self.options is None:
            return
        model = unwrap_model(runner.model)
        compiled = compile_modules(model, self.modules, **self.options)
        runner.logger.info(
            f'{", ".join(compiled)} will be compiled in the first steps, which takes '
            'minutes.'
        )

    def before_val(self, runner: Runner) -> None:
        """Evaluate uncompiled."""
        self._set_stance('force_eager')

    def after_val(self, runner: Runner) -> None:
        """Go on compiled."""
        self._set_stance('default')

    def _set_stance(self, stance: str) -> None:
        if self.options is not None and hasattr(torch.compiler, 'set_stance'):
            torch.compiler.set_stance(stance)
