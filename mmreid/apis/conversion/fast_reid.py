"""fast-reid's baselines with ResNet-50: BoT and SBS, plain or with IBN-a.

Names were read in https://github.com/JDAI-CV/fast-reid, over its versions.
"""

from collections.abc import Mapping

from torch import Tensor

from mmreid.apis.conversion.layout import Conversion, Entries
from mmreid.apis.conversion.resnets import check_depth, is_ibn_a

# The last blocks of layer2 and layer3, which SBS has non-local blocks behind.
_NON_LOCAL = {'NL_2': ('layer2', (2, 3)), 'NL_3': ('layer3', (3, 4, 5))}
# The BN neck and the classifier have had several names.
_NECKS = ('heads.bottleneck.0.', 'heads.bottleneck.', 'heads.bnneck.')
_CLASSIFIERS = ('heads.weight', 'heads.classifier.weight')


def convert_fast_reid(tensors: Mapping[str, Tensor]) -> Conversion:
    """Rename a baseline of fast-reid.

    Args:
        tensors (Mapping[str, Tensor]): Its state dict.

    Returns:
        Conversion: For ``bot/bot_r50_market.py``, or, where there are non-local
        blocks, ``bot/bot_r50-sbs_market.py``.

    Raises:
        UnknownLayoutError: It is another network.
    """
    check_depth(tensors, 'fast-reid', 'backbone.')
    entries = Entries(tensors, "fast-reid's BoT or SBS with ResNet-50")
    # Ours are in the config's data preprocessor.
    left_out = tuple(entries.take_group('pixel_'))
    is_sbs = any(name.startswith('backbone.NL_') for name in tensors)
    weights = _non_local(entries) if is_sbs else {}
    for name, value in entries.take_group('backbone.').items():
        weights[f'backbone.{name}'] = value
    head, pooling = _head(entries)
    weights.update({f'head.branches.whole.{k}': v for k, v in head.items()})
    entries.finish()
    config = 'bot/bot_r50-sbs_market.py' if is_sbs else 'bot/bot_r50_market.py'
    options = [f'model.head.branches.whole.pool.mode={pooling}']
    if not is_sbs:  # whose config says it
        options.append('model.backbone.stem_pool=ceil')
    if is_ibn_a(tensors, 'backbone.'):
        options.append('model.backbone.ibn=a')
    names = tuple(f'pixel_{name}' for name in left_out)
    return Conversion(weights, config, tuple(options), left_out=names)


def _head(entries: Entries) -> tuple[dict[str, Tensor], str]:
    """Rename pooling, BN neck and classifier; tell how it pools."""
    weights, pooling = {}, 'avg'
    if 'heads.pool_layer.p' in entries.tensors:
        pooling = 'gem'
        weights['pool.gem.p'] = entries.take('heads.pool_layer.p')
    known = entries.tensors
    neck = next((n for n in _NECKS if f'{n}weight' in known), _NECKS[0])
    for key, value in entries.take_batch_norm(neck).items():
        weights[f'bn_neck.{key}'] = value
    for name in _CLASSIFIERS:
        if name in entries.tensors:
            weights['classifier.weight'] = entries.take(name)[None]
    return weights, pooling


def _non_local(entries: Entries) -> dict[str, Tensor]:
    """Rename the non-local blocks to mmcv's ``NonLocal2d`` behind residual blocks."""
    weights = {}
    for theirs, (layer, blocks) in _NON_LOCAL.items():
        for index, block in enumerate(blocks):
            source = f'backbone.{theirs}.{index}'
            target = f'backbone.{layer}.{block}.after'
            for kind in ('g', 'theta', 'phi'):
                for key in ('weight', 'bias'):
                    value = entries.take(f'{source}.{kind}.{key}')
                    weights[f'{target}.{kind}.conv.{key}'] = value
            weight, bias = (
                entries.take(f'{source}.W.0.{k}') for k in ('weight', 'bias')
            )
            norm = entries.take_batch_norm(f'{source}.W.1.')
            # mmcv's convolution has no bias in front of a batch norm, which takes it
            # away again: shift the mean instead.
            norm['running_mean'] = norm['running_mean'] - bias
            weights[f'{target}.conv_out.conv.weight'] = weight
            for name, value in norm.items():
                weights[f'{target}.conv_out.bn.{name}'] = value
    return weights
