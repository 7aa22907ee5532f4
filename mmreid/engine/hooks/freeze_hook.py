"""Parts of a model that do not learn at first."""

from collections.abc import Sequence
from typing import Any

from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import nn

from mmreid.engine.model_wrappers import unwrap_model
from mmreid.registry import HOOKS


@HOOKS.register_module()
class FreezeHook(Hook):
    """Keeps parts of a model as they are for the first iterations.

    While a new head is random, its gradients would spoil pretrained weights
    (`fast-reid <https://github.com/JDAI-CV/fast-reid>`_'s ``FREEZE_ITERS``). Neither
    weights nor batch statistics of a frozen part change. The distributed wrapper must
    look for parameters without gradient: set ``find_unused_parameters = True``.

    Args:
        iters (int): Number of iterations, counted from the start of training.
        modules (Sequence[str]): Names of the frozen modules.
            Defaults to ``('backbone', )``.

    Raises:
        ValueError: ``iters`` is negative; in training, the model has not all of the
            modules.
    """

    # After what copies the model before training.
    priority = 'NORMAL'

    def __init__(self, iters: int, modules: Sequence[str] = ('backbone',)) -> None:
        if iters < 0:
            raise ValueError(f'iters must be at least 0, got {iters}.')
        self.iters = iters
        self.modules = tuple(modules)
        self._parts: list[nn.Module] = []
        self._frozen: list[nn.Parameter] = []

    def before_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None
    ) -> None:
        """Freeze before the first iteration, and let learn behind the last."""
        if runner.iter < self.iters:
            if not self._parts:
                self._freeze(runner)
            # The loop has set the whole model to training, at the start of an epoch.
            for module in self._parts:
                module.eval()
        elif self._parts:
            runner.logger.info(f'{self.modules} learn from iteration {runner.iter} on')
            for parameter in self._frozen:
                parameter.requires_grad_()
            self._parts, self._frozen = [], []
            unwrap_model(runner.model).train()

    def _freeze(self, runner: Runner) -> None:
        """Stop the parameters that would learn."""
        model = unwrap_model(runner.model)
        named = dict(model.named_modules())
        if not self.modules or not set(self.modules) <= named.keys():
            raise ValueError(
                'modules must be names of modules of the model, got '
                f'{self.modules}; the model has '
                f'{[name for name, _ in model.named_children()]}.'
            )
        self._parts = [named[name] for name in self.modules]
        for module in self._parts:
            for parameter in module.parameters():
                if parameter.requires_grad:
                    parameter.requires_grad_(False)
                    parameter.grad = None
                    self._frozen.append(parameter)
