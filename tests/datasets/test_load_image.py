"""Every picture that cannot be read is named."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from mmreid.datasets import LoadImage, Market1501
from mmreid.registry import TRANSFORMS


def read(path: Path, **arguments: object) -> dict | None:
    return LoadImage(**arguments).transform(dict(img_path=str(path)))


@pytest.fixture
def picture(market_root: Path) -> Path:
    return market_root / 'query' / '0001_c1s1_001051_00.jpg'


def test_whole_picture_is_bgr_uint8(tmp_path: Path) -> None:
    original = np.zeros((6, 4, 3), dtype=np.uint8)
    original[..., 0] = 200  # blue
    original[2:, 1, 2] = 90
    path = tmp_path / 'blå.png'
    path.write_bytes(cv2.imencode('.png', original)[1].tobytes())
    results = TRANSFORMS.build(dict(type='LoadImage'))(dict(img_path=str(path)))
    assert results['img'].dtype == np.uint8
    np.testing.assert_array_equal(results['img'], original)
    assert results['img_shape'] == results['ori_shape'] == (6, 4)


@pytest.mark.parametrize('backend', ['cv2', 'pillow'])
@pytest.mark.parametrize(
    'damage',
    [
        lambda content: b'',
        lambda content: b'<html>404 Not Found</html>',
        lambda content: content[: len(content) // 2],
        lambda content: content[:20],
    ],
    ids=['empty', 'no image', 'half', 'header only'],
)
def test_damaged_picture_is_named(picture: Path, damage, backend: str) -> None:
    picture.write_bytes(damage(picture.read_bytes()))
    with pytest.raises(OSError, match='cannot read image') as caught:
        read(picture, imdecode_backend=backend)
    assert repr(str(picture)) in str(caught.value)


def test_named_without_assertions(
    picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under ``python -O`` the parent goes on with None."""

    def go_on(self: LoadImage, results: dict) -> dict:
        results['img_shape'] = None.shape  # type: ignore[attr-defined]
        return results

    monkeypatch.setattr(LoadImage.__mro__[1], 'transform', go_on)
    with pytest.raises(OSError, match='cannot read image') as caught:
        read(picture)
    assert repr(str(picture)) in str(caught.value)


def test_missing_picture_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r'nöwhere\.jpg'):
        read(tmp_path / 'nöwhere.jpg')


def test_ignore_empty_still_gives_none(picture: Path) -> None:
    picture.write_bytes(b'')
    assert read(picture, ignore_empty=True) is None


def test_a_data_set_does_not_swap_an_unreadable_picture(market_root: Path) -> None:
    """mmengine's data sets take another picture at random where one gives None."""
    path = market_root / 'bounding_box_train' / '0002_c1s1_000451_03.jpg'
    path.write_bytes(b'')
    dataset = Market1501(market_root, check=False, pipeline=[dict(type='LoadImage')])
    with pytest.raises(OSError, match='0002_c1s1_000451_03'):
        dataset[0]
