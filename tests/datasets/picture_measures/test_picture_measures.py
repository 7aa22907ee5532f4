from itertools import combinations

import cv2
import numpy as np
import pytest
from scipy.fft import dctn

from mmreid.datasets.picture_measures import (
    KINDS,
    find_close_pairs,
    find_outliers,
    measure_picture,
)
from mmreid.datasets.picture_measures.measuring import hash_picture


def person(seed: int, size: tuple[int, int] = (128, 64)) -> np.ndarray:
    """A smooth picture, as photographs are, of which there is only one."""
    coarse = np.random.default_rng(seed).integers(0, 256, (8, 4, 3)).astype(np.uint8)
    return cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_CUBIC)


def slow_hash(picture: np.ndarray) -> int:
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(grey, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float64)
    waves = dctn(small, norm='ortho')[:8, :8].ravel()
    middle = np.median(waves[1:])
    return sum(1 << (63 - i) for i, wave in enumerate(waves) if wave > middle)


@pytest.mark.parametrize('seed', range(5))
def test_a_hash_is_the_signs_of_the_lowest_waves(seed):
    assert hash_picture(person(seed)) == slow_hash(person(seed))


def test_a_hash_hardly_changes_with_the_file_and_much_with_the_picture():
    def differ(one, two):
        return (hash_picture(one) ^ hash_picture(two)).bit_count()

    for seed in range(20):
        picture = person(seed)
        coded = cv2.imencode('.jpg', picture, [cv2.IMWRITE_JPEG_QUALITY, 50])[1]
        small = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        lighter = cv2.convertScaleAbs(picture, alpha=0.9, beta=10)
        for other in (cv2.imdecode(coded, 1), small, lighter):
            assert differ(picture, other) <= 6  # by which pairs are found
        assert differ(picture, person(seed + 100)) > 12


@pytest.mark.parametrize('most_bits', [0, 3, 20])
def test_close_pairs_are_those_of_a_loop(most_bits):
    rng = np.random.default_rng(0)
    hashes = [int(n) for n in rng.integers(0, 2**63, 60)] + [2**64 - 1, 0]
    hashes += [n ^ (1 << int(rng.integers(64))) for n in hashes[:20]] + hashes[:3]
    slow = {
        (i, j): (hashes[i] ^ hashes[j]).bit_count()
        for i, j in combinations(range(len(hashes)), 2)
        if (hashes[i] ^ hashes[j]).bit_count() <= most_bits
    }
    found = find_close_pairs(hashes, most_bits)
    assert {
        tuple(p): b for p, b in zip(found.pairs.tolist(), found.bits, strict=True)
    } == slow
    assert found.found == len(slow)
    assert [*found.bits] == sorted(found.bits)


def test_of_more_pairs_than_are_kept_the_nearest_are_and_all_are_counted():
    done = []
    hashes = [0] * 1500 + [1] * 1000
    found = find_close_pairs(hashes, 1, 5000, lambda *now: done.append(now))
    assert found.found == 2500 * 2499 // 2
    assert len(found.pairs) == 5000
    assert not found.bits.any()
    assert done[-1] == (2500, 2500)
    assert len(find_close_pairs([]).pairs) == len(find_close_pairs([7]).pairs) == 0


@pytest.mark.parametrize('bits', [-1, 64])
def test_a_radius_beyond_the_hash_is_refused(bits):
    with pytest.raises(ValueError, match='from 0 to 63'):
        find_close_pairs([1, 2], bits)


def test_measures_are_their_formulas():
    picture = person(3, (200, 90))
    measured = measure_picture(picture)
    small = cv2.resize(picture, (64, 128), interpolation=cv2.INTER_AREA)
    blue, green, red = small.astype(np.float64).transpose(2, 0, 1)
    grey = np.rint(0.114 * blue + 0.587 * green + 0.299 * red)
    padded = np.pad(grey, 1, 'reflect')
    around = padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]
    assert (measured.width, measured.height) == (90, 200)
    assert measured.sharpness == pytest.approx((around - 4 * grey).var(), rel=0.02)
    assert measured.brightness == pytest.approx(grey.mean(), abs=0.5)
    spread = np.ptp(np.stack([blue, green, red]), axis=0)
    assert measured.colour == pytest.approx(spread.mean())
    assert measured.colours.shape == (96,)


def bad_pictures() -> dict[str, np.ndarray]:
    sharp = person(0)
    return {
        'blurred': cv2.GaussianBlur(sharp, (0, 0), 12),
        'tiny': person(0, (20, 10)),
        'dark': (sharp * 0.05).astype(np.uint8),
        'bright': np.maximum(sharp, 245),
        'odd shape': person(0, (128, 200)),
        'grey': np.repeat(cv2.cvtColor(sharp, cv2.COLOR_BGR2GRAY)[..., None], 3, 2),
    }


@pytest.mark.parametrize('kind', KINDS)
def test_the_worst_of_its_kind_comes_first_and_stands_out(kind):
    rng = np.random.default_rng(1)
    sizes = [
        (int(h), int(h / rng.uniform(1.8, 2.2))) for h in rng.uniform(110, 140, 80)
    ]
    noise = [rng.normal(0, 12, (*size, 3)) for size in sizes]
    usual = [
        np.clip(person(i, size) + n, 0, 255).astype(np.uint8)
        for i, (size, n) in enumerate(zip(sizes, noise, strict=True))
    ]
    measures = [measure_picture(p) for p in (*usual, bad_pictures()[kind])]
    found = find_outliers(kind, measures)
    assert found.order[0] == len(usual)
    assert 1 <= found.found <= 5
    assert found.rule.endswith('.')
    assert found.counts.sum() == len(measures)
    value = KINDS[kind].value
    assert [*found.values] == [value(measures[i]) for i in found.order]
    outside = found.values[found.found :]
    if KINDS[kind].worst == 'low':
        assert (found.values[: found.found] < found.threshold).all()
        assert (outside >= found.threshold * (1 - 1e-9)).all()


def test_where_all_are_alike_none_stands_out():
    measures = [measure_picture(person(0))] * 5
    assert all(
        find_outliers(kind, measures).found == 0 for kind in KINDS if kind != 'grey'
    )
    black = [measure_picture(np.zeros((10, 5, 3), np.uint8))] * 3
    assert find_outliers('blurred', black).found == 0
    assert find_outliers('grey', black).found == 3


def test_narrow_and_wide_pictures_are_both_odd():
    pictures = [person(i, (128, 60 + i % 9)) for i in range(30)]
    measures = [
        measure_picture(p)
        for p in (*pictures, person(0, (128, 200)), person(0, (200, 20)))
    ]
    found = find_outliers('odd shape', measures)
    assert {*found.order[:2].tolist()} == {30, 31}
    assert found.found == 2
