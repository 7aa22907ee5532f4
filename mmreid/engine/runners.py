"""mmengine's Runner, with what only a subclass can change."""

import warnings
from typing import Any

from mmengine.device import get_device
from mmengine.logging import MMLogger
from mmengine.runner import Runner
from torch import nn

from mmreid.engine.logs import hide_deprecations, shorten_screen


class VerboseRunner(Runner):
    """mmengine's runner, for networks too that have nothing to train.

    torch refuses to wrap those, and a test in several processes needs no wrapper.
    """

    def build_logger(self, *args: Any, **kwargs: Any) -> MMLogger:
        """Build the log, without mmengine's warnings of its own calls.

        With accumulated gradients, and where float16 overflows at first, schedules
        count steps before the optimizer makes one, as they shall.
        """
        logger = super().build_logger(*args, **kwargs)
        warnings.filterwarnings(
            'ignore', r'Detected call of `scheduler\.step\(\)` before', UserWarning
        )
        hide_deprecations(logger)
        return logger

    def wrap_model(self, model_wrapper_cfg: dict | None, model: nn.Module) -> nn.Module:
        """Wrap what has gradients to share."""
        if any(value.requires_grad for value in model.parameters()):
            return super().wrap_model(model_wrapper_cfg, model)
        return model.to(get_device())


class ReIDRunner(VerboseRunner):
    """The same with a short screen; the log file has everything.

    The log is made, and told of environment and config, while the runner is made.
    """

    def build_logger(self, *args: Any, **kwargs: Any) -> MMLogger:
        """Build the log and shorten what the screen shows of it."""
        logger = super().build_logger(*args, **kwargs)
        shorten_screen(logger)
        return logger
