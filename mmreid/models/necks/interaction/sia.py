"""IANet's interaction-and-aggregation over positions.

Paper: Interaction-and-Aggregation Network for Person Re-Identification, CVPR 2019,
section 3.1.
"""

from collections.abc import Callable, Sequence
from typing import Literal, get_args

from mmengine.model import BaseModule
from torch import Tensor

from mmreid.arguments import check_choice
from mmreid.models.necks.interaction.relations import (
    Fusion,
    Normalize,
    context_sums,
    fuse,
    location_map,
    location_scores,
)
from mmreid.models.precision import full_precision, wide_dtype, widen
from mmreid.registry import MODELS

Relations = Literal['both', 'appearance', 'location']


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
        check_choice('fusion', fusion, get_args(Fusion))
        check_choice('normalize', normalize, get_args(Normalize))
        check_choice('relations', relations, get_args(Relations))
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
        with full_precision(x):
            mean = widen(x).flatten(2) @ self.relation_map(x).transpose(1, 2)
        return mean.unflatten(2, x.shape[2:]).to(x.dtype)

    def relation_map(self, x: Tensor) -> Tensor:
        """Compute S.

        Args:
            x (Tensor): F ``(N, C, H, W)``.

        Returns:
            Tensor: ``(N, M, M)``, or ``(1, M, M)`` where only the location counts, in
            at least float32. Row i tells what position i takes from each.
        """
        with full_precision(x):
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
        features = widen(x).flatten(2)
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
        location = make((x.shape[2], x.shape[3]), self.sigma, home)
        return location.to(x.device, wide_dtype(x))
