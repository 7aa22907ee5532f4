"""The reduction of part vectors: a linear layer, batch norm and ReLU."""

from torch import nn

from mmreid.registry import MODELS


@MODELS.register_module()
class PartUnit(nn.Sequential):
    """Map each part vector by its own 1x1 convolution, batch norm and ReLU.

    On vectors the convolution is a linear layer; every part has its own weights and
    its own batch statistics, and all are computed together.

    Args:
        num_parts (int): Number of parts P.
        in_channels (int): Width C of a part vector.
        out_channels (int): Width c of the result; ``(N, P, C) -> (N, P, c)``.
    """

    def __init__(self, num_parts: int, in_channels: int, out_channels: int) -> None:
        linear = dict(type='PartLinear', num_parts=num_parts, in_channels=in_channels)
        super().__init__(
            MODELS.build(dict(linear, out_channels=out_channels)),
            nn.Flatten(),  # batch statistics of every part by itself
            nn.BatchNorm1d(num_parts * out_channels),
            nn.ReLU(),
            nn.Unflatten(1, (num_parts, out_channels)),
        )
