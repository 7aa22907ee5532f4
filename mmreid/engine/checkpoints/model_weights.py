"""Weights that belong to their model, or an error that names those that do not."""

import logging
from collections.abc import Mapping
from functools import cached_property
from os import PathLike
from typing import Any

import torch
from mmengine.logging import print_log
from mmengine.runner.checkpoint import CheckpointLoader
from torch import Tensor, nn

from mmreid.engine.checkpoints.entries import (
    describe_mismatch,
    fits_in,
    list_some,
)
from mmreid.engine.checkpoints.foreign.recognition import converter_hint
from mmreid.engine.checkpoints.training_only import training_only_prefixes
from mmreid.engine.model_wrappers import unwrap_model
from mmreid.errors import CheckpointError


class MismatchedCheckpointError(CheckpointError, ValueError):
    """The weights of a checkpoint are not those of the model."""


class Checkpoint:
    """A checkpoint that is read when it is first asked for, and not again.

    Args:
        source (str | PathLike): A file or an address that mmreid reads.
    """

    def __init__(self, source: str | PathLike) -> None:
        self.source = str(source)

    @classmethod
    def of(cls, checkpoint: 'str | PathLike | Checkpoint') -> 'Checkpoint':
        """Return a checkpoint as it is given, or one to be read.

        Args:
            checkpoint (str | PathLike | Checkpoint): A file, an address or this.
        """
        return checkpoint if isinstance(checkpoint, Checkpoint) else cls(checkpoint)

    @cached_property
    def content(self) -> Any:
        """Content of the file.

        Raises:
            CheckpointError: The checkpoint cannot be read.
            FileNotFoundError: There is no such file.
        """
        return CheckpointLoader.load_checkpoint(self.source, 'cpu', logger='silent')

    @property
    def weights(self) -> dict[str, Any]:
        """Weights by name, see :func:`weights_of`."""
        return weights_of(self.content, self.source)

    @property
    def meta(self) -> dict[str, Any]:
        """What the file tells of itself; empty where it tells nothing."""
        content = self.content
        meta = content.get('meta') if isinstance(content, Mapping) else None
        return meta if isinstance(meta, dict) else {}


def load_weights(model: nn.Module, checkpoint: str | PathLike | Checkpoint) -> None:
    """Load all that a model needs to embed pictures, or nothing.

    mmengine only warns of weights that are missing or have another shape, and goes on
    with random ones. Here they are an error, but for what training alone uses: the
    classifiers, whose shape is the number of training identities, the weights of
    losses, branches with ``test=None``, and what comes after the pool where that is
    compared. Of these, what the checkpoint lacks becomes zero, so that chance is no
    part of a model's key. What the checkpoint holds beyond the model is named in the
    log. The metainfo of the data that the weights were trained on, which mmengine
    saves, is kept as ``model.trained_on`` (None where the checkpoint does not tell).

    Args:
        model (nn.Module): The model, or its distributed wrapper.
        checkpoint (str | PathLike | Checkpoint): A file or an address that mmreid
            reads, or one that may have been read.

    Raises:
        MismatchedCheckpointError: Weights are missing or have another shape.
        CheckpointError: The checkpoint cannot be read.
        FileNotFoundError: There is no such file.
    """
    model = unwrap_model(model)
    known = Checkpoint.of(checkpoint)
    source, content, weights = known.source, known.content, known.weights
    own = model.state_dict()
    fitting = {
        key: value
        for key, value in weights.items()
        if key in own and fits_in(value, own[key])
    }
    if lacking := _lacking(model, own, fitting):
        misfits = [
            describe_mismatch(key, weights.get(key), own[key]) for key in lacking
        ]
        advice = ' Take the config that the checkpoint was trained with.'
        raise MismatchedCheckpointError(
            f'Config and checkpoint do not belong together: of the {len(own)} weights '
            f'of the model, {source} lacks {len(misfits)}: {list_some(misfits)}.'
            f'{converter_hint(content, source) or advice}'
        )
    if surplus := [key for key in weights if key not in own]:
        print_log(
            f'{len(surplus)} entries of {source} are not in the model and were '
            f'left out: {list_some(surplus)}.',
            logger='current',
            level=logging.WARNING,
        )
    unused = {
        key: torch.zeros_like(value)
        for key, value in own.items()
        if key not in fitting and isinstance(value, Tensor)
    }
    model.load_state_dict({**fitting, **unused}, strict=False)
    # Modules are typed as if they held nothing but tensors and modules.
    model.trained_on = known.meta.get('dataset_meta')  # type: ignore[assignment]


def check_whole(
    module: nn.Module, weights: Mapping[str, Any], source: str | PathLike
) -> None:
    """Refuse weights that are not all of a model, and nothing else.

    Args:
        module (nn.Module): The model.
        weights (Mapping[str, Any]): By the names that they have in ``module``.
        source (str | PathLike): Where they are from, for messages.

    Raises:
        MismatchedCheckpointError: They lack or add a name, or one does not fit.
    """
    own: Mapping[str, Any] = module.state_dict()
    misfits = [
        name
        for name in dict.fromkeys([*own, *weights])
        if name not in own
        or name not in weights
        or not _alike(weights[name], own[name])
    ]
    if misfits:
        raise MismatchedCheckpointError(
            f'{source} is not of the model of this config: they differ in '
            f'{list_some(misfits)}. Take the config that it was trained with, or start '
            'a training of its own from its weights with --cfg-options load_from=FILE.'
        )


def _alike(value: Any, wanted: Any) -> bool:
    """Whether an entry fits; a module's own state beside tensors may be anything."""
    if isinstance(wanted, Tensor):
        return fits_in(value, wanted)
    return type(value) is type(wanted)


def weights_of(
    content: Any, source: str | PathLike = 'the checkpoint'
) -> dict[str, Any]:
    """Find the weights in a checkpoint, named as in a model without wrapper.

    Args:
        content (Any): What a loader returned: weights by name, or a dict that has them
            as ``state_dict``, or as ``model`` (DeiT). Beside bare weights, a word under
            one of these is no weights.
        source (str | PathLike): The file, for the message. Defaults to
            ``'the checkpoint'``.

    Returns:
        dict[str, Any]: By name.

    Raises:
        MismatchedCheckpointError: It holds no weights by name.
    """
    if isinstance(content, Mapping) and not _is_bare(content):
        inner = content.get('state_dict', content.get('model'))
        content = content if inner is None else inner
    if not isinstance(content, Mapping):
        raise MismatchedCheckpointError(
            f'{source} holds a {type(content).__name__}, no weights by name; '
            "write it with torch.save({'state_dict': model.state_dict()}, FILE)."
        )
    return {str(key).removeprefix('module.'): value for key, value in content.items()}


def _is_bare(content: Mapping[Any, Any]) -> bool:
    """Whether tensors lie at the top, and no dict where the weights might be."""
    places = (content.get('state_dict'), content.get('model'))
    has_tensors = any(isinstance(value, Tensor) for value in content.values())
    return has_tensors and not any(isinstance(place, Mapping) for place in places)


def _lacking(
    model: nn.Module, own: Mapping[str, Any], fitting: Mapping[str, Any]
) -> list[str]:
    """Name what an embedding needs and did not get."""
    # The count of batches is for a momentum of None, which nothing here uses.
    not_needed = tuple(training_only_prefixes(model))
    return [
        key
        for key in own
        if key not in fitting
        and not key.startswith(not_needed)
        and not key.endswith('num_batches_tracked')
    ]
