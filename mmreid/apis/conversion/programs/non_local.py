"""AGW's non-local blocks, which its authors and fast-reid have behind residual ones."""

import re

from torch import Tensor

from mmreid.apis.conversion.entries import Entries, UnknownLayoutError

# Stages (of 1 to 4) that have non-local blocks behind their last blocks.
_STAGES = (2, 3)


def has_non_local(entries: Entries, trunk: str) -> bool:
    """Tell whether a trunk has such blocks."""
    return any(name.startswith(f'{trunk}NL_') for name in entries.tensors)


def take_non_local(
    entries: Entries, depth: int, trunk: str
) -> tuple[dict[str, Tensor], list[str]]:
    """Rename the blocks to ``NonLocalBlock`` behind residual blocks.

    Args:
        entries (Entries): Of the file.
        depth (int): Of the ResNet.
        trunk (str): What the trunk's names begin with.

    Returns:
        tuple[dict[str, Tensor], list[str]]: Weights below ``backbone.``, and options.

    Raises:
        UnknownLayoutError: Blocks are missing or where none are known.
    """
    weights, options = {}, []
    for index, stage in enumerate(_STAGES):
        behind, reduction = _places(entries, stage, trunk)
        plugin = f'model.backbone.plugins.{index}'
        if depth != 50:  # whose places the config has
            options.append(f'{plugin}.blocks=[{",".join(map(str, behind))}]')
        if reduction is not None:
            options.append(f'{plugin}.cfg.reduction={reduction}')
        for number, block in enumerate(behind):
            source = f'{trunk}NL_{stage}.{number}'
            target = f'backbone.layer{stage}.{block}.after'
            for name, value in _take_block(entries, source).items():
                weights[f'{target}.{name}'] = value
    if extra := entries.take_group(f'{trunk}NL_'):
        raise UnknownLayoutError(
            f'It has a non-local block where {entries.program} has none: '
            f'{trunk}NL_{next(iter(extra))}.'
        )
    return weights, options


def _places(entries: Entries, stage: int, trunk: str) -> tuple[range, int | None]:
    """Tell behind which residual blocks of a stage the non-local ones are.

    Their inner width is 1 in all releases, and was half the channels in between.

    Returns:
        tuple[range, int | None]: The last blocks; channels by inner width, None for 1.
    """
    begin = re.escape(trunk)
    count, total = (
        sum(bool(re.fullmatch(rf'{begin}{p}\.weight', n)) for n in entries.tensors)
        for p in (rf'NL_{stage}\.\d+\.g', rf'layer{stage}\.\d+\.conv1')
    )
    if not count:
        raise UnknownLayoutError(
            f'{entries.program} has non-local blocks in stages 2 and 3, but there is '
            f'no {trunk}NL_{stage}.0.g.weight.'
        )
    width, channels = entries.tensors[f'{trunk}NL_{stage}.0.g.weight'].shape[:2]
    return range(total - count, total), None if width == 1 else channels // width


def _take_block(entries: Entries, source: str) -> dict[str, Tensor]:
    """Rename one non-local block."""
    weights = {}
    for kind in ('g', 'theta', 'phi'):
        for key in ('weight', 'bias'):
            weights[f'{kind}.conv.{key}'] = entries.take(f'{source}.{kind}.{key}')
    for key in ('weight', 'bias'):
        weights[f'conv_out.conv.{key}'] = entries.take(f'{source}.W.0.{key}')
    for name, value in entries.take_batch_norm(f'{source}.W.1.').items():
        weights[f'conv_out.bn.{name}'] = value
    return weights
