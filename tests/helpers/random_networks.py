"""Networks of configs as a training would leave them, without any weights fetched."""

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from mmreid.apis import init_model
from mmreid.apis.test_pipeline import input_size
from mmreid.engine import read_config


def random_network(path: str) -> tuple[nn.Module, tuple[int, int]]:
    """Build a config's network, none of whose parts does nothing.

    Args:
        path (str): The config.

    Returns:
        tuple[nn.Module, tuple[int, int]]: The network in evaluation mode, and the
        height and width of its pictures.
    """
    cfg = read_config(path)
    cfg.model.backbone.pop('init_cfg', None)
    model = init_model(cfg)
    size = input_size(model.cfg)
    with torch.no_grad():
        # Attention that starts as the identity would hide faults.
        for parameter in model.parameters():
            if not parameter.any():
                parameter.normal_(std=0.1)
        norms = [part for part in model.modules() if isinstance(part, _BatchNorm)]
        for norm in norms:
            norm.train()
            norm.momentum = 1.0
        vectors_of(model, draw_pictures(8, size))
        for norm in norms:
            norm.eval()
    return model, size


def draw_pictures(count: int, size: tuple[int, int]) -> Tensor:
    """Draw pictures of coarse and fine patterns, ``(N, H, W, 3)`` uint8.

    Of three or more one is black and one white.
    """
    fine = torch.rand(count, 3, *size)
    coarse = nn.functional.interpolate(torch.rand(count, 3, 8, 4), size=size)
    share = torch.rand(count, 1, 1, 1)
    pictures = (255 * (share * fine + (1 - share) * coarse)).round()
    if count >= 3:
        pictures[-2], pictures[-1] = 0, 255
    return pictures.to(torch.uint8).permute(0, 2, 3, 1).contiguous()


def vectors_of(model: nn.Module, pictures: Tensor) -> Tensor:
    """Compute the vectors of ``(N, H, W, 3)`` in BGR, as OpenCV reads them."""
    inputs = dict(inputs=pictures.permute(0, 3, 1, 2))
    with torch.no_grad():
        return model(model.data_preprocessor(inputs)['inputs'], mode='tensor')
