"""Weights that belong to their model, or an error that names those that do not."""

import logging
from collections.abc import Container, Iterator, Mapping
from os import PathLike
from typing import Any

from mmengine.logging import print_log
from mmengine.runner.checkpoint import CheckpointLoader
from torch import Tensor, nn

from mmreid.engine.checkpoints.errors import CheckpointError
from mmreid.engine.checkpoints.families import converter_hint
from mmreid.engine.model_wrappers import unwrap_model

_SHOWN = 3
# What loading leads to where weights have another shape, or are none at all.
_UNFIT = (RuntimeError, ValueError, IndexError, TypeError, AttributeError)


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
    model = unwrap_model(model)
    content = CheckpointLoader.load_checkpoint(str(checkpoint), 'cpu')
    found = weights_of(content, checkpoint)
    own = model.state_dict()
    fitting = {
        key: value
        for key, value in found.items()
        if key in own and _fits(value, own[key])
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
    anew = tuple(_training_only(module))
    unfit = [k for k, v in weights.items() if k in own and not _fits(v, own[k])]
    passed = {k for k in unfit if k.startswith(anew)}
    _refuse_kinds(weights, own, source, passed)
    taken = {k: v for k, v in weights.items() if k not in passed}
    missing, surplus = _load(module, taken, source)
    needed = [key for key in own if not key.endswith('num_batches_tracked')]
    missing = [key for key in missing if key in needed]
    # A head that fits does not make up for a trunk that starts anew.
    trunk = [key for key in needed if key.startswith('backbone.')] or needed
    if trunk and set(trunk) <= set(missing):
        raise MismatchedCheckpointError(_nothing_fits(weights, own, source))
    if not missing and not surplus:
        return
    told = (
        f'{len(needed) - len(missing)} of {len(needed)} weights are from {source}'
        + (f'; it lacks {_some(missing)}' if missing else '')
        + (f'; left out are {_some(surplus)}' if surplus else '')
    )
    print_log(f'{told}.', logger='current', level=logging.WARNING)


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
    wrong = [
        name
        for name in dict.fromkeys([*own, *weights])
        if name not in own
        or name not in weights
        or not _alike(weights[name], own[name])
    ]
    if wrong:
        raise MismatchedCheckpointError(
            f'{source} is not of the model of this config: they differ in '
            f'{_some(wrong)}. Take the config that it was trained with, or start a '
            'training of its own from its weights with --cfg-options load_from=FILE.'
        )


def _load(
    module: nn.Module, weights: Mapping[str, Any], source: str | PathLike
) -> tuple[list[str], list[str]]:
    """Load what a module takes; return what it lacks and what it does not know."""
    try:
        missing, surplus = module.load_state_dict(weights, strict=False)
    except _UNFIT as error:
        lines = [line.strip() for line in str(error).strip().splitlines()]
        raise MismatchedCheckpointError(
            f'{source} does not fit the model: {" ".join(lines[-_SHOWN:])}'
        ) from error
    return missing, surplus


def _refuse_kinds(
    weights: Mapping[str, Any],
    own: Mapping[str, Tensor],
    source: str | PathLike,
    passed: Container[str],
) -> None:
    """Refuse numbers of another kind, which torch would round or take for weights."""
    wrong = [
        _describe(key, value, own[key])
        for key, value in weights.items()
        if key in own and key not in passed and not _same_kind(value, own[key])
    ]
    if wrong:
        raise MismatchedCheckpointError(
            f'{source} does not fit the model: {_some(wrong)}.'
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
        f'of its names. It holds {_some([*weights]) or "nothing"}; the network has '
        f'{_some([*own])}.{remedy}{converter_hint(weights, source)}'
    )


def weights_of(
    content: Any, source: str | PathLike = 'the checkpoint'
) -> dict[str, Any]:
    """Find the weights in a checkpoint, named as in a model without wrapper.

    Args:
        content (Any): What a loader returned: weights by name, or a dict that has them
            as ``state_dict``.
        source (str | PathLike): The file, for the message. Defaults to
            ``'the checkpoint'``.

    Returns:
        dict[str, Any]: By name.

    Raises:
        MismatchedCheckpointError: It holds no weights by name.
    """
    if isinstance(content, Mapping):
        content = content.get('state_dict', content)
    if not isinstance(content, Mapping):
        raise MismatchedCheckpointError(
            f'{source} holds a {type(content).__name__}, no weights by name; '
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
    if not isinstance(found, Tensor):
        return f'{key} (a {type(found).__name__} instead of a tensor)'
    if found.shape == wanted.shape:
        return f'{key} ({found.dtype} instead of {wanted.dtype})'
    return f'{key} ({list(found.shape)} instead of {list(wanted.shape)})'


def _fits(value: Any, wanted: Tensor) -> bool:
    return _same_kind(value, wanted) and value.shape == wanted.shape


def _alike(value: Any, wanted: Any) -> bool:
    """Whether an entry fits; a module's own state beside tensors may be anything."""
    if isinstance(wanted, Tensor):
        return _fits(value, wanted)
    return type(value) is type(wanted)


def _same_kind(value: Any, wanted: Tensor) -> bool:
    """Whether a value is numbers that keep their meaning in another's place."""
    if not isinstance(value, Tensor) or value.is_complex() != wanted.is_complex():
        return False
    if value.is_floating_point() != wanted.is_floating_point():
        return False
    narrower = wanted.dtype.itemsize < value.dtype.itemsize
    return not narrower or bool(value.to(wanted.dtype).isfinite().all())


def _some(names: list[str]) -> str:
    more = len(names) - _SHOWN
    shown = ', '.join(str(name)[:100] for name in names[:_SHOWN])
    return shown + (f' and {more} more' if more > 0 else '')
