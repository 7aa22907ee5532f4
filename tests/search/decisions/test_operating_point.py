"""A point says yes, no and how probable, and its file is read by the evaluation."""

import json

import numpy as np
import pytest

from mmreid.evaluation.functional import (
    OperatingThreshold,
    load_threshold,
    save_threshold,
)
from mmreid.search import (
    Calibration,
    OperatingPoint,
    load_operating_point,
    save_operating_point,
)
from mmreid.search.decisions.wording import warn_of


def make(**changes):
    values = dict(
        threshold=0.25,
        rate=0.001,
        achieved_rate=0.0009,
        interval=(0.0005, 0.002),
        true_accept_rate=0.8,
        true_accept_interval=(0.7, 0.85),
        num_positive=200,
        num_negative=30000,
        num_persons=40,
        model_key='ab12',
        dataset='mine',
        calibration=Calibration('logistic', (20.0, -6.0)),
    )
    return OperatingPoint(**{**values, **changes})


@pytest.mark.parametrize(('loss', 'doubted'), [(0.69, False), (0.7, True)])
def test_probabilities_no_better_than_even_odds_are_doubted(loss, doubted):
    point = make(quality=dict(ece=0.1, brier=0.2, log_loss=loss))
    told = [text for text in warn_of(point) if 'no more than even odds' in text]
    assert bool(told) == doubted


def test_below_the_threshold_is_yes():
    answers = make().accepts([[0.1, 0.25], [np.inf, np.nan]])
    assert answers.tolist() == [[True, False], [False, False]]


def test_probabilities_follow_bayes():
    point, distances = make(), np.random.default_rng().uniform(0, 2, 50)
    even = point.probability(distances)
    np.testing.assert_allclose(even, 1 / (1 + np.exp(20 * distances - 6)))
    rare = point.probability(distances, prior=0.01)
    np.testing.assert_allclose(rare, even * 0.01 / (even * 0.01 + (1 - even) * 0.99))
    np.testing.assert_allclose(make(prior=0.01).probability(distances), rare)
    assert point.probability(np.inf) == 0
    assert np.isnan(point.probability(np.nan))


def test_knots_are_joined_by_lines():
    calibration = Calibration('isotonic', (0.1, 0.3, 1.0, 0.0))
    np.testing.assert_allclose(calibration([0, 0.2, 0.9]), [1, 0.5, 0])


def test_both_files_are_read_by_both(tmp_path):
    save_operating_point(tmp_path / 'point.json', make())
    assert load_operating_point(tmp_path / 'point.json') == make()
    threshold = load_threshold(tmp_path / 'point.json')
    assert type(threshold) is OperatingThreshold
    assert (threshold.threshold, threshold.num_trials) == (0.25, 30000)
    save_threshold(tmp_path / 'threshold.json', threshold)
    point = load_operating_point(tmp_path / 'threshold.json')
    assert (point.threshold, point.num_negative) == (0.25, 30000)
    with pytest.raises(ValueError, match='calibration must be there'):
        point.probability(0.1)


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        (dict(threshold=np.nan), 'finite number'),
        (dict(rate=1.5), 'rate must be a fraction'),
        (dict(interval=(0.5, 0.1)), 'interval must ascend'),
        (dict(num_negative=-1), 'num_negative must be a whole number'),
        (dict(num_persons=2.5), 'num_persons'),
        (dict(distance='euclidean'), 'cosine'),
        (dict(task='search'), 'identification'),
        (dict(prior=0), 'prior'),
        (dict(calibration={'kind': 'logistic'}), 'calibration must be'),
    ],
)
def test_impossible_points_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        make(**changes)


@pytest.mark.parametrize(
    ('kind', 'values'),
    [
        ('logistic', (-1.0, 0.0)),
        ('logistic', (1.0,)),
        ('isotonic', (0.3, 0.1, 1.0, 0.0)),
        ('isotonic', (0.1, 0.3, 0.0, 1.0)),
        ('isotonic', ()),
        ('isotonic', (0.1, 0.2, 0.5)),
    ],
)
def test_impossible_calibrations_are_refused(kind, values):
    with pytest.raises(ValueError, match=f'of an? {kind} calibration'):
        Calibration(kind, values)


@pytest.mark.parametrize('text', ['[]', '{}', '{"threshold": 1}', 'nonsense'])
def test_other_files_are_refused(tmp_path, text):
    (tmp_path / 'p.json').write_text(text)
    with pytest.raises(ValueError, match=r'p\.json does not hold'):
        load_operating_point(tmp_path / 'p.json')


def test_unknown_keys_are_named(tmp_path):
    content = {**make().to_dict(), 'colour': 'red'}
    (tmp_path / 'p.json').write_text(json.dumps(content))
    with pytest.raises(ValueError, match='colour'):
        load_operating_point(tmp_path / 'p.json')


def test_another_model_is_refused_with_both_keys():
    assert make().check_model('ab12') is None
    assert 'not known' in make().check_model(None)
    with pytest.raises(ValueError, match=r'ab12.*cd34'):
        make().check_model('cd34')
