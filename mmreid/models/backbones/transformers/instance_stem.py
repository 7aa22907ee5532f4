"""TransReID-SSL's stem: convolutions with instance norm before the patches."""

from collections.abc import Sequence

from mmpretrain.models.backbones.vision_transformer import PatchEmbed
from torch import Tensor, nn

from mmreid.models.backbones.instance_batch_norm import InstanceBatchNorm

WIDTH = 64
BATCH_NORM = dict(type='BN')


class InstanceStem(PatchEmbed):
    """Three convolutions, then patches of half the side on a map of half the size.

    Self-Supervised Pre-Training for Transformer-Based Person Re-Identification
    (https://arxiv.org/abs/2111.12084, section 3.3), as released
    (https://github.com/damo-cv/TransReID-SSL, ``model/backbones/vit_pytorch.py``): 7x7
    of stride 2 and 3x3, each with IBN, then 3x3 with batch norm, all with 64 channels
    and ReLU. ``conv`` numbers its layers as there.

    Args:
        img_size (Sequence[int]): Height and width of the pictures.
        convolution (nn.Conv2d): The layer in whose place it stands, which tells the
            size of a patch and the channels of a token and of a picture.

    Raises:
        ValueError: The patches do not fill the pictures, or have an odd side.
    """

    def __init__(self, img_size: Sequence[int], convolution: nn.Conv2d) -> None:
        patch_size = convolution.kernel_size[0]
        if patch_size % 2 or any(side % patch_size for side in img_size):
            raise ValueError(
                "stem='ics' needs an even patch_size that divides img_size, got "
                f'{patch_size} and {tuple(img_size)}.'
            )
        super().__init__(
            in_channels=WIDTH,
            embed_dims=convolution.out_channels,
            kernel_size=patch_size // 2,
            stride=patch_size // 2,
            padding=0,
            input_size=tuple(side // 2 for side in img_size),
        )
        self.conv = nn.Sequential(
            nn.Conv2d(
                convolution.in_channels, WIDTH, 7, stride=2, padding=3, bias=False
            ),
            InstanceBatchNorm(WIDTH, BATCH_NORM),
            nn.ReLU(inplace=True),
            nn.Conv2d(WIDTH, WIDTH, 3, padding=1, bias=False),
            InstanceBatchNorm(WIDTH, BATCH_NORM),
            nn.ReLU(inplace=True),
            nn.Conv2d(WIDTH, WIDTH, 3, padding=1, bias=False),
            nn.BatchNorm2d(WIDTH),
            nn.ReLU(inplace=True),
        )

    def forward(self, x: Tensor) -> tuple[Tensor, tuple[int, int]]:
        """Map pictures ``(N, 3, H, W)`` to patches ``(N, h * w, C)`` and their grid."""
        return super().forward(self.conv(x))
