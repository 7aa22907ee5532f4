"""What stands under the pictures of a sheet, and where its points are."""

import cv2
import numpy as np
import pytest

from mmreid.apis.draw.sheets import (
    caption_range,
    check_sheet,
    place_points,
    write_sheet,
)
from mmreid.visualization import RankedPicture

PICTURE = np.zeros((100, 40, 3), np.uint8)


@pytest.mark.parametrize(
    ('low', 'high', 'caption'),
    [
        (0.99999312, 1.00000441, '3: 0.999993 - 1.000004'),
        (0.0132, 99.54, '3: 0.0132 - 99.5'),
        (0, 8, '3: 0 - 8'),
    ],
)
def test_values_near_a_mean_are_told_apart(low, high, caption):
    field = np.full((4, 2), (low + high) / 2)
    field[1, 1], field[3, 0] = low, high
    assert caption_range(3, field / 8) == caption


def test_points_become_fractions():
    response = np.ones((8, 4))
    placed = place_points([(0, 99), (39, 50)], PICTURE, response)
    assert placed == [(0, 0.99), (39 / 40, 0.5)]
    with pytest.raises(ValueError, match=r'40 x 100 pixels, got \[\(40, 0\)\]'):
        place_points([(0, 0), (40, 0)], PICTURE, response)


def test_without_points_the_strongest_are_taken():
    response = np.ones((10, 4))
    response[7, 2] = 2
    placed = place_points([], PICTURE, response)
    assert len(placed) == 5
    assert placed[3] == (2.5 / 4, 7.5 / 10)


def test_figures_are_pictures(tmp_path):
    target = check_sheet(tmp_path / 'new' / 'figure.png')
    assert write_sheet(target, [[RankedPicture(PICTURE, 'one')]], 'title') == target
    assert cv2.imread(str(target)) is not None
    with pytest.raises(ValueError, match=r'\.jpg or \.png'):
        check_sheet(tmp_path / 'figure.pdf')
