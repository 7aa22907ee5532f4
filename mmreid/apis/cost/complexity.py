"""Parameters and multiply-adds of a model, part by part.

What is really executed is counted, by torch's ``FlopCounterMode``: convolutions,
linear layers and every matrix product, so that an attention's Gram matrix costs what
it should. Element-wise work and softmax cost nothing, and pooling only if asked for.
"""

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import torch
from mmengine.config import Config
from mmengine.model import BaseModel
from mmengine.registry import init_default_scope
from mmpretrain.structures import DataSample
from torch import nn
from torch.utils.flop_counter import FlopCounterMode, sdpa_flop_count

from mmreid.apis.test_pipeline import input_size
from mmreid.engine import fill_num_classes
from mmreid.registry import MODELS
from mmreid.text_tables import format_table

# Batch statistics need several pictures, losses need pairs.
TRAINING_LABELS = (0, 0, 1, 1)


def _numel(shape: torch.Size, *_: Any, **__: Any) -> int:
    """Count the elements of a normalisation's first argument, its input."""
    return shape.numel()


def _averaged(shape: torch.Size, *_: Any, **__: Any) -> int:
    """Count an average as a multiply-add an element, that is two operations."""
    return 2 * shape.numel()


def _attended(
    query: torch.Size, key: torch.Size, value: torch.Size, *_: Any, **__: Any
) -> int:
    """Count the two matrix products of an attention."""
    return sdpa_flop_count(query, key, value)


NORMS = {
    getattr(torch.ops.aten, name): _numel
    for name in (
        'native_batch_norm',
        '_native_batch_norm_legit',
        '_native_batch_norm_legit_no_training',
        'cudnn_batch_norm',
        'miopen_batch_norm',
    )
}

# The fused attention of CPUs; torch counts that of GPUs by itself.
ATTENTION = {torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: _attended}

AVERAGES = dict.fromkeys(
    (
        torch.ops.aten.mean,
        torch.ops.aten.avg_pool2d,
        torch.ops.aten._adaptive_avg_pool2d,
    ),
    _averaged,
)


class Cost(NamedTuple):
    """What a part of a model costs for one picture.

    Attributes:
        params (int): Number of parameters.
        macs (int): Multiply-adds of convolutions, linear layers, matrix products.
        norm_elements (int): Elements that pass through batch or instance norm.
    """

    params: int = 0
    macs: int = 0
    norm_elements: int = 0

    @property
    def thop_like(self) -> int:
        """Multiply-adds plus two operations per normalised element."""
        return self.macs + 2 * self.norm_elements

    def plus(self, other: 'Cost') -> 'Cost':
        """Add another part's cost."""
        return Cost(*(a + b for a, b in zip(self, other, strict=True)))

    def minus(self, other: 'Cost') -> 'Cost':
        """Take away the cost of something within this part."""
        return Cost(*(a - b for a, b in zip(self, other, strict=True)))


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
    costs = _run(net, size, training, ATTENTION | NORMS | (AVERAGES if pooling else {}))
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


def _run(
    net: nn.Module,
    size: tuple[int, int],
    training: bool,
    further: Mapping[Any, Callable[..., int]],
) -> dict[str, Cost]:
    """Run the model; return by path what each module costs with all within it.

    ``further`` counts operations beyond torch's own.
    """
    labels = TRAINING_LABELS if training else (0,)
    like = next(net.parameters(), torch.empty(0))
    images = torch.rand(len(labels), 3, *size, device=like.device, dtype=like.dtype)
    counter = FlopCounterMode(display=False, custom_mapping=dict(further))
    with counter:
        if isinstance(net, BaseModel):
            samples = [DataSample().set_gt_label(label) for label in labels]
            net(images, samples, mode='loss' if training else 'tensor')
        else:
            net(images)
    root, counts = type(net).__name__, counter.get_flop_counts()
    return {
        path: Cost(
            sum(p.numel() for p in module.parameters()),
            *(
                number // len(labels)
                for number in _executed(module, f'{root}.{path}'.rstrip('.'), counts)
            ),
        )
        for path, module in net.named_modules()
    }


def _executed(
    module: nn.Module, name: str, counts: Mapping[str, Mapping[Any, int]]
) -> tuple[int, int]:
    """Multiply-adds and normalised elements of a module of the whole batch.

    A module that was used, but never called itself (a list, a head whose ``loss`` is
    called), costs what its children cost.
    """
    if name in counts:
        elements = sum(counts[name].get(norm, 0) for norm in NORMS)
        return (sum(counts[name].values()) - elements) // 2, elements
    parts = [_executed(m, f'{name}.{n}', counts) for n, m in module.named_children()]
    return sum(macs for macs, _ in parts), sum(elements for _, elements in parts)


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
