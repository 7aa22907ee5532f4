"""A network with its normalisation, captured as a graph."""

import copy
from typing import Any

import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram

from mmreid.arguments import check_choice
from mmreid.deploy.facts import CHANNELS

# An example of fewer would have its size taken for the only one.
_EXAMPLE = 2
_MOST = 65_535


class PictureProgram(nn.Module):
    """Pictures as they are read to vectors.

    Args:
        model (Any): A network with a ``data_preprocessor``, and ``mode='tensor'``.
        channels (str): ``'bgr'`` or ``'rgb'``, the order in the pictures.
    """

    def __init__(self, model: Any, channels: str) -> None:
        super().__init__()
        self.model, self.channels = model, channels

    def forward(self, pictures: Tensor) -> Tensor:
        """Compute vectors.

        Args:
            pictures (Tensor): ``(N, H, W, 3)`` uint8.

        Returns:
            Tensor: ``(N, D)`` float32.
        """
        pictures = pictures.permute(0, 3, 1, 2)
        if self.channels == 'rgb':  # the data preprocessor expects what OpenCV reads
            pictures = pictures.flip(1)
        prepared = self.model.data_preprocessor(dict(inputs=pictures))
        return self.model(prepared['inputs'], mode='tensor').float()


def capture(
    model: Any, height: int, width: int, channels: str = 'bgr'
) -> ExportedProgram:
    """Capture a network for any number of pictures of one size.

    Args:
        model (Any): Network of :func:`mmreid.apis.init_model`, which stays as it is.
        height (int): Of the pictures, in pixels.
        width (int): Of the same.
        channels (str): ``'bgr'`` or ``'rgb'``. Defaults to ``'bgr'``.

    Returns:
        ExportedProgram: uint8 ``(N, height, width, 3)`` to float32 ``(N, D)``.

    Raises:
        ValueError: ``channels`` is another word, or the network is training.
    """
    check_choice('channels', channels, CHANNELS)
    if model.training:
        raise ValueError(
            'model must be in evaluation mode, got one in training mode. Call '
            'model.eval().'
        )
    network = copy.deepcopy(model).cpu().float().requires_grad_(False)
    example = torch.zeros((_EXAMPLE, height, width, 3), dtype=torch.uint8)
    sizes = ({0: Dim('batch', min=1, max=_MOST)},)
    with torch.no_grad():
        return torch.export.export(
            PictureProgram(network, channels).eval(), (example,), dynamic_shapes=sizes
        )
