"""AANet's attention alignment: class activation maps agree within an identity.

Paper: Attention-Aligned Network for Person Re-Identification, section 3.3, Eq. 4-7.
No code was released; SPEC-level choices (what the paper leaves open) are arguments.
"""

from collections.abc import Sequence
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmreid.arguments import check_choice
from mmreid.models.precision import full_precision, wide_dtype
from mmreid.registry import MODELS


def class_activation(maps: Tensor, weight: Tensor, labels: Tensor) -> Tensor:
    """Weight the map's channels by the true identity's classifier (Eq. 4, 5).

    Args:
        maps (Tensor): Feature maps ``(N, C, H, W)``.
        weight (Tensor): The classifier's weight ``(num_classes, C)``.
        labels (Tensor): True classes ``(N,)``.

    Returns:
        Tensor: Maps ``(N, H, W)``, each scaled to [0, 1] by its minimum and maximum;
        a constant map becomes zero.
    """
    cam = torch.einsum('nchw,nc->nhw', maps, weight[labels])
    low, high = cam.amin((1, 2), keepdim=True), cam.amax((1, 2), keepdim=True)
    return (cam - low) / (high - low).clamp_min(torch.finfo(cam.dtype).tiny)


def salient_range(response: Tensor, threshold: float, relative: bool) -> Tensor:
    """Span the positions whose response reaches a threshold.

    Args:
        response (Tensor): Mean responses ``(N, L)`` along one side of the map.
        threshold (float): The threshold, or with ``relative`` a share of each
            row's maximum.
        relative (bool): See ``threshold``.

    Returns:
        Tensor: ``(N, 2)``, first and last index that pass, everything in between
        included (the smallest rectangle); the whole side if none passes.
    """
    level = response.amax(1, keepdim=True) * threshold if relative else threshold
    passes = response >= level
    passes |= ~passes.any(1, keepdim=True)
    length = response.shape[1]
    first = passes.int().argmax(1)
    last = length - 1 - passes.flip(1).int().argmax(1)
    return torch.stack([first, last], 1)


def attention_vector(
    cam: Tensor, thresholds: tuple[float, float], relative: bool
) -> Tensor:
    """Crop a map to its salient rectangle and describe it from top to bottom.

    The rows of the rectangle are averaged over its columns, and the resulting
    profile is stretched linearly (as ``F.interpolate``, ``align_corners=False``) to
    the height of the map. The rectangle's indices are constants for the gradient.

    Args:
        cam (Tensor): Normalised maps ``(N, H, W)``.
        thresholds (tuple[float, float]): For the rows (T_h) and the columns (T_w).
        relative (bool): Thresholds are shares of the largest mean response.

    Returns:
        Tensor: Attention vectors ``(N, H)``.
    """
    height, width = cam.shape[1:]
    detached = cam.detach()
    top, bottom = salient_range(detached.mean(2), thresholds[0], relative).unbind(1)
    left, right = salient_range(detached.mean(1), thresholds[1], relative).unbind(1)
    columns = torch.arange(width, device=cam.device)
    inside = (columns >= left[:, None]) & (columns <= right[:, None])  # N x W
    kept = inside[:, None].to(cam.dtype)
    profile = (cam * kept).sum(2) / kept.sum(2)  # N x H
    # Where each of the H samples falls between the rows top..bottom.
    rows = (bottom - top + 1)[:, None]
    samples = torch.arange(height, device=cam.device, dtype=cam.dtype)
    position = ((samples + 0.5) * (rows.to(cam.dtype) / height) - 0.5).clamp_min(0)
    lower = torch.minimum(position.long(), rows - 1)
    upper = torch.minimum(lower + 1, rows - 1)
    share = position - lower
    lower_value = profile.gather(1, lower + top[:, None])
    upper_value = profile.gather(1, upper + top[:, None])
    return torch.lerp(lower_value, upper_value, share)


@MODELS.register_module()
class AttentionAlignmentLoss(nn.Module):
    r"""Attention cosine distance loss of AANet (Eq. 7).

    For every identity of the batch, the mean of 1 - cos over the pairs of its
    images' attention vectors; then the mean over the identities that have a pair.

    Args:
        thresholds (tuple[float, float]): For the rows (T_h) and the columns (T_w) of
            the normalised class activation map. Defaults to (0.3, 0.3).
        relative (bool): Take the thresholds relative to the largest mean response of
            each map, so that a crop is never empty; otherwise as absolute values (a
            side where nothing passes is then kept whole). Defaults to True.
        pairs (str): ``'unordered'``, or ``'printed'`` for Eq. 7's index set, which
            counts every pair twice. Defaults to ``'unordered'``.
        over_ids (str): ``'mean'`` over the identities, or Eq. 7's ``'sum'``.
            Defaults to ``'mean'``.
        loss_weight (float): Factor on the result (beta). Defaults to 1.0.

    Raises:
        ValueError: If a threshold lies outside [0, 1], or an option is unknown.
    """

    #: What a batch must have beside a picture, for the check before a training.
    needs = ('positives',)

    def __init__(
        self,
        thresholds: tuple[float, float] = (0.3, 0.3),
        relative: bool = True,
        pairs: Literal['unordered', 'printed'] = 'unordered',
        over_ids: Literal['mean', 'sum'] = 'mean',
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__()
        pair = tuple(thresholds) if isinstance(thresholds, Sequence) else ()
        if len(pair) != 2 or not all(0 <= t <= 1 for t in pair):
            raise ValueError(
                'thresholds must be two numbers in [0, 1], for the rows and the '
                f'columns of a map scaled to [0, 1]; got {thresholds!r}.'
            )
        check_choice('pairs', pairs, ('unordered', 'printed'))
        check_choice('over_ids', over_ids, ('mean', 'sum'))
        self.thresholds = (float(pair[0]), float(pair[1]))
        self.relative = relative
        self.pairs = pairs
        self.over_ids = over_ids
        self.loss_weight = loss_weight

    def forward(self, maps: Tensor, weight: Tensor, labels: Tensor) -> Tensor:
        """Compute the loss of a batch.

        Args:
            maps (Tensor): Last feature maps ``(N, C, H, W)``; half precision is
                computed in float32.
            weight (Tensor): Weight of the classifier that sees the average of
                ``maps``, ``(num_classes, C)``.
            labels (Tensor): True classes ``(N,)``.

        Returns:
            Tensor: Scalar; zero, with a gradient path, when no identity has a pair.
        """
        with full_precision(maps):
            dtype = wide_dtype(maps)
            cam = class_activation(maps.to(dtype), weight.to(dtype), labels)
            vectors = attention_vector(cam, self.thresholds, self.relative)
            return self.loss_weight * self._pair_distance(vectors, labels)

    def _pair_distance(self, vectors: Tensor, labels: Tensor) -> Tensor:
        """Mean cosine distance of the pairs inside identities."""
        units = F.normalize(vectors)
        distances = 1 - units @ units.T
        same = labels[:, None] == labels[None, :]
        images = same.sum(1).to(vectors.dtype)  # K of each image's identity
        per_id = same.triu(1) / (images * (images - 1) / 2).clamp_min(1)[:, None]
        loss = (distances * per_id).sum()
        if self.pairs == 'printed':
            loss = 2 * loss
        if self.over_ids == 'mean':
            loss = loss / ((images > 1) / images).sum().round().clamp_min(1)
        return loss
