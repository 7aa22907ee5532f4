"""Every picture that cannot be read is named."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from mmreid.datasets import LoadImage, Market1501
from mmreid.datasets.transforms.load_image import is_special
from mmreid.pictures import check_whole, to_eight_bits
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
    with pytest.raises(OSError, match='Cannot read image') as caught:
        read(picture, imdecode_backend=backend)
    assert repr(str(picture)) in str(caught.value)


def encode(suffix: str, *options: int, size: tuple[int, int] = (40, 24)) -> bytes:
    """Draw a noisy picture and return it as a file."""
    noise = np.random.default_rng(5).integers(256, size=(*size, 3)).astype(np.uint8)
    return cv2.imencode(suffix, noise, options)[1].tobytes()


def with_thumbnail(content: bytes) -> bytes:
    """Put a whole small picture into the header, as cameras do."""
    small = encode('.jpg', size=(8, 8))
    segment = b'\xff\xe1' + (len(small) + 2).to_bytes(2, 'big') + small
    return content[:2] + segment + content[2:]


FILES = {
    'baseline': encode('.jpg'),
    'progressive': encode('.jpg', cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
    'restart markers': encode('.jpg', cv2.IMWRITE_JPEG_RST_INTERVAL, 2),
    'thumbnail': with_thumbnail(encode('.jpg')),
    'png': encode('.png'),
}


@pytest.mark.parametrize('name', FILES)
def test_no_cut_of_a_file_is_whole(name: str) -> None:
    """As OpenCV 4 believes of most cuts of a JPEG file."""
    content = FILES[name]
    check_whole(memoryview(content))
    check_whole(memoryview(content + b'anything'))
    check_whole(memoryview(np.frombuffer(content, np.uint8)))
    for length in range(8, len(content)):
        for filling in (b'', bytes(len(content) - length)):
            with pytest.raises(ValueError, match='cut short'):
                check_whole(memoryview(content[:length] + filling))


def test_a_changed_byte_of_a_png_is_found() -> None:
    content = FILES['png']
    start = content.index(b'IDAT')
    for at in range(start, len(content) - 12, 7):
        changed = bytearray(content)
        changed[at] ^= 4
        with pytest.raises(ValueError, match=r'checksum|cut short'):
            check_whole(memoryview(changed))


def test_what_does_not_make_the_picture_may_be_wrong() -> None:
    content = FILES['png']
    comment = (3).to_bytes(4, 'big') + b'tEXta\0b' + b'none'
    check_whole(memoryview(content[:33] + comment + content[33:]))
    check_whole(memoryview(b'BM of another format'))


@pytest.mark.parametrize('cached', [False, True])
def test_a_cut_picture_is_refused_whatever_the_decoder_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cached: bool
) -> None:
    monkeypatch.setattr('cv2.imdecode', lambda *_: np.zeros((4, 4, 3), np.uint8))
    record = dict(img_path=str(tmp_path / 'cut.jpg'))
    for name, content in FILES.items():
        (tmp_path / 'cut.jpg').write_bytes(content[:-9])
        if cached:
            record['img_bytes'] = np.frombuffer(content[:-9], np.uint8)
        with pytest.raises(OSError, match=r'cut\.jpg.*cut short'):
            LoadImage()(dict(record))
        (tmp_path / 'cut.jpg').write_bytes(content)
        assert read(tmp_path / 'cut.jpg')['img'].shape == (4, 4, 3), name


def test_bytes_without_a_picture_are_named(
    picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('cv2.imdecode', lambda *_: None)
    with pytest.raises(OSError, match='no image') as caught:
        read(picture)
    assert repr(str(picture)) in str(caught.value)


def deep(path: Path, bits: int, shape: tuple[int, ...] = (12, 9, 3)) -> np.ndarray:
    """Write a picture of so many bits into a file of 16, and return it with 8."""
    values = np.random.default_rng(bits).integers(2**bits, size=shape)
    values[0, 0] = 2**bits - 1
    path.write_bytes(cv2.imencode(path.suffix, values.astype(np.uint16))[1].tobytes())
    return values


@pytest.mark.parametrize('suffix', ['.png', '.tif'])
@pytest.mark.parametrize(('bits', 'depth'), [(8, 8), (10, 12), (12, 12), (16, 16)])
def test_files_of_16_bits(tmp_path: Path, suffix: str, bits: int, depth: int) -> None:
    for shape in ((12, 9), (12, 9, 3)):
        path = tmp_path / f'deep{suffix}'
        values = deep(path, bits, shape)
        results = read(path)
        assert results['img'].dtype == np.uint8
        assert results['img_bits'] == bits
        expected = values >> depth - 8
        expected = expected if len(shape) == 3 else expected[..., None]
        np.testing.assert_array_equal(results['img'], expected + np.zeros(3, int))
        grey = read(path, color_type='grayscale')['img']
        assert grey.dtype == np.uint8
        assert grey.max() > 40
        if depth == 16:
            old = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
            assert np.abs(results['img'].astype(int) - old).max() <= 1


def test_the_depth_of_a_camera_can_be_set(tmp_path: Path) -> None:
    path = tmp_path / 'deep.png'
    values = deep(path, 10)
    np.testing.assert_array_equal(read(path, depth=14)['img'], values >> 6)
    np.testing.assert_array_equal(read(path, depth=10)['img'], values >> 2)
    with pytest.raises(OSError, match=r'deep\.png.*depth=9 allows .* has 1023'):
        read(path, depth=9)
    assert read(path, color_type='unchanged')['img'].dtype == np.uint16
    with pytest.raises(ValueError, match='depth must be from 8 to 16'):
        LoadImage(depth=17)
    black = np.zeros((4, 4), np.uint16)
    assert not to_eight_bits(black).any()
    with pytest.raises(ValueError, match='float32; convert'):
        to_eight_bits(black.astype(np.float32))


def test_pipes_and_devices_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / 'pipe.jpg')
    (tmp_path / 'link.jpg').symlink_to('/dev/zero')
    for name in ('pipe.jpg', 'link.jpg'):
        assert is_special(str(tmp_path / name))
        with pytest.raises(OSError, match=rf'{name}.*device is no picture'):
            read(tmp_path / name)
    for name in ('.', 'missing', 'zero\0'):
        assert not is_special(str(tmp_path / name))


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
