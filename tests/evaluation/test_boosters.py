"""What is done before a ranking: by hand the same, told in the stamp, or refused."""

import json
from dataclasses import replace

import numpy as np
import pytest

from mmreid.apis import Analyses, analyze_features
from mmreid.evaluation.functional import (
    Features,
    RankingRules,
    RankLists,
    centralise_features,
    evaluate_distance_blocks,
    evaluate_ranking,
    expand_queries,
    learn_time_prior,
    re_rank,
)
from mmreid.evaluation.result import Result
from mmreid.evaluation.stamp_words import describe_rules


def features(count=90):
    rng = np.random.default_rng(0)
    persons = rng.integers(-1, 8, count)
    is_query = np.arange(count) < count // 3
    persons[is_query] = rng.integers(1, 8, count // 3)
    vectors = rng.standard_normal((9, 6))[persons] + rng.standard_normal((count, 6))
    return Features(
        embedding=(vectors * rng.uniform(0.5, 2, (count, 1))).astype(np.float32),
        person_id=persons,
        cam_id=rng.integers(0, 3, count),
        is_query=is_query,
        img_path=np.array([f'{i}.jpg' for i in range(count)]),
        time=50.0 * persons + rng.normal(0, 30, count),
        meta=dict(dataset='Toy', version='1', split='test'),
    )


def prior_of(some):
    labels = (some.person_id, some.cam_id, some.time)
    return learn_time_prior(
        *labels, bin_width=10, sigma=5, learned_from=dict(split='x')
    )


def without_junk(some):
    """The vectors and labels that a ranking without junk has."""
    answers = some.gallery.take(some.gallery.person_id >= 0)
    queries = some.queries
    labels = (queries.person_id, answers.person_id, queries.cam_id, answers.cam_id)
    return queries.vectors, answers.vectors, labels


@pytest.mark.parametrize('given', ['gallery', 'both', dict(sides='both', k1=3, k2=4)])
def test_centralised_by_hand_is_the_same(given):
    query, gallery, labels = without_junk(features())
    options = dict(k1=3, k2=4) if isinstance(given, dict) else {}
    gallery = centralise_features(gallery, **options)
    if given != 'gallery':
        query = centralise_features(query, **options)
    expected = evaluate_ranking(query, gallery, *labels)
    found = RankingRules(neighbour_centralisation=given).evaluate(features()).result
    assert found.mAP == expected.mAP != RankingRules().evaluate(features()).result.mAP
    np.testing.assert_array_equal(found.first_match_rank, expected.first_match_rank)


def test_centralisation_comes_before_the_others():
    query, gallery, labels = without_junk(features())
    gallery = centralise_features(gallery)
    rules = dict(neighbour_centralisation='gallery')
    expanded = expand_queries(query, gallery, k=3)
    expected = evaluate_ranking(expanded, gallery, *labels)
    options = dict(type='query-expansion', k=3)
    assert RankingRules(**rules, rerank=options).evaluate(features()).result.mAP == (
        expected.mAP
    )
    units = query.astype(np.float64)
    units = (units / np.linalg.norm(units, axis=1, keepdims=True)).astype(np.float32)
    matrix = re_rank(units, gallery, k1=5, k2=2)
    expected = evaluate_distance_blocks([(slice(0, len(units)), matrix)], *labels)
    options = dict(k1=5, k2=2)
    assert RankingRules(**rules, rerank=options).evaluate(features()).result.mAP == (
        pytest.approx(expected.mAP, abs=1e-3)
    )


def test_the_stamp_names_each_with_its_catch():
    some = features()
    rules = RankingRules(
        neighbour_centralisation='both', time_prior=prior_of(some), rerank=dict(k1=5)
    )
    result = Result.of(some, rules, some.meta)
    stamp = result.protocol
    assert stamp == json.loads(json.dumps(stamp))
    assert stamp['neighbour_centralisation'] == dict(sides='both', k1=2, k2=2)
    assert stamp['time_prior'] == json.loads(json.dumps(rules.time_prior.describe()))
    words = ' '.join(describe_rules(stamp))
    for told in (
        "a query's answers depend on the other queries",
        'learned from labels of the same cameras: x, 7 persons',
        'cosine distance joined with times, re-ranked: k-reciprocal',
        rules.time_prior.digest,
    ):
        assert told in words
    one_side = Result.of(some, RankingRules(neighbour_centralisation='gallery'))
    assert 'gallery to its mutual neighbours (k1=2, k2=2)' in str(one_side)
    assert 'other queries' not in str(one_side)


def test_a_prior_made_by_hand_tells_nothing_of_persons():
    some = features()
    prior = replace(prior_of(some), learned_from={})
    words = str(Result.of(some, RankingRules(time_prior=prior)))
    assert 'cameras: unknown data, an unknown number of persons' in words


def test_stamps_without_them_are_as_before():
    stamp = Result.of(features(), RankingRules()).protocol
    assert not {'neighbour_centralisation', 'time_prior'} & stamp.keys()
    assert RankingRules.of_stamp(stamp).boosters == []


def test_rules_come_back_from_a_stamp():
    some = features()
    moved = RankingRules(neighbour_centralisation='both', rerank=dict(k1=7))
    assert RankingRules.of_stamp(Result.of(some, moved).protocol) == moved
    prior = prior_of(some)
    stamp = Result.of(some, RankingRules(time_prior=prior)).protocol
    with pytest.raises(ValueError, match='The file of a prior of times must be given'):
        RankingRules.of_stamp(stamp)
    assert RankingRules.of_stamp(stamp, prior).time_prior is prior
    with pytest.raises(ValueError, match='but the one given is'):
        RankingRules.of_stamp(stamp, replace(prior, sigma=6))
    with pytest.raises(ValueError, match='and nowhere else'):
        RankingRules.of_stamp({}, prior)


@pytest.mark.parametrize(
    'options', [dict(neighbour_centralisation='gallery'), dict(time_prior='a prior')]
)
def test_rank_lists_are_of_the_same_ranking(options):
    some = features()
    if 'time_prior' in options:
        options = dict(time_prior=prior_of(some))
    lists = RankLists(some, RankingRules(**options), topk=3)
    everyone = np.arange(len(some.queries))
    found = lists.take(everyone)
    result = lists.evaluation.result
    first = result.first_match_rank[result.valid] == 1
    np.testing.assert_array_equal(found.correct[result.valid, 0], first)
    assert (some.gallery.person_id[found.indices] >= 0).all()
    assert not np.isfinite(lists.nearest_junk(everyone).distances).any()


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(neighbour_centralisation='queries'), r"one of \['gallery', 'both'\]"),
        (dict(neighbour_centralisation=dict(k=3)), r"some of \['sides', 'k1', 'k2'\]"),
        (dict(neighbour_centralisation=dict(k1=0)), 'k1 must be at least 1'),
        (
            dict(neighbour_centralisation='both', distance='euclidean'),
            r"needs distance='cosine'",
        ),
        (
            dict(neighbour_centralisation='both', protocol='single-shot'),
            'does not go with neighbour_centralisation: these look at the whole',
        ),
    ],
)
def test_what_does_not_go_together(options, message):
    with pytest.raises(ValueError, match=message):
        RankingRules(**options)


def test_distances_are_not_measured_where_others_are_ranked():
    rules = RankingRules(neighbour_centralisation='gallery')
    with pytest.raises(ValueError, match='centralisation, times, multi-query'):
        analyze_features(features(), rules, Analyses(rates=(0.1,)))
