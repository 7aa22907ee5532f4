from collections import Counter

import numpy as np
import pytest
from mmengine.logging import MMLogger

from mmreid.deploy.precision import choose_calibration
from mmreid.deploy.precision.calibration import gather, split


def test_cameras_give_as_many_pictures_each():
    rng = np.random.default_rng(7)
    cameras = rng.choice(6, 2_000, p=[0.5, 0.2, 0.1, 0.1, 0.09, 0.01])
    chosen = choose_calibration(cameras, 60)
    assert Counter(cameras[chosen].tolist()) == dict.fromkeys(range(6), 10)
    assert len({*chosen.tolist()}) == 60
    assert (np.diff(chosen) > 0).all()


def test_a_camera_with_few_pictures_gives_all():
    cameras = [0] * 100 + [1] * 3 + [2] * 100
    chosen = choose_calibration(cameras, 43)
    assert Counter(cameras[i] for i in chosen) == {0: 20, 1: 3, 2: 20}


def test_persons_before_a_camera_give_as_many_pictures_each():
    cameras = np.arange(2).repeat(300)
    # One person stands before each camera for most of the time.
    persons = np.tile([0] * 260 + [i // 4 for i in range(4, 44)], 2)
    chosen = choose_calibration(cameras, 44, persons=persons)
    pairs = Counter(zip(cameras[chosen], persons[chosen], strict=True))
    assert len(pairs) == 22
    assert set(pairs.values()) == {2}


def test_the_same_seed_gives_the_same_pictures():
    cameras = np.random.default_rng(0).integers(0, 4, 500)
    first, again, other = (choose_calibration(cameras, 50, s) for s in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_fewer_pictures_than_asked_for_are_all_taken_and_it_is_said(monkeypatch):
    said = []
    # Whose output others may have caught before.
    monkeypatch.setattr(
        MMLogger.get_current_instance(), 'log', lambda level, text: said.append(text)
    )
    chosen = choose_calibration(['left', 'right', 'left'], 300)
    assert chosen.tolist() == [0, 1, 2]
    (line,) = said
    assert 'all 3 pictures are taken, 300 were asked for' in line


@pytest.mark.parametrize(
    ('options', 'text'),
    [
        (dict(cameras=[]), 'cameras must name at least one picture'),
        (dict(cameras=[1], num=0), 'num must be at least 1, got 0'),
        (dict(cameras=[1], num=2.5), 'num must be at least 1, got 2.5'),
        (dict(cameras=[1], seed=-1), 'seed must be at least 0, got -1'),
        (dict(cameras=[1], persons=[1, 2]), 'persons must have an entry for every'),
    ],
)
def test_wrong_arguments_are_named(options, text):
    with pytest.raises(ValueError, match=text):
        choose_calibration(**options)


def test_batches_are_joined_in_order():
    pictures = np.random.default_rng(0).integers(0, 256, (5, 4, 2, 3), np.uint8)
    joined = gather(iter([pictures[:3], pictures[:0], pictures[3:]]))
    assert np.array_equal(joined, pictures)


@pytest.mark.parametrize(
    ('batches', 'text'),
    [
        ([], 'calibration must have at least one picture, got none'),
        ([np.zeros((0, 4, 2, 3), np.uint8)], 'must have at least one picture'),
        (
            [np.zeros((1, 4, 2, 3), np.float32)],
            'Batch 0 of calibration must be .*uint8',
        ),
        ([np.zeros((4, 2, 3), np.uint8)], 'Batch 0 of calibration must be'),
        (
            [np.zeros((1, 4, 2, 3), np.uint8), np.zeros((1, 4, 3, 3), np.uint8)],
            r'Batch 1 .* must have pictures of the size .*\(4, 2\).*\(4, 3\)',
        ),
    ],
)
def test_wrong_pictures_are_named(batches, text):
    with pytest.raises(ValueError, match=text):
        gather(batches)


@pytest.mark.parametrize('count', [1, 2, 15, 16, 17, 300])
def test_batches_hold_every_picture_once(count):
    pictures = np.arange(count)
    batches = split(pictures, 16, least=2)
    assert np.concatenate(batches).tolist() == pictures.tolist()
    assert max(map(len, batches)) <= 16
    assert len(batches) >= min(2, count)
