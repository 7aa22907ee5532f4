"""Position tables: which grid the rows are, and their values on another."""

import math

import pytest
import torch

from mmreid.models.backbones.transformers.position_grids import (
    find_grid,
    fit_positions,
    resize_grid,
)


def linear(distance):
    return max(1 - abs(distance), 0)


def cubic(distance, a=-0.75):
    """The kernel of cubic convolution with torch's parameter."""
    d = abs(distance)
    if d <= 1:
        return (a + 2) * d**3 - (a + 3) * d**2 + 1
    return a * (d**3 - 5 * d**2 + 8 * d - 4) if d < 2 else 0


def by_loops(patches, source, target, kernel):
    """Interpolation with corners not aligned, pixel by pixel."""
    out = []
    for row in range(target[0]):
        for column in range(target[1]):
            y = (row + 0.5) * source[0] / target[0] - 0.5
            x = (column + 0.5) * source[1] / target[1] - 0.5
            value = 0
            for i in range(math.floor(y) - 1, math.floor(y) + 3):
                for j in range(math.floor(x) - 1, math.floor(x) + 3):
                    i_in = min(max(i, 0), source[0] - 1)  # the edge goes on outside
                    j_in = min(max(j, 0), source[1] - 1)
                    old = patches[0, i_in * source[1] + j_in]
                    value = value + kernel(y - i) * kernel(x - j) * old
            out.append(value)
    return torch.stack(out)[None]


@pytest.mark.parametrize(('mode', 'kernel'), [('bilinear', linear), ('bicubic', cubic)])
@pytest.mark.parametrize('source', [(14, 14), (16, 8), (21, 10), (5, 3)])
@pytest.mark.parametrize('target', [(16, 8), (21, 10)])
def test_interpolation_against_loops(mode, kernel, source, target):
    patches = torch.randn(1, math.prod(source), 3, dtype=torch.float64)
    resized = resize_grid(patches, source, target, mode)
    expected = by_loops(patches, source, target, kernel)
    torch.testing.assert_close(resized, expected, rtol=0, atol=1e-12)
    if source == target:
        assert torch.equal(resized, patches)


@pytest.mark.parametrize(
    ('num_rows', 'grid', 'extra'),
    [
        (197, (14, 14), 1),  # ImageNet
        (196, (14, 14), 0),
        (577, (24, 24), 1),  # ImageNet at 384
        (129, (16, 8), 1),  # persons, 256 x 128
        (128, (16, 8), 0),
        (211, (21, 10), 1),  # persons, stride 12
        (243, (22, 11), 1),  # persons, stride 11
        (466, (31, 15), 1),  # persons, stride 8
        (201, (25, 8), 1),  # the network's own
        (193, (24, 8), 1),  # persons, 384 x 128
        (311, (31, 10), 1),  # the same, stride 12
        (192, (24, 8), 0),
        (257, (16, 16), 1),
        (256, (16, 16), 0),
        (121, (11, 11), 0),  # a square comes before 15 x 8 and a class token
    ],
)
def test_inferred_grids(num_rows, grid, extra):
    assert find_grid(num_rows, (25, 8)) == (grid, extra)


def test_a_given_grid_comes_first():
    assert find_grid(197, (16, 8), source_grid=(28, 7)) == ((28, 7), 1)
    assert find_grid(196, (16, 8), source_grid=(28, 7)) == ((28, 7), 0)
    assert find_grid(200, (16, 8), 4) == ((14, 14), 4)  # three part tokens


def test_class_row_and_half_precision():
    table = torch.randn(1, 197, 8)
    fitted = fit_positions(table, (21, 10))
    assert fitted.shape == (1, 211, 8)
    assert torch.equal(fitted[:, :1], table[:, :1])
    without = fit_positions(table[:, 1:], (21, 10))
    assert torch.equal(without[:, 1:], fitted[:, 1:])
    assert not without[:, :1].any()  # the token had no position there
    half = fit_positions(table.half(), (21, 10))
    assert half.dtype == torch.float16
    precise = fit_positions(table.half().float(), (21, 10))
    assert torch.equal(half, precise.half())
    assert torch.equal(fit_positions(table, (14, 14)), table)


@pytest.mark.parametrize(
    ('num_rows', 'options', 'message'),
    [
        (202, {}, r'202 rows .* 16 x 8.* set model.backbone.source_grid'),
        (197, dict(source_grid=(16, 8)), r'source_grid \(16, 8\) has 128 .* 197 rows'),
    ],
)
def test_rows_that_are_no_grid(num_rows, options, message):
    with pytest.raises(ValueError, match=message):
        fit_positions(torch.zeros(1, num_rows, 4), (16, 8), **options)


def test_a_table_that_is_none():
    with pytest.raises(ValueError, match=r'\(1, L, C\), got \(197, 4\)'):
        fit_positions(torch.zeros(197, 4), (16, 8))
