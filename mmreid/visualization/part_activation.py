"""Where in a picture each part vector of a branch comes from.

As Figure 6 of Relation Network for Person Re-identification (AAAI 2020) shows it for a
part and its rest. The paper does not say how it is computed; here it is Grad-CAM
(https://arxiv.org/abs/1610.02391) with weights of their own in every stripe, since
stripes are pooled apart.
"""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor

VECTOR = 'vector'


def part_activations(
    branch: Any, feats: Sequence[Tensor], of: str = VECTOR
) -> tuple[Tensor, int]:
    """Compute how much each position of a branch's map adds to each part vector.

    The answer that is explained is the length of the vector. Within a stripe the
    channels are weighted by the sum of its gradient, that is by the gradient for the
    pooled stripe, and summed; what makes the vector shorter is set to zero.

    Args:
        branch (Any): A branch of a head, in evaluation mode.
        feats (Sequence[Tensor]): The backbone's maps, each ``(N, C, H, W)``.
        of (str): ``'vector'``, the vectors that retrieval compares, or the name of a
            part of the pool that returns vectors ``(N, K, D)``: of ``RelationPool``
            ``'part'``, ``'rest'``, ``'part_relation'``, ``'whole'``, ``'contrasted'``
            and ``'whole_relation'``. Defaults to ``'vector'``.

    Returns:
        tuple[Tensor, int]: ``(N, K, H, W)``, not negative, and the number of stripes.

    Raises:
        ValueError: The pool has no such part, or it returns no vectors.
    """
    with torch.enable_grad():
        maps, vectors = _run(branch, feats, of)
        # In evaluation mode no picture has a part in another one's vectors.
        lengths = torch.linalg.vector_norm(vectors, dim=2).sum(0).unbind()
    num_stripes = getattr(branch.pool, 'num_parts', 1)
    cams = []
    for length in lengths:
        (gradient,) = torch.autograd.grad(length, maps, retain_graph=True)
        stripes = gradient.unflatten(2, (num_stripes, -1))  # N x C x S x rows x W
        weights = stripes.sum((3, 4), keepdim=True).expand_as(stripes).flatten(2, 3)
        cams.append((weights * maps.detach()).sum(1).clamp(min=0))
    return torch.stack(cams, 1), num_stripes


def _run(branch: Any, feats: Sequence[Tensor], of: str) -> tuple[Tensor, Tensor]:
    """Return the map that is pooled and the vectors to explain."""
    feats = [feat.detach().requires_grad_() for feat in feats]
    if of == VECTOR:
        out = branch(feats)
        vectors = out[branch.test or 'feat'][:, : branch.num_test_parts]
        return out['map'], vectors
    known = dict(branch.pool.named_children())
    if of not in known:
        raise ValueError(
            f"of must be '{VECTOR}' or a part of the pool, one of {[*known]}, got "
            f'{of!r}.'
        )
    caught: list[Tensor] = []
    with known[of].register_forward_hook(lambda *args: caught.append(args[2])):
        out = branch(feats)
    if not caught or caught[0].ndim != 3:
        raise ValueError(f'{of!r} returns no vectors (N, K, D); choose another part.')
    return out['map'], caught[0]


def share_of_stripe(cam: np.ndarray, index: int, num_stripes: int) -> float:
    """Compute which share of an activation lies in a stripe.

    Args:
        cam (np.ndarray): ``(H, W)``, not negative.
        index (int): The stripe, from the top.
        num_stripes (int): Number of stripes.

    Returns:
        Between 0 and 1; 0 where there is no activation.
    """
    total = float(cam.sum())
    return float(np.split(cam, num_stripes)[index].sum()) / total if total else 0.0


def frame_stripe(image: np.ndarray, index: int, num_stripes: int) -> np.ndarray:
    """Draw a frame around a stripe of a picture.

    Args:
        image (np.ndarray): ``(H, W, 3)`` uint8 BGR.
        index (int): The stripe, from the top.
        num_stripes (int): Number of stripes.

    Returns:
        ``(H, W, 3)`` uint8 BGR.
    """
    height, width = image.shape[:2]
    top, bottom = (round(height * (index + k) / num_stripes) for k in (0, 1))
    corners = (0, top), (width - 1, bottom - 1)
    return cv2.rectangle(image.copy(), *corners, (255, 255, 255), 1)
