"""Compiling what repays it: the network, and nothing around it."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

import torch
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import nn

from mmreid.registry import HOOKS


@HOOKS.register_module()
class CompileHook(Hook):
    """Takes mmengine's switch ``compile`` and compiles the network alone.

    mmengine compiles ``train_step``: data samples, losses and optimizer with it, which
    falls into dozens of pieces, some of them made anew whenever the learning rate
    changes. This hook leaves that out. ``compile=True``, or a dict of
    arguments of ``torch.compile``, compiles the backbone and each branch of the head,
    which are one piece each, in place: parameters keep their names, and checkpoints
    pass between compiled runs and others.

    Compiling takes minutes before the first step, so that it is off unless asked for.
    Evaluation runs uncompiled, as ``tools/test.py`` does (with torch before 2.6, which
    cannot switch, it is compiled too).

    Args:
        modules (Sequence[str]): Names of the modules to compile, with ``*`` for any
            part of a name. Defaults to ``('backbone', 'head.branches.*')``.

    Raises:
        ValueError: ``compile`` is neither a bool nor a dict, or no module of the
            model has such a name.
    """

    # After all that changes the modules.
    priority = 'LOWEST'

    def __init__(
        self, modules: Sequence[str] = ('backbone', 'head.branches.*')
    ) -> None:
        self.modules = tuple(modules)
        self._options: dict[str, Any] | None = None

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
        self._options = {} if switch is True else dict(switch)
        runner.cfg['compile'] = False

    def before_train(self, runner: Runner) -> None:
        """Compile before the first step."""
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        compiled = self.compile_parts(model)
        if compiled:
            runner.logger.info(
                f'{", ".join(compiled)} will be compiled in the first steps, which '
                'takes minutes.'
            )

    def compile_parts(self, model: nn.Module) -> list[str]:
        """Compile a model as the runner's, if that is asked for.

        Args:
            model (nn.Module): Changed in place: its parts compile when they are used.

        Returns:
            list[str]: The names of the parts.
        """
        if self._options is None:
            return []
        chosen = self._chosen(model)
        for module in chosen.values():
            module.compile(**self._options)
        return list(chosen)

    def before_val(self, runner: Runner) -> None:
        """Evaluate uncompiled."""
        self._set_stance('force_eager')

    def after_val(self, runner: Runner) -> None:
        """Go on compiled."""
        self._set_stance('default')

    def _chosen(self, model: nn.Module) -> dict[str, nn.Module]:
        """Find the modules that fit, but none within another."""
        chosen: dict[str, nn.Module] = {}
        for name, module in model.named_modules():
            fits = any(fnmatchcase(name, pattern) for pattern in self.modules)
            if fits and not any(name.startswith(f'{outer}.') for outer in chosen):
                chosen[name] = module
        if not chosen:
            children = [name for name, _ in model.named_children()]
            raise ValueError(
                f'modules must name parts of the model, got {self.modules}; its parts '
                f'are {children}.'
            )
        return chosen

    def _set_stance(self, stance: str) -> None:
        if self._options is not None and hasattr(torch.compiler, 'set_stance'):
            torch.compiler.set_stance(stance)
