"""Boxes and frames to read, on fresh random numbers."""

import cv2
import numpy as np
import pytest

from mmreid.datasets.boxes import BoxTable


def make_table(seed=None, size=40, frames=9, first=1):
    """Boxes in a picture of 64 x 48, on a grid that every format keeps exactly."""
    rng = np.random.default_rng(seed)
    corner = rng.integers(0, 120, (size, 2)) / 4
    box = np.hstack([corner, corner + rng.integers(8, 60, (size, 2)) / 4])
    frame = np.sort(rng.integers(first, first + frames, size))
    pairs = rng.permutation(size)
    return BoxTable(
        frame=frame,
        track=pairs,
        box=box,
        score=rng.integers(1, 64, size) / 64,
        first_frame=first,
        picture_size=(64, 48),
    )


def make_pictures(count=9, size=(64, 48)):
    """Pictures of noise, each of which is known by its mean."""
    rng = np.random.default_rng(7)
    width, height = size
    noise = rng.integers(0, 20, (count, height, width, 3))
    return (noise + np.arange(count)[:, None, None, None] * 20).astype(np.uint8)


@pytest.fixture(scope='session')
def video(tmp_path_factory):
    """A video of nine frames, each brighter than the one before."""
    path = tmp_path_factory.mktemp('video') / 'cam1.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 10, (64, 48))
    for picture in make_pictures():
        writer.write(picture)
    writer.release()
    return path


@pytest.fixture
def folder(tmp_path):
    """The same as pictures in MOTChallenge's layout."""
    (tmp_path / 'seq' / 'img1').mkdir(parents=True)
    for number, picture in enumerate(make_pictures(), 1):
        cv2.imwrite(str(tmp_path / 'seq' / 'img1' / f'{number:06d}.png'), picture)
    (tmp_path / 'seq' / 'seqinfo.ini').write_text(
        '[Sequence]\nname=seq\nimDir=img1\nframeRate=25\nseqLength=9\n'
    )
    return tmp_path / 'seq'
