"""Vectors without what they tell of the camera, against a loop over cameras."""

import numpy as np

from mmreid.evaluation.functional.distances.camera_bias import normalize_cameras


def test_cameras_are_standardised_one_by_one_and_small_ones_together():
    rng = np.random.default_rng(0)
    vectors = rng.normal(3, 2, (60, 5))
    vectors[:, 4] = 7  # tells nothing
    cameras = np.array([4] * 30 + [9] * 20 + [1] * 6 + [2] * 4)
    found = normalize_cameras(vectors, cameras)
    for rows in (slice(30), slice(30, 50), slice(50, 60)):
        own = vectors[rows]
        spread = own.std(axis=0)
        slow = np.where(
            spread > 0, (own - own.mean(axis=0)) / np.where(spread, spread, 1), 0
        )
        slow /= np.linalg.norm(slow, axis=1, keepdims=True)
        np.testing.assert_allclose(found[rows], slow, atol=1e-6)
    alike = normalize_cameras(np.ones((3, 4)), np.zeros(3, int))
    np.testing.assert_array_equal(alike, np.eye(4)[[0, 0, 0]])
