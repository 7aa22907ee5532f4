"""Inner products of two sets of vectors, computed where the second set lives."""

import numpy as np
import torch

from mmreid.evaluation.functional.distances.vectors import Vectors

_TILE_BYTES = 16 << 20
# Products are summed up over so many components at a time where pieces are wanted, in
# tiles of so many rows and columns: with less of them they take longer.
PIECE_LENGTH = 256
_PIECE_ROWS, _PIECE_COLUMNS = 512, 4096
# A GPU is busy only with many rows at once.
_DEVICE_TILE_BYTES = 256 << 20


def multiply(
    left: np.ndarray,
    right: Vectors,
    scale: np.ndarray | None,
    bf16: bool,
    out: np.ndarray,
    pieces: bool = False,
) -> None:
    """Write ``left @ (right * scale).T`` into ``out``.

    In main memory the product is NumPy's, in the type of ``left``. On a GPU it is in
    float64, which no setting of torch replaces by TensorFloat32, and is rounded once.

    Args:
        left: ``(n, D)`` float32 or float64.
        right: ``N`` vectors of length D.
        scale: ``(N,)`` factors; None multiplies nothing.
        bf16: Round both sides to bfloat16 first and use the instructions for it,
            which round the products, too.
        out: ``(n, N)``, of the type of ``left``.
        pieces: Sum up the products of ``PIECE_LENGTH`` components each, whose rounding
            errors have a smaller bound. Defaults to False.
    """
    if right.tensor is not None:
        _multiply_on_device(left, right.tensor, scale, bf16, out)
        return
    tile_rows = max(1, _TILE_BYTES // (right.dim * left.dtype.itemsize))
    for part, tile in right.tiles(left.dtype, scale, tile_rows):
        if bf16:
            out[:, part] = bf16_product(left, tile)
        elif pieces:
            _multiply_pieces(left, tile, out[:, part])
        else:
            np.matmul(left, tile.T, out=out[:, part])


def _multiply_pieces(left: np.ndarray, right: np.ndarray, out: np.ndarray) -> None:
    """Write ``left @ right.T``, summed up piece by piece."""
    height, width = min(_PIECE_ROWS, len(left)), min(_PIECE_COLUMNS, len(right))
    scratch = np.empty((height, width), out.dtype)
    for row in range(0, len(left), height):
        rows = slice(row, row + height)
        for column in range(0, len(right), width):
            columns = slice(column, column + width)
            total = out[rows, columns]
            summand = scratch[: total.shape[0], : total.shape[1]]
            np.matmul(
                left[rows, :PIECE_LENGTH], right[columns, :PIECE_LENGTH].T, out=total
            )
            for start in range(PIECE_LENGTH, left.shape[1], PIECE_LENGTH):
                piece = slice(start, start + PIECE_LENGTH)
                np.matmul(left[rows, piece], right[columns, piece].T, out=summand)
                total += summand


def _multiply_on_device(
    left: np.ndarray,
    right: torch.Tensor,
    scale: np.ndarray | None,
    bf16: bool,
    out: np.ndarray,
) -> None:
    dtype = torch.bfloat16 if bf16 else torch.float64
    factor = torch.from_numpy(left).to(right.device, dtype)
    tile_rows = max(1, _DEVICE_TILE_BYTES // (right.shape[1] * 8))
    for start in range(0, len(right), tile_rows):
        part = slice(start, start + tile_rows)
        tile = right[part]
        if scale is not None:
            tile = tile * torch.from_numpy(scale[part, None]).to(right.device)
        block = (factor @ tile.to(dtype).T).to(torch.from_numpy(out).dtype)
        out[:, part] = block.cpu().numpy()


def bf16_product(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return ``left @ right.T`` of the vectors rounded to bfloat16.

    Args:
        left (np.ndarray): ``(n, D)`` float32.
        right (np.ndarray): ``(N, D)`` float32.
    """
    short = [torch.from_numpy(side).bfloat16() for side in (left, right)]
    return (short[0] @ short[1].T).float().numpy()


def has_bf16_instructions(vectors: Vectors) -> bool:
    """Tell whether bfloat16 is multiplied faster than float32 where vectors are.

    Args:
        vectors (Vectors): In main memory or on a GPU.
    """
    if vectors.tensor is not None:
        return True
    return torch.backends.cpu.get_cpu_capability().startswith('AVX512')
