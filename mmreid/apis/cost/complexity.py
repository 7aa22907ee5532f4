"""Parameters and multiply-adds of a model, part by part."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import nn

from mmreid.apis.cost.operations import Cost, count_modules
from mmreid.apis.file_models import refuse_exported
from mmreid.apis.test_pipeline import input_size
from mmreid.engine import fill_num_classes
from mmreid.registry import MODELS
from mmreid.text_tables import format_table


def count_parts(
    model: nn.Module,
    size: tuple[int, int],
    training: bool = False,
    pooling: bool = False,
) -> dict[str, Cost]:
    """Count a model's parts.

    Args:
        model (nn.Module): A :class:`PersonReID`, another mmengine model, or a
            backbone alone. It is not changed.
        size (tuple[int, int]): Height and width of the picture.
        training (bool): Count the training network: all branches and classifiers,
            but not the losses. Otherwise what turns a picture (without its mirror
            image) into its embedding. Parameters are all counted in either case.
            Defaults to False.
        pooling (bool): Count averaging too, as a multiply-add an element.
            Defaults to False.

    Returns:
        dict[str, Cost]: ``'backbone'`` without its plugins; plugins by stage and type,
        such as ``'layer4 OFA'``, or ``'jigsaw'``; the head's parts by branch, such as
        ``'head.part.reduction'``, if they cost anything; ``'other'``, if anything is
        left; and ``'total'``.
    """
    # Without gradients: torch's module tracker stumbles over a view of a trained
    # weight as an argument.
    net: Any = copy.deepcopy(model).requires_grad_(False)
    net.train(training)
    if hasattr(net, 'flip_test'):
        net.flip_test = False
    costs = count_modules(net, size, training, pooling)
    rows = {'backbone': costs['backbone' if hasattr(net, 'backbone') else '']}
    for row, path in _plugin_paths(net):
        rows['backbone'] = rows['backbone'].minus(costs[path])
        rows[row] = rows.get(row, Cost()).plus(costs[path])
    total = costs['']
    for path in _head_paths(net):
        if 'loss' in path.rpartition('.')[2]:
            total = total.minus(costs[path])
        elif any(costs[path]):
            rows[path.replace('.branches.', '.')] = costs[path]
    rest = total
    for cost in rows.values():
        rest = rest.minus(cost)
    if any(rest):
        rows['other'] = rest
    return {**rows, 'total': total}


def _plugin_paths(net: nn.Module) -> Iterator[tuple[str, str]]:
    """Yield each plugin's row, stage and type, and its path."""
    backbone: Any = getattr(net, 'backbone', net)
    prefix = 'backbone.' if backbone is not net else ''
    if hasattr(backbone, 'named_plugins'):
        for name, plugin in backbone.named_plugins():
            stage = name.rsplit('.', 2)[0]
            yield f'{stage} {type(plugin).__name__}', f'{prefix}{name}'
    if getattr(backbone, 'jigsaw', None) is not None:
        yield 'jigsaw', f'{prefix}jigsaw'


def _head_paths(net: nn.Module) -> Iterator[str]:
    """Yield the paths of the parts of each branch, or of a head without branches."""
    head = getattr(net, 'head', nn.Module())
    branches = getattr(head, 'branches', None)
    owners = {'head': head}
    if branches is not None:
        owners = {f'head.branches.{name}': own for name, own in branches.items()}
    for owner, module in owners.items():
        for name, _ in module.named_children():
            yield f'{owner}.{name}'


def count_config(
    cfg: Config,
    size: tuple[int, int] | None = None,
    training: bool = False,
    pooling: bool = False,
) -> dict[str, Cost]:
    """Count the model of a config, see :func:`count_parts`.

    Args:
        cfg (Config): Config with ``model``. Where it does not say how many identities
            the head classifies, those of the training data are counted, or the number
            is what the data set declares.
        size (tuple[int, int], optional): Height and width of the picture. Defaults to
            None, what the config's test pipeline makes.
        training (bool): See :func:`count_parts`. Defaults to False.
        pooling (bool): See :func:`count_parts`. Defaults to False.

    Returns:
        dict[str, Cost]: The parts' costs by name.

    Raises:
        ValueError: Nothing tells how many identities the head classifies.
    """
    refuse_exported('counted', cfg)
    init_default_scope(cfg.get('default_scope', 'mmreid'))
    fill_num_classes(cfg, read_data=True)
    size = size or input_size(cfg)
    model: Any = MODELS.build(_sized(cfg.model, size))
    if getattr(getattr(model, 'head', None), 'lacks_classifiers', False):
        raise ValueError(
            'model.head.num_classes must be set, as with --cfg-options '
            'model.head.num_classes=751: the training data is not here, and its data '
            'set does not declare how many identities it has.'
        )
    return count_parts(model, size, training, pooling)


def _sized(model: Mapping[str, Any], size: tuple[int, int]) -> dict[str, Any]:
    """Give a trunk that has positions for one size those for the pictures."""
    backbone = model.get('backbone') or {}
    if 'img_size' not in backbone:
        return {**model}
    return {**model, 'backbone': {**backbone, 'img_size': size}}


def format_costs(parts: Mapping[str, Cost]) -> str:
    """Lay the counted parts out as a table, millions and billions.

    Args:
        parts (Mapping[str, Cost]): From :func:`count_parts`.

    Returns:
        str: A line a part.
    """
    rows = [['part', 'params (M)', 'MACs (G)', 'thop-like (G)']]
    for name, cost in parts.items():
        billions = (cost.macs / 1e9, cost.thop_like / 1e9)
        numbers = (cost.params / 1e6, *billions)
        rows.append([name, *(f'{number:.3f}' for number in numbers)])
    return format_table(rows)
