"""The borrowed transforms do what SPEC asks, on this numpy and OpenCV.

Sections 2.2 and 5.2: random erasing and cutout; BoT: padding and random crop.
"""

import numpy as np
import pytest

from mmreid.registry import TRANSFORMS

MEAN_BGR = (103.53, 116.28, 123.675)
FILL = np.array([103, 116, 123])
SIZE = (384, 192)
# Noise without the fill's values.
PICTURE = np.random.default_rng(0).integers(130, 256, size=(*SIZE, 3), dtype=np.uint8)


def apply(number: int, **config: object) -> list[np.ndarray]:
    transform = TRANSFORMS.build(config)
    np.random.seed(0)
    return [transform(dict(img=PICTURE.copy()))['img'] for _ in range(number)]


def box(image: np.ndarray) -> tuple[int, int, int, int] | None:
    """Rows and columns that changed: top, bottom, left, right; None for none."""
    changed = (image != PICTURE)[..., 0]
    if not changed.any():
        return None
    rows, columns = (np.flatnonzero(changed.any(axis=axis)) for axis in (1, 0))
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


@pytest.mark.parametrize('fill', ['mean', 'random'])
def test_random_erasing(fill: str) -> None:
    mode = 'const' if fill == 'mean' else 'rand'
    images = apply(
        400,
        type='mmpretrain.RandomErasing',
        erase_prob=0.5,
        min_area_ratio=0.02,
        max_area_ratio=0.4,
        aspect_range=(0.3, 3.33),
        mode=mode,
        fill_color=MEAN_BGR,
    )
    boxes = [box(image) for image in images]
    assert 0.42 < np.mean([b is not None for b in boxes]) < 0.58
    areas, aspects = [], []
    for image, edges in zip(images, boxes, strict=True):
        assert image.shape == (*SIZE, 3)
        assert image.dtype == np.uint8
        if edges is None:
            continue
        top, bottom, left, right = edges
        patch = image[top:bottom, left:right]
        if fill == 'mean':
            assert (patch == FILL).all()
        else:
            assert patch.std() > 60  # uniform over 0..255: 73.6
        areas.append((bottom - top) * (right - left) / (SIZE[0] * SIZE[1]))
        aspects.append((bottom - top) / (right - left))
    # A pixel of rounding on the shortest side, 21, is 5 %.
    assert 0.95 * 0.02 < min(areas) < 0.03
    assert 0.35 < max(areas) < 1.05 * 0.4
    assert 0.95 * 0.3 < min(aspects) < 0.45
    assert 2.8 < max(aspects) < 1.05 * 3.33


def test_cutout() -> None:
    images = apply(400, type='mmpretrain.Cutout', shape=64, prob=0.5, pad_val=MEAN_BGR)
    boxes = [box(image) for image in images]
    assert 0.42 < np.mean([b is not None for b in boxes]) < 0.58
    whole = 0
    for image, edges in zip(images, boxes, strict=True):
        if edges is None:
            continue
        top, bottom, left, right = edges
        assert (image[top:bottom, left:right] == FILL).all()
        # Centred anywhere in the picture: cut off where it sticks out of it.
        assert bottom - top == 64 or bottom == SIZE[0]
        assert right - left == 64 or right == SIZE[1]
        whole += (bottom - top, right - left) == (64, 64)
    assert whole > 0.6 * sum(b is not None for b in boxes)


def test_cutout_of_bdb_lies_inside_the_picture() -> None:
    """SONA-Net builds on BDB, whose square of 64 x 64 is never cut off."""
    share = 64 * 64 / (SIZE[0] * SIZE[1])
    images = apply(
        400,
        type='mmpretrain.RandomErasing',
        erase_prob=0.5,
        min_area_ratio=share,
        max_area_ratio=share,
        aspect_range=(1.0, 1.0),
        fill_color=MEAN_BGR,
    )
    edges = np.array([b for b in map(box, images) if b is not None])
    assert 170 < len(edges) < 230
    assert (edges[:, 1] - edges[:, 0] == 64).all()
    assert (edges[:, 3] - edges[:, 2] == 64).all()
    assert edges[:, 0].min() < 10
    assert edges[:, 1].max() > SIZE[0] - 10


def test_padded_crop() -> None:
    images = apply(300, type='mmpretrain.RandomCrop', crop_size=SIZE, padding=10)
    padded = np.pad(PICTURE, ((10, 10), (10, 10), (0, 0)))
    shifts = set()
    for image in images:
        assert image.shape == (*SIZE, 3)
        # The padding is black and the picture is not: its edges tell the shift.
        filled = image[..., 0] != 0
        rows = np.flatnonzero(filled.any(axis=1))
        columns = np.flatnonzero(filled.any(axis=0))
        top = 10 - rows[0] if rows[0] else 10 + SIZE[0] - 1 - rows[-1]
        left = 10 - columns[0] if columns[0] else 10 + SIZE[1] - 1 - columns[-1]
        expected = padded[top : top + SIZE[0], left : left + SIZE[1]]
        np.testing.assert_array_equal(image, expected)
        shifts.add((int(top), int(left)))
    assert {top for top, _ in shifts} == set(range(21))
    assert {left for _, left in shifts} == set(range(21))


def test_flip_and_resize() -> None:
    images = apply(400, type='RandomFlip', prob=0.5)
    flipped = [np.array_equal(image, PICTURE[:, ::-1]) for image in images]
    kept = [np.array_equal(image, PICTURE) for image in images]
    assert all(a != b for a, b in zip(flipped, kept, strict=True))
    assert 170 < sum(flipped) < 230
    assert apply(1, type='Resize', scale=(128, 256))[0].shape == (256, 128, 3)
