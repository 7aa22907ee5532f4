"""Tokens of a transformer in the shape that heads take: maps."""

import torch
from torch import Tensor


def token_maps(
    tokens: Tensor, grid: tuple[int, int], num_extra_tokens: int = 1
) -> list[Tensor]:
    """Bring tokens into the shape of maps.

    Args:
        tokens (Tensor): ``(N, num_extra_tokens + h * w, C)``, the class token first,
            then part tokens, if there are any.
        grid (tuple[int, int]): Height and width ``h, w``.
        num_extra_tokens (int): Tokens before the patches. Defaults to 1.

    Returns:
        list[Tensor]: Patches ``(N, C, h, w)`` and class token ``(N, C, 1, 1)``; of
        part tokens also ``(N, C, parts, 1)``, and ``(N, 2 * C, 1, 1)``: the class
        token and behind it the parts' mean.
    """
    by_channel = tokens.transpose(1, 2)
    patches = by_channel[:, :, num_extra_tokens:].unflatten(2, grid)
    class_token = by_channel[:, :, :1, None]
    if num_extra_tokens == 1:
        return [patches, class_token]
    parts = by_channel[:, :, 1:num_extra_tokens, None]
    joined = torch.cat([class_token, parts.mean(2, keepdim=True)], 1)
    return [patches, class_token, parts, joined]
