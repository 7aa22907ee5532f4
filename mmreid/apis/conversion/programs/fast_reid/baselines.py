"""fast-reid's baselines on ResNets: BoT, AGW and SBS, plain or with IBN-a."""

from collections.abc import Mapping

from torch import Tensor

from mmreid.apis.conversion.architecture import depth_of, options_of
from mmreid.apis.conversion.entries import Conversion, Entries, fixed_exponent
from mmreid.apis.conversion.facts import Facts
from mmreid.apis.conversion.programs.fast_reid.heads import (
    OLD_NECK,
    reduction_options,
    take_head,
)
from mmreid.apis.conversion.programs.fast_reid.shared import (
    data_set_of,
    stem_options,
    take_pixels,
)
from mmreid.apis.conversion.programs.non_local import has_non_local, take_non_local

_PROGRAM = "fast-reid's BoT, AGW or SBS with a ResNet"
_TRUNK = 'backbone.'
_CONFIGS = {'agw': 'agw/agw-fastreid_r50', 'sbs': 'sbs/sbs_r50'}


def convert_baseline(tensors: Mapping[str, Tensor], facts: Facts) -> Conversion:
    """Rename a baseline of fast-reid.

    What its networks do not share and no name tells is a fact.

    Args:
        tensors (Mapping[str, Tensor]): Its state dict.
        facts (Facts): ``data_set``, ``stem_pool``, ``last_stride``; ``pool`` where
            there is no exponent; ``recipe`` where there are non-local blocks.

    Returns:
        Conversion: For ``bot/bot-fastreid_r50_*.py``, or, where there are non-local
        blocks, ``sbs/sbs_r50_*.py`` or ``agw/agw-fastreid_r50_*.py``.

    Raises:
        UnknownLayoutError: It is another network.
    """
    depth = depth_of(tensors, 'fast-reid', _TRUNK)
    entries = Entries(tensors, _PROGRAM)
    options = [*options_of(tensors, depth, _TRUNK), *take_pixels(entries)]
    is_old = f'heads.{OLD_NECK}weight' in tensors
    options += stem_options(facts, is_old)
    data_set = data_set_of(entries, facts, 'heads.')
    config = 'bot/bot-fastreid_r50'
    weights: dict[str, Tensor] = {}
    is_crossed = has_non_local(entries, _TRUNK)
    if is_crossed:
        config = _CONFIGS[_recipe(entries, facts)]
        weights, changes = take_non_local(entries, depth, _TRUNK)
        options += changes
    head = take_head(entries, 'heads.')
    own = dict(head.weights)
    if head.exponent is not None:
        pool = facts.see('pool', 'gem', 'heads.pool_layer.p')
        own['pool.gem.p'] = head.exponent
    else:
        pool = facts.settle('pool', 'gem' if is_crossed and not is_old else 'avg')
        own |= fixed_exponent(pool)
    options += reduction_options(head)
    options.append(f'model.head.branches.whole.pool.mode={pool}')
    for name, value in entries.take_group(_TRUNK).items():
        weights[f'backbone.{name}'] = value
    weights.update({f'head.branches.whole.{k}': v for k, v in own.items()})
    entries.finish()
    return Conversion(weights, f'{config}_{data_set}.py', tuple(options))


def _recipe(entries: Entries, facts: Facts) -> str:
    """Tell SBS from AGW, which are tested on pictures of another size.

    Later versions' AGW has an exponent that is no parameter; else both are alike.
    """
    has_exponent = 'heads.pool_layer.p' in entries.tensors
    return facts.settle('recipe', 'sbs' if has_exponent else 'agw')
