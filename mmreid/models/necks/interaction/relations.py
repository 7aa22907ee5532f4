"""How alike and how close the positions of a map are: Eq. 1 to 5 of IANet's paper.

Paper: Interaction-and-Aggregation Network for Person Re-Identification, CVPR 2019,
section 3.1.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any, Literal

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn.functional import pad

Fusion = Literal['prod', 'sum', 'max']
Normalize = Literal['softmax', 'l1']
Device = torch.device | str | None

_PLAIN: dict[str, Callable[..., Tensor]] = dict(
    prod=torch.mul, sum=torch.add, max=torch.maximum
)
_OF_LOGARITHMS: dict[str, Callable[..., Tensor]] = dict(
    prod=torch.add, sum=torch.logaddexp, max=torch.maximum
)


class _ShiftedSum(Function):
    """Sum of a map of pairs and its copies, shifted along both positions alike.

    Its gradient is the same sum with the shifts reversed; autograd alone would make a
    map for every shift, in both directions.
    """

    @staticmethod
    def forward(ctx: Any, pairs: Tensor, shifts: tuple[int, ...]) -> Tensor:
        """Sum ``(N, H, W, H, W)`` over shifts of rows, then over shifts of columns."""
        ctx.shifts = shifts
        sums = pairs
        # Whole maps are added: graphs write into a part of one by lists of places.
        for axis in (1, 2):
            single, sums = sums, sums.clone()
            for d in shifts:
                length = single.shape[axis] - abs(d)
                if length > 0:
                    moved = single.narrow(axis, max(d, 0), length)
                    moved = moved.narrow(axis + 2, max(d, 0), length)
                    sums += _surrounded(moved, axis, max(-d, 0), max(d, 0))
        return sums

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        return _ShiftedSum.apply(*grads, tuple(-d for d in ctx.shifts)), None


def _surrounded(pairs: Tensor, axis: int, before: int, after: int) -> Tensor:
    """Surround a map of pairs by zeros along an axis of both positions."""
    margins = [0, 0] * pairs.ndim  # from the last axis to the first
    for side in (axis, axis + 2):
        place = 2 * (pairs.ndim - 1 - side)
        margins[place : place + 2] = before, after
    return pad(pairs, margins)


def context_sums(gram: Tensor, context: int) -> Tensor:
    """Similarities of K x K patches from those of single positions (Eq. 1).

    Patches are compared cell by cell: their similarity is a sum of entries of the Gram
    matrix, in which both positions are shifted alike. Cells outside the map add
    nothing. An even K has no centre: K = 2 reaches one cell down and one to the right.

    Args:
        gram (Tensor): Dot products of all positions, ``(N, H, W, H, W)``.
        context (int): Side K of a patch.

    Returns:
        Tensor: ``(N, H, W, H, W)``.
    """
    first = -((context - 1) // 2)
    shifts = tuple(d for d in range(first, first + context) if d)
    return _ShiftedSum.apply(gram, shifts) if shifts else gram


def location_map(
    size: tuple[int, int], sigma: Sequence[float], device: Device = None
) -> Tensor:
    """Gaussian of the positions' distance, every row divided by its sum (Eq. 3, 4).

    Args:
        size (tuple[int, int]): Height and width of the map.
        sigma (Sequence[float]): Standard deviations along x and along y.
        device (torch.device | str, optional): Where. Defaults to None, the CPU.

    Returns:
        Tensor: S^L ``(M, M)`` in float64, M = H * W.
    """
    rows, columns = _log_gaussians(size, sigma, device)
    return torch.kron(rows.exp(), columns.exp())


def location_scores(
    size: tuple[int, int], sigma: Sequence[float], device: Device = None
) -> Tensor:
    """Logarithm of :func:`location_map`, whose rows' softmax that map is.

    Args:
        size (tuple[int, int]): Height and width of the map.
        sigma (Sequence[float]): Standard deviations along x and along y.
        device (torch.device | str, optional): Where. Defaults to None, the CPU.

    Returns:
        Tensor: log S^L ``(M, M)`` in float64, M = H * W.
    """
    rows, columns = _log_gaussians(size, sigma, device)
    scores = rows[:, None, :, None] + columns[None, :, None, :]
    return scores.flatten(2).flatten(0, 1)


def _log_gaussians(
    size: tuple[int, int], sigma: Sequence[float], device: Device
) -> list[Tensor]:
    """Logarithms of S^L along the rows ``(H, H)`` and along the columns ``(W, W)``.

    A Gaussian is a product over the axes, and so is the sum of a row.
    """
    along = []
    for side, deviation in zip(size, reversed(sigma), strict=True):
        points = torch.arange(side, dtype=torch.float64, device=device) / deviation
        squares = (points[:, None] - points).square()
        along.append((squares / -2).log_softmax(1))
    return along


def fuse(scores: Sequence[Tensor], fusion: Fusion, normalize: Normalize) -> Tensor:
    """Fuse relation maps entry by entry, F of Eq. 2 and 5.

    Maps are given and returned before the softmax of their rows: the map is
    ``scores.softmax(-1)``.

    Args:
        scores (Sequence[Tensor]): Each ``(..., M, M)``.
        fusion (str): ``'prod'``, ``'sum'`` or ``'max'``.
        normalize (str): ``'softmax'`` as printed; or ``'l1'``, division by the row's
            sum, which is the softmax of the logarithm.

    Returns:
        Tensor: ``(..., M, M)``.
    """
    if normalize == 'softmax':
        return functools.reduce(_PLAIN[fusion], [s.softmax(-1) for s in scores])
    return functools.reduce(_OF_LOGARITHMS[fusion], [s.log_softmax(-1) for s in scores])
