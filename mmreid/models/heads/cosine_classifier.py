"""Cosines between vectors and classes, which margin losses work on."""

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmreid.models.precision import full_precision, widen
from mmreid.registry import MODELS


@MODELS.register_module()
class CosineClassifier(BaseModule):
    r"""Score each part vector by its cosine with the nearest centre of every class.

    With unit vectors :math:`x` and the unit centres :math:`w_{yk}` of class y,

    .. math:: s_y = \max_k \langle x, w_{yk} \rangle .

    One centre is the classifier of `NormFace <https://arxiv.org/abs/1704.06369>`_ and
    of the margin losses after it; several are `Sub-center ArcFace
    <https://www.ecva.net/papers/eccv_2020/papers_ECCV/papers/123560715.pdf>`_, whose
    further centres take up pictures that look otherwise or are labelled wrongly.

    Args:
        num_parts (int): Number of parts P.
        in_channels (int): Width of a part vector.
        out_channels (int): Number of classes.
        num_centers (int): Centres K of each class. Defaults to 1.

    Raises:
        ValueError: If ``num_centers`` is not positive.
    """

    #: What it returns is what margin losses ask for.
    gives_cosines = True

    def __init__(
        self, num_parts: int, in_channels: int, out_channels: int, num_centers: int = 1
    ) -> None:
        super().__init__()
        if num_centers < 1:
            raise ValueError(
                f'num_centers must be at least 1, got {num_centers}; 1 is a plain '
                'cosine classifier.'
            )
        shape = (num_parts, out_channels, num_centers, in_channels)
        self.weight = nn.Parameter(torch.empty(shape))
        self.init_weights()

    def init_weights(self) -> None:
        """Draw directions; the length of a centre is without effect on the scores."""
        nn.init.normal_(self.weight, std=self.weight.shape[3] ** -0.5)

    def forward(self, parts: Tensor) -> Tensor:
        """Map ``(N, P, C)`` to cosines ``(N, P, num_classes)``.

        Half precision is computed in float32. Fewer parts than the layer has use the
        first centres: a pool may give further parts in training only.
        """
        weight = self.weight[: parts.shape[1]]
        with full_precision(parts):
            units = F.normalize(widen(parts), dim=2)
            centers = F.normalize(widen(weight), dim=3)
            cosines = torch.einsum('npc,pokc->npok', units, centers)
        return cosines.amax(3)
