"""Tables of queries: their means and their JSON."""

import json

import numpy as np
import pytest

from mmreid.evaluation.functional import (
    Features,
    RankingRules,
    evaluate_ranking,
    evaluate_single_shot,
    pool_queries,
)
from mmreid.evaluation.result import QueryTable


def make(num_query=12, count=60, mixed=True):
    rng = np.random.default_rng(0)
    is_query = np.arange(count) < num_query
    if mixed:
        rng.shuffle(is_query)
    return Features(
        embedding=rng.standard_normal((count, 4)).astype(np.float32),
        person_id=rng.integers(1, 7, count) + 20 * (np.arange(count) == 3),
        cam_id=rng.integers(0, 3, count),
        is_query=is_query,
        img_path=np.array([f'/data/{i:03}.jpg' for i in range(count)]),
    )


@pytest.mark.parametrize(
    ('protocol', 'evaluate'),
    [('market', evaluate_ranking), ('single-shot', evaluate_single_shot)],
)
def test_means_of_the_columns_are_the_scores(protocol, evaluate):
    features = make(mixed=False)
    result = evaluate(*features.ranking_inputs(), ranks=(1, 3))
    table = tabulate(features, protocol=protocol, ranks=(1, 3))
    assert list(table.scores) == ['mAP', 'mINP', 'R1', 'R3']
    means = [np.nanmean(column) for column in table.scores.values()]
    assert means == pytest.approx([result.mAP, result.mINP, *result.cmc])
    assert table.valid.tolist() == result.valid.tolist()
    assert not table.valid[3]
    assert all(np.isnan(column[3]) for column in table.scores.values())
    plain = table.to_json()
    assert plain['average_precision'][3] is plain['R1'][3] is None
    again = QueryTable.from_json(json.loads(json.dumps(plain)))
    for name in ('path', 'person_id', 'cam_id', 'rank'):
        assert np.array_equal(
            getattr(again, name), getattr(table, name), equal_nan=name == 'rank'
        )
    for name, column in table.scores.items():
        assert np.array_equal(again.scores[name], column, equal_nan=True)


def test_queries_may_stand_anywhere_or_be_pooled():
    features = make()
    table = tabulate(features)
    rows = np.flatnonzero(features.is_query)
    assert table.path.tolist() == features.img_path[rows].tolist()
    query, _, query_ids, _, query_cams, _ = features.ranking_inputs()
    pooled = pool_queries(query, query_ids, query_cams)
    assert len(pooled.first) < len(rows)
    table = tabulate(features, multi_query='mean')
    assert table.path.tolist() == features.img_path[rows][pooled.first].tolist()
    assert table.person_id.tolist() == query_ids[pooled.first].tolist()


def tabulate(features, **rules):
    return QueryTable.of(RankingRules(**rules).evaluate(features))


def test_incomplete_tables_are_refused():
    plain = tabulate(make()).to_json()
    with pytest.raises(ValueError, match=r"lacks \['rank'\]"):
        QueryTable.from_json({k: v for k, v in plain.items() if k != 'rank'})
    with pytest.raises(ValueError, match="'R1': 2"):
        QueryTable.from_json({**plain, 'R1': [0, 1]})
