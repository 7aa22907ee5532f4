"""Priors of times learned from what users have: a config, a table, features."""

import cv2
import numpy as np
import pytest

from mmreid.apis.evaluate.time_priors import describe_prior, learn_from
from mmreid.evaluation.functional import Features, learn_time_prior, save_features

# Person, camera and frame; nobody (0) and a picture of the test take no part.
PICTURES = ((1, 1, 10), (1, 1, 30), (1, 2, 130), (2, 1, 50), (2, 2, 400), (0, 2, 9))
EXPECTED = learn_time_prior([1, 1, 2, 2], [1, 2, 1, 2], [20, 130, 50, 400])


@pytest.fixture
def folder(tmp_path):
    picture = cv2.imencode('.jpg', np.zeros((8, 4, 3), np.uint8))[1].tobytes()
    lines = ['path,person,camera,frame,split']
    for person, camera, frame in PICTURES:
        name = f'{person}_{camera}_{frame}.jpg'
        (tmp_path / 'train').mkdir(exist_ok=True)
        (tmp_path / 'train' / name).write_bytes(picture)
        lines.append(f'train/{name},{person},{camera},{frame},train')
    lines.append('train/1_1_10.jpg,1,2,9999,query')
    (tmp_path / 'table.csv').write_text('\n'.join(lines))
    return tmp_path


def test_from_a_table(folder):
    prior = learn_from(str(folder / 'table.csv'))
    np.testing.assert_array_equal(prior.counts, EXPECTED.counts)
    assert prior.clock == 'camera'
    assert prior.learned_from == dict(
        dataset='own pictures', split='train', num_persons=2
    )
    counted, clock = describe_prior(prior).split('\n')
    assert counted.startswith('2 persons of own pictures train: 2 differences of times')
    assert counted.endswith('between 2 cameras, 1 ordered pairs of them')
    assert clock == 'bins of 100, a clock of each camera'


def test_from_a_config(folder):
    (folder / 'own.py').write_text(
        "own = dict(type='ReIDDataset', data_root='nowhere',\n"
        "    pattern=r'(?P<person>\\d+)_(?P<camera>\\d+)_(?P<frame>\\d+)')\n"
        'train_dataloader = dict(dataset=own)\n'
    )
    options = [f'train_dataloader.dataset.data_root={folder}']
    prior = learn_from(str(folder / 'own.py'), options, bin_width=10, num_bins=50)
    assert (prior.num_bins, prior.bin_width) == (50, 10)
    assert prior.counts.sum() == 2
    assert prior.counts[1, 0, 11] == prior.counts[1, 0, 35] == 1


def test_from_features(folder):
    person, camera, time = np.array(PICTURES).T
    features = Features(
        embedding=np.ones((len(person), 2), np.float32),
        person_id=person,
        cam_id=camera,
        is_query=np.zeros(len(person), bool),
        img_path=np.full(len(person), ''),
        time=time.astype(float),
        meta=dict(clock='shared'),
    )
    save_features(folder / 'f.safetensors', features)
    prior = learn_from(str(folder / 'f.safetensors'))
    np.testing.assert_array_equal(prior.counts, EXPECTED.counts)
    assert prior.clock == 'shared'
    save_features(folder / 'g.npz', Features(**{**vars(features), 'time': None}))
    with pytest.raises(ValueError, match='The features tell no times'):
        learn_from(str(folder / 'g.npz'))


def test_data_without_times(folder):
    (folder / 'table.csv').write_text(
        'path,person,camera,split\ntrain/1_1_10.jpg,1,1,train\n'
    )
    with pytest.raises(ValueError, match='No picture of own pictures tells its time'):
        learn_from(str(folder / 'table.csv'))
    (folder / 'test.py').write_text('test_dataloader = None\n')
    with pytest.raises(ValueError, match='has no train_dataloader'):
        learn_from(str(folder / 'test.py'))
