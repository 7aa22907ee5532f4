"""The gate's verdicts on drawn vectors, and its numbers by slow loops."""

from dataclasses import replace

import numpy as np
import pytest

from mmreid.deploy.gate import judge
from mmreid.evaluation.rules import RankingRules
from mmreid.evaluation.test_set import TestSet


def rounded(vectors, rng):
    return vectors * (1 + 1e-6 * rng.normal(size=vectors.shape)).astype(np.float32)


def average_precisions(vectors, labels, distance):
    """AP of every query in percent, by a loop over a sorted list; NaN without any."""
    vectors = vectors.astype(np.float64)
    found = []
    for query in np.flatnonzero(labels.is_query):
        rows = []
        for row in np.flatnonzero(~labels.is_query):
            same = labels.person_id[row] == labels.person_id[query]
            if same and labels.cam_id[row] == labels.cam_id[query]:
                continue
            one, two = vectors[query], vectors[row]
            if distance == 'cosine':
                gap = 1 - one @ two / np.sqrt((one @ one) * (two @ two))
            else:
                gap = np.sqrt(((one - two) ** 2).sum())
            rows.append((gap, row, same))
        hits, precisions = 0, []
        for place, (_, _, same) in enumerate(sorted(rows), 1):
            hits += same
            if same:
                precisions.append(hits / place)
        found.append(100 * np.mean(precisions) if precisions else np.nan)
    return np.array(found)


@pytest.mark.parametrize('distance', ['cosine', 'euclidean'])
def test_a_faithful_copy_passes(exact, labels, rng, distance):
    rules = RankingRules(distance=distance)
    judgement = judge(exact, rounded(exact, rng), labels, rules=rules, data='toy')
    assert judgement.passed, judgement.explain()
    assert judgement.reasons == ()
    assert judgement.cause is None
    assert judgement.advice is None
    assert judgement.lowest_cosine > 0.999999
    assert judgement.interval == (0, 0)
    assert judgement.same_answers == judgement.same_order == 1
    counts = judgement.num_queries, judgement.num_persons, judgement.num_gallery
    assert counts == (60, 30, 120)
    assert 'passed: float32 on toy, 60 queries of 30 persons' in judgement.explain()


@pytest.mark.parametrize('distance', ['cosine', 'euclidean'])
def test_scores_and_their_interval_are_those_of_slow_loops(
    exact, labels, rng, distance
):
    given = exact + 0.4 * rng.normal(size=exact.shape).astype(np.float32)
    judgement = judge(
        exact,
        given,
        labels,
        precision='int8',
        rules=RankingRules(distance=distance),
        resamples=4000,
    )
    one, two = (average_precisions(x, labels, distance) for x in (exact, given))
    assert judgement.scores['network']['mAP'] == pytest.approx(one.mean())
    assert judgement.scores['file']['mAP'] == pytest.approx(two.mean())
    assert judgement.difference == pytest.approx((two - one).mean())
    persons = labels.person_id[labels.is_query]
    means = []
    for _ in range(4000):  # of other draws, so that its ends are near, not equal
        drawn = rng.choice(np.unique(persons), 30)
        rows = np.concatenate([np.flatnonzero(persons == person) for person in drawn])
        means.append((two - one)[rows].mean())
    ends = np.quantile(means, (0.025, 0.975))
    assert judgement.interval == pytest.approx(ends, abs=0.1 * np.ptp(ends))


def test_a_wide_interval_is_refused_though_its_middle_is_none(exact, labels, rng):
    """A difference that is not significant is no proof that there is none."""
    given = exact + 0.3 * rng.normal(size=exact.shape).astype(np.float32)
    judgement = judge(exact, given, labels, precision='int8')
    low, high = judgement.interval
    inside = low >= -1 and high <= 1
    assert judgement.passed == inside
    wide = judge(exact, given, labels, precision='int8', tolerance=high - low + 5)
    assert wide.passed
    narrow = max(abs(low), abs(high)) - 1e-6
    assert not judge(exact, given, labels, precision='int8', tolerance=narrow).passed
    exactly = max(abs(low), abs(high))
    assert judge(exact, given, labels, precision='int8', tolerance=exactly).passed
    if abs(judgement.difference) < narrow:
        refused = judge(exact, given, labels, precision='int8', tolerance=narrow)
        assert refused.cause == 'wide interval'


def test_vectors_of_another_network_are_refused_whatever_their_ranking(
    exact, labels, rng
):
    """A turn of the space keeps every distance."""
    turn, _ = np.linalg.qr(rng.normal(size=(exact.shape[1],) * 2))
    given = (exact @ turn).astype(np.float32)
    for precision in ('float32', 'bfloat16', 'int8'):
        judgement = judge(exact, given, labels, precision=precision)
        assert not judgement.passed
        assert abs(judgement.difference) < 0.1
        assert any('tells pictures apart' in text for text in judgement.reasons)


def test_small_errors_of_a_network_that_tells_little_apart_are_seen(exact, labels, rng):
    """All cosines are near 1 where all vectors are near one."""
    near = (exact / 100 + 10).astype(np.float32)
    noise = 0.004 * rng.normal(size=exact.shape).astype(np.float32)
    judgement = judge(near, near + noise, labels)
    assert judgement.lowest_cosine > 0.999
    assert not judgement.passed
    assert judge(near, rounded(near, rng), labels, tolerance=3).passed


def test_ranking_follows_the_rules(exact, labels, rng):
    """Tracklets are pooled and lists re-ranked as the evaluator does."""
    given = exact + 0.3 * rng.normal(size=exact.shape).astype(np.float32)
    frames = replace(labels, tracklet_id=np.zeros_like(labels.person_id))
    rules = RankingRules(rerank=dict(k1=6, k2=3), tracklets='unit-mean')
    judgement = judge(exact, given, frames, precision='int8', rules=rules)
    from mmreid.evaluation.result import Result

    for name, vectors in (('network', exact), ('file', given)):
        result = Result.of(replace(frames, embedding=vectors), rules)
        assert judgement.scores[name] == result.scores
    assert judgement.protocol['rerank']['type'] == 'k-reciprocal'
    assert judgement.protocol['tracklets'] == 'unit-mean'


def test_names_of_data_come_from_its_metainfo(exact, labels):
    meta = dict(dataset='toy', version='2', split='test')
    assert judge(exact, exact, labels, dataset_meta=meta).data == 'toy 2 test'
    assert judge(exact, exact, labels, dataset_meta=meta, data='mine').data == 'mine'


def test_misuse_is_an_error(exact, labels):
    with pytest.raises(ValueError, match=r'exact must hold a vector for each of the'):
        judge(exact[:-1], exact, labels)
    with pytest.raises(ValueError, match=r'labels must be Features'):
        judge(exact, exact, TestSet(labels.queries, labels.gallery))
    with pytest.raises(ValueError, match=r"precision must be one of .*, got 'int4'"):
        judge(exact, exact, labels, precision='int4')
    for tolerance in (0, -1, np.nan, np.inf, '1', True):
        with pytest.raises(ValueError, match=r'tolerance must be a number above 0'):
            judge(exact, exact, labels, tolerance=tolerance)
    with pytest.raises(ValueError, match=r'resamples must be'):
        judge(exact, exact, labels, resamples=1)
    with pytest.raises(ValueError, match=r'clothes'):
        judge(exact, exact, labels, rules=RankingRules(protocol='cloth-changing'))
