"""mmengine's ways of loading, held to one rule: whole, sound and fitting, or refused.

mmengine warns of weights that do not fit and trains on with random ones.
"""

import re
from collections.abc import Sequence
from typing import Any

from mmengine.registry import WEIGHT_INITIALIZERS
from mmengine.runner import Runner
from mmengine.runner.checkpoint import CheckpointLoader

from mmreid.engine.checkpoints.model_weights import weights_of
from mmreid.engine.checkpoints.training.saved_parts import PARTS, check_parts
from mmreid.engine.checkpoints.training.starting_weights import (
    CheckedPretrainedInit,
    take_weights,
)
from mmreid.engine.model_wrappers import unwrap_model
from mmreid.errors import UnreadableCheckpointError

_resume = Runner.resume
# What mmengine and torch lead to, whose objects take any content.
_BY_CONTENT = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError),
    *(RuntimeError, TypeError, ValueError),
)


def load_into_runner(
    runner: Runner,
    filename: str,
    map_location: Any = 'cpu',
    strict: bool = False,
    revise_keys: Sequence[tuple[str, str]] = (),
) -> dict[str, Any]:
    """Load a checkpoint as :meth:`mmengine.runner.Runner.load_checkpoint` does.

    Args:
        runner (Runner): Holds the model and the hooks.
        filename (str): A file or an address that mmreid reads.
        map_location (Any): A device or its name. Defaults to ``'cpu'``.
        strict (bool): Refuse a file that lacks any weight, as always for resuming.
            Defaults to False.
        revise_keys (Sequence[tuple[str, str]]): Patterns in the weights' names and
            what to put there. Defaults to ().

    Returns:
        dict[str, Any]: The content of the file, as the hooks have left it.

    Raises:
        MismatchedCheckpointError: The weights do not fit.
        CheckpointError: The file cannot be read.
    """
    content = CheckpointLoader.load_checkpoint(filename, map_location)
    weights = weights_of(content, filename)
    if not isinstance(content, dict) or 'state_dict' not in content:
        content = dict(state_dict=weights)
    if runner._resume:
        check_parts(runner, content, filename)
    else:
        content = {key: content[key] for key in content if key not in PARTS}
    runner.call_hook('after_load_checkpoint', checkpoint=content)
    weights = weights_of(content, filename)
    for pattern, text in revise_keys:
        weights = {re.sub(pattern, text, key): weights[key] for key in weights}
    model = unwrap_model(runner.model)
    take_weights(model, weights, filename, whole=strict or runner._resume)
    runner._has_loaded = True
    runner.logger.info(f'Load checkpoint from {filename}')
    return content


def resume_runner(
    runner: Runner,
    filename: str,
    resume_optimizer: bool = True,
    resume_param_scheduler: bool = True,
    map_location: Any = 'default',
) -> None:
    """Resume as :meth:`mmengine.runner.Runner.resume` does.

    Args:
        runner (Runner): The training that is to go on.
        filename (str): A file or an address that mmreid reads.
        resume_optimizer (bool): As of mmengine. Defaults to True.
        resume_param_scheduler (bool): As of mmengine. Defaults to True.
        map_location (Any): As of mmengine. Defaults to ``'default'``.

    Raises:
        CheckpointError: The file is not one to resume from.
    """
    runner._resume = True  # its own caller has set it, others may not
    try:
        _resume(
            runner, filename, resume_optimizer, resume_param_scheduler, map_location
        )
    except _BY_CONTENT as error:
        # Errors of our own and of the disk explain themselves.
        if type(error).__module__ != 'builtins':
            raise
        raise UnreadableCheckpointError(
            f'{filename} cannot be resumed: {type(error).__name__}: '
            f'{str(error)[:200]}. It is not from a training with this config, or is '
            'damaged.'
        ) from error


def replace_runner_loading() -> None:
    """Have mmengine's Runner and its ``Pretrained`` load by the functions here."""
    Runner.load_checkpoint = load_into_runner
    Runner.resume = resume_runner
    WEIGHT_INITIALIZERS.register_module(
        name='Pretrained', module=CheckedPretrainedInit, force=True
    )
