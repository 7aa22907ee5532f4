"""One head of fast-reid, of any version: reduction, neck and classifier."""

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from mmreid.apis.conversion.entries import Entries, UnknownLayoutError

OLD_NECK = 'bnneck.'
# What the BN neck was called where nothing reduces.
_NECKS = ('bottleneck.0.', 'bottleneck.', OLD_NECK)
_CLASSIFIERS = ('weight', 'classifier.weight')


class Head(NamedTuple):
    """A head by our names.

    Attributes:
        weights (dict[str, Tensor]): Below a branch; those of one part.
        channels (int | None): Width of the reduction; None for none.
        reduction (str): ``'linear'``, or ``'unit'`` with batch norm and ReLU.
        exponent (Tensor | None): Of its pooling, where that is a parameter.
    """

    weights: dict[str, Tensor]
    channels: int | None
    reduction: str
    exponent: Tensor | None


def take_head(entries: Entries, name: str, pool: str | None = None) -> Head:
    """Take a head.

    Args:
        entries (Entries): Of the file.
        name (str): What its names begin with, such as ``'heads.'``.
        pool (str, optional): What the names of a pooling with reduction begin with,
            which early MGNs have in front of their heads. Defaults to None.

    Returns:
        Head: Renamed.

    Raises:
        UnknownLayoutError: Its neck has an activation, or there is none.
    """
    known = entries.tensors
    weights: dict[str, Tensor] = {}
    channels, reduction = None, 'linear'
    exponents = [f'{name}pool_layer.p', f'{pool}0.p']
    exponent = next((entries.take(e) for e in exponents if e in known), None)
    if f'{pool}1.weight' in known:
        reduction = 'unit'
        channels = len(known[f'{pool}1.weight'])
        weights = _take_unit(entries, f'{pool}')
        neck = f'{name}{OLD_NECK}'
    elif _is_convolution(known, f'{name}bottleneck.0.weight'):
        _refuse_activation(known, name)
        matrix = entries.take(f'{name}bottleneck.0.weight').flatten(1)
        channels = len(matrix)
        weights['reduction.weight'] = matrix[None]
        neck = f'{name}bottleneck.1.'
    else:
        necks = [f'{name}{neck}' for neck in _NECKS]
        neck = next((n for n in necks if f'{n}weight' in known), necks[0])
    if f'{neck}weight' not in known and f'{name}{OLD_NECK}weight' not in known:
        entries.take(f'{neck}weight')  # says what is missing
    for key, value in entries.take_batch_norm(neck).items():
        weights[f'bn_neck.{key}'] = value
    for classifier in _CLASSIFIERS:
        if f'{name}{classifier}' in known:
            weights['classifier.weight'] = entries.take(f'{name}{classifier}')[None]
    return Head(weights, channels, reduction, exponent)


def _is_convolution(known: Mapping[str, Tensor], name: str) -> bool:
    """Tell a reduction from a batch norm at the same place."""
    return name in known and known[name].ndim > 1


def _refuse_activation(known: Mapping[str, Tensor], name: str) -> None:
    """Refuse the first versions' reduction, which had a leaky ReLU before its neck."""
    if f'{name}{OLD_NECK}weight' in known:
        rows, columns = known[f'{name}bottleneck.0.weight'].shape[:2]
        raise UnknownLayoutError(
            f'Its head reduces {columns} channels to {rows} with a leaky ReLU '
            f'({name}bottleneck and {name}bnneck, of fast-reid before 0.1), which '
            'mmreid has no place for.'
        )


def _take_unit(entries: Entries, pool: str) -> dict[str, Tensor]:
    """Take convolution and batch norm, which a ReLU follows."""
    matrix = entries.take(f'{pool}1.weight').flatten(1)
    weights = {'reduction.0.weight': matrix[None]}
    weights['reduction.0.bias'] = torch.zeros_like(matrix[:, 0])[None]
    for key, value in entries.take_batch_norm(f'{pool}2.').items():
        weights[f'reduction.2.{key}'] = value
    return weights


def reduction_options(head: Head) -> list[str]:
    """Say how a head narrows what it compares.

    Args:
        head (Head): The head.

    Returns:
        list[str]: The options; none without a reduction.
    """
    if head.channels is None:
        return []
    return [
        f'model.head.channels={head.channels}',
        f'model.head.reduction={head.reduction}',
    ]
