"""Weights that belong to their model, or an error that names those that do not."""

import logging
from collections.abc import Iterator, Mapping
from os import PathLike
from typing import Any

from mmengine.logging import print_log
from mmengine.model import is_model_wrapper
from mmengine.runner.checkpoint import CheckpointLoader
from torch import Tensor, nn

from mmreid.engine.checkpoints.families import converter_hint
from mmreid.engine.checkpoints.safe_loading import CheckpointError

_SHOWN = 3


class MismatchedCheckpointError(CheckpointError, ValueError):
    """The weights of a checkpoint are not those of the model."""


def load_weights(model: nn.Module, checkpoint: str | PathLike) -> None:
    """Load all that a model needs to embed pictures, or nothing.

    mmengine only warns of weights that are missing or have another shape, and goes on
    with random ones. Here they are an error, but for what training alone uses: the
    classifiers, whose shape is the number of training identities, and branches with
    ``test=None``. What the checkpoint holds beyond the model is named in the log. The
    metainfo of the data that the weights were trained on, which mmengine saves, is
    kept as ``model.trained_on`` (None where the checkpoint does not tell).

    Args:
        model (nn.Module): The model, or its distributed wrapper.
        checkpoint (str | PathLike): A file or an address that mmreid reads.

    Raises:
        MismatchedCheckpointError: Weights are missing or have another shape.
        CheckpointError: The checkpoint cannot be read.
        FileNotFoundError: There is no such file.
    """
    if is_model_wrapper(model):
        model = model.get_submodule('module')
    content = CheckpointLoader.load_checkpoint(str(checkpoint), 'cpu')
    found = weights_of(content)
    own = model.state_dict()
    fitting = {
        key: value
        for key, value in found.items()
        if key in own and getattr(value, 'shape', None) == own[key].shape
    }
    if lacking := _lacking(model, fitting):
        wrong = [_describe(key, found.get(key), own[key]) for key in lacking]
        advice = ' Take the config that the checkpoint was trained with.'
        raise MismatchedCheckpointError(
            f'config and checkpoint do not belong together: of the {len(own)} weights '
            f'of the model, {checkpoint} lacks {len(wrong)}: {_some(wrong)}.'
            f'{converter_hint(content, checkpoint) or advice}'
        )
    if surplus := [key for key in found if key not in own]:
        print_log(
            f'{len(surplus)} entries of {checkpoint} are not in the model and were '
            f'left out: {_some(surplus)}.',
            logger='current',
            level=logging.WARNING,
        )
    model.load_state_dict(fitting, strict=False)
    # Modules are typed as if they held nothing but tensors and modules.
    trained_on = (content.get('meta') or {}).get('dataset_meta')
    model.trained_on = trained_on  # type: ignore[assignment]


def weights_of(content: Any) -> dict[str, Any]:
    """Find the weights in a checkpoint, named as in a model without wrapper.

    Args:
        content (Any): What a loader returned: weights by name, or a dict that has them
            as ``state_dict``.

    Returns:
        dict[str, Any]: By name.

    Raises:
        MismatchedCheckpointError: It holds no weights by name.
    """
    if isinstance(content, Mapping):
        content = content.get('state_dict', content)
    if not isinstance(content, Mapping):
        raise MismatchedCheckpointError(
            f'the checkpoint holds a {type(content).__name__}, no weights by name; '
            "write it with torch.save({'state_dict': model.state_dict()}, FILE)."
        )
    return {str(key).removeprefix('module.'): value for key, value in content.items()}


def _lacking(model: nn.Module, fitting: Mapping[str, Any]) -> list[str]:
    """Name what an embedding needs and did not get."""
    # The count of batches is for a momentum of None, which nothing here uses.
    not_needed = tuple(_training_only(model))
    return [
        key
        for key in model.state_dict()
        if key not in fitting
        and not key.startswith(not_needed)
        and not key.endswith('num_batches_tracked')
    ]


def _training_only(model: nn.Module) -> Iterator[str]:
    """Name the parts, by prefix, that no embedding passes through."""
    branches: Any = getattr(getattr(model, 'head', None), 'branches', {})
    for name, branch in branches.items():
        part = 'classifier.' if branch.test is not None else ''
        yield f'head.branches.{name}.{part}'


def _describe(key: str, found: Any, wanted: Tensor) -> str:
    """Say what is wrong with an entry."""
    if found is None:
        return f'{key} (missing)'
    shape = list(getattr(found, 'shape', ()))
    return f'{key} ({shape} instead of {list(wanted.shape)})'


def _some(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ', '.join(names[:_SHOWN]) + (f' and {more} more' if more > 0 else '')
