"""Lists of first answers: they are the ranking that the scores come from."""

import numpy as np
import pytest

from mmreid.evaluation.functional import Features, RankingRules, RankLists, re_rank

RULES = [
    dict(),
    dict(distance='euclidean', protocol='cloth-changing'),
    dict(protocol='same-clothes', multi_query='max'),
    dict(rerank=dict(k1=5, k2=2)),
    dict(rerank=dict(k1=4), distance='euclidean', protocol='cloth-changing'),
    dict(rerank=dict(k1=4), multi_query='mean', protocol='same-clothes'),
    dict(rerank=dict(type='query-expansion', k=3, alpha=2.0)),
    dict(rerank=dict(type='query-expansion', k=2), multi_query='mean'),
]


def features(seed=0, count=90, **changes):
    """Clustered vectors with junk, a third of them queries."""
    rng = np.random.default_rng(seed)
    persons = rng.integers(-1, 8, count)
    is_query = np.arange(count) < count // 3
    persons[is_query] = rng.integers(1, 8, count // 3)
    vectors = rng.standard_normal((9, 6))[persons] + rng.standard_normal((count, 6))
    values = dict(
        embedding=vectors.astype(np.float32),
        person_id=persons,
        cam_id=rng.integers(0, 3, count),
        is_query=is_query,
        img_path=np.array([f'{i}.jpg' for i in range(count)]),
        clothes_id=rng.integers(0, 2, count),
    )
    return Features(**{**values, **changes})


@pytest.mark.parametrize('options', RULES, ids=str)
def test_whole_lists_have_the_scores(options):
    some, rules = features(), RankingRules(**options)
    lists = RankLists(some, rules, topk=70)
    result = lists.evaluation.result
    assert result.mAP == rules.evaluate(some).result.mAP
    found = lists.take(np.arange(len(result.valid)))
    for query in range(len(result.valid)):
        shown = found.indices[query] >= 0
        right = found.correct[query][shown]
        assert right.sum() == result.num_matches[query]
        if result.valid[query]:
            precision = right.cumsum() / np.arange(1, len(right) + 1)
            expected = result.average_precision[query]
            assert precision[right].mean() == pytest.approx(expected, rel=1e-12)
            assert right.argmax() + 1 == result.first_match_rank[query]
        lengths = found.distances[query][shown]
        assert (np.diff(lengths) >= 0).all()
        assert np.isfinite(lengths).all()


@pytest.mark.parametrize('options', RULES, ids=str)
def test_right_answers_and_nobody_who_is_ignored(options):
    some, rules = features(), RankingRules(**options)
    lists = RankLists(some, rules, topk=6)
    chosen = np.array([3, 0, 2])
    found = lists.take(chosen)
    gallery = np.flatnonzero(~some.is_query)
    asked = lists.pictures(chosen)
    assert some.is_query[asked].all()
    for query, answers, correct in zip(
        asked, found.indices, found.correct, strict=True
    ):
        answers = gallery[answers]
        same = some.person_id[answers] == some.person_id[query]
        assert np.array_equal(same, correct)
        assert (some.person_id[answers] != -1).all()
        assert (some.cam_id[answers] != some.cam_id[query])[same].all()
        if rules.clothes is not None:
            alike = (some.clothes_id[answers] == some.clothes_id[query])[same]
            assert (alike == (rules.clothes == 'same')).all()


@pytest.mark.parametrize('ties', [False, True])
def test_re_ranked_lists_are_those_of_the_matrix(ties):
    some = features(seed=1)
    if ties:
        some.embedding[40:60] = some.embedding[40]
    query, gallery, query_ids, gallery_ids, query_cams, gallery_cams = (
        some.ranking_inputs()
    )
    keep = np.flatnonzero(gallery_ids != -1)
    assert len(keep) < len(gallery_ids)
    rules = RankingRules(rerank=dict(k1=5, k2=2), distance='euclidean')
    calls = []
    lists = RankLists(some, rules, topk=9, progress=lambda *call: calls.append(call))
    assert calls[-1][0] == calls[-1][1]
    found = lists.take(np.arange(len(query)))
    for i, row in enumerate(re_rank(query, gallery[keep], 5, 2, 0.3)):
        ignored = (gallery_ids == query_ids[i]) & (gallery_cams == query_cams[i])
        pairs = zip(row.tolist(), keep.tolist(), strict=True)
        answers = sorted((d, j) for d, j in pairs if not ignored[j])[:9]
        assert found.indices[i].tolist() == [j for _, j in answers]
        assert found.distances[i].tolist() == [d for d, _ in answers]


@pytest.mark.parametrize('impostors', ['other-camera', 'both'])
def test_single_shot_lists_hold_what_may_be_drawn(impostors):
    some = features()
    rules = RankingRules(protocol='single-shot', impostors=impostors)
    found = RankLists(some, rules, topk=60).take(np.arange(30))
    everything = RankLists(some, RankingRules(), topk=60).take(np.arange(30))
    *_, gallery_cams = some.ranking_inputs()
    for query in range(30):
        market = everything.indices[query]
        market = market[market >= 0]
        elsewhere = gallery_cams[market] != some.cam_id[query]
        expected = market[elsewhere] if impostors == 'other-camera' else market
        shown = found.indices[query]
        assert shown[shown >= 0].tolist() == expected.tolist()


def test_lists_without_enough_answers_end_early():
    some = features(count=9)
    for options in RULES[0], RULES[3]:
        found = RankLists(some, RankingRules(**options), topk=50).take(np.arange(3))
        missing = found.indices < 0
        assert missing.any(axis=1).all()
        assert np.isinf(found.distances[missing]).all()
        assert not found.correct[missing].any()


def test_clothes_must_be_known():
    some = features(clothes_id=None)
    with pytest.raises(ValueError, match='not every sample has a clothes_id'):
        RankLists(some, RankingRules(protocol='same-clothes'))


def test_no_answers_are_refused_before_the_work():
    with pytest.raises(ValueError, match='topk must be at least 1'):
        RankLists(features(), RankingRules(rerank={}), topk=0)
