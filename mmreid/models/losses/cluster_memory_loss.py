"""Contrast with a memory of one unit vector per class."""

from typing import Any, Literal

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor, nn

from mmreid.arguments import check_choice
from mmreid.models.precision import full_precision, widen
from mmreid.registry import MODELS


class _Compare(torch.autograd.Function):
    """Products with the memory's rows, which the backward pass moves afterwards."""

    @staticmethod
    def forward(
        ctx: Any, feats: Tensor, loss: 'ClusterMemoryLoss', seen: Tensor, labels: Tensor
    ) -> Tensor:
        """Multiply ``(N, D)`` by the rows."""
        ctx.loss = loss
        ctx.save_for_backward(seen, labels)
        return feats @ loss.memory.to(feats.dtype).T

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None, None]:
        """Return the gradient for the rows as they were, then move them."""
        rows = ctx.loss.memory.to(grads[0].dtype)
        towards_feats = grads[0] @ rows
        ctx.loss.move_rows(*ctx.saved_tensors)
        return towards_feats, None, None, None


@MODELS.register_module()
class ClusterMemoryLoss(nn.Module):
    r"""Cross-entropy over the cosines with one vector per class, which follows them.

    With the unit vector :math:`f` of a picture of class :math:`y` and the unit rows
    :math:`M_k` of the memory the loss is

    .. math:: -\log \frac{\exp(f \cdot M_y / t)}{\sum_k \exp(f \cdot M_k / t)}

    The rows have no gradient: the backward pass moves those of the batch's classes,
    :math:`M_y \leftarrow m M_y + (1 - m) f`, and scales them to unit length. From
    `Cluster Contrast <https://arxiv.org/abs/2103.11568>`_; `PCL-CLIP
    <https://arxiv.org/abs/2310.17218>`_ takes identities for clusters.

    Rows begin at zero, and a row that is zero takes its first vector. A hook such as
    ``ClassCentroidsHook`` fills them before an epoch, with :meth:`set_rows`.

    Several processes move their memories by the vectors of all of them, which must be
    equally many each: the memories stay the same.

    Args:
        in_channels (int): Width D of the vectors.
        num_classes (int): Rows K; :meth:`set_rows` may change it.
        temperature (float): Divisor t of the cosines. Defaults to 0.05.
        momentum (float): What a row keeps of itself, m. Defaults to 0.2.
        update (str): By which vectors of a class its row moves: the ``'hardest'``, the
            least like it, or ``'each'``, one after the other. Defaults to
            ``'hardest'``.
        loss_weight (float): Factor on the result. Defaults to 1.0.

    Raises:
        ValueError: If ``update`` is unknown, ``temperature`` is not positive or
            ``momentum`` is not in [0, 1].
    """

    memory: Tensor

    def __init__(
        self,
        in_channels: int,
        num_classes: int,
        temperature: float = 0.05,
        momentum: float = 0.2,
        update: Literal['hardest', 'each'] = 'hardest',
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__()
        check_choice('update', update, ('hardest', 'each'))
        if temperature <= 0:
            raise ValueError(
                f'temperature must be positive, got {temperature}; published ones are '
                'about 0.05.'
            )
        if not 0 <= momentum <= 1:
            raise ValueError(
                f'momentum must lie in [0, 1], got {momentum}; at 1 no row moves.'
            )
        self.temperature = temperature
        self.momentum = momentum
        self.update = update
        self.loss_weight = loss_weight
        self.register_buffer('memory', torch.zeros(num_classes, in_channels))
        self._register_load_state_dict_pre_hook(self._make_room)

    def forward(self, feats: Tensor, labels: Tensor) -> Tensor:
        """Compute the loss of a batch; its backward pass moves the memory.

        Args:
            feats (Tensor): Vectors ``(N, D)``; half precision is computed in float32.
            labels (Tensor): Classes ``(N,)`` in [0, K).

        Returns:
            Tensor: Scalar, the mean over the batch.
        """
        with full_precision(feats):
            unit = F.normalize(widen(feats))
            seen = _gather(unit.detach()), _gather(labels)
            cosines = _Compare.apply(unit, self, *seen)
            loss = F.cross_entropy(cosines / self.temperature, labels)
            return self.loss_weight * loss

    @torch.no_grad()
    def set_rows(self, rows: Tensor) -> None:
        """Replace the memory.

        Args:
            rows (Tensor): Vectors ``(K, D)``, scaled to unit length here; K may be
                another number of classes than before.

        Raises:
            ValueError: They have another width.
        """
        if rows.ndim != 2 or rows.shape[1] != self.memory.shape[1]:
            raise ValueError(
                f'rows must be (K, {self.memory.shape[1]}) as the memory is wide, got '
                f'{tuple(rows.shape)}.'
            )
        self.memory = F.normalize(rows.to(self.memory))

    @torch.no_grad()
    def move_rows(self, feats: Tensor, labels: Tensor) -> None:
        """Move the rows of a batch's classes.

        Args:
            feats (Tensor): Unit vectors ``(N, D)``.
            labels (Tensor): Their classes ``(N,)``.
        """
        same = labels[:, None] == labels
        place = torch.arange(len(labels), device=labels.device)
        if self.update == 'hardest':
            likeness = (feats * self.memory[labels].to(feats.dtype)).sum(1)
            likeness = likeness.expand_as(same).masked_fill(~same, torch.inf)
            least = likeness == likeness.amin(1, keepdim=True)
            # The first of equals, and the same for all vectors of a class.
            first = place.expand_as(same).masked_fill(~least, len(labels)).amin(1)
            self._move(feats[first], labels)
            return
        turns = (same & (place[:, None] > place)).sum(1)
        for turn in range(int(turns.max()) + 1):
            chosen = turns == turn
            self._move(feats[chosen], labels[chosen])

    def _move(self, feats: Tensor, labels: Tensor) -> None:
        """Move rows; of a class that occurs twice, both vectors are the same."""
        rows = self.memory[labels].to(feats.dtype)
        rows = self.momentum * rows + (1 - self.momentum) * feats
        self.memory[labels] = F.normalize(rows).to(self.memory.dtype)

    def _make_room(
        self, state_dict: dict[str, Tensor], prefix: str, *args: Any
    ) -> None:
        """Have as many rows as a memory that is loaded."""
        saved = state_dict.get(f'{prefix}memory')
        if saved is not None and saved.shape[1:] == self.memory.shape[1:]:
            self.memory = self.memory.new_zeros(saved.shape)


def _gather(x: Tensor) -> Tensor:
    """Join the tensors of all processes, in their order."""
    if not dist.is_initialized() or dist.get_world_size() == 1:
        return x
    x = x.contiguous()
    parts = [torch.empty_like(x) for _ in range(dist.get_world_size())]
    dist.all_gather(parts, x)
    return torch.cat(parts)
