"""SOLIDER: Swin trunks pre-trained on persons, and trained for re-identification.

Names and networks were read in https://github.com/tinyvision/SOLIDER and
https://github.com/tinyvision/SOLIDER-REID (model/make_model.py, class
``build_transformer``; model/backbones/swin_transformer.py).
"""

import re
from collections.abc import Mapping

from torch import Tensor

from mmreid.apis.conversion.entries import Conversion, Entries, UnknownLayoutError
from mmreid.apis.conversion.facts import Facts

# Embedding and blocks of the third stage, of those that have a config.
_SIZES = {(96, 6): 't', (96, 18): 's', (128, 18): 'b'}
_DEPTH = 18
# Norms of the first three maps and the fourth pair of the modulation act on nothing.
_IDLE = re.compile(r'norm[0-2]\.|semantic_embed_[wb]\.3\.')
_TRUNK = (
    *('patch_embed.', 'stages.', 'norm0.', 'norm1.', 'norm2.', 'norm3.'),
    *('semantic_embed_w.', 'semantic_embed_b.'),
)


def convert_solider(tensors: Mapping[str, Tensor], facts: Facts) -> Conversion:
    """Rename a network of SOLIDER.

    Args:
        tensors (Mapping[str, Tensor]): State dict of the teacher's trunk, or of
            SOLIDER-REID's whole network.
        facts (Facts): None is asked for: the semantic weight, which is a number of the
            call and not of the file, is the config's.

    Returns:
        Conversion: A trunk to train from, or the network with the test vector before
        the BN neck.

    Raises:
        UnknownLayoutError: It is another network.
    """
    if any(name.startswith('base.') for name in tensors):
        return _convert_trained(Entries(tensors, 'SOLIDER-REID'))
    entries = Entries(tensors, "SOLIDER's trunk")
    weights, left_out = _take_trunk(entries, '')
    # Of the pre-training: the projection behind the pooled map.
    left_out += entries.leave_out(r'head\.')
    entries.finish()
    config, options = _config_of(weights)
    return Conversion(weights, config, options, True, tuple(left_out))


def _convert_trained(entries: Entries) -> Conversion:
    """Rename the whole network, with its BN neck and classifier."""
    if any(name.startswith(('b1.', 'b2.')) for name in entries.tensors):
        raise UnknownLayoutError(
            'This is the network of SOLIDER-REID with a jigsaw (b1, b2), which has a '
            'vision transformer; of SOLIDER mmreid converts those on Swin.'
        )
    trunk, left_out = _take_trunk(entries, 'base.')
    weights = {f'backbone.{name}': value for name, value in trunk.items()}
    branch = 'head.branches.whole'
    config, options = _config_of(trunk)
    if 'fcneck.weight' in entries.tensors:
        reduction = entries.take('fcneck.weight')
        weights[f'{branch}.reduction.weight'] = reduction[None]
        options += (
            f'model.head.channels={len(reduction)}',
            'model.head.branches.whole.reduction=linear',
        )
    for name, value in entries.take_batch_norm('bottleneck.').items():
        weights[f'{branch}.bn_neck.{name}'] = value
    for name, value in entries.take_group('classifier.').items():
        weights[f'{branch}.classifier.{name}'] = value[None]
    entries.finish()
    return Conversion(weights, config, options, left_out=tuple(left_out))


def _take_trunk(entries: Entries, prefix: str) -> tuple[dict[str, Tensor], list[str]]:
    """Take the trunk, whose names are ours, and what of it acts on nothing."""
    found = [entries.take_group(f'{prefix}{part}') for part in _TRUNK]
    trunk = {
        f'{part}{name}': value
        for part, group in zip(_TRUNK, found, strict=True)
        for name, value in group.items()
    }
    idle = [name for name in trunk if _IDLE.match(name)]
    kept = {name: value for name, value in trunk.items() if name not in idle}
    return kept, [f'{prefix}{name}' for name in idle]


def _config_of(trunk: Mapping[str, Tensor]) -> tuple[str, tuple[str, ...]]:
    """Find the config of a trunk's size, and what it needs beside it."""
    norm = trunk.get('patch_embed.norm.weight')
    if norm is None:
        raise UnknownLayoutError(
            "This is not the layout of SOLIDER's Swin: there is no "
            'patch_embed.norm.weight.'
        )
    width = len(norm)
    depth = sum(bool(re.fullmatch(r'stages\.2\..*\d\.norm1\.bias', n)) for n in trunk)
    nearest = 's' if depth == _DEPTH else 't'
    size = _SIZES.get((width, depth), nearest)
    options: tuple[str, ...] = ()
    if 'semantic_embed_w.0.weight' not in trunk:
        options = ('model.backbone.semantic_weight=None',)
    return f'solider/solider_swin-{size}_market.py', options
