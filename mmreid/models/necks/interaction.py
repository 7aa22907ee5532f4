"""IANet's interaction-and-aggregation, over positions and over channels.

Paper: Interaction-and-Aggregation Network for Person Re-Identification, CVPR 2019,
sections 3.1 and 3.2. The block that they make is in ``ia.py``.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any, Literal, get_args

import torch
from mmengine.model import BaseModule
from torch import Tensor
from torch.autograd import Function
from torch.nn.functional import threshold

from mmreid.registry import MODELS

Fusion = Literal['prod', 'sum', 'max']
Normalize = Literal['softmax', 'l1']
Relations = Literal['both', 'appearance', 'location']
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
        for axis in (1, 2):
            single, sums = sums, sums.clone()
            for d in shifts:
                length = single.shape[axis] - abs(d)
                if length > 0:
                    moved, place = single, sums
                    for side in (axis, axis + 2):
                        moved = moved.narrow(side, max(d, 0), length)
                        place = place.narrow(side, max(-d, 0), length)
                    place += moved
        return sums

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        return _ShiftedSum.apply(*grads, tuple(-d for d in ctx.shifts)), None


class _NormalSoftmax(Function):
    """Softmax of rows with zeros in the place of numbers below the smallest normal one.

    CPUs take many times as long for every product with such a number.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """Map ``(..., M)`` to weights of the same shape."""
        weights = threshold(x.softmax(-1), torch.finfo(x.dtype).tiny, 0, inplace=True)
        ctx.save_for_backward(weights)
        return weights

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        (weights,) = ctx.saved_tensors
        return torch._softmax_backward_data(grads[0], weights, -1, weights.dtype)


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


def _check_choice(name: str, value: str, choices: Any) -> None:
    """Refuse a word that is none of the choices."""
    if value not in get_args(choices):
        raise ValueError(f'{name} must be one of {get_args(choices)}, got {value!r}.')


def _full_precision(x: Tensor) -> torch.autocast:
    """A context in which autocast leaves products alone."""
    return torch.autocast('cpu' if x.is_meta else x.device.type, enabled=False)


def _positions(x: Tensor) -> Tensor:
    """``(N, C, H, W)`` to ``(N, C, M)`` in at least float32."""
    return x.to(_wide(x)).flatten(2)


def _wide(x: Tensor) -> torch.dtype:
    """The precision of x, or float32 where that is higher."""
    return torch.promote_types(x.dtype, torch.float32)


@MODELS.register_module()
class SIA(BaseModule):
    """Make every position a mean over the positions related to it (Eq. 1 to 6).

    Related are positions around which the map looks alike (S^A) and which are close
    (S^L). All patch sizes come from one Gram matrix; memory is O(M^2) a picture,
    M = H * W. There are no parameters, maps may have any size, and products and
    softmax are computed in at least float32, also under autocast.

    **As printed, S is nearly uniform for every input.** A softmax over M numbers
    between 0 and b has entries between 1 / (1 + (M - 1) e^b) and e^b / (M - 1 + e^b).
    The b of Eq. 5 is at most max S^A * max S^L, two probabilities: for a 256 x 128
    picture every entry of S lies within 0.031 % of 1 / M at stage 3 (M = 128,
    sigma 5, 10) and within 0.0021 % at stage 2 (M = 512, sigma 10, 20). E is the
    average over the map, to about six digits. ``normalize='l1'`` divides the products
    by their sum instead and keeps what they tell; ``relations='appearance'`` with one
    context has a single softmax.

    Args:
        in_channels (int): Channels C of the map.
        sigma (Sequence[float]): Standard deviations of S^L along x and along y, in
            positions. Defaults to (5, 10).
        contexts (Sequence[int]): Patch sizes K. With a single one S^A is its map,
            without Eq. 2. Defaults to (1, 2, 3).
        fusion (str): F of Eq. 2 and 5: ``'prod'``, ``'sum'`` or ``'max'``.
            Defaults to ``'prod'``.
        normalize (str): What follows F in Eq. 2 and 5: ``'softmax'``, or ``'l1'``,
            division by the row's sum. Defaults to ``'softmax'``.
        relations (str): ``'both'``: Eq. 5; ``'appearance'``: S = S^A;
            ``'location'``: S = S^L. Defaults to ``'both'``.
        scale (bool): Divide the dot products by sqrt(C). Defaults to False.

    Raises:
        ValueError: If an option has no meaning.
    """

    def __init__(
        self,
        in_channels: int,
        sigma: Sequence[float] = (5, 10),
        contexts: Sequence[int] = (1, 2, 3),
        fusion: Fusion = 'prod',
        normalize: Normalize = 'softmax',
        relations: Relations = 'both',
        scale: bool = False,
    ) -> None:
        super().__init__()
        _check_choice('fusion', fusion, Fusion)
        _check_choice('normalize', normalize, Normalize)
        _check_choice('relations', relations, Relations)
        if len(sigma) != 2 or min(sigma) <= 0:
            raise ValueError(
                f'sigma must be two positive numbers, along x and y; got {sigma!r}.'
            )
        if not contexts or min(contexts) < 1:
            raise ValueError(
                'contexts must hold at least one patch size, each at least 1; got '
                f'{contexts!r}.'
            )
        self.sigma = tuple(sigma)
        self.contexts = tuple(contexts)
        self.fusion: Fusion = fusion
        self.normalize: Normalize = normalize
        self.relations = relations
        self.factor = in_channels**-0.5 if scale else 1.0

    def forward(self, x: Tensor) -> Tensor:
        """Map F ``(N, C, H, W)`` to E of the same shape (Eq. 6)."""
        with _full_precision(x):
            mean = _positions(x) @ self.relation_map(x).transpose(1, 2)
        return mean.unflatten(2, x.shape[2:]).to(x.dtype)

    def relation_map(self, x: Tensor) -> Tensor:
        """Compute S.

        Args:
            x (Tensor): F ``(N, C, H, W)``.

        Returns:
            Tensor: ``(N, M, M)``, or ``(1, M, M)`` where only the location counts, in
            at least float32. Row i tells what position i takes from each.
        """
        with _full_precision(x):
            if self.relations == 'location':
                return self._location(x, location_map)[None]
            scores = self._appearance(x)
            if self.relations == 'both':
                maps = [scores, self._location(x, location_scores)]
                scores = fuse(maps, self.fusion, self.normalize)
            return scores.softmax(2)

    def _appearance(self, x: Tensor) -> Tensor:
        """Compute S^A before its last softmax, Eq. 1 and 2."""
        size = x.shape[2:]
        features = _positions(x)
        gram = features.transpose(1, 2) @ features
        if self.factor != 1:
            gram = gram * self.factor
        pairs = gram.unflatten(2, size).unflatten(1, size)
        sums = [context_sums(pairs, k).view_as(gram) for k in self.contexts]
        return sums[0] if len(sums) == 1 else fuse(sums, self.fusion, self.normalize)

    def _location(self, x: Tensor, make: Callable[..., Tensor]) -> Tensor:
        """Make S^L, or its logarithm, ``(M, M)`` for the map x.

        Made anew for every batch: a map kept for the next one would be a change of
        the module, which threads, other processes and compilers trip over.
        """
        home = 'cpu' if x.device.type == 'mps' else x.device  # MPS has no float64
        made = make((x.shape[2], x.shape[3]), self.sigma, home)
        return made.to(x.device, _wide(x))


@MODELS.register_module()
class CIA(BaseModule):
    """Make every channel a mean over the channels related to it (Eq. 7, 8).

    Related are channels whose maps have a large dot product, unscaled as printed: where
    features are large, a channel is related to itself alone, and E = F. There are no
    parameters; products and softmax are computed in at least float32.

    Args:
        in_channels (int): Channels C of the map.
    """

    relates = 'channels'  # not positions, as attention maps show them

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.in_channels = in_channels

    def forward(self, x: Tensor) -> Tensor:
        """Map F ``(N, C, H, W)`` to E of the same shape (Eq. 8)."""
        with _full_precision(x):
            mean = self.relation_map(x) @ _positions(x)
        return mean.unflatten(2, x.shape[2:]).to(x.dtype)

    def relation_map(self, x: Tensor) -> Tensor:
        """Compute C of Eq. 7, ``(N, C, C)`` in at least float32, from F."""
        with _full_precision(x):
            features = _positions(x)
            return _NormalSoftmax.apply(features @ features.transpose(1, 2))
