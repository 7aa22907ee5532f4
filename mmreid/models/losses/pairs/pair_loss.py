"""What losses that compare the pictures of a batch have in common."""

from abc import ABC, abstractmethod

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor, nn
from torch.distributed.nn.functional import all_gather

from mmreid.models.precision import full_precision, widen


def pairs_of(labels: Tensor) -> tuple[Tensor, Tensor]:
    """Tell which pictures show the same person.

    Args:
        labels (Tensor): Identity of each picture, ``(N,)``.

    Returns:
        tuple[Tensor, Tensor]: ``(N, N)`` each: whether the column is a positive of the
        row (another picture of its person), and whether it is a negative.
    """
    same = labels[:, None] == labels[None, :]
    itself = torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    return same & ~itself, ~same


def anchors_of(positive: Tensor, negative: Tensor) -> Tensor:
    """Find the rows that have a positive and a negative.

    Args:
        positive (Tensor): Whether the column is a positive of the row, ``(N, N)``.
        negative (Tensor): Whether it is a negative.

    Returns:
        Tensor: Indices ``(M,)``, M <= N.
    """
    return (positive.any(1) & negative.any(1)).nonzero().squeeze(1)


def similarities(feats: Tensor) -> Tensor:
    """Compute the cosines of all pairs, ``(N, N)``.

    Args:
        feats (Tensor): Vectors ``(N, D)``.
    """
    units = F.normalize(feats)
    return units @ units.T


class PairLoss(nn.Module, ABC):
    """A loss on the pairs of a batch.

    Args:
        loss_weight (float): Factor on the result. Defaults to 1.0.
        gather (bool): Compare the batches of all processes together, which must have
            equally many pictures each. Value and gradient are those of one process
            with the whole batch. Defaults to False: each process compares its own.
    """

    #: What a batch must have beside a picture, for the check before a training.
    needs: tuple[str, ...] = ('positives', 'negatives')

    def __init__(self, loss_weight: float = 1.0, gather: bool = False) -> None:
        super().__init__()
        self.loss_weight = loss_weight
        self.gather = gather

    @abstractmethod
    def compare(self, feats: Tensor, labels: Tensor) -> Tensor:
        """Compute the loss, unweighted, of vectors in at least float32.

        Args:
            feats (Tensor): Vectors ``(N, D)``.
            labels (Tensor): Identities ``(N,)``.

        Returns:
            Tensor: Scalar.
        """

    def forward(self, feats: Tensor, labels: Tensor) -> Tensor:
        """Compute the loss of a batch.

        Args:
            feats (Tensor): Vectors ``(N, D)``; half precision is computed in float32.
            labels (Tensor): Identities ``(N,)``.

        Returns:
            Tensor: Scalar; zero, with a gradient path, when no picture has both a
            positive and a negative.
        """
        # Autocast would round the differences that decide who is hardest.
        with full_precision(feats):
            feats = widen(feats)
            if self.gather and dist.is_initialized():
                # Every process has the loss of all; the gradients that come back to a
                # vector are summed over the processes, and those of the parameters
                # averaged by DistributedDataParallel.
                feats = torch.cat(all_gather(feats))
                labels = torch.cat(all_gather(labels))
            return self.loss_weight * self.compare(feats, labels)


class AnchorLoss(PairLoss):
    """A loss that is the mean over the anchors, see :class:`PairLoss`.

    An anchor is a picture that has a positive and a negative in the batch.
    """

    def compare(self, feats: Tensor, labels: Tensor) -> Tensor:
        """Compute the loss, unweighted, of vectors in at least float32.

        Args:
            feats (Tensor): Vectors ``(N, D)``.
            labels (Tensor): Identities ``(N,)``.

        Returns:
            Tensor: Scalar; zero, with a gradient path, when there is no anchor.
        """
        positive, negative = pairs_of(labels)
        anchors = anchors_of(positive, negative)
        if not len(anchors):
            return 0.0 * feats.sum()
        each = self.of_anchors(feats, anchors, positive[anchors], negative[anchors])
        return each.mean()

    @abstractmethod
    def of_anchors(
        self, feats: Tensor, anchors: Tensor, positive: Tensor, negative: Tensor
    ) -> Tensor:
        """Compute the loss of each anchor.

        Args:
            feats (Tensor): Vectors ``(N, D)``, in at least float32.
            anchors (Tensor): Their indices ``(M,)``, at least one.
            positive (Tensor): Whether the column is a positive of the anchor,
                ``(M, N)``.
            negative (Tensor): Whether it is a negative.

        Returns:
            Tensor: ``(M,)``.
        """
