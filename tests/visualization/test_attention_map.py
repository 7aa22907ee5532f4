"""Attention maps: the right points, in the right colours, at the right places."""

import numpy as np
import pytest

from mmreid.visualization import draw_attention, draw_channel, related_points


def middle(row, column, size):
    return (column + 0.5) / size[1], (row + 0.5) / size[0]


def naive_related(field, own, count):
    """Positions one by one, the strongest first."""
    positions = [
        (-field[row, column], row, column)
        for row in range(field.shape[0])
        for column in range(field.shape[1])
        if (row, column) != own
    ]
    return [(row, column) for _, row, column in sorted(positions)[:count]]


@pytest.mark.parametrize('count', [0, 3, 99])
def test_related_points_are_the_strongest_but_the_reference(count):
    field = np.random.default_rng(0).random((6, 4))
    field[2, 1] = 9  # most related to itself
    expected = naive_related(field, (2, 1), count)
    found = related_points(field, (0.3, 0.4), count)
    assert np.allclose(found, [middle(*p, field.shape) for p in expected])


def test_equal_values_are_taken_in_their_order():
    found = related_points(np.ones((2, 2)), middle(0, 1, (2, 2)), 2)
    assert found == [middle(0, 0, (2, 2)), middle(1, 0, (2, 2))]


def test_points_have_their_colours_over_the_heat():
    image = np.random.default_rng(0).integers(0, 255, (256, 128, 3), np.uint8)
    field = np.random.default_rng(1).random((8, 4))
    reference, other = (0.4, 0.3), (0.7, 0.8)
    before = image.copy()
    drawn = draw_attention(image, field, reference, [other])
    assert np.array_equal(image, before)
    green = drawn[int(0.3 * 256), int(0.4 * 128)].astype(int)
    red = drawn[int(0.8 * 256), int(0.7 * 128)].astype(int)
    assert green[1] > 2 * max(green[0], green[2])
    assert red[2] > 2 * max(red[:2])
    changed = np.argwhere((drawn != draw_channel(image, field)).any(2))
    far = [
        np.hypot(changed[:, 0] - int(y * 256), changed[:, 1] - int(x * 128))
        for x, y in (reference, other)
    ]
    assert np.minimum(*far).max() < 8


def test_the_reference_is_drawn_over_its_relations():
    image = np.zeros((64, 32, 3), np.uint8)
    drawn = draw_attention(image, np.ones((2, 1)), (0.5, 0.5), [(0.5, 0.5)])
    assert drawn[32, 16].argmax() == 1
