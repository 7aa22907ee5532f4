import cv2
import numpy as np
import pytest

from mmreid.report.bundles import Bundle
from mmreid.report.thumbnails import write_thumbnails

# An EXIF segment that says: turn by 90 degrees clockwise.
TURNED = (
    b'\xff\xe1\x00\x22Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01'
    b'\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00'
)


class Kept(Bundle):
    """Keeps what it is given."""

    def __init__(self):
        self.pictures = {}

    def add_data(self, name, value):
        raise AssertionError

    def add_picture(self, name, content):
        self.pictures[name] = content

    def finish(self, template, scripts=(), **values):
        raise AssertionError


@pytest.fixture
def bundle():
    return Kept()


def picture(height, width, dtype=np.uint8, value=200, channels=(3,)):
    return np.full((height, width, *channels), value, dtype)


def shrunk(bundle, name):
    return cv2.imdecode(np.frombuffer(bundle.pictures[name], np.uint8), -1)


@pytest.mark.parametrize(
    ('shape', 'size'),
    [
        ((512, 256), (128, 64)),
        ((100, 1000), (6, 64)),
        ((1000, 1), (128, 1)),
        ((20, 10), (20, 10)),
        ((1, 1), (1, 1)),
    ],
)
def test_pictures_are_shrunk_and_never_enlarged(tmp_path, bundle, shape, size):
    cv2.imwrite(str(tmp_path / 'a.png'), picture(*shape))
    names, unread = write_thumbnails(bundle, ['a.png'], root=tmp_path)
    assert unread == []
    assert shrunk(bundle, names['a.png']).shape[:2] == size


def test_it_is_turned_as_the_camera_says(tmp_path, bundle):
    jpeg = cv2.imencode('.jpg', picture(40, 20))[1].tobytes()
    (tmp_path / 'a.jpg').write_bytes(jpeg[:2] + TURNED + jpeg[2:])
    names, _ = write_thumbnails(bundle, ['a.jpg'], root=tmp_path)
    assert shrunk(bundle, names['a.jpg']).shape[:2] == (20, 40)


def test_a_grey_picture_of_sixteen_bits_is_seen(tmp_path, bundle):
    grey = picture(40, 20, np.uint16, 3000, ())  # of a camera of twelve bits
    cv2.imwrite(str(tmp_path / 'a.png'), grey)
    names, _ = write_thumbnails(bundle, ['a.png'], root=tmp_path)
    seen = shrunk(bundle, names['a.png'])
    assert seen.shape == (40, 20, 3)
    assert abs(seen.astype(int) - (3000 >> 4)).max() <= 2


def test_each_is_written_once_and_what_cannot_be_read_is_told(tmp_path, bundle):
    jpeg = cv2.imencode('.jpg', picture(40, 20))[1].tobytes()
    (tmp_path / 'whole.jpg').write_bytes(jpeg)
    (tmp_path / 'cut.jpg').write_bytes(jpeg[:-20])
    (tmp_path / 'empty.jpg').write_bytes(b'')
    (tmp_path / 'folder.jpg').mkdir()
    wrong = ['cut.jpg', 'empty.jpg', 'folder.jpg', 'missing.jpg', 'nul\0.jpg']
    paths = ['whole.jpg', *wrong, 'whole.jpg', '', '\udcff.jpg']
    done = []
    names, unread = write_thumbnails(
        bundle, paths, root=tmp_path, progress=lambda *counts: done.append(counts)
    )
    assert [*names] == ['whole.jpg']
    assert unread == [*wrong, '\udcff.jpg']
    assert [*bundle.pictures] == [*names.values()]
    assert done[-1] == (7, 7)
