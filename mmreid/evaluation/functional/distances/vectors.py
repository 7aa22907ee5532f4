"""Embeddings as the ranking reads them: checked, with lengths, and their products."""

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch

from mmreid.evaluation.test_set import Array

# A tile of converted rows stays in a cache while it is squared.
_TILE_ROWS = 64
# So many rows are one thread's task.
_TASK_ROWS = 1024
# Outside these bounds float64 squares overflow or lose their last digits.
_SMALLEST_SQUARE, _LARGEST_SQUARE = 1e-290, 1e300
# A tile of converted rows is multiplied at once; on a GPU only many rows keep it busy.
TILE_BYTES, DEVICE_TILE_BYTES = 16 << 20, 256 << 20
# Products are summed up over so many components at a time where pieces are wanted, in
# tiles of so many rows and columns: with less of them they take longer.
PIECE_LENGTH = 256
PIECE_ROWS, PIECE_COLUMNS = 512, 4096


class Vectors:
    """A checked set of embeddings and their Euclidean lengths.

    Nothing is copied where the caller's memory can be read as it is: NumPy arrays
    (memory-mapped files among them) and torch tensors on the CPU are viewed.

    Args:
        values (Array): ``(N, D)`` float16, float32 or float64, NumPy or torch, on any
            device (bfloat16 tensors are read as float32, which is exact).
        name (str): What error messages call these vectors.

    Attributes:
        array (np.ndarray): The values in main memory, ``(N, D)``.
        tensor (torch.Tensor, optional): The values on their GPU; None where they are
            in main memory.
        norms (np.ndarray): Euclidean lengths, ``(N,)`` float64, of the float64 values.

    Raises:
        ValueError: Not ``(N, D)`` floating point, empty, or a vector with NaN,
            infinity or values beyond the range of float64 squares.
    """

    def __init__(self, values: Array, name: str) -> None:
        self.name = name
        self.array = _as_array(values, name)
        self.tensor: torch.Tensor | None = None
        if isinstance(values, torch.Tensor) and values.is_cuda:
            self.tensor = values.detach()
        squares = _squared_norms(self.array)
        self._refuse(
            ~(squares <= _LARGEST_SQUARE),
            'holds NaN, infinity or values too large to be squared; look for a '
            'diverged training or a division by zero before it',
        )
        self.norms = np.sqrt(squares)
        largest = squares.max()
        if 0 < largest < _SMALLEST_SQUARE:
            raise ValueError(
                f'The {name} vectors are too short for float64 (the longest is '
                f'{np.sqrt(largest):.3g}); multiply all of them by a power of two.'
            )

    def __len__(self) -> int:
        return len(self.array)

    @property
    def dim(self) -> int:
        """Length of a vector, D."""
        return self.array.shape[1]

    def check_directions(self, instead: str = "use distance='euclidean'") -> None:
        """Refuse vectors without a direction, for which no cosine exists.

        Args:
            instead (str): What else may be done than mending the features. Defaults to
                another distance.

        Raises:
            ValueError: A vector of length zero, the first one named.
        """
        self._refuse(
            np.square(self.norms) < _SMALLEST_SQUARE,
            'has length zero and so no direction, which cosines compare; mend the '
            f'features or {instead}',
        )

    def check_comparable(self, gallery: 'Vectors') -> None:
        """Refuse a gallery whose vectors have another length.

        Raises:
            ValueError: So it is.
        """
        if self.dim != gallery.dim:
            raise ValueError(
                'query and gallery vectors must be of one length, got '
                f'{self.dim} and {gallery.dim} components.'
            )

    def directions(self) -> np.ndarray:
        """Return ``(N, D)`` vectors of length one, float32 unless these are float64.

        Raises:
            ValueError: A vector of length zero, the first one named.
        """
        self.check_directions('leave it out')
        wide = self.array.dtype == np.float64
        units = np.empty(self.array.shape, np.float64 if wide else np.float32)
        for start in range(0, len(units), _TASK_ROWS):
            part = np.arange(start, min(start + _TASK_ROWS, len(units)))
            units[part] = self.exact(part) / self.norms[part, None]
        return units

    def exact(self, rows: np.ndarray | int) -> np.ndarray:
        """Return the rows of indices, or of one, as float64: ``(n, D)`` or ``(D,)``."""
        return self.array[rows].astype(np.float64)

    def tiles(
        self, dtype: np.dtype, scale: np.ndarray | None, num_rows: int
    ) -> Iterator[tuple[slice, np.ndarray]]:
        """Yield slices and their rows as contiguous ``dtype``, times ``scale``.

        One tile, the caller's own memory, where nothing has to be converted.

        Args:
            dtype (np.dtype): Of the tiles.
            scale (np.ndarray, optional): ``(N,)`` factors; None multiplies nothing.
            num_rows (int): Rows of a tile that is converted.
        """
        as_it_is = self.array.dtype == dtype and self.array.flags.c_contiguous
        if as_it_is and scale is None:
            yield slice(0, len(self.array)), self.array
            return
        for start in range(0, len(self.array), num_rows):
            part = slice(start, min(start + num_rows, len(self.array)))
            tile = self.array[part]
            if scale is not None:
                tile = tile * scale[part, None]
            yield part, np.ascontiguousarray(tile, dtype)

    def _refuse(self, wrong: np.ndarray, reason: str) -> None:
        if wrong.any():
            raise ValueError(
                f'{self.name} vector {int(wrong.argmax())} {reason} '
                f'({int(wrong.sum())} of {len(wrong)} vectors are affected).'
            )


def _as_array(values: Array, name: str) -> np.ndarray:
    """View the values as a NumPy array ``(N, D)`` of a supported float type."""
    if isinstance(values, torch.Tensor):
        values = values.detach().cpu()
        values = values.float() if values.dtype == torch.bfloat16 else values
        values = values.numpy()
    array = np.asarray(values)
    if array.ndim != 2 or 0 in array.shape:
        raise ValueError(
            f'{name} vectors must be an array (N, D) with at least one vector, but '
            f'their shape is {array.shape}.'
        )
    if array.dtype.kind != 'f' or array.dtype.itemsize > 8:
        raise ValueError(
            f'{name} vectors must be float16, float32 or float64, got '
            f'{array.dtype}; convert them first.'
        )
    return array


def _squared_norms(array: np.ndarray) -> np.ndarray:
    """Return the squared lengths ``(N,)`` in float64."""
    squares = np.empty(len(array))

    def square(first: int) -> None:
        """Write the squares of one task's rows."""
        # Fresh memory for every tile would cost as much as the arithmetic.
        scratch = np.empty((_TILE_ROWS, array.shape[1]))
        with np.errstate(over='ignore', invalid='ignore'):
            last = min(first + _TASK_ROWS, len(array))
            for start in range(first, last, _TILE_ROWS):
                stop = min(start + _TILE_ROWS, last)
                tile = scratch[: stop - start]
                tile[...] = array[start:stop]
                np.square(tile, out=tile)
                tile.sum(axis=1, out=squares[start:stop])

    with ThreadPoolExecutor(num_threads()) as pool:
        list(pool.map(square, range(0, len(array), _TASK_ROWS)))
    return squares


def rounding_bound(count: int, dtype: np.dtype) -> float:
    """Return the relative error bound of ``count`` rounded additions.

    Args:
        count (int): Number of additions, in any order.
        dtype (np.dtype): The type that they are rounded to.
    """
    total = count * float(np.finfo(dtype).eps) / 2
    return total / (1 - total)


def num_threads() -> int:
    """Return how many threads do NumPy's work between the products."""
    # As many as torch may use, but more than four only wait for each other.
    return min(4, torch.get_num_threads())


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
        left (np.ndarray): ``(n, D)`` float32 or float64.
        right (Vectors): ``N`` vectors of length D.
        scale (np.ndarray, optional): ``(N,)`` factors; None multiplies nothing.
        bf16 (bool): Round both sides to bfloat16 first and use the instructions for
            it, which round the products, too.
        out (np.ndarray): ``(n, N)``, of the type of ``left``.
        pieces (bool): Sum up the products of ``PIECE_LENGTH`` components each, whose
            rounding errors have a smaller bound. Defaults to False.
    """
    if right.tensor is not None:
        _multiply_on_device(left, right.tensor, scale, bf16, out)
        return
    tile_rows = max(1, TILE_BYTES // (right.dim * left.dtype.itemsize))
    for part, tile in right.tiles(left.dtype, scale, tile_rows):
        if bf16:
            out[:, part] = bf16_product(left, tile)
        elif pieces:
            _multiply_pieces(left, tile, out[:, part])
        else:
            np.matmul(left, tile.T, out=out[:, part])


def _multiply_pieces(left: np.ndarray, right: np.ndarray, out: np.ndarray) -> None:
    """Write ``left @ right.T``, summed up piece by piece."""
    height, width = min(PIECE_ROWS, len(left)), min(PIECE_COLUMNS, len(right))
    scratch, threads = np.empty((height, width), out.dtype), num_threads()
    tiles = itertools.product(range(0, len(left), height), range(0, len(right), width))
    # BLAS's own threads wait for the next product, running: sums are to be short.
    with ThreadPoolExecutor(threads) as pool:
        for row, column in tiles:
            rows, columns = slice(row, row + height), slice(column, column + width)
            total = out[rows, columns]
            summand = scratch[: total.shape[0], : total.shape[1]]
            totals, summands = (np.array_split(x, threads) for x in (total, summand))
            for start in range(0, left.shape[1], PIECE_LENGTH):
                piece = slice(start, start + PIECE_LENGTH)
                product = summand if start else total
                np.matmul(left[rows, piece], right[columns, piece].T, out=product)
                if start:
                    list(pool.map(np.add, totals, summands, totals))


def _multiply_on_device(
    left: np.ndarray,
    right: torch.Tensor,
    scale: np.ndarray | None,
    bf16: bool,
    out: np.ndarray,
) -> None:
    dtype = torch.bfloat16 if bf16 else torch.float64
    factor = torch.from_numpy(left).to(right.device, dtype)
    tile_rows = max(1, DEVICE_TILE_BYTES // (right.shape[1] * 8))
    for start in range(0, len(right), tile_rows):
        part = slice(start, start + tile_rows)
        tile = right[part]
        if scale is not None:
            tile = tile * torch.from_numpy(scale[part, None]).to(right.device)
        block = (factor @ tile.to(dtype).T).to(torch.from_numpy(out).dtype)
        out[:, part] = block.cpu().numpy()


def bf16_product(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return ``left @ right.T`` of float32 vectors that are rounded to bfloat16."""
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
