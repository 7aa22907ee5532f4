"""Cosines, deviation and variances against slow float64 loops."""

import math

import numpy as np
import pytest

from mmreid.deploy.gate.closeness import compare_vectors


@pytest.fixture
def pair(rng):
    # More rows than are converted at once.
    exact = rng.normal(2, 1, size=(1100, 5)) * [1, 5, 0.1, 1, 2]
    given = exact * [1, 1, 1, 0.001, 1.5] + 0.1 * rng.normal(size=exact.shape)
    given[:, 3] = 4 + 1e-3 * exact[:, 3]
    return exact.astype(np.float32), given.astype(np.float32)


def slow_variance(column):
    mean = math.fsum(column) / len(column)
    return math.fsum((value - mean) ** 2 for value in column) / len(column)


@pytest.mark.parametrize('distance', ['cosine', 'euclidean'])
def test_numbers_are_those_of_slow_loops(pair, distance):
    closeness = compare_vectors(*pair, distance)
    exact, given = (x.astype(np.float64).tolist() for x in pair)
    lengths = [[math.hypot(*row) for row in rows] for rows in (exact, given)]
    cosines, ratios, gaps, scaled = [], [], [], []
    for row, (one, two) in enumerate(zip(exact, given, strict=True)):
        a, b = lengths[0][row], lengths[1][row]
        cosines.append(math.fsum(x * y for x, y in zip(one, two, strict=True)) / a / b)
        ratios.append(b / a)
        if distance == 'euclidean':
            a = b = 1
        scaled.append([x / a for x in one])
        gaps.append(
            math.fsum((x / a - y / b) ** 2 for x, y in zip(one, two, strict=True))
        )
    assert closeness.cosines == pytest.approx(np.array(cosines), abs=1e-12)
    assert closeness.length_ratios == pytest.approx(np.array(ratios))
    assert closeness.lengths == pytest.approx(np.array(lengths))
    spread = math.fsum(slow_variance(column) for column in zip(*scaled, strict=True))
    wanted = math.sqrt(math.fsum(gaps) / len(gaps) / spread)
    assert closeness.deviation == pytest.approx(wanted)
    mean_square = spread  # of the network's vectors from their mean
    each = np.sqrt(np.array(gaps) / mean_square)
    assert closeness.deviations == pytest.approx(each)
    middle = sorted(each)[549:551]
    limit = max(1, 5 * sum(middle) / 2)
    assert closeness.strangers.tolist() == [i for i, x in enumerate(each) if x > limit]
    variances = [
        [slow_variance(column) for column in zip(*rows, strict=True)]
        for rows in (exact, given)
    ]
    assert closeness.moments.variance == pytest.approx(np.array(variances))
    ratio = math.fsum(variances[1]) / math.fsum(variances[0])
    assert closeness.variance_ratio == pytest.approx(ratio)
    usual = sorted(ratios)[len(ratios) // 2 - 1 : len(ratios) // 2 + 1]
    limit = 0.01 * sum(usual) / 2
    collapsed = sum(
        math.sqrt(after) < limit * math.sqrt(before)
        for before, after in zip(*variances, strict=True)
    )
    assert closeness.collapsed == collapsed == 1


def test_covariances_are_numpys(pair):
    moments = compare_vectors(*pair, 'cosine').moments
    for column in range(5):
        table = np.cov(pair[0][:, column], pair[1][:, column], bias=True)
        assert moments.covariance[column] == pytest.approx(table[0, 1], rel=1e-5)
        means = (
            pair[0][:, column].mean(dtype=float),
            pair[1][:, column].mean(dtype=float),
        )
        assert moments.mean[:, column] == pytest.approx(means)


def test_equal_vectors_have_a_cosine_of_one(rng):
    vectors = rng.normal(size=(500, 300)).astype(np.float32)
    closeness = compare_vectors(vectors, vectors, 'cosine')
    assert closeness.cosines.min() > 1 - 1e-15
    assert closeness.deviation == 0
    assert closeness.variance_ratio == 1


def test_zero_vectors_are_equal_to_each_other_only(rng):
    exact = rng.normal(size=(4, 3)).astype(np.float32)
    given = exact.copy()
    exact[0] = given[0] = 0
    exact[1] = 0
    given[2] = 0
    closeness = compare_vectors(exact, given, 'euclidean')
    assert closeness.cosines == pytest.approx(np.array([1, 0, 0, 1]))
    assert closeness.length_ratios == pytest.approx(np.array([1, np.inf, 0, 1]))


def test_components_that_never_varied_have_not_collapsed(rng):
    """What is left of them in the network is rounding."""
    exact = rng.normal(size=(50, 3)).astype(np.float32)
    exact[:, 1] = 1 + 1e-7 * rng.normal(size=50)
    given = exact.copy()
    given[:, 1] = 1
    assert compare_vectors(exact, given, 'cosine').collapsed == 0


def test_a_constant_network_has_no_spread():
    closeness = compare_vectors(*np.ones((2, 5, 3), np.float32), 'cosine')
    assert math.isinf(closeness.deviation)
    assert math.isnan(closeness.variance_ratio)
