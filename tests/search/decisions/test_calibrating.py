"""Fits against scikit-learn, and what they promise on held-out persons."""

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.calibration import _sigmoid_calibration
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss, log_loss

from mmreid.search.decisions.calibrating import (
    even_weights,
    fit_calibration,
    smooth_labels,
)
from mmreid.search.decisions.evidence import LabelledPairs, Trials
from mmreid.search.decisions.reliability import (
    cross_fitted_quality,
    measure_reliability,
)


def draw(rng, num_positive=150, num_negative=900):
    return rng.normal(0.3, 0.1, num_positive), rng.normal(0.6, 0.12, num_negative)


def test_equal_numbers_give_the_calibration_of_scikit_learn():
    positive, negative = draw(np.random.default_rng(), 300, 300)
    slope, offset = fit_calibration(positive, negative).values
    distances = np.concatenate([positive, negative])
    labels = np.repeat([1, 0], 300)
    expected = _sigmoid_calibration(distances, labels)
    np.testing.assert_allclose([slope, offset], expected, rtol=1e-3)


def test_the_logistic_is_the_minimum_of_a_loop():
    positive, negative = draw(np.random.default_rng(), 20, 90)
    distances = [*positive.tolist(), *negative.tolist()]
    targets = [21 / 22] * 20 + [1 / 92] * 90
    weights = [0.5 / 20] * 20 + [0.5 / 90] * 90

    def loss(line):
        total = 0.0
        for distance, target, weight in zip(distances, targets, weights, strict=True):
            chance = 1 / (1 + np.exp(line[0] * distance + line[1]))
            total -= weight * target * np.log(chance)
            total -= weight * (1 - target) * np.log(1 - chance)
        return total

    found = fit_calibration(positive, negative).values
    expected = minimize(loss, found + np.array([0.5, -0.1]), method='Nelder-Mead')
    assert loss(found) <= expected.fun + 1e-9


def test_isotonic_is_that_of_scikit_learn():
    rng = np.random.default_rng()
    positive, negative = (part.round(2) for part in draw(rng))
    found = fit_calibration(positive, negative, 'isotonic')
    distances = np.concatenate([positive, negative])
    counts = len(positive), len(negative)
    oracle = IsotonicRegression(increasing=False, out_of_bounds='clip')
    oracle.fit(distances, smooth_labels(*counts), even_weights(*counts))
    asked = rng.uniform(-0.1, 1.2, 500)
    np.testing.assert_allclose(found(asked), oracle.predict(asked), atol=1e-9)
    assert 0 < found(2.0) < found(0.0) < 1


def test_reliability_is_that_of_scikit_learn():
    rng = np.random.default_rng()
    chances, same = rng.uniform(0, 1, 400), rng.random(400) < 0.5
    weights = rng.uniform(0.1, 1, 400)
    found = measure_reliability(chances, same, weights)
    brier = brier_score_loss(same, chances, sample_weight=weights)
    assert found['brier'] == pytest.approx(brier)
    expected = log_loss(same, chances, sample_weight=weights)
    assert found['log_loss'] == pytest.approx(expected)
    gap = 0.0
    for place in range(10):
        inside = (chances * 10).astype(int) == place
        share = weights[inside] / weights.sum()
        gap += abs((share * (chances[inside] - same[inside])).sum())
    assert found['ece'] == pytest.approx(gap)


@pytest.mark.parametrize('kind', ['logistic', 'isotonic'])
def test_true_probabilities_are_found_on_other_persons(kind):
    rng = np.random.default_rng(0)
    positive, negative = draw(rng, 4000, 4000)
    own = rng.integers(0, 80, 4000)
    first, second = rng.integers(0, 40, 4000), rng.integers(40, 80, 4000)
    pairs = LabelledPairs(
        Trials(positive, own, own), Trials(negative, first, second), 80
    )
    quality = cross_fitted_quality(pairs, kind)
    assert quality['ece'] < 0.06
    assert quality['brier'] < 0.09


def test_few_persons_have_no_quality():
    one, two = np.array([0]), np.array([1])
    trials = Trials(np.array([0.1]), one, one), Trials(np.array([0.5]), one, two)
    assert cross_fitted_quality(LabelledPairs(*trials, 2), 'logistic') is None


def test_labels_the_wrong_way_round_are_refused():
    positive, negative = draw(np.random.default_rng())
    with pytest.raises(ValueError, match='nearer than pairs of two'):
        fit_calibration(negative, positive)
    with pytest.raises(ValueError, match='both kinds'):
        fit_calibration(positive, np.empty(0))
    with pytest.raises(ValueError, match='finite'):
        fit_calibration(positive, np.array([np.inf]))
