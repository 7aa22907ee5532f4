"""Bins of colour against OpenCV's conversion of 8-bit pictures, digit by digit."""

import cv2
import numpy as np
import pytest
import torch

from mmreid.models.backbones.color_bins import hue_saturation_value
from mmreid.registry import MODELS


def colours(red):
    """All colours of one red, ``(256, 256, 3)``."""
    green, blue = np.mgrid[:256, :256].astype(np.uint8)
    return np.stack([np.full_like(green, red), green, blue], -1)


def as_maps(picture):
    return torch.from_numpy(picture).permute(2, 0, 1)[None]


@pytest.mark.parametrize(
    'reds',
    [
        (0, 1, 127, 128, 254, 255),
        pytest.param(range(256), marks=pytest.mark.slow),  # all there are
    ],
    ids=['some', 'all'],
)
def test_colours_are_those_of_opencv(reds):
    for red in reds:
        picture = colours(red)
        found = torch.stack(hue_saturation_value(as_maps(picture).long()), -1)
        wanted = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)
        assert np.array_equal(found[0].numpy(), wanted)


@pytest.mark.parametrize('bins', [(12, 4, 4), (7, 3, 5), (1, 1, 1), (180, 1, 2)])
def test_every_pixel_is_in_its_bin(bins):
    pictures = np.random.randint(0, 256, (2, 9, 7, 3), dtype=np.uint8)
    x = torch.cat([*map(as_maps, pictures)]).float()
    brick = MODELS.build(dict(type='ColorBins', bins=bins))
    (maps,) = brick(x + 0.3)  # rounded to the nearest
    assert maps.shape == (2, brick.out_channels[0], 9, 7)
    assert maps.dtype == x.dtype
    assert torch.equal(maps.sum(1), torch.ones(2, 9, 7))
    for n, picture in enumerate(pictures):
        hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)
        for i, j in np.ndindex(9, 7):
            place = 0
            for value, count, full in zip(
                hsv[i, j], bins, (180, 256, 256), strict=True
            ):
                place = place * count + int(value) * count // full
            assert maps[n, place, i, j] == 1


def test_numbers_beyond_the_range_are_its_ends():
    x = torch.tensor([-20.0, 300.0, 255.0]).view(1, 3, 1, 1)
    brick = MODELS.build(dict(type='ColorBins'))
    assert torch.equal(brick(x)[0], brick(x.clamp(0, 255))[0])


@pytest.mark.parametrize('bins', [(12, 4), (12, 0, 4)])
def test_bins_must_be_three_positive_numbers(bins):
    with pytest.raises(ValueError, match='bins must be three positive numbers'):
        MODELS.build(dict(type='ColorBins', bins=bins))
