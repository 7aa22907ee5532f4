"""What the modules of a network cost, of the operations that really run.

They are counted by torch's ``FlopCounterMode``: convolutions, linear layers and every
matrix product, so that an attention's Gram matrix costs what it should. Element-wise
work and softmax cost nothing, and pooling only if asked for.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from mmengine.model import BaseModel
from mmpretrain.structures import DataSample
from torch import nn
from torch.utils.flop_counter import FlopCounterMode, sdpa_flop_count

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
    """Count the two matrix products of an attention.

    torch's own formula is wrapped for its table, and cannot be wrapped again.
    """
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


def count_modules(
    net: nn.Module, size: tuple[int, int], training: bool, pooling: bool
) -> dict[str, Cost]:
    """Run a model, and count what each module costs with all within it.

    Args:
        net (nn.Module): The model, in the mode that is counted.
        size (tuple[int, int]): Height and width of the picture.
        training (bool): Run it with labels, as a training does.
        pooling (bool): Count averaging too, as a multiply-add an element.

    Returns:
        dict[str, Cost]: By the path of the module, ``''`` for the whole model.
    """
    further = ATTENTION | NORMS | (AVERAGES if pooling else {})
    labels = TRAINING_LABELS if training else (0,)
    like = next(net.parameters(), torch.empty(0))
    images = torch.rand(len(labels), 3, *size, device=like.device, dtype=like.dtype)
    counter = FlopCounterMode(display=False, custom_mapping=further)
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
