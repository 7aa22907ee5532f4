"""fast-reid's networks: BoT, AGW, SBS and MGN on ResNets, plain or with IBN-a.

``convert_fast_reid`` is the way in: ``multi_granularity`` takes MGN, ``baselines`` the
others. ``heads`` renames one head of any version, ``shared`` what all networks have,
and ``non_local`` the blocks between residual ones. Names and networks were read in
https://github.com/JDAI-CV/fast-reid, over its versions.
"""

from collections.abc import Mapping

from torch import Tensor

from mmreid.apis.conversion.entries import Conversion
from mmreid.apis.conversion.facts import Facts
from mmreid.apis.conversion.programs.fast_reid.baselines import convert_baseline
from mmreid.apis.conversion.programs.fast_reid.multi_granularity import convert_mgn


def convert_fast_reid(tensors: Mapping[str, Tensor], facts: Facts) -> Conversion:
    """Rename a network of fast-reid.

    Args:
        tensors (Mapping[str, Tensor]): Its state dict.
        facts (Facts): ``data_set``, ``stem_pool``, ``last_stride``; ``pool`` where
            there is no exponent; ``recipe`` where there are non-local blocks.

    Returns:
        Conversion: For ``bot/bot-fastreid_r50_*.py``, ``agw/agw-fastreid_r50_*.py``,
        ``sbs/sbs_r50_*.py`` or ``mgn/mgn_r50_*.py``.

    Raises:
        UnknownLayoutError: It is another network.
    """
    is_mgn = any(name.startswith('b1_head.') for name in tensors)
    return (convert_mgn if is_mgn else convert_baseline)(tensors, facts)


__all__ = ['convert_fast_reid']
