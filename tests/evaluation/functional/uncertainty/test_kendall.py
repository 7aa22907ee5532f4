"""Kendall's tau-b of resampled methods against SciPy and a loop."""

import numpy as np
import pytest
import scipy.stats
from loop_tau import loop_tau

from mmreid.evaluation.functional.uncertainty import resampled_taus

BLOCK_SIZE = 'mmreid.evaluation.functional.uncertainty.kendall.BLOCK_SIZE'


@pytest.mark.parametrize('tied', [False, True])
@pytest.mark.parametrize('of_each', [False, True])
def test_resampled_taus_are_those_of_repeated_scores(tied, of_each, monkeypatch):
    rng = np.random.default_rng(tied + 2 * of_each)
    first = rng.integers(0, 4, (50, 9)) if tied else rng.normal(size=(50, 9))
    second = rng.integers(0, 4, 9) if tied else rng.normal(size=9)
    first, second = first.astype(float), second.astype(float)
    second[4] = np.nan
    if not of_each:
        first = first[0]
        first[7] = np.nan
    counts = rng.multinomial(9, np.full(9, 1 / 9), size=50)
    found = resampled_taus(first, second, counts)
    np.testing.assert_array_equal(resampled_taus(second, first, counts), found)
    monkeypatch.setattr(BLOCK_SIZE, 900)
    np.testing.assert_array_equal(resampled_taus(first, second, counts), found)
    for row, value in enumerate(found):
        one = first[row] if of_each else first
        there = ~np.isnan(one) & ~np.isnan(second)
        drawn = counts[row][there]
        columns = [np.repeat(column[there], drawn) for column in (one, second)]
        assert value == pytest.approx(loop_tau(*columns), nan_ok=True)
        expected = scipy.stats.kendalltau(*columns).statistic
        assert value == pytest.approx(expected, nan_ok=True)


def test_a_resample_of_one_method_has_no_order():
    counts = np.array([[5, 0, 0], [3, 2, 0]])
    found = resampled_taus(np.array([1.0, 2, 3]), np.array([3.0, 2, 1]), counts)
    assert np.isnan(found[0])
    assert found[1] == -1
