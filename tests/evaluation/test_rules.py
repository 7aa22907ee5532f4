"""Rules put together: what is ranked is what was asked for."""

import numpy as np
import pytest

from mmreid.evaluation.functional import (
    Features,
    evaluate_distance_blocks,
    evaluate_ranking,
    evaluate_single_shot,
    expand_queries,
    pool_queries,
    re_rank,
)
from mmreid.evaluation.rules import RankingRules


def features(seed=0, count=90, dtype=np.float32, junk=True, **changes):
    """Clustered vectors, a third of them queries."""
    rng = np.random.default_rng(seed)
    persons = rng.integers(-1 if junk else 0, 8, count)
    is_query = np.arange(count) < count // 3
    persons[is_query] = rng.integers(1, 8, count // 3)
    vectors = rng.standard_normal((9, 6))[persons] + rng.standard_normal((count, 6))
    values = dict(
        embedding=(vectors * rng.uniform(0.5, 2, (count, 1))).astype(dtype),
        person_id=persons,
        cam_id=rng.integers(0, 3, count),
        is_query=is_query,
        img_path=np.array([f'{i}.jpg' for i in range(count)]),
        clothes_id=rng.integers(0, 2, count),
    )
    return Features(**{**values, **changes})


def clothes_of(some):
    return dict(
        query_clothes=some.queries.clothes_id, gallery_clothes=some.gallery.clothes_id
    )


def unit(vectors):
    """Bring vectors to length one in float64, then back to float32 at least."""
    wide = vectors.astype(np.float64)
    wide /= np.sqrt(np.square(wide).sum(axis=1, keepdims=True))
    return wide if vectors.dtype == np.float64 else wide.astype(np.float32)


def assert_same(result, expected):
    assert result.num_query_evaluated > 0
    for name, value in vars(expected).items():
        np.testing.assert_equal(getattr(result, name), value, name)


@pytest.mark.parametrize(
    'options',
    [{}, dict(distance='euclidean', ranks=(2, 7), average_precision='trapezoid')],
)
def test_market(options):
    found = RankingRules(**options).evaluate(features())
    assert found.first is None
    assert_same(found.result, evaluate_ranking(*features().ranking_inputs(), **options))


@pytest.mark.parametrize(
    ('protocol', 'clothes'), [('cloth-changing', 'changed'), ('same-clothes', 'same')]
)
def test_clothes(protocol, clothes):
    some = features()
    result = RankingRules(protocol=protocol).evaluate(some).result
    expected = evaluate_ranking(
        *some.ranking_inputs(), clothes=clothes, **clothes_of(some)
    )
    assert_same(result, expected)


@pytest.mark.parametrize('impostors', ['other-camera', 'both'])
def test_single_shot(impostors):
    options = dict(impostors=impostors, average_precision='trapezoid', ranks=(1, 3))
    result = RankingRules(protocol='single-shot', **options).evaluate(features()).result
    inputs = features().ranking_inputs()
    assert_same(result, evaluate_single_shot(*inputs, **options))


@pytest.mark.parametrize('protocol', ['market', 'single-shot', 'cloth-changing'])
def test_multi_query(protocol):
    some = features()
    found = RankingRules(multi_query='max', protocol=protocol).evaluate(some)
    query, gallery, *labels = some.ranking_inputs()
    worn = clothes_of(some) if protocol == 'cloth-changing' else {}
    pool = pool_queries(query, labels[0], labels[2], 'max', worn.get('query_clothes'))
    assert len(pool.first) < len(query)
    assert np.array_equal(found.first, pool.first)
    labels[0], labels[2] = labels[0][pool.first], labels[2][pool.first]
    rank = evaluate_single_shot if protocol == 'single-shot' else evaluate_ranking
    if worn:
        worn.update(clothes='changed', query_clothes=worn['query_clothes'][pool.first])
    assert_same(found.result, rank(pool.vectors, gallery, *labels, **worn))


@pytest.mark.parametrize('distance', ['cosine', 'euclidean'])
@pytest.mark.parametrize('dtype', [np.float16, np.float32, np.float64])
@pytest.mark.parametrize('junk', [True, False])
def test_re_ranking_by_the_distance_and_without_junk(distance, dtype, junk):
    some = features(dtype=dtype, junk=junk)
    rules = RankingRules(distance=distance, rerank=dict(k1=5, k2=2))
    query, gallery, query_ids, gallery_ids, query_cams, gallery_cams = (
        some.ranking_inputs()
    )
    keep = gallery_ids != -1
    assert keep.all() == (not junk)
    if distance == 'cosine':
        query, gallery = unit(query), unit(gallery)
    distances = re_rank(query, gallery[keep], 5, 2, 0.3)
    expected = evaluate_distance_blocks(
        [(slice(0, len(query)), distances)],
        query_ids, gallery_ids[keep], query_cams, gallery_cams[keep],
    )  # fmt: skip
    calls = []
    found = rules.evaluate(some, lambda done, total: calls.append((done, total)))
    assert_same(found.result, expected)
    assert calls[-1][0] == calls[-1][1]


def test_re_ranking_with_clothes_and_pooled_queries():
    some = features()
    rules = RankingRules(rerank=dict(k1=5), protocol='same-clothes', multi_query='mean')
    result = rules.evaluate(some).result
    plain = RankingRules(protocol='same-clothes', multi_query='mean').evaluate(some)
    # The same questions, other answers.
    assert np.array_equal(result.num_matches, plain.result.num_matches)
    assert not np.array_equal(
        result.average_precision, plain.result.average_precision, equal_nan=True
    )


def test_query_expansion():
    some = features()
    rules = RankingRules(rerank=dict(type='query-expansion', k=3, alpha=2.0))
    query, gallery, query_ids, gallery_ids, query_cams, gallery_cams = (
        some.ranking_inputs()
    )
    keep = gallery_ids != -1
    expanded = expand_queries(query, gallery[keep], 3, 2.0)
    expected = evaluate_ranking(
        expanded, gallery[keep],
        query_ids, gallery_ids[keep], query_cams, gallery_cams[keep],
    )  # fmt: skip
    assert_same(rules.evaluate(some).result, expected)


def test_defaults_of_re_ranking_are_filled_in():
    assert RankingRules(rerank={}).rerank == dict(
        type='k-reciprocal', k1=20, k2=6, lambda_value=0.3, squared=False
    )
    assert RankingRules(rerank=dict(type='query-expansion')).rerank == dict(
        type='query-expansion', k=10, alpha=0.0
    )
    assert RankingRules().rerank is None


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(distance='l1'), "distance must be one of .* got 'l1'"),
        (dict(ranks=(0,)), 'ranks must be'),
        (dict(average_precision='voc'), 'average_precision must be one of'),
        (dict(protocol='classic'), "protocol must be one of .*'classic'"),
        (
            dict(multi_query='sum'),
            r"multi_query must be one of \[None, 'mean', 'max'\], got 'sum'",
        ),
        (dict(impostors='none'), "impostors must be one of .*'none'"),
        (dict(rerank=True), 'rerank must be None or a dict of options'),
        (dict(rerank=dict(type='gnn')), r"rerank type must be one of .*'gnn'"),
        (dict(rerank=dict(k3=1)), r"no option \['k3'\]; it takes \['k1', 'k2', 'lam"),
        (dict(rerank=dict(k1=0)), 'k1 must be a whole number from 1'),
        (dict(rerank=dict(lambda_value=2)), 'must be within 0 and 1'),
        (dict(rerank=dict(squared=1)), 'squared must be True or False'),
        (dict(rerank=dict(type='query-expansion', k=0)), 'k must be a whole number'),
        (dict(rerank=dict(type='query-expansion', alpha=-1)), 'alpha must not be'),
        (
            dict(rerank=dict(type='query-expansion'), distance='euclidean'),
            "needs distance='cosine'",
        ),
        (dict(rerank={}, protocol='single-shot'), 'does not go with rerank: these'),
    ],
)
def test_bad_rules_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        RankingRules(**options)


def test_bad_features_are_named_with_their_index_in_the_whole():
    some = features()
    bad = int(np.flatnonzero(some.gallery.person_id == 1)[-1])
    some.embedding[len(some.queries) + bad] = np.nan
    for rerank in (None, {}, dict(type='query-expansion')):
        with pytest.raises(ValueError, match=f'gallery vector {bad} holds NaN'):
            RankingRules(rerank=rerank).evaluate(some)
    some.embedding[len(some.queries) + bad] = 0
    for rerank in (None, {}):
        with pytest.raises(ValueError, match='has length zero'):
            RankingRules(rerank=rerank).evaluate(some)


def test_clothes_must_be_known():
    some = features(clothes_id=None)
    with pytest.raises(ValueError, match='not every sample has a clothes_id'):
        RankingRules(protocol='same-clothes').evaluate(some)
    RankingRules().evaluate(some)


@pytest.mark.parametrize('all_queries', [True, False])
def test_both_halves_are_needed(all_queries):
    some = features(is_query=np.full(90, all_queries))
    with pytest.raises(ValueError, match='both are needed'):
        RankingRules().evaluate(some)
