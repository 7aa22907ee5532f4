"""Pooling, cutting and choosing, against loops and by hand."""

import numpy as np
import pytest
from scipy.optimize import minimize

from mmreid.search import (
    choose_boxes,
    covered_shares,
    pool_tracklets,
    shared_frames,
    split_tracklets,
)


def test_the_mean_of_unit_vectors_is_a_unit_vector():
    rng = np.random.default_rng()
    vectors = rng.normal(size=(50, 8)) * rng.uniform(0.1, 9, (50, 1))
    tracks = rng.integers(-1, 5, 50)
    weights = rng.uniform(0, 2, 50)
    keys, pooled = pool_tracklets(vectors, tracks, weights)
    assert keys.tolist() == sorted({*tracks.tolist()})
    for key, vector in zip(keys, pooled, strict=True):
        total = np.zeros(8)
        for row in range(50):
            if tracks[row] == key:
                total += (
                    weights[row] * vectors[row] / np.sqrt((vectors[row] ** 2).sum())
                )
        np.testing.assert_allclose(vector, total / np.sqrt((total**2).sum()))


def test_the_median_has_the_smallest_summed_distance():
    rng = np.random.default_rng()
    vectors = rng.normal(size=(9, 4)) + np.array([3, 0, 0, 0])
    weights = rng.uniform(0.1, 2, 9)
    pooled = pool_tracklets(vectors, np.zeros(9, int), weights, 'median')[1][0]
    unit = vectors / np.linalg.norm(vectors, axis=1)[:, None]

    def cost(point):
        return weights @ np.linalg.norm(unit - point, axis=1)

    best = minimize(cost, unit.mean(0), method='Nelder-Mead', tol=1e-12).x
    np.testing.assert_allclose(pooled, best / np.linalg.norm(best), atol=1e-4)


def test_the_median_withstands_a_few_wrong_boxes():
    vectors = np.array([[1.0, 0]] * 5 + [[0, 1.0]] * 4)
    median = pool_tracklets(vectors, np.zeros(9, int), how='median')[1][0]
    np.testing.assert_allclose(median, [1, 0], atol=1e-6)


def test_weights_of_zero_alone_count_alike():
    keys, pooled = pool_tracklets(np.eye(2), [7, 7], np.zeros(2))
    assert keys.tolist() == [7]
    np.testing.assert_allclose(pooled, [[0.5**0.5] * 2])


@pytest.mark.parametrize(
    ('vectors', 'weights', 'message'),
    [
        ([[1.0, 0], [-1, 0]], None, 'track 3 must not cancel'),
        ([[1.0, 0], [0, 1]], [1, -1], 'got -1.0 in row 1'),
        ([[1.0, 0], [0, 1]], [1], 'weights must have one entry for each of the 2'),
    ],
)
def test_pooling_names_what_it_cannot_take(vectors, weights, message):
    with pytest.raises(ValueError, match=message):
        pool_tracklets(np.array(vectors), np.array([3, 3]), weights)


def test_a_track_is_cut_where_its_person_changes():
    rng = np.random.default_rng(0)
    one, other = np.eye(16)[:2]
    faces = [one] * 10 + [other] * 7 + [one] * 6 + [other] * 12
    vectors = np.array(faces) + 0.08 * rng.normal(size=(35, 16))
    tracks = np.repeat([5, 9], [23, 12])
    times = np.arange(35)
    shuffled = rng.permutation(35)
    pieces = split_tracklets(
        vectors[shuffled], tracks[shuffled], times[shuffled], threshold=0.5
    )
    back = np.empty(35, int)
    back[shuffled] = pieces
    assert back.tolist() == [0] * 10 + [1] * 7 + [2] * 6 + [0] * 12


def test_a_single_bad_picture_cuts_nothing():
    vectors = np.repeat([[1.0, 0]], 9, axis=0)
    for place in (0, 4, 8):
        bad = vectors.copy()
        bad[place] = [0, 1]
        assert not split_tracklets(bad, np.ones(9, int), np.arange(9), 0.5).any()


def test_boxes_are_chosen_evenly_and_the_best_first():
    frames = np.arange(20)[::-1]
    tracks = np.repeat([1, 2], 10)
    goodness = np.zeros(20)
    goodness[[3, 17]] = 1
    chosen = choose_boxes(tracks, frames, goodness, 2)
    assert {3, 17} < {*chosen.tolist()}
    assert np.bincount(tracks[chosen]).tolist() == [0, 2, 2]
    assert choose_boxes(tracks, frames, goodness, None).tolist() == [*range(20)]
    assert choose_boxes(tracks, frames, goodness, 99).tolist() == [*range(20)]
    assert choose_boxes(tracks[:0], frames[:0], goodness[:0], 4).shape == (0,)


def test_what_stands_in_front_covers():
    boxes = np.array([[0, 0, 10, 20], [5, 0, 15, 21], [0, 0, 10, 20.0]])
    assert covered_shares(boxes, [1, 1, 2]).tolist() == [0.5, 0, 0]


def test_tracklets_in_one_frame_are_found():
    rng = np.random.default_rng()
    cameras, frames, tracks = rng.integers(0, 3, (3, 60))
    expected = {
        (min(a, b), max(a, b))
        for c, f, a in zip(cameras, frames, tracks, strict=True)
        for d, g, b in zip(cameras, frames, tracks, strict=True)
        if c == d and f == g and a != b
    }
    assert [*map(tuple, shared_frames(cameras, frames, tracks).tolist())] == sorted(
        expected
    )
    assert shared_frames([], [], []).shape == (0, 2)
