"""A saved threshold is read back as it was, and refused where it does not belong."""

import json

import numpy as np
import pytest

from mmreid.evaluation.functional import (
    OperatingThreshold,
    load_threshold,
    save_threshold,
)


def make(**changes):
    values = dict(
        threshold=float(np.float64(1) / 3),
        distance='cosine',
        task='identification',
        rate=0.01,
        achieved_rate=0.0099,
        num_trials=3368,
        unmated='left-out',
        dataset='Market-1501',
        model_key='ab12',
    )
    return OperatingThreshold(**{**values, **changes})


def test_round_trip_loses_no_digit(tmp_path):
    path = tmp_path / 'new' / 'threshold.json'
    save_threshold(path, make())
    assert load_threshold(path) == make()
    assert json.loads(path.read_text())['threshold'] == 1 / 3


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        (dict(threshold=np.inf), 'finite number'),
        (dict(threshold='0.5'), 'finite number'),
        (dict(distance='l1'), 'distance'),
        (dict(task='search'), 'identification'),
    ],
)
def test_impossible_thresholds_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        make(**changes)


@pytest.mark.parametrize('text', ['{}', '[]', 'nonsense', '{"threshold": 1}'])
def test_other_files_are_refused(tmp_path, text):
    (tmp_path / 't.json').write_text(text)
    with pytest.raises(ValueError, match=r't\.json does not hold'):
        load_threshold(tmp_path / 't.json')


def test_use_on_other_features_is_judged():
    assert make().check_use('cosine', 'ab12') is None
    assert 'another model' in make().check_use('cosine', 'ff')
    assert 'not known' in make().check_use('cosine', None)
    assert 'not known' in make(model_key=None).check_use('cosine', 'ab12')
    with pytest.raises(ValueError, match=r"use distance='cosine'"):
        make().check_use('euclidean', 'ab12')
