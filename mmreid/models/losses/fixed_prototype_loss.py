"""Cross-entropy over products with vectors that are given and stay."""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmreid.models.precision import full_precision, widen
from mmreid.registry import MODELS


@MODELS.register_module()
class FixedPrototypeLoss(nn.Module):
    r"""Smoothed cross-entropy of classes that have a vector each, from a file.

    The score of class :math:`k` is the product :math:`f \cdot t_k` of a picture's
    vector with the class's, neither scaled. It is the image-to-text term of `CLIP-ReID
    <https://arxiv.org/abs/2211.13977>`_, Eq. 7, where the text tower has made the
    vectors before; nothing here makes them.

    Args:
        in_channels (int): Width D of the vectors.
        num_classes (int): Number of classes K.
        prototypes (str, optional): File of numpy (``.npy``) with the vectors
            ``(K, D)``, in the order of the training labels. Defaults to None: there
            are none, and the loss is 0.
        label_smooth_val (float): Share of a target that goes to all classes equally.
            Defaults to 0.1.
        loss_weight (float): Factor on the result. Defaults to 1.0.

    Raises:
        ValueError: If the file cannot be read or has vectors of another shape, or
            ``label_smooth_val`` is no share.
    """

    prototypes: Tensor | None

    def __init__(
        self,
        in_channels: int,
        num_classes: int,
        prototypes: str | None = None,
        label_smooth_val: float = 0.1,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__()
        if not 0 <= label_smooth_val < 1:
            raise ValueError(
                f'label_smooth_val must lie in [0, 1), got {label_smooth_val}; 0 is '
                'for none.'
            )
        self.label_smooth_val = label_smooth_val
        self.loss_weight = loss_weight
        rows = None
        if prototypes is not None:
            rows = _read(Path(prototypes), (num_classes, in_channels))
        # The file has them; a checkpoint need not.
        self.register_buffer('prototypes', rows, persistent=False)

    def forward(self, feats: Tensor, labels: Tensor) -> Tensor:
        """Compute the loss of a batch.

        Args:
            feats (Tensor): Vectors ``(N, D)``; half precision is computed in float32.
            labels (Tensor): Classes ``(N,)``.

        Returns:
            Tensor: Scalar, the mean over the batch; zero, with a gradient path,
            without prototypes.
        """
        with full_precision(feats):
            feats = widen(feats)
            if self.prototypes is None:
                return 0.0 * feats.sum()
            scores = feats @ self.prototypes.to(feats.dtype).T
            loss = F.cross_entropy(
                scores, labels, label_smoothing=self.label_smooth_val
            )
            return self.loss_weight * loss


def _read(path: Path, shape: tuple[int, int]) -> Tensor:
    """Read vectors of one per class.

    Raises:
        ValueError: There are none of this shape.
    """
    expected = f'{shape[0]} rows, one per class, of width {shape[1]}'
    try:
        rows = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise ValueError(
            f'prototypes must name a .npy file of {expected}, got {path}: {error}. '
            'Without such a file set prototypes=None.'
        ) from None
    if getattr(rows, 'shape', None) != shape or not np.isfinite(rows).all():
        found = getattr(rows, 'shape', type(rows).__name__)
        raise ValueError(
            f'prototypes must have {expected}, all finite, got {found} in {path}.'
        )
    return torch.from_numpy(rows.astype(np.float32))
