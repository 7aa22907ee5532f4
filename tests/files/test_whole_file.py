"""Files are whole or not there, whatever fails while they are written."""

import errno
import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from safetensors import SafetensorError

from mmreid.evaluation.functional import (
    Features,
    OperatingThreshold,
    save_features,
    save_threshold,
)
from mmreid.files import whole_file, write_json
from mmreid.visualization import Curve, draw_curves, write_picture


def features():
    count = 900
    return Features(
        embedding=np.ones((count, 8), np.float32),
        person_id=np.arange(count),
        cam_id=np.arange(count),
        is_query=np.arange(count) < 9,
        img_path=np.full(count, 'a.jpg'),
    )


THRESHOLD = OperatingThreshold(0.5, 'cosine', 'verification', 0.1, 0.1, 10)
CURVE = Curve([1, 2], [3.0, 4.0])
WRITERS = {
    'r.json': lambda path: write_json(path, dict(a=[1.0] * 9_000)),
    't.json': lambda path: save_threshold(path, THRESHOLD),
    'f.npz': lambda path: save_features(path, features()),
    'f.safetensors': lambda path: save_features(path, features()),
    'p.jpg': lambda path: write_picture(path, np.zeros((64, 32, 3), np.uint8)),
    'p.png': lambda path: write_picture(path, np.zeros((64, 32, 3), np.uint8)),
    'c.png': lambda path: draw_curves(dict(loss=dict(run=CURVE)), path),
}


@pytest.mark.parametrize('name', WRITERS)
def test_writers_make_folders_and_leave_nothing_beside(tmp_path, name):
    path = tmp_path / 'new' / 'folder' / name
    WRITERS[name](path)
    assert [file.name for file in path.parent.iterdir()] == [name]
    assert path.stat().st_size > 0
    (tmp_path / 'any').touch()
    assert path.stat().st_mode == (tmp_path / 'any').stat().st_mode


@pytest.mark.parametrize('name', WRITERS)
def test_a_full_disk_leaves_what_was_there(tmp_path, name, monkeypatch):
    path = tmp_path / name
    path.write_text('before')

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    # Every writer's bytes are forced to the disk, which is where the last ones fail.
    monkeypatch.setattr(os, 'fsync', full)
    with pytest.raises(OSError, match='No space left on device; it was not') as failed:
        WRITERS[name](path)
    assert failed.value.errno == errno.ENOSPC
    assert str(path) in str(failed.value)
    assert path.read_text() == 'before'
    assert [file.name for file in tmp_path.iterdir()] == [name]


@pytest.mark.skipif(not Path('/dev/full').exists(), reason='Linux only')
@pytest.mark.parametrize(
    'name', [name for name in WRITERS if 'safetensors' not in name]
)
def test_a_device_that_is_full(tmp_path, name):
    # What is no file is written directly, and is no file afterwards either.
    (tmp_path / name).symlink_to('/dev/full')
    with pytest.raises(OSError, match='No space left on device') as failed:
        WRITERS[name](tmp_path / name)
    assert name in str(failed.value)
    assert Path('/dev/full').is_char_device()


def test_safetensors_tells_the_systems_error(tmp_path, monkeypatch):
    def full(*_, **__):
        raise SafetensorError(
            'Error while serializing: I/O error: No space left on device (os error 28)'
        )

    monkeypatch.setattr('safetensors.numpy.save_file', full)
    with pytest.raises(OSError, match='No space left') as failed:
        save_features(tmp_path / 'f.safetensors', features())
    assert failed.value.errno == errno.ENOSPC
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize('name', WRITERS)
def test_a_folder_in_the_place_of_a_file(tmp_path, name):
    (tmp_path / name).mkdir()
    with pytest.raises(OSError, match=name):
        WRITERS[name](tmp_path / name)


def test_an_error_of_the_writer_leaves_nothing(tmp_path):
    path = tmp_path / 'f.txt'

    def stop():
        with whole_file(path) as unfinished:
            unfinished.write_text('half')
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop()
    assert list(tmp_path.iterdir()) == []
    other = tmp_path / 'missing.txt'
    with pytest.raises(FileNotFoundError, match=r'missing\.txt'), whole_file(path):
        other.read_text()


def test_a_link_keeps_pointing_to_its_file(tmp_path):
    (tmp_path / 'link.json').symlink_to(tmp_path / 'file.json')
    write_json(tmp_path / 'link.json', [1])
    assert (tmp_path / 'link.json').is_symlink()
    assert json.loads((tmp_path / 'file.json').read_text()) == [1]


def test_pictures_come_back(tmp_path):
    picture = np.random.default_rng(0).integers(0, 255, (16, 8, 3), np.uint8)
    write_picture(tmp_path / 'p.png', picture)
    np.testing.assert_array_equal(cv2.imread(str(tmp_path / 'p.png')), picture)


@pytest.mark.parametrize('code', [errno.EINVAL, errno.ENOTSUP, errno.EIO])
def test_only_a_disk_that_loses_bytes_ends_writing(tmp_path, monkeypatch, code):
    def fsync(handle):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, 'fsync', fsync)
    path = tmp_path / 'r.json'
    if code == errno.EIO:
        with pytest.raises(OSError, match=r'r\.json'):
            write_json(path, dict(a=1))
        assert not [*tmp_path.iterdir()]
    else:
        write_json(path, dict(a=1))
        assert json.loads(path.read_text()) == dict(a=1)
