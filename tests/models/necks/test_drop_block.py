"""DropBlock against masks drawn cell by cell, and its shares measured."""

import math

import pytest
import torch

from mmreid.registry import MODELS

BATCH_DROP = dict(
    drop_ratio=None, block_size=(0.33, 1.0), batchwise=True, rescale=False
)


def build(**options):
    return MODELS.build(dict(type='DropBlock2d', **options)).train()


def masks(drop, num=1, size=(48, 16), channels=1):
    """What becomes of maps of ones."""
    return drop(torch.ones(num, channels, *size, dtype=torch.float64))


def is_union_of_blocks(dropped, height, width):
    """Whether a mask is what blocks inside the map cover, found one by one."""
    rows, columns = dropped.shape
    covered = torch.zeros_like(dropped)
    for top in range(rows - height + 1):
        for left in range(columns - width + 1):
            block = slice(top, top + height), slice(left, left + width)
            if dropped[block].all():
                covered[block] = True
    return torch.equal(covered, dropped)


@pytest.mark.parametrize('block_size', [(5, 8), (3, 2), (1, 1), (1, 16), (48, 1)])
@pytest.mark.parametrize('drop_ratio', [0.3, None])
def test_masks_are_blocks_of_their_size(block_size, drop_ratio):
    drop = build(drop_ratio=drop_ratio, block_size=block_size, rescale=False)
    kept = masks(drop, 10)
    assert set(kept.unique().tolist()) <= {0, 1}
    for single in kept[:, 0]:
        assert is_union_of_blocks(single == 0, *block_size)
        if drop_ratio is None:
            assert (single == 0).sum() == math.prod(block_size)


def naive_share(ratio, block, size, chance):
    """Kept share in the mean, cell by cell: no corner may be drawn that reaches it."""
    (height, width), (rows, columns) = block, size
    total = 0.0
    for i in range(rows):
        for j in range(columns):
            reaching = sum(
                0 <= i - a <= rows - height and 0 <= j - b <= columns - width
                for a in range(height)
                for b in range(width)
            )
            total += (1 - chance) ** reaching
    return total / (rows * columns)


@pytest.mark.parametrize(
    ('ratio', 'block', 'size'),
    [(0.1, (5, 8), (48, 16)), (0.1, (7, 7), (48, 16)), (0.5, (2, 3), (6, 5))],
)
def test_kept_share(ratio, block, size):
    """Measured within four deviations of what the chance of a corner implies."""
    places = (size[0] - block[0] + 1) * (size[1] - block[1] + 1)
    chance = ratio * math.prod(size) / (math.prod(block) * places)
    expected = naive_share(ratio, block, size, chance)
    kept = masks(build(drop_ratio=ratio, block_size=block, rescale=False), 4000, size)
    shares = kept.mean((1, 2, 3))
    tolerance = 4 * shares.std() / len(shares) ** 0.5
    assert shares.mean().item() == pytest.approx(expected, abs=tolerance.item())
    empty = (shares == 1).double().mean()
    assert empty.item() == pytest.approx((1 - chance) ** places, abs=0.03)


def test_kept_share_of_the_paper():
    """SPEC 5.4: 90.6 % at 0.1 with 5 x 8 on 48 x 16, where 14.6 % are empty."""
    chance = 0.1 * 768 / (40 * 44 * 9)
    assert naive_share(0.1, (5, 8), (48, 16), chance) == pytest.approx(0.906, abs=5e-4)
    assert (1 - chance) ** (44 * 9) == pytest.approx(0.146, abs=5e-4)


def test_rescaled_by_the_share_of_the_batch():
    drop = build(drop_ratio=0.3)
    torch.manual_seed(1)
    rescaled = masks(drop, 8, channels=3)
    torch.manual_seed(1)
    plain = masks(build(drop_ratio=0.3, rescale=False), 8, channels=3)
    assert torch.allclose(rescaled, plain / plain.mean())
    assert rescaled.mean().item() == pytest.approx(1)


class TestMasksAreShared:
    def test_by_channels(self):
        kept = masks(build(drop_ratio=0.4), 4, channels=5)
        assert torch.equal(kept, kept[:, :1].expand_as(kept))

    @pytest.mark.parametrize('drop_ratio', [0.4, None])
    def test_by_pictures_where_asked(self, drop_ratio):
        own = masks(build(drop_ratio=drop_ratio, rescale=False), 8)
        assert len(own.unique(dim=0)) > 1
        shared = masks(build(drop_ratio=drop_ratio, rescale=False, batchwise=True), 8)
        assert len(shared.unique(dim=0)) == 1


class TestBatchDrop:
    """The strip of Batch DropBlock."""

    def test_a_third_of_the_height_and_the_full_width(self):
        drop = build(**BATCH_DROP)
        for height, strip in [(24, 8), (48, 16), (2, 1)]:
            kept = masks(drop, 3, (height, 8))
            assert len(kept.unique(dim=0)) == 1
            dropped = (kept[0, 0] == 0).nonzero()
            assert len(dropped) == strip * 8
            assert dropped[:, 0].max() - dropped[:, 0].min() == strip - 1
            assert set(kept.unique().tolist()) == {0, 1}

    def test_every_place_has_the_same_chance(self):
        drop = build(**BATCH_DROP | dict(batchwise=False))
        tops = (masks(drop, 4000, (12, 4))[:, 0, :, 0] == 0).double().argmax(1)
        counts = torch.bincount(tops)
        assert len(counts) == 12 - 4 + 1
        assert counts.min() > 0.8 * 4000 / 9
        assert counts.max() < 1.2 * 4000 / 9


@pytest.mark.parametrize('options', [{}, BATCH_DROP, dict(block_size=(99, 99))])
def test_is_the_identity_in_evaluation(options):
    x = torch.randn(2, 3, 48, 16)
    assert build(**options).eval()(x) is x


def test_zero_drops_nothing():
    x = torch.randn(2, 3, 4, 4)
    assert build(drop_ratio=0)(x) is x


def test_everything_dropped_is_zero_not_infinite():
    drop = build(drop_ratio=None, block_size=(1.0, 1.0))
    assert torch.equal(masks(drop, 2), torch.zeros(2, 1, 48, 16).double())


def test_gradient_passes_where_kept():
    x = torch.randn(2, 3, 12, 8, requires_grad=True)
    out = build(block_size=(3, 4), rescale=False, drop_ratio=0.5)(x)
    out.sum().backward()
    assert torch.equal(x.grad, (out != 0).float())


def test_precision_follows_the_map():
    x = torch.randn(2, 3, 48, 16, dtype=torch.bfloat16)
    assert build()(x).dtype == torch.bfloat16


@pytest.mark.parametrize(
    ('options', 'size', 'message'),
    [
        ({}, (48, 7), 'gives 5 x 8 positions on a map of 48 x 7'),
        (dict(block_size=(0.5, 9)), (4, 4), 'gives 2 x 9'),
    ],
)
def test_block_larger_than_the_map(options, size, message):
    with pytest.raises(ValueError, match=message):
        masks(build(**options), size=size)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(drop_ratio=1), 'drop_ratio must be'),
        (dict(drop_ratio=-0.1), 'drop_ratio must be'),
        (dict(block_size=(5,)), 'block_size must be'),
        (dict(block_size=(0, 8)), 'block_size must be'),
        (dict(block_size=(5, 1.5)), 'block_size must be'),
    ],
)
def test_options_without_a_meaning(options, message):
    with pytest.raises(ValueError, match=message):
        build(**options)
