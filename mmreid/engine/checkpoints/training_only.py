"""What of a model training alone uses, by the names of its weights."""

from collections.abc import Iterator
from typing import Any

from torch import nn


def training_only_prefixes(model: nn.Module) -> Iterator[str]:
    """Name the parts that no embedding passes through.

    Args:
        model (nn.Module): The model.

    Yields:
        str: What the names of their weights begin with.
    """
    branches: Any = getattr(getattr(model, 'head', None), 'branches', {})
    for name, branch in branches.items():
        if branch.test is None:
            yield f'head.branches.{name}.'
            continue
        # The losses may have weights of their own: centres, memories.
        parts = ['classifier.', 'id_loss.', 'metric_loss', 'alignment_loss.']
        if branch.test == 'pooled':  # nothing behind the pool is computed
            parts += ['reduction.', 'bn_neck.']
        for part in parts:
            yield f'head.branches.{name}.{part}'
    yield 'head.embedding_loss.'
