"""What a small network with SONA and IA blocks looks at, for the page."""

import cv2
import numpy as np
import pytest
from mmengine.config import Config
from reported_test import make_reported_test

from mmreid.apis.report.results import Network, find_queries, look_at_queries
from mmreid.apis.report.results.looking import choose_queries
from mmreid.visualization import read_picture

RELATED = [
    dict(cfg=dict(type='SONA'), stages=(1,)),
    dict(cfg=dict(type='IABlock', sigma=(1, 2)), stages=(2,)),
]


def build(folder, plugins=(), branch_options=()):
    """An untrained network, as read from a file."""
    pipeline = [
        dict(type='LoadImage'),
        dict(type='Resize', scale=(64, 128)),
        dict(type='PackInputs'),
    ]
    small = dict(depth=18, base_channels=8, stem_channels=8)
    model = dict(
        type='PersonReID',
        backbone=dict(type='PluginResNet', **small, plugins=[*plugins]),
        head=dict(
            type='MultiBranchHead',
            in_channels=64,
            num_classes=3,
            branches=dict(whole=dict(pool=dict(type='GlobalPool'))),
            **dict(branch_options),
        ),
    )
    loader = dict(dataset=dict(type='Market1501', pipeline=pipeline))
    config = Config(dict(default_scope='mmreid', model=model, test_dataloader=loader))
    folder.mkdir(exist_ok=True)
    config.dump(folder / 'small.py')
    return Network.build(Config.fromfile(folder / 'small.py'), None)


@pytest.fixture
def test(tmp_path):
    return make_reported_test(tmp_path / 'pictures')


def test_each_kind_is_drawn_by_itself(test, tmp_path):
    networks = dict(
        AANet=build(tmp_path / 'related', RELATED), BoT=build(tmp_path / 'plain')
    )
    kinds = ('grad-cam', 'attention', 'parts', 'fields')
    told = []
    looked = look_at_queries(
        test, networks, kinds, [3, 0], lambda *done: told.append(done)
    )
    assert told == [(1, 2), (2, 2)]
    assert [e.query for e in looked.explanations][:: len(looked.explanations) - 1] == [
        3,
        0,
    ]
    found = {
        name: {e.title.split(',')[0] for e in looked.explanations if e.model == name}
        for name in networks
    }
    assert found['AANet'] == {'Grad-CAM', 'Attention', 'Parts', 'Receptive field'}
    assert found['BoT'] == {'Grad-CAM', 'Parts'}
    # The untrained network has no classifier of a checkpoint: its vector is explained.
    for explanation in looked.explanations:
        drawn = cv2.imdecode(np.frombuffer(explanation.picture, np.uint8), 1)
        assert drawn.shape == (256, 128, 3)
        assert explanation.model in explanation.description
    # What a network has not is told once, not for every query.
    assert len(looked.notes) == 2
    assert all('BoT has nothing to show of' in note for note in looked.notes)


def test_a_missing_picture_is_an_error_and_not_a_note(test, tmp_path):
    network = build(tmp_path / 'plain')
    gone = str(test.queries.path[1])
    assert read_picture(gone).shape == (64, 32, 3)
    (tmp_path / 'pictures' / gone.removeprefix(f'{tmp_path}/pictures/')).unlink()
    with pytest.raises(FileNotFoundError, match='No picture can be read'):
        look_at_queries(test, dict(BoT=network), ['parts'], [1])


def test_queries_are_found_by_the_ends_of_their_paths(test):
    path = str(test.queries.path[4])
    assert find_queries(test, [path, path.rpartition('/')[2]]) == [4, 4]
    assert find_queries(test, ['3']) == choose_queries(test, 3)
    for word in ('nobody.jpg', path[-9:]):
        with pytest.raises(ValueError, match='0 of 12 end in'):
            find_queries(test, [word])


def test_of_one_model_the_worst_are_chosen(test):
    alone = make_reported_test(models=('one',))
    precision = alone.models[0].average_precision
    wanted = np.argsort(precision, kind='stable')[:4].tolist()
    assert choose_queries(alone, 4) == wanted
    assert 11 not in choose_queries(alone, 100)  # left out: it has no right answer
    both = choose_queries(test, 4)
    values = np.stack([m.average_precision for m in test.models])
    assert both[:2] == np.argsort(values[0], kind='stable')[:2].tolist()
    assert int(np.nanargmax(np.ptp(values, axis=0))) in both
