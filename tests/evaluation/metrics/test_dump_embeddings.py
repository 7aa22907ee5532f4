"""DumpEmbeddings and the features file."""

import json

import numpy as np
import pytest
import torch

from mmreid.evaluation import DumpEmbeddings, ReIDMetric
from mmreid.evaluation.functional import (
    Features,
    evaluate_ranking,
    load_features,
    save_features,
)


def outputs(count=30):
    rng = np.random.default_rng(0)
    return [
        dict(
            embedding=torch.from_numpy(rng.standard_normal(6)),
            sample_idx=i,
            person_id=int(rng.integers(1, 4)),
            cam_id=int(rng.integers(0, 3)),
            is_query=i % 4 == 1,
            img_path=f'über/{i}' + 'x' * (i % 5),
            flip_test=False,
            normalize='none',
        )
        for i in range(count)
    ]


def dump(path, samples):
    metric = DumpEmbeddings(path)
    metric.dataset_meta = dict(dataset='Toy', version=np.int64(3), split='test')
    metric.process(None, samples[:11])
    metric.process(None, samples[11:])
    assert metric.evaluate(len(samples)) == {}


def test_times_and_their_clock_are_kept(tmp_path):
    metric = DumpEmbeddings(tmp_path / 'f.npz')
    metric.dataset_meta = dict(dataset='Toy', clock='camera')
    metric.process(None, [dict(s, time=s['sample_idx']) for s in outputs(6)])
    metric.evaluate(6)
    features = load_features(tmp_path / 'f.npz')
    assert features.time.tolist() == [1, 5, 0, 2, 3, 4]
    assert features.meta['clock'] == 'camera'
    assert features.queries.time.tolist() == [1, 5]


def test_round_trip_with_queries_first(tmp_path):
    samples = outputs()
    path = tmp_path / 'not' / 'yet' / 'there.npz'
    dump(path, samples)
    ordered = sorted(samples, key=lambda s: (not s['is_query'], s['sample_idx']))
    features = load_features(path)
    assert features.embedding.dtype == np.float32
    expected = np.stack([s['embedding'].numpy() for s in ordered]).astype(np.float32)
    assert np.array_equal(features.embedding, expected)
    for key in ('person_id', 'cam_id', 'is_query', 'img_path'):
        assert getattr(features, key).tolist() == [s[key] for s in ordered]
    assert (features.person_id.dtype, features.cam_id.dtype) == (np.int64, np.int64)
    assert features.meta == dict(
        dataset='Toy', version=3, split='test', num_query=8, num_gallery=22,
        num_junk=0, num_distractor=0, embedding_dim=6, flip_test=False,
        normalize='none', boxes=None, split_index=None, trained_on=None, cameras=True,
    )  # fmt: skip
    assert [file.name for file in path.parent.iterdir()] == ['there.npz']


def test_each_of_several_data_sets_has_a_file_of_its_own(tmp_path):
    for name in ('a', 'b.c'):
        metric = DumpEmbeddings(tmp_path / 'f.npz')
        metric.dataset_meta = dict(dataset=name, version='1', split='t', set_name=name)
        metric.process(None, outputs())
        metric.evaluate(30)
        meta = load_features(tmp_path / f'f_{name}.npz').meta
        assert meta['dataset'] == name
    assert len(list(tmp_path.iterdir())) == 2


def test_file_is_readable_with_numpy_alone(tmp_path):
    dump(tmp_path / 'f.npz', outputs())
    with np.load(tmp_path / 'f.npz', allow_pickle=False) as file:
        names = ['embedding', 'person_id', 'cam_id', 'is_query', 'img_path', 'meta']
        assert sorted(file.files) == sorted(names)
        assert file['img_path'].dtype.kind == 'U'
        assert json.loads(str(file['meta']))['dataset'] == 'Toy'


def test_file_gives_the_metric_of_the_run(tmp_path):
    samples = outputs()
    dump(tmp_path / 'f.npz', samples)
    metric = ReIDMetric()
    metric.process(None, samples)
    result = evaluate_ranking(*load_features(tmp_path / 'f.npz').ranking_inputs())
    assert metric.evaluate(len(samples))['reid/mAP'] == 100 * result.mAP


def features(**changes):
    values = dict(
        embedding=np.arange(8, dtype=np.float32).reshape(4, 2),
        person_id=np.arange(4),
        cam_id=np.arange(4),
        is_query=np.array([True, True, False, False]),
        img_path=np.array(list('abcd')),
    )
    return Features(**{**values, **changes})


def test_inputs_of_the_ranking_are_views_where_queries_come_first():
    first = features()
    query, gallery, *labels = first.ranking_inputs()
    assert np.shares_memory(query, first.embedding)
    assert np.shares_memory(gallery, first.embedding)
    assert [values.tolist() for values in labels] == [[0, 1], [2, 3]] * 2
    mixed = features(is_query=np.array([False, True, False, True]))
    query, gallery, *labels = mixed.ranking_inputs()
    assert (query[:, 0].tolist(), gallery[:, 0].tolist()) == ([2, 6], [0, 4])
    assert [values.tolist() for values in labels] == [[1, 3], [0, 2]] * 2


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    path = tmp_path / 'f.npz'
    save_features(path, features())
    before = path.read_bytes()

    def full_disk(file, *_, **__):
        file.write(b'half')
        raise OSError('no space left')

    monkeypatch.setattr(np.lib.format, 'write_array', full_disk)
    with pytest.raises(OSError, match='no space'):
        save_features(path, features())
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ['f.npz']


def test_other_file_endings_are_refused_before_the_model_runs():
    with pytest.raises(ValueError, match=r'\.npz file, but .* features\.pkl'):
        DumpEmbeddings('features.pkl')


def test_unequal_lengths_are_refused():
    with pytest.raises(ValueError, match=r"'cam_id': 3"):
        features(cam_id=np.arange(3))


def arrays():
    return features().arrays()


def test_files_of_other_programs_need_no_meta(tmp_path):
    np.savez(tmp_path / 'f.npz', **{**arrays(), 'is_query': np.array([1, 0, 0, 1])})
    loaded = load_features(tmp_path / 'f.npz')
    assert loaded.meta == {}
    assert loaded.is_query.tolist() == [True, False, False, True]


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        (dict(cam_id=None), r"lacks \['cam_id'\]"),
        (dict(person_id=np.array([0.5, 1, 2, 3])), 'person_id .* whole numbers'),
        (dict(person_id=np.arange(5)), "'person_id': 5"),
        (dict(img_path=np.array([{}] * 4, object)), 'holds Python objects'),
    ],
)
def test_unfit_files_are_refused(changes, message, tmp_path):
    values = {k: v for k, v in {**arrays(), **changes}.items() if v is not None}
    np.savez(tmp_path / 'f.npz', **values)
    with pytest.raises(ValueError, match=message):
        load_features(tmp_path / 'f.npz')
