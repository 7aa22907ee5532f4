"""The weights that a training starts from, which may lack what it trains anew."""

import logging
from collections.abc import Container, Mapping
from os import PathLike
from typing import Any

from mmengine.logging import print_log
from mmengine.model import PretrainedInit, update_init_info
from mmengine.runner.checkpoint import CheckpointLoader
from torch import Tensor, nn

from mmreid.engine.checkpoints.entries import (
    MOST_NAMES,
    describe_mismatch,
    fits_in,
    is_same_kind,
    list_some,
)
from mmreid.engine.checkpoints.foreign.recognition import converter_hint
from mmreid.engine.checkpoints.model_weights import (
    MismatchedCheckpointError,
    check_whole,
    weights_of,
)
from mmreid.engine.checkpoints.training_only import training_only_prefixes

# What loading leads to where weights have another shape, or are none at all.
_UNFIT = (RuntimeError, ValueError, IndexError, TypeError, AttributeError)


def take_weights(
    module: nn.Module,
    weights: Mapping[str, Any],
    source: str | PathLike,
    whole: bool = False,
) -> None:
    """Load the weights that a training starts from, and say which.

    Such a file may lack what is trained anew (plugins beside a pretrained trunk), hold
    more, and have classifiers of another number of identities. It may not have other
    shapes, whole numbers for weights, or nothing that fits: then the training would
    start from random weights.

    Args:
        module (nn.Module): A model, or a part of it.
        weights (Mapping[str, Any]): By the names that they have in ``module``.
        source (str | PathLike): Where they are from, for messages.
        whole (bool): Refuse what is not exactly the module's, see
            :func:`check_whole`. Defaults to False.

    Raises:
        MismatchedCheckpointError: They do not fit.
    """
    if whole:
        check_whole(module, weights, source)
    own = module.state_dict()
    anew = tuple(training_only_prefixes(module))
    unfit = [k for k, v in weights.items() if k in own and not fits_in(v, own[k])]
    passed = {k for k in unfit if k.startswith(anew)}
    _refuse_kinds(weights, own, source, passed)
    fitting = {k: v for k, v in weights.items() if k not in passed}
    missing, surplus = _load(module, fitting, source)
    # A loss's memory is no weight: a hook fills it, or the first batches do.
    filled = {key for key, _ in module.named_buffers() if key.startswith(anew)}
    needed = [
        key
        for key in own
        if key not in filled and not key.endswith('num_batches_tracked')
    ]
    missing = [key for key in missing if key in needed]
    # A head that fits does not make up for a trunk that starts anew.
    trunk = [key for key in needed if key.startswith('backbone.')] or needed
    if trunk and set(trunk) <= set(missing):
        raise MismatchedCheckpointError(_nothing_fits(weights, own, source))
    if not missing and not surplus:
        return
    summary = (
        f'{len(needed) - len(missing)} of {len(needed)} weights are from {source}'
        + (f'; it lacks {list_some(missing)}' if missing else '')
        + (f'; left out are {list_some(surplus)}' if surplus else '')
    )
    print_log(f'{summary}.', logger='current', level=logging.WARNING)


class CheckedPretrainedInit(PretrainedInit):
    """Starts a module from the weights of a file, by the rule of a whole model.

    Its arguments are mmengine's: ``checkpoint``, a file or an address that mmreid
    reads; ``prefix`` of the part of it to take, such as ``'backbone'``;
    ``map_location``.
    """

    def __call__(self, module: nn.Module) -> None:
        """Load the weights.

        Args:
            module (nn.Module): Gets them.

        Raises:
            MismatchedCheckpointError: They do not fit.
            CheckpointError: The file cannot be read.
        """
        content = CheckpointLoader.load_checkpoint(self.checkpoint, self.map_location)
        weights = weights_of(content, self.checkpoint)
        if self.prefix is not None:
            prefix = self.prefix.removesuffix('.')
            start = f'{prefix}.'
            part = {
                key.removeprefix(start): value
                for key, value in weights.items()
                if key.startswith(start)
            }
            if not part:
                raise MismatchedCheckpointError(
                    f'{self.checkpoint} holds no weights whose names begin with '
                    f'{prefix!r}; set init_cfg.prefix to what they begin with, or None.'
                )
            weights = part
        take_weights(module, weights, self.checkpoint)
        if hasattr(module, '_params_init_info'):
            update_init_info(module, init_info=self._get_init_info())


def _load(
    module: nn.Module, weights: Mapping[str, Any], source: str | PathLike
) -> tuple[list[str], list[str]]:
    """Load what a module takes; return what it lacks and what it does not know."""
    try:
        missing, surplus = module.load_state_dict(weights, strict=False)
    except _UNFIT as error:
        lines = [line.strip() for line in str(error).strip().splitlines()]
        raise MismatchedCheckpointError(
            f'{source} does not fit the model: {" ".join(lines[-MOST_NAMES:])}'
        ) from error
    return missing, surplus


def _refuse_kinds(
    weights: Mapping[str, Any],
    own: Mapping[str, Tensor],
    source: str | PathLike,
    passed: Container[str],
) -> None:
    """Refuse numbers of another kind, which torch would round or take for weights."""
    misfits = [
        describe_mismatch(key, value, own[key])
        for key, value in weights.items()
        if key in own and key not in passed and not is_same_kind(value, own[key])
    ]
    if misfits:
        raise MismatchedCheckpointError(
            f'{source} does not fit the model: {list_some(misfits)}.'
        )


def _nothing_fits(
    weights: Mapping[str, Any], own: Mapping[str, Any], source: str | PathLike
) -> str:
    """Say that a file has nothing of a model, and what it might be."""
    remedy = ''
    if any(f'backbone.{key}' in own for key in weights):
        remedy = ' It holds a trunk: give it as model.backbone.init_cfg.checkpoint.'
    elif any(key.removeprefix('backbone.') in own for key in weights):
        remedy = " It holds a whole model: set init_cfg.prefix='backbone'."
    return (
        f'the trunk of the network would start from random weights: {source} has none '
        f'of its names. It holds {list_some([*weights]) or "nothing"}; the network has '
        f'{list_some([*own])}.{remedy}{converter_hint(weights, source)}'
    )
