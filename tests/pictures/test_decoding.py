"""Pictures are read by whoever needs no training stack as by those who train."""

import cv2
import numpy as np
import pytest

from mmreid.datasets.transforms import LoadImage
from mmreid.pictures import decode

rng = np.random.default_rng(0)
COLOUR = cv2.GaussianBlur(rng.integers(0, 256, (37, 23, 3), np.uint8), (5, 5), 2)
GREY = COLOUR[:, :, 0]
FILES = {
    'colour.jpg': COLOUR,
    'colour.png': COLOUR,
    'colour.bmp': COLOUR,
    'colour.webp': COLOUR,
    'grey.jpg': GREY,
    'grey.png': GREY,
    'alpha.png': np.dstack([COLOUR, GREY]),
    'bits16.png': COLOUR.astype(np.uint16) * 257,
    'bits12.png': COLOUR.astype(np.uint16) * 16,
    'grey12.tiff': GREY.astype(np.uint16) * 13,
    'dark.png': COLOUR.astype(np.uint16),
}


def with_rotation(content: bytes, turn: int) -> bytes:
    """Put an EXIF entry with an orientation into a JPEG file."""
    tag = b'II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0' + bytes([turn, 0, 0, 0])
    entry = b'Exif\0\0' + tag + bytes(4)
    return (
        content[:2]
        + b'\xff\xe1'
        + (len(entry) + 2).to_bytes(2, 'big')
        + entry
        + (content[2:])
    )


@pytest.mark.parametrize('name', [*FILES, 'turned.jpg'])
def test_it_reads_as_load_image_does(tmp_path, name):
    path = tmp_path / name
    cv2.imwrite(str(path), FILES.get(name, COLOUR))
    if name == 'turned.jpg':
        path.write_bytes(with_rotation(path.read_bytes(), 6))
    picture = decode(path.read_bytes())
    expected = LoadImage().transform(dict(img_path=str(path)))['img']
    np.testing.assert_array_equal(picture, expected)
    assert picture.dtype == np.uint8
    # The values of twelve bits are not black.
    assert picture.max() > 100
    assert picture.shape == ((23, 37, 3) if name == 'turned.jpg' else (37, 23, 3))


def test_arrays_of_bytes_are_taken():
    content = cv2.imencode('.png', COLOUR)[1]
    np.testing.assert_array_equal(decode(content), COLOUR)


@pytest.mark.parametrize(
    ('change', 'reason'),
    [
        (lambda data: data[:-200], 'cut short'),
        (lambda data: b'', 'no image'),
        (lambda data: b'%PDF' + data[4:], 'no image'),
    ],
)
def test_what_is_no_whole_picture_is_refused(change, reason):
    content = cv2.imencode('.jpg', COLOUR)[1].tobytes()
    with pytest.raises(ValueError, match=reason):
        decode(change(content))
