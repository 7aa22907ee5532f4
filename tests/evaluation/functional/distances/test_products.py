"""Products of blocks, in main memory, as on a GPU and in bfloat16."""

import numpy as np
import pytest
import torch

from mmreid.evaluation.functional.distances import vectors
from mmreid.evaluation.functional.distances.vectors import Vectors


def on_device(values):
    """Vectors whose products are made by torch, as those on a GPU are."""
    gallery = Vectors(values, 'gallery')
    gallery.tensor = torch.from_numpy(values)
    return gallery


@pytest.mark.parametrize('scaled', [False, True])
@pytest.mark.parametrize('make', [lambda values: Vectors(values, 'gallery'), on_device])
@pytest.mark.parametrize('dtype', [np.float32, np.float64])
def test_product_of_several_tiles(dtype, make, scaled, monkeypatch):
    monkeypatch.setattr(vectors, 'TILE_BYTES', 7 * 30 * 4)
    monkeypatch.setattr(vectors, 'DEVICE_TILE_BYTES', 7 * 30 * 8)
    rng = np.random.default_rng(0)
    left = rng.standard_normal((5, 30)).astype(dtype)
    right = rng.standard_normal((40, 30)).astype(np.float32)
    scale = rng.uniform(1, 9, 40) if scaled else None
    out = np.empty((5, 40), dtype)
    vectors.multiply(left, make(right), scale, False, out)
    factors = np.ones(40) if scale is None else scale
    expected = left.astype(float) @ (right * factors[:, None]).T
    assert out == pytest.approx(expected, rel=1e-4, abs=1e-4)


def test_device_product_is_rounded_once():
    rng = np.random.default_rng(1)
    left, right = rng.standard_normal((2, 6, 500)).astype(np.float32)
    out = np.empty((6, 6), np.float32)
    vectors.multiply(left, on_device(right), None, False, out)
    exact = left.astype(float) @ right.astype(float).T
    assert np.array_equal(out, exact.astype(np.float32))


def test_bf16_product_rounds_the_vectors():
    # Whatever the processor of this test has: torch can multiply bfloat16.
    rng = np.random.default_rng(2)
    left = rng.standard_normal((4, 64)).astype(np.float32)
    right = rng.standard_normal((9, 64)).astype(np.float32)
    short = [torch.from_numpy(x).bfloat16().double() for x in (left, right)]
    expected = (short[0] @ short[1].T).numpy()
    result = vectors.bf16_product(left, right)
    assert result.dtype == np.float32
    assert result == pytest.approx(expected, rel=2.0**-7, abs=2.0**-7)


def test_product_in_pieces(monkeypatch):
    monkeypatch.setattr(vectors, 'PIECE_ROWS', 3)
    monkeypatch.setattr(vectors, 'PIECE_COLUMNS', 7)
    rng = np.random.default_rng(3)
    length = 3 * vectors.PIECE_LENGTH + 5
    left, right = rng.standard_normal((2, 16, length)).astype(np.float32)
    out = np.empty((16, 16), np.float32)
    vectors.multiply(left, Vectors(right, 'gallery'), None, False, out, pieces=True)
    exact = left.astype(float) @ right.astype(float).T
    lengths = np.linalg.norm(left, axis=1)[:, None] * np.linalg.norm(right, axis=1)
    bound = (vectors.PIECE_LENGTH + 4) * 2.0**-24
    assert (np.abs(out - exact) <= bound * lengths).all()
