"""The global context block.

Paper: GCNet: Non-local Networks Meet Squeeze-Excitation Networks and Beyond
(https://arxiv.org/abs/1904.11492).
"""

from mmcv.cnn.bricks import ContextBlock

from mmreid.registry import MODELS


@MODELS.register_module()
class GlobalContext(ContextBlock):
    """Add one vector, made from the whole map, to every position (GC block).

    mmcv's ``ContextBlock`` with attention pooling and additive fusion: a softmax over
    the positions weighs a mean of the map; 1x1 convolution, layer norm, ReLU, 1x1
    convolution turn it into what is added. The last convolution starts at zero, the
    block as the identity.

    Args:
        in_channels (int): Channels of the map.
        reduction (int): Squeeze ratio of the transform. Defaults to 16.

    Raises:
        ValueError: If the squeezed width is less than 1.
    """

    def __init__(self, in_channels: int, reduction: int = 16) -> None:
        if reduction < 1 or in_channels < reduction:
            raise ValueError(
                'The squeezed width in_channels // reduction must be at least 1, got '
                f'in_channels={in_channels}, reduction={reduction}; lower the '
                'reduction.'
            )
        # The parent rounds in_channels * ratio down; no rounding of the quotient may
        # make that one less.
        ratio = (in_channels // reduction + 0.5) / in_channels
        super().__init__(in_channels, ratio=ratio)
