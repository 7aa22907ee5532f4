"""Grad-CAM: which positions of a map an answer depends on.

Paper: Grad-CAM: Visual Explanations from Deep Networks via Gradient-based
Localization (https://arxiv.org/abs/1610.02391), Eq. 1 and 2. AIR-Net's Figure 4 shows
it for every branch of a network.

The library ``grad-cam`` (https://github.com/jacobgil/pytorch-grad-cam), with which the
tests agree where it is installed, is not used: it requires ``opencv-python-headless``,
whose files overwrite those of the ``opencv-python`` that mmreid requires, it runs the
whole network once for every branch, and it scales every map to [0, 1] and to the
picture, after which Eq. 2 cannot be checked.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from mmreid.arguments import check_choice


def identity_score(branch: Any, out: dict[str, Tensor]) -> Tensor:
    """Take the highest score over the training identities, summed over the parts.

    Args:
        branch (Any): A branch of a head, with a classifier.
        out (dict[str, Tensor]): What its ``forward`` returned.

    Returns:
        Tensor: ``(N, )``.
    """
    return branch.classifier(out['bn_feat']).amax(2).sum(1)


def vector_length(branch: Any, out: dict[str, Tensor]) -> Tensor:
    """Take the length of the vector that retrieval compares.

    Args:
        branch (Any): A branch of a head.
        out (dict[str, Tensor]): What its ``forward`` returned.

    Returns:
        Tensor: ``(N, )``.
    """
    parts = out[branch.test or 'feat'][:, : branch.num_test_parts]
    if branch.test_parts is not None:
        parts = parts[:, branch.test_parts]
    return torch.linalg.vector_norm(parts.flatten(1), dim=1)


#: The answers that can be explained, by name.
ANSWERS: dict[str, Callable[[Any, dict[str, Tensor]], Tensor]] = dict(
    identity=identity_score, vector=vector_length
)


def grad_cam(branch: Any, feats: Sequence[Tensor], answer: str = 'identity') -> Tensor:
    """Compute how much each position of a branch's map speaks for its answer.

    The map is the one that the branch pools, behind its ``stage``. Its channels are
    weighted by the mean of the answer's gradient over the positions and summed; what
    speaks against the answer is set to zero.

    Args:
        branch (Any): A branch of a head, in evaluation mode.
        feats (Sequence[Tensor]): The backbone's maps, each ``(N, C, H, W)``.
        answer (str): ``'identity'``, the branch's highest score over the training
            identities, or ``'vector'``, the length of the vector that retrieval
            compares, which needs no classifier. Defaults to ``'identity'``.

    Returns:
        Tensor: ``(N, H, W)``, not negative.

    Raises:
        ValueError: The answer is unknown, or the branch has no classifier.
    """
    check_choice('answer', answer, ANSWERS)
    if answer == 'identity' and branch.classifier is None:
        raise ValueError(
            "answer='identity' needs a branch with a classifier; choose "
            "answer='vector'."
        )
    with torch.enable_grad():
        out = branch([feat.detach().requires_grad_() for feat in feats])
        # In evaluation mode no picture has a part in another one's answer.
        total = ANSWERS[answer](branch, out).sum()
    (gradient,) = torch.autograd.grad(total, out['map'])
    weights = gradient.mean((2, 3), keepdim=True)
    return (weights * out['map'].detach()).sum(1).clamp(min=0)
