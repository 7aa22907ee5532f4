"""Holm's correction against closed testing over all subsets."""

from itertools import chain, combinations

import numpy as np
import pytest

from mmreid.evaluation.functional import correct_holm


def closed_testing(p_values):
    """Reject one where Bonferroni's test rejects every subset that it is in."""
    places = range(len(p_values))
    subsets = chain.from_iterable(combinations(places, n + 1) for n in places)
    adjusted = np.zeros(len(p_values))
    for subset in map(list, subsets):
        bonferroni = min(1.0, len(subset) * min(p_values[i] for i in subset))
        adjusted[subset] = np.maximum(adjusted[subset], bonferroni)
    return adjusted


@pytest.mark.parametrize('count', [1, 2, 5, 9])
def test_adjusted_values_are_those_of_closed_testing(count):
    rng = np.random.default_rng(count)
    for power in (1, 3, 6):
        p_values = rng.random(count) ** power
        found = correct_holm(p_values)
        assert found == pytest.approx(closed_testing(p_values))
        # Ties get the same, wherever they stand.
        p_values[-1] = p_values[0]
        found = correct_holm(p_values)
        assert found == pytest.approx(closed_testing(p_values))
        assert found[-1] == found[0]


def test_an_example_by_hand():
    found = correct_holm([0.01, 0.04, 0.03, 0.005])
    assert found == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert correct_holm([0.9, 0.8]).tolist() == [1, 1]
    assert correct_holm([]).tolist() == []
    assert correct_holm([0.0, 1.0]).tolist() == [0, 1]


def test_claims_are_false_as_rarely_as_is_said():
    rng = np.random.default_rng(0)
    trials = 2000
    raw, any_claim = 0, 0
    for _ in range(trials):
        # Eight of ten hypotheses are true, and all depend on a common draw.
        shared = rng.random()
        true = np.where(rng.random(8) < 0.5, shared, rng.random(8))
        p_values = np.concatenate([true, rng.random(2) * 1e-3])
        raw += (true <= 0.05).any()
        any_claim += (correct_holm(p_values)[:8] <= 0.05).any()
    assert raw / trials > 0.15
    assert any_claim / trials < 0.05 + 3 * np.sqrt(0.05 * 0.95 / trials)


@pytest.mark.parametrize(
    ('p_values', 'message'),
    [
        ([0.1, np.nan], 'number 1 is nan; leave out'),
        ([0.1, 0.2, -0.1], 'number 2 is -0.1'),
        ([1.5], 'number 0 is 1.5'),
        ([[0.1]], r'a row, \(m,\), got the shape \(1, 1\)'),
        (0.1, r'got the shape \(\)'),
    ],
)
def test_what_is_no_p_value_is_refused(p_values, message):
    with pytest.raises(ValueError, match=message):
        correct_holm(p_values)
