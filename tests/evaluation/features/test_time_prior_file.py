"""Priors of times in files: written, read again, learned from features, or refused."""

import json

import numpy as np
import pytest

from mmreid.evaluation.features.time_prior_file import (
    load_time_prior,
    save_time_prior,
)
from mmreid.evaluation.functional import (
    Features,
    RankingRules,
    learn_time_prior,
    save_features,
)


def labels(size=300):
    """Persons who walk from camera to camera, some at unknown times."""
    rng = np.random.default_rng()
    person, cam = rng.integers(-1, 12, size), rng.integers(1, 5, size)
    time = 30.0 * cam + 7 * person + rng.normal(0, 12, size)
    time[rng.random(size) < 0.1] = np.nan
    return person, cam, time


def test_the_file_of_a_prior(tmp_path):
    options = dict(num_bins=50, clock='camera', learned_from=dict(dataset='Toy'))
    prior = learn_time_prior(*labels(), **options)
    save_time_prior(tmp_path / 'p.json', prior)
    again = load_time_prior(tmp_path / 'p.json')
    assert again.describe() == prior.describe()
    np.testing.assert_array_equal(again.probabilities, prior.probabilities)
    assert (
        RankingRules(time_prior=tmp_path / 'p.json').time_prior.digest == prior.digest
    )


def test_features_of_a_training_set_are_as_good(tmp_path):
    person, cam, time = labels(120)
    features = Features(
        embedding=np.ones((120, 2), np.float32),
        person_id=person,
        cam_id=cam,
        is_query=np.arange(120) < 20,
        img_path=np.array([f'{n}.jpg' for n in range(120)]),
        time=time,
        meta=dict(clock='shared', dataset='Toy', split='train'),
    )
    save_features(tmp_path / 'f.npz', features)
    prior = load_time_prior(tmp_path / 'f.npz')
    expected = learn_time_prior(person, cam, time)
    np.testing.assert_array_equal(prior.counts, expected.counts)
    assert (prior.clock, prior.learned_from['dataset']) == ('shared', 'Toy')


SMALL = dict(kind='prior of times', cameras=[1], num_bins=3, bin_width=1, sigma=1)


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ({}, "kind must be 'prior of times', got None"),
        ([], 'does not hold a prior of times'),
        (dict(kind='prior of times'), "'cameras'"),
        ({**SMALL, 'counts': [], 'num_bins': 1e12}, 'more memory than any prior'),
        ({**SMALL, 'counts': [[0, 0, 7, 1]]}, 'out of bounds'),
        ({**SMALL, 'counts': [[0, 0, -1, 1]]}, 'must be whole numbers from 0'),
        ({**SMALL, 'counts': [], 'bin_width': -1}, 'bin_width must be a number above'),
        ({**SMALL, 'counts': [], 'cameras': [2, 1]}, 'cameras must be ascending'),
    ],
)
def test_broken_files_are_named(tmp_path, content, message):
    (tmp_path / 'p.json').write_text(json.dumps(content))
    with pytest.raises(ValueError, match=message) as caught:
        load_time_prior(tmp_path / 'p.json')
    assert 'p.json does not hold a prior of times' in str(caught.value)
