"""The strong baseline (BoT) and AGW by their authors' programs, on ResNets.

Names and networks were read in https://github.com/michuanhaohao/reid-strong-baseline
and https://github.com/mangye16/ReID-Survey, which is made of it.
"""

from collections.abc import Mapping

from torch import Tensor

from mmreid.apis.conversion.architecture import depth_of, is_ibn_a, options_of
from mmreid.apis.conversion.entries import Conversion, Entries, fixed_exponent
from mmreid.apis.conversion.facts import Facts
from mmreid.apis.conversion.programs.non_local import has_non_local, take_non_local

_PROGRAM = "the authors' BoT or AGW with a ResNet"
_TRUNK = 'base.'
_BRANCH = 'head.branches.whole'
# By the number of identities; CUHK03's boxes are no matter of the network.
_DATA_SETS = {702: 'duke', 1041: 'msmt17', 767: 'cuhk03'}
_LEAVES = {'cuhk03': 'cuhk03-detected'}


def convert_strong_baseline(tensors: Mapping[str, Tensor], facts: Facts) -> Conversion:
    """Rename a baseline of the authors of BoT or AGW.

    Args:
        tensors (Mapping[str, Tensor]): Its state dict.
        facts (Facts): ``data_set``, ``last_stride``, ``stem_relu``; ``pool`` where
            there is no exponent.

    Returns:
        Conversion: For ``bot/bot-released_r50_*.py``, or, where there are non-local
        blocks, ``agw/agw-released_r50_*.py``.

    Raises:
        UnknownLayoutError: It is another network.
    """
    depth = depth_of(tensors, 'BoT and AGW', _TRUNK)
    entries = Entries(tensors, _PROGRAM)
    options = options_of(tensors, depth, _TRUNK)
    stride = facts.settle('last_stride', '1')
    options.append(f'model.backbone.strides=1,2,2,{stride}')
    # The plain ResNet of both programs has its ReLU behind the stem commented out.
    has_relu = facts.settle('stem_relu', 'yes' if is_ibn_a(tensors, _TRUNK) else 'no')
    options.append(f'model.backbone.stem_relu={has_relu == "yes"}')
    weights: dict[str, Tensor] = {}
    config = 'bot/bot-released_r50'
    if has_non_local(entries, _TRUNK):
        config = 'agw/agw-released_r50'
        weights, changes = take_non_local(entries, depth, _TRUNK)
        options += changes
    own = {f'bn_neck.{k}': v for k, v in entries.take_batch_norm('bottleneck.').items()}
    classifier = entries.take_group('classifier.').get('weight')
    if classifier is not None:
        own['classifier.weight'] = classifier[None]
    if 'global_pool.p' in entries.tensors:
        pool = facts.see('pool', 'gem', 'global_pool.p')
        own['pool.gem.p'] = entries.take('global_pool.p')
    else:
        pool = facts.settle('pool', 'avg')
        own |= fixed_exponent(pool)
    options.append(f'model.{_BRANCH}.pool.mode={pool}')
    left_out = entries.leave_out(rf'{_TRUNK}fc\.')
    weights |= {f'backbone.{k}': v for k, v in entries.take_group(_TRUNK).items()}
    weights |= {f'{_BRANCH}.{k}': v for k, v in own.items()}
    entries.finish()
    rows = 0 if classifier is None else len(classifier)
    data_set = facts.settle('data_set', _DATA_SETS.get(rows, 'market'))
    return Conversion(
        weights,
        f'{config}_{_LEAVES.get(data_set, data_set)}.py',
        tuple(options),
        left_out=tuple(left_out),
    )
