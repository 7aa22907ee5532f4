"""Tracklets as queries and gallery entries: against a loop, and in files and stamps."""

import numpy as np
import pytest

from mmreid.apis import evaluate_features
from mmreid.evaluation.functional import (
    Features,
    RankingRules,
    evaluate_ranking,
    load_features,
    pool_frames,
    save_features,
)
from mmreid.evaluation.result import Result


def make_features(seed=None, size=300):
    rng = np.random.default_rng(seed)
    person = rng.integers(-1, 6, size)
    return Features(
        embedding=(rng.normal(size=(size, 8)) * rng.uniform(0.2, 3, (size, 1))).astype(
            np.float32
        ),
        person_id=person,
        cam_id=rng.integers(1, 4, size),
        is_query=np.arange(size) < size // 3,
        img_path=np.array([f'{n}.jpg' for n in range(size)]),
        tracklet_id=rng.integers(-1, 3, size),
    )


def pool_by_hand(features, part, unit):
    """Pool with dictionaries, in float64."""
    groups = {}
    for row in np.flatnonzero(features.is_query == part):
        labels = (features.person_id[row], features.cam_id[row])
        tracklet = features.tracklet_id[row]
        own = row if tracklet < 0 else None
        groups.setdefault((*labels, tracklet, own), []).append(row)
    vectors = features.embedding.astype(np.float64)
    if unit:
        vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    pooled = [vectors[rows].mean(0).astype(np.float32) for rows in groups.values()]
    persons, cameras = (np.array([key[i] for key in groups]) for i in range(2))
    return np.array(pooled), persons, cameras, [rows[0] for rows in groups.values()]


def test_a_tracklet_was_taken_at_the_mean_of_the_times_that_are_known():
    labels = dict(
        embedding=np.eye(6, dtype=np.float32),
        person_id=np.ones(6, int),
        cam_id=np.ones(6, int),
        is_query=np.arange(6) < 1,
        img_path=np.full(6, ''),
        tracklet_id=np.array([0, 0, 0, 0, -1, 7]),
    )
    time = np.array([5, 10, np.nan, 14, 3, np.nan])
    pooled = pool_frames(Features(**labels, time=time))
    assert pooled.queries.time.tolist() == [5]
    np.testing.assert_array_equal(pooled.gallery.time, [12, 3, np.nan])
    joined = RankingRules(multi_query='mean', tracklets='ignore').prepare(
        Features(**{**labels, 'is_query': np.arange(6) < 4}, time=time)
    )
    assert joined.queries.time.tolist() == [29 / 3]


@pytest.mark.parametrize('how', ['mean', 'unit-mean'])
def test_pooled_as_a_loop_pools(how):
    features = make_features()
    query, gallery = (
        pool_by_hand(features, part, how == 'unit-mean') for part in (True, False)
    )
    pooled = pool_frames(features, how)
    for half, own, start in (
        (pooled.queries, query, 0),
        (pooled.gallery, gallery, features.is_query.sum()),
    ):
        np.testing.assert_allclose(half.vectors, own[0], rtol=2e-6, atol=1e-7)
        np.testing.assert_array_equal(half.person_id, own[1])
        np.testing.assert_array_equal(half.cam_id, own[2])
        np.testing.assert_array_equal(half.origin + start, own[3])
    pairs = zip(query[:3], gallery[:3], strict=True)
    known = evaluate_ranking(*(array for pair in pairs for array in pair))
    result = Result.of(features, RankingRules(tracklets=how))
    assert result.scores['mAP'] == pytest.approx(100 * known.mAP)
    assert result.protocol['tracklets'] == how
    assert result.protocol['num_query'] == len(query[0])
    assert result.protocol['num_gallery_pictures'] == 200
    assert result.table.path.tolist() == [f'{n}.jpg' for n in query[3]]
    assert 'query tracklets' in str(result)


def test_frames_by_themselves():
    features = make_features()
    plain = Result.of(features, RankingRules(tracklets='ignore'))
    known = evaluate_ranking(*features.ranking_inputs())
    assert plain.scores['mAP'] == pytest.approx(100 * known.mAP)
    assert plain.protocol['tracklets'] == 'ignore'
    assert RankingRules.of_stamp(plain.protocol).tracklets == 'ignore'
    assert 'not pooled' in str(plain)


@pytest.mark.parametrize('ending', ['npz', 'safetensors'])
def test_files_keep_them(tmp_path, ending):
    features = make_features()
    save_features(tmp_path / f'f.{ending}', features)
    loaded = load_features(tmp_path / f'f.{ending}')
    np.testing.assert_array_equal(loaded.tracklet_id, features.tracklet_id)
    known = Result.of(features, RankingRules())
    report = evaluate_features(loaded)
    assert report['reid/mAP'] == known.scores['mAP']
    assert report['reid/protocol']['tracklets'] == 'mean'


def test_queries_may_be_pooled_further():
    features = make_features()
    stamp = Result.of(features, RankingRules(multi_query='mean')).protocol
    labels = {*zip(features.person_id[:100], features.cam_id[:100], strict=True)}
    assert stamp['num_query_pooled'] == len(labels)


def test_what_cannot_be_pooled():
    features = make_features()
    with pytest.raises(ValueError, match='tracklets must be one of'):
        RankingRules(tracklets='max')
    features.embedding[7] = 0
    with pytest.raises(ValueError, match='query vector 7 has length zero'):
        pool_frames(features, 'unit-mean')
    features.embedding[105, 3] = np.nan
    with pytest.raises(ValueError, match='gallery vector 5'):
        pool_frames(features, 'mean')
