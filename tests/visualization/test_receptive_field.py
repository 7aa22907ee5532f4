"""Fields, points and channels as pictures."""

import cv2
import numpy as np
import pytest

from mmreid.visualization import (
    automatic_points,
    draw_channel,
    draw_field,
    draw_points,
    field_of,
)


@pytest.fixture
def picture():
    return np.random.default_rng(0).integers(60, 200, (64, 32, 3), np.uint8)


class TestAutomaticPoints:
    def test_strongest_position_of_every_band(self):
        response = np.random.default_rng(0).random((10, 8))
        points = automatic_points(response)
        assert len(points) == 5
        for band, (x, y) in enumerate(points):
            row, column = int(y * 10), int(x * 8)
            assert row // 2 == band
            middle = response[2 * band : 2 * band + 2, 2:6]
            assert response[row, column] == middle.max()

    def test_ignores_the_sides(self):
        response = np.zeros((10, 8))
        response[:, 0] = 9
        response[:, 5] = 1
        assert {x for x, _ in automatic_points(response)} == {5.5 / 8}

    @pytest.mark.parametrize('shape', [(1, 1), (3, 2), (4, 7)])
    def test_small_maps(self, shape):
        points = automatic_points(np.ones(shape))
        assert len(points) == 5
        assert all(0 < value < 1 for point in points for value in point)


class TestFieldOf:
    def test_takes_the_points_row(self):
        relations = np.arange(36.0).reshape(6, 6)
        # Row 1, column 0 of 3 x 2 is position 2.
        field = field_of(relations, (3, 2), (0.3, 0.5))
        assert field.tolist() == [[12, 13], [14, 15], [16, 17]]

    @pytest.mark.parametrize('point', [(1, 0.5), (-0.1, 0.5), (0.5, 1)])
    def test_refuses_what_is_outside(self, point):
        with pytest.raises(ValueError, match='must lie in the picture'):
            field_of(np.eye(6), (3, 2), point)


class TestDrawField:
    def test_dims_what_is_not_valid(self, picture):
        field = np.zeros((8, 4))
        field[:2] = 1
        drawn = draw_field(picture, field, (0.5, 0.1))
        assert drawn.shape == picture.shape
        assert drawn.dtype == np.uint8
        dimmed = (0.45 * picture).astype(np.uint8)
        assert np.array_equal(drawn[32:], dimmed[32:])
        # Strong is red (BGR), not blue.
        assert drawn[1:4, :8, 2].mean() > drawn[1:4, :8, 0].mean() + 30

    def test_threshold(self, picture):
        field = np.linspace(0, 1, 32).reshape(8, 4)
        dimmed = (0.45 * picture).astype(np.uint8)
        shares = [
            (draw_field(picture, field, (0, 0), t) != dimmed).any(2).mean()
            for t in (0, 0.5, 0.9)
        ]
        assert shares[0] == 1
        assert shares[0] > shares[1] > shares[2] > 0

    def test_scale_of_the_values_does_not_matter(self, picture):
        field = np.random.default_rng(0).random((8, 4))
        drawn = draw_field(picture, field, (0.5, 0.5))
        # As near to uniform as Eq. 5 leaves it.
        assert np.array_equal(
            drawn, draw_field(picture, 1 + 2**-20 * field, (0.5, 0.5))
        )

    def test_uniform_field(self, picture):
        drawn = draw_field(picture, np.ones((8, 4)), (0.5, 0.5))
        dimmed = (0.45 * picture).astype(np.uint8)
        assert np.array_equal(drawn[:20], dimmed[:20])

    def test_leaves_the_picture_alone(self, picture):
        before = picture.copy()
        draw_field(picture, np.ones((8, 4)), (0.5, 0.5))
        draw_points(picture, [(0.5, 0.5)])
        draw_channel(picture, np.ones((8, 4)))
        assert np.array_equal(picture, before)


def test_draw_points_marks_each(picture):
    points = [(0.3, 0.2), (0.6, 0.8), (0.99, 0.01)]
    drawn = draw_points(picture, points)
    for x, y in points[:2]:
        assert (drawn[int(64 * y), int(32 * x)] == 255).all()
    assert np.array_equal(drawn[20:32], picture[20:32])


def test_draw_channel_is_red_where_it_answers(picture):
    channel = np.zeros((8, 4))
    channel[5, 1] = 3
    drawn = draw_channel(picture, channel).astype(int)
    assert drawn[44, 12, 2] > drawn[44, 12, 0] + 50
    assert drawn[5, 25, 0] > drawn[5, 25, 2]
    large = cv2.resize(channel, (32, 64), interpolation=cv2.INTER_CUBIC)
    assert large[44, 12] > 0.9 * large.max()
