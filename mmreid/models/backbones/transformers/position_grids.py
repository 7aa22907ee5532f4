"""Position tables of one grid of patches, fitted to another.

A table holds a row per patch, line by line, behind the rows of the class token and its
like. A checkpoint does not say what grid its rows are, so it is told or inferred.
"""

import math
from collections.abc import Iterator
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

Grid = tuple[int, int]
Interpolation = Literal['bilinear', 'bicubic']


def fit_positions(
    table: Tensor,
    grid: Grid,
    num_extra_tokens: int = 1,
    source_grid: Grid | None = None,
    mode: Interpolation = 'bilinear',
) -> Tensor:
    """Fit a position table to a grid of patches.

    Args:
        table (Tensor): ``(1, L, C)``, with the rows of the extra tokens or without.
        grid (tuple[int, int]): Patches of the network's pictures, height and width.
        num_extra_tokens (int): Tokens of the network before the patches. Defaults to 1.
        source_grid (tuple[int, int], optional): Patches of the table, height and
            width. None infers them, see :func:`find_grid`. Defaults to None.
        mode (str): ``'bilinear'`` or ``'bicubic'``. Defaults to ``'bilinear'``.

    Returns:
        Tensor: ``(1, num_extra_tokens + h * w, C)``: the extra tokens' rows as they are
        (zeros where the table has none: such a token had no position), the patches'
        interpolated. A table of the same grid is returned bit by bit.

    Raises:
        ValueError: The table is none, or its rows are no grid.
    """
    if table.ndim != 3 or len(table) != 1:
        raise ValueError(
            f'A position table has the shape (1, L, C), got {tuple(table.shape)}.'
        )
    source, num_rows = find_grid(table.shape[1], grid, num_extra_tokens, source_grid)
    extra, patches = table[:, :num_rows], table[:, num_rows:]
    if num_rows < num_extra_tokens:
        extra = table.new_zeros(1, num_extra_tokens, table.shape[2])
    return torch.cat([extra, resize_grid(patches, source, grid, mode)], 1)


def find_grid(
    num_rows: int,
    grid: Grid,
    num_extra_tokens: int = 1,
    source_grid: Grid | None = None,
) -> tuple[Grid, int]:
    """Find the grid that the rows of a table are.

    Without ``source_grid`` these are tried, each first with the extra tokens' rows and
    then without: the network's own grid; a square (ImageNet, CLIP: 14 x 14); two or
    three times as high as wide, as pictures of persons are, where patches that overlap
    leave a row more or less (16 x 8, 21 x 10, 22 x 11, 24 x 8).

    Args:
        num_rows (int): Rows of the table.
        grid (tuple[int, int]): The network's patches, height and width.
        num_extra_tokens (int): Tokens of the network before the patches. Defaults to 1.
        source_grid (tuple[int, int], optional): Patches of the table, height and
            width. Defaults to None.

    Returns:
        tuple[tuple[int, int], int]: Height and width, and the number of rows before.

    Raises:
        ValueError: No grid fits.
    """
    counts = list(dict.fromkeys([num_extra_tokens, 0]))
    for height, width in _candidates(num_rows, counts, grid, source_grid):
        for extra in counts:
            if height * width + extra == num_rows:
                return (height, width), extra
    if source_grid is not None:
        raise ValueError(
            f'source_grid {tuple(source_grid)} has {math.prod(source_grid)} patches, '
            f'got a position table of {num_rows} rows, of which up to '
            f'{num_extra_tokens} belong to other tokens.'
        )
    raise ValueError(
        f'A position table of {num_rows} rows is no grid that can be inferred (the '
        f"network's own {grid[0]} x {grid[1]}, a square, or two or three times as high "
        'as wide); set model.backbone.source_grid=(height, width) to its patches.'
    )


def _candidates(
    num_rows: int, counts: list[int], grid: Grid, source_grid: Grid | None
) -> Iterator[Grid]:
    """List the grids to try, the likeliest first."""
    if source_grid is not None:
        yield source_grid[0], source_grid[1]
        return
    yield grid
    for extra in counts:
        side = math.isqrt(max(num_rows - extra, 0))
        if side:
            yield side, side
    for ratio in (2, 3):
        for extra in counts:
            width = math.isqrt(max(num_rows - extra, 0) // ratio)
            for wide in (width, width + 1):
                if wide:
                    yield from ((ratio * wide + more, wide) for more in (0, 1, -1))


def resize_grid(
    patches: Tensor, source: Grid, target: Grid, mode: Interpolation = 'bilinear'
) -> Tensor:
    """Interpolate the rows of one grid to another, corners not aligned.

    Args:
        patches (Tensor): ``(1, h0 * w0, C)``.
        source (tuple[int, int]): Height and width ``h0, w0``.
        target (tuple[int, int]): Height and width ``h, w``.
        mode (str): ``'bilinear'`` (TransReID) or ``'bicubic'`` (mmpretrain, timm).
            Defaults to ``'bilinear'``.

    Returns:
        Tensor: ``(1, h * w, C)`` in the same dtype; half precision is computed in
        float32.
    """
    if tuple(source) == tuple(target):
        return patches
    precise = patches.float() if patches.itemsize < 4 else patches
    maps = precise.unflatten(1, source).permute(0, 3, 1, 2)
    maps = F.interpolate(maps, size=target, mode=mode, align_corners=False)
    return maps.flatten(2).transpose(1, 2).to(patches.dtype)
