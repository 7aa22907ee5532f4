"""A gallery tells who identities are, and keeps their tracklets."""

from pathlib import Path

import pytest

from mmreid.apis.follow import FollowOptions, find_cameras, follow
from mmreid.apis.follow.task import FollowTask, run_task
from mmreid.search import Filter, Gallery, load_operating_point, open_gallery

FEW = FollowOptions(per_track=3)


@pytest.fixture(scope='module')
def cameras(scene):
    return find_cameras(scene)


def run(cameras, inferencer, out, gallery, **options):
    task = FollowTask(out=out, options=FEW, gallery=str(gallery), **options)
    return run_task(task, cameras, inferencer)


def test_a_gallery_is_made_and_knows_them_the_next_time(cameras, inferencer, tmp_path):
    file = tmp_path / 'persons.db'
    first = run(cameras, inferencer, tmp_path / 'monday', file, threshold='0.2')
    assert first['persons'] == dict.fromkeys('1234', 'unknown')
    assert 'knows 0 of 4 identities, and now keeps 16 tracklets' in first['notes'][0]
    with open_gallery(file) as gallery:
        entries = [*gallery.entries()]
        assert len(entries) == 16
        assert {entry.person for entry in entries} == {
            f'monday:{number}' for number in range(1, 5)
        }
        assert entries[0].fields == dict(
            run='monday', track=1, piece=0, first=1, last=10, boxes=10
        )
        assert (entries[8].camera, entries[8].time) == ('cam2', 5.5)
        assert all(Path(entry.path).exists() for entry in entries)
        # Somebody says who two of them are.
        for number, name in ((1, 'Anna'), (3, 'Bo')):
            ids = [e.id for e in gallery.entries(Filter(persons=f'monday:{number}'))]
            gallery.update(ids, persons=[name] * len(ids))
    second = run(cameras, inferencer, tmp_path / 'tuesday', file, threshold='0.2')
    expected = ['Anna', 'monday:2', 'Bo', 'monday:4']
    assert [*second['persons'].values()] == expected
    text = (tmp_path / 'tuesday/tracklets.csv').read_text()
    assert text.splitlines()[1].startswith('1,Anna,cam1,1,')
    with open_gallery(file) as gallery:
        assert len(gallery) == 32
        assert len([*gallery.entries(Filter(persons='Anna'))]) == 8


def test_two_who_are_seen_together_are_not_one_known_person(
    cameras, inferencer, tmp_path
):
    file = tmp_path / 'persons.db'
    following = follow(cameras, inferencer, 0.2, FEW)
    with Gallery.create(file, inferencer.dim, model_key=inferencer.model_key) as one:
        vectors = following.cameras[0].tracklets.vectors
        one.add(vectors[:1], model_key=inferencer.model_key, persons=['Anna'])
    found = run(cameras, inferencer, tmp_path / 'out', file, threshold='1.9')
    assert [*found['persons'].values()].count('Anna') == 1
    assert found['persons']['1'] == 'Anna'


def test_a_run_is_added_once_and_the_gallerys_threshold_is_taken(
    cameras, inferencer, tmp_path
):
    file = tmp_path / 'persons.db'
    point = tmp_path / 'point.json'
    options = dict(truth={}, fit=point, rate=0.05)
    run(cameras, inferencer, tmp_path / 'monday', file, **options)
    with pytest.raises(ValueError, match="tracklets of 'monday' yet, got 16; remove"):
        run(cameras, inferencer, tmp_path / 'monday', file, threshold='0.2')
    with pytest.raises(ValueError, match='threshold must be given'):
        run(cameras, inferencer, tmp_path / 'tuesday', file)
    with open_gallery(file) as gallery:
        gallery.operating_point = load_operating_point(point)
    found = run(cameras, inferencer, tmp_path / 'tuesday', file)
    assert found['threshold'] == load_operating_point(point).threshold
    assert found['identities'] == 4


def test_a_gallery_of_another_model_is_refused_first(cameras, inferencer, tmp_path):
    file = tmp_path / 'persons.db'
    Gallery.create(file, 7, model_key=64 * 'b', model_name='other').close()
    with pytest.raises(ValueError, match=f'got one of {64 * "b"}'):
        run(cameras, inferencer, tmp_path / 'out', file, threshold='0.2')
    assert not (tmp_path / 'out').exists()
