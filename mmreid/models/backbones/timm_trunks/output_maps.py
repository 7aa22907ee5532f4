"""What a network of timm returns, in the shape that heads take: maps."""

from typing import Any, Literal, NamedTuple

from torch import Tensor, nn

Format = Literal['NCHW', 'NHWC', 'tokens', 'intermediate']


class Output(NamedTuple):
    """What a network returns for pictures of a size.

    Attributes:
        format (str): ``'NCHW'`` and ``'NHWC'``, maps; ``'tokens'``,
            ``(N, prefix + h * w, C)``; ``'intermediate'``, maps that timm makes of its
            last stage, where the whole network returns something else.
        channels (int): C.
        grid (tuple[int, int]): Height and width of the map.
        num_prefix_tokens (int): Tokens before those of the grid.
        has_class_token (bool): Whether the first of them is the class token.
    """

    format: Format
    channels: int
    grid: tuple[int, int]
    num_prefix_tokens: int = 0
    has_class_token: bool = False


def maps_of(network: nn.Module, x: Tensor, output: Output) -> tuple[Tensor, ...]:
    """Compute the maps of pictures.

    Args:
        network (nn.Module): Of timm.
        x (Tensor): Pictures ``(N, 3, H, W)``.
        output (Output): What the network returns for them.

    Returns:
        tuple[Tensor, ...]: The map ``(N, C, h, w)`` and, where there is one, the class
        token ``(N, C, 1, 1)``.
    """
    if output.format == 'intermediate':
        return (intermediate_map(network, x),)
    features: Any = network.forward_features
    result = features(x)
    if output.format == 'NCHW':
        return (result,)
    if output.format == 'NHWC':
        return (result.permute(0, 3, 1, 2).contiguous(),)
    by_channel = result.transpose(1, 2)
    grid_map = by_channel[:, :, output.num_prefix_tokens :].unflatten(2, output.grid)
    if output.has_class_token:
        return grid_map, by_channel[:, :, :1, None]
    return (grid_map,)


def intermediate_map(network: Any, x: Tensor) -> Tensor:
    """Compute the map of the last stage, by timm's way to intermediate maps.

    Args:
        network (nn.Module): Of timm, with ``forward_intermediates``.
        x (Tensor): Pictures ``(N, 3, H, W)``.

    Returns:
        Tensor: ``(N, C, h, w)``.
    """
    return network.forward_intermediates(x, indices=1, intermediates_only=True)[-1]


def describe_output(network: Any, result: Any, size: tuple[int, int]) -> Output | None:
    """Find out what a network returns.

    Args:
        network (nn.Module): Of timm.
        result (Any): What its ``forward_features`` has returned.
        size (tuple[int, int]): Height and width of the pictures.

    Returns:
        Output | None: What it is; None where it is no map.
    """
    if not isinstance(result, Tensor):
        return None
    if result.ndim == 4:
        is_last = getattr(network, 'output_fmt', 'NCHW') == 'NHWC'
        width = network.num_features
        if result.shape[1] != width and result.shape[3] == width:
            is_last = True
        if is_last:
            return Output('NHWC', result.shape[3], (result.shape[1], result.shape[2]))
        return Output('NCHW', result.shape[1], (result.shape[2], result.shape[3]))
    if result.ndim != 3:
        return None
    num_prefix = int(getattr(network, 'num_prefix_tokens', 0))
    grid = _find_grid(network, result.shape[1] - num_prefix, size)
    # Of one that returns its class token alone, timm tells the map otherwise.
    if grid in (None, (1, 1)):
        return None
    has_class_token = num_prefix > 0 and getattr(network, 'cls_token', None) is not None
    return Output('tokens', result.shape[2], grid, num_prefix, has_class_token)


def _find_grid(
    network: Any, num_tokens: int, size: tuple[int, int]
) -> tuple[int, int] | None:
    """Find how tokens lie over a picture, row by row."""
    told = getattr(getattr(network, 'patch_embed', None), 'grid_size', None)
    if told is not None and told[0] * told[1] == num_tokens:
        return int(told[0]), int(told[1])
    height, width = size
    info = getattr(network, 'feature_info', None)
    last = info[-1] if isinstance(info, list) and info else {}
    step = int(last.get('reduction', 0)) if isinstance(last, dict) else 0
    # Else the step of which a picture has so many.
    for each in (step, *range(1, max(size) + 1)):
        if each < 1:
            continue
        for grid in (
            (height // each, width // each),
            (-(-height // each), -(-width // each)),
        ):
            if grid[0] * grid[1] == num_tokens:
                return grid
    return None
