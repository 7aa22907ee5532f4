"""Files of vectors that galleries take."""

import json

import numpy as np
import pytest

from mmreid.apis.decisions import fit_features
from mmreid.apis.embedding_files.writing import write_vectors
from mmreid.apis.galleries.sources import read_features
from mmreid.evaluation.functional import load_features

META = {'features_key': {'model': 'f' * 64}}


def write(path, **columns):
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(40, 16))[np.arange(120) % 40]
    vectors = (centres + 0.4 * rng.normal(size=centres.shape)).astype(np.float32)
    paths = np.array([f'{n}.jpg' for n in range(120)])
    write_vectors(path, dict(embedding=vectors, img_path=paths, **columns), META)
    return vectors


@pytest.mark.parametrize('ending', ['npz', 'safetensors'])
def test_vectors_without_labels_are_taken(tmp_path, ending):
    path = tmp_path / f'f.{ending}'
    vectors = write(path)
    found = read_features(path)
    np.testing.assert_array_equal(found.vectors, vectors)
    assert found.labels == dict(persons=[None] * 120, cameras=[None] * 120)
    assert found.paths[7] == '7.jpg'
    assert found.model_key == META['features_key']['model']
    with pytest.raises(ValueError, match='lacks'):
        load_features(path)


def test_a_threshold_is_fitted_to_vectors_without_queries(tmp_path):
    persons = np.arange(120) % 40 + 1
    write(tmp_path / 'f.npz', person_id=persons)
    point = fit_features(tmp_path / 'f.npz', rate=0.05, task='verification')
    # 3 pictures of each of 40 persons, each pair from both sides.
    assert (point.num_positive, point.num_persons) == (40 * 6, 40)
    assert point.num_negative == 120 * 119 - 40 * 6
    assert point.true_accept_rate > 0.9
    assert json.dumps(point.to_dict())
    write(tmp_path / 'g.npz')
    with pytest.raises(ValueError, match='must name persons'):
        fit_features(tmp_path / 'g.npz', rate=0.05)
