"""Centre loss: vectors come close to the centre of their identity."""

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor, nn

from mmreid.models.precision import full_precision, wide_dtype
from mmreid.registry import MODELS


@MODELS.register_module()
class CenterLoss(nn.Module):
    r"""Mean squared distance of vectors to the centre of their identity.

    Paper: `A Discriminative Feature Learning Approach for Deep Face Recognition
    <https://kpzhang93.github.io/papers/eccv2016.pdf>`_, Eq. 2, without its factor 1/2
    and with the mean over the batch, as the strong baseline of re-identification has it
    (https://github.com/michuanhaohao/reid-strong-baseline, and AGW and LightMBN after
    it):

    .. math:: L = \frac{1}{N} \sum_i |x_i - c_{y_i}|^2 .

    There the centres are drawn normally and follow the vectors by an SGD of their own,
    with rate 0.5, on the unweighted loss, whatever trains the network. So they do here:
    a step in training moves each centre, after the loss has been computed, by
    ``-center_lr`` times its gradient, the mean over the processes.

    Args:
        in_channels (int): Width of the vectors; a branch tells it.
        num_classes (int): Number of identities; a branch tells it.
        loss_weight (float): Factor on the result. Defaults to 1.0; the baseline takes
            0.0005.
        center_lr (float, optional): Rate of the centres' own steps. None makes them
            parameters, which the optimizer of the network learns; its rate for them is
            set by their prefix, such as ``head.branches.whole.metric_loss``, in
            :class:`PrefixOptimWrapperConstructor`. Defaults to 0.5.

    Raises:
        ValueError: If ``center_lr`` is negative.
    """

    centers: Tensor

    def __init__(
        self,
        in_channels: int,
        num_classes: int,
        loss_weight: float = 1.0,
        center_lr: float | None = 0.5,
    ) -> None:
        super().__init__()
        if center_lr is not None and center_lr < 0:
            raise ValueError(
                f'center_lr must not be negative, got {center_lr}; 0.5 is usual, None '
                'leaves the centres to the optimizer.'
            )
        self.loss_weight = loss_weight
        self.center_lr = center_lr
        centers = torch.randn(num_classes, in_channels)
        if center_lr is None:
            self.centers = nn.Parameter(centers)
        else:
            self.register_buffer('centers', centers)

    def forward(self, feats: Tensor, labels: Tensor) -> Tensor:
        """Compute the loss of a batch, and in training move the centres.

        Args:
            feats (Tensor): Vectors ``(N, D)``; half precision is computed in float32.
            labels (Tensor): Identities ``(N,)``.

        Returns:
            Tensor: Scalar.
        """
        with full_precision(feats):
            dtype = torch.promote_types(wide_dtype(feats), wide_dtype(self.centers))
            offsets = feats.to(dtype) - self.centers[labels].to(dtype)  # N x D
            loss = offsets.square().sum(1).mean()
            if self.center_lr is not None and self.training:
                self._follow(offsets.detach(), labels, self.center_lr)
        return self.loss_weight * loss

    @torch.no_grad()
    def _follow(self, offsets: Tensor, labels: Tensor, rate: float) -> None:
        """Take a step down the gradient, which is -2/N times the sum of offsets."""
        # A product, since index_add has no fixed order of summation on a GPU.
        belongs = F.one_hot(labels, len(self.centers)).to(offsets.dtype)
        step = belongs.T @ offsets * (2 * rate / len(offsets))
        if dist.is_initialized():
            dist.all_reduce(step)
            step /= dist.get_world_size()
        self.centers += step.to(self.centers.dtype)
