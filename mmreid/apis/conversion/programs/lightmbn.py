"""Weights of LightMBN's authors, on OSNet.

Names and the network were read in https://github.com/jixunbo/LightMBN, model/lmbn_n.py,
in which the shared trunk was first called ``backone``.
"""

import re
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from mmreid.apis.conversion.entries import Conversion, Entries, UnknownLayoutError
from mmreid.apis.conversion.facts import Facts

_CONFIG = 'lightmbn/lightmbn_osnet_market.py'
_HEAD = 'head.branches'
# Elements of the trunk and of a tail, and their names in OSNet.
_TRUNK = {'0': 'conv1', '2': 'conv2', '3': 'conv3.0'}
_TAIL = {'0': 'conv3', '1': 'conv4', '2': 'conv5'}
# Their tails in our order; the first is the network's own.
_TAILS = {
    'global_branch': '',
    'partial_branch': 'tails.0.',
    'channel_branch': 'tails.1.',
}
# The vectors of our branches by the numbers of their necks, in our order.
_REDUCED = {'whole': (0, 4), 'part_whole': (1,), 'part': (2, 3)}


def convert_lightmbn(tensors: Mapping[str, Tensor], facts: Facts) -> Conversion:
    """Rename the weights of LightMBN's authors.

    Args:
        tensors (Mapping[str, Tensor]): Their state dict.
        facts (Facts): None matters: their code has one network.

    Returns:
        Conversion: For ``lightmbn/lightmbn_osnet_market.py``.

    Raises:
        UnknownLayoutError: It is another network, such as theirs on ResNet-50.
    """
    trunk = 'backone' if any(k.startswith('backone.') for k in tensors) else 'backbone'
    _refuse_others(tensors, trunk)
    entries = Entries(tensors, 'LightMBN on OSNet')
    stem = len(entries.tensors[f'{trunk}.0.conv.weight'])
    weights = {}
    for theirs, ours in _TRUNK.items():
        for name, value in entries.take_group(f'{trunk}.{theirs}.').items():
            weights[f'backbone.{ours}.{name}'] = value
    for tail, prefix in _TAILS.items():
        for theirs, ours in _TAIL.items():
            for name, value in entries.take_group(f'{tail}.{theirs}.').items():
                weights[f'backbone.{prefix}{ours}.{name}'] = value
    block = entries.take_group('batch_drop_block.drop_batch_bottleneck.')
    weights.update({f'{_HEAD}.whole.stage.0.{k}': v for k, v in block.items()})
    weights[f'{_HEAD}.channel.pool.shared.0.weight'] = _linear(entries, 'shared.0')
    for name, value in entries.take_batch_norm('shared.1.').items():
        weights[f'{_HEAD}.channel.pool.shared.1.{name}'] = value
    for branch, numbers in _REDUCED.items():
        names = [f'reduction_{number}' for number in numbers]
        linear = [_linear(entries, f'{name}.reduction') for name in names]
        weights[f'{_HEAD}.{branch}.reduction.weight'] = torch.stack(linear)
        weights.update(_necks(entries, branch, names))
    weights.update(_necks(entries, 'channel', ['reduction_ch_0', 'reduction_ch_1']))
    entries.finish()
    width = len(weights[f'{_HEAD}.channel.pool.shared.0.weight'])
    return Conversion(weights, _CONFIG, tuple(_options(stem, width)))


def _refuse_others(tensors: Mapping[str, Tensor], trunk: str) -> None:
    """Refuse the network on other trunks."""
    if f'{trunk}.0.conv.weight' not in tensors:
        raise UnknownLayoutError(
            "mmreid has LightMBN on OSNet (the authors' LMBN_n), but there is no "
            f'{trunk}.0.conv.weight: it is on another trunk, such as ResNet-50 '
            '(LMBN_r).'
        )
    if any(re.match(rf'{trunk}\.2\.0\.conv2\.0\.layers\.', name) for name in tensors):
        raise UnknownLayoutError(
            "mmreid has LightMBN on the plain OSNet of the authors' LMBN_n, but this "
            'one is on OSNet-AIN.'
        )


def _linear(entries: Entries, name: str) -> Tensor:
    """Take a 1x1 convolution without bias."""
    return entries.take(f'{name}.weight').flatten(1)


def _necks(entries: Entries, branch: str, names: Sequence[str]) -> dict[str, Tensor]:
    """Join the necks of a branch's parts, and their classifiers if there are some."""
    weights: dict[str, Tensor] = {}
    norms = [entries.take_batch_norm(f'{name}.bn.') for name in names]
    for key, value in norms[0].items():
        # All parts have seen the same number of batches.
        joined = torch.cat([norm[key] for norm in norms]) if value.ndim else value
        weights[f'{_HEAD}.{branch}.bn_neck.{key}'] = joined
    if f'{names[0]}.classifier.weight' in entries.tensors:
        layers = [entries.take(f'{name}.classifier.weight') for name in names]
        weights[f'{_HEAD}.{branch}.classifier.weight'] = torch.stack(layers)
    return weights


def _options(stem: int, width: int) -> list[str]:
    """Say what the config must change for other widths."""
    options = []
    if stem != 64:
        options.append(f'model.backbone.width={stem / 64:g}')
    if width != 512:
        options.append(f'model.head.channels={width}')
        options.append(f'model.{_HEAD}.channel.pool.out_channels={width}')
    return options
