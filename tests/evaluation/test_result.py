"""Tables of queries: their means, their JSON, and their common order."""

import json

import numpy as np
import pytest

from mmreid.apis.evaluate.comparing.aligned_queries import align_queries
from mmreid.evaluation.functional import (
    Features,
    RankingRules,
    evaluate_ranking,
    evaluate_single_shot,
    pool_queries,
)
from mmreid.evaluation.result import QueryTable


def make(root='/data/', num_query=12, count=60, mixed=True):
    rng = np.random.default_rng(0)
    is_query = np.arange(count) < num_query
    if mixed:
        rng.shuffle(is_query)
    return Features(
        embedding=rng.standard_normal((count, 4)).astype(np.float32),
        person_id=rng.integers(1, 7, count) + 20 * (np.arange(count) == 3),
        cam_id=rng.integers(0, 3, count),
        is_query=is_query,
        img_path=np.array([f'{root}{i:03}.jpg' for i in range(count)]),
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


def tables():
    """The same queries in two folders and two orders."""
    first = tabulate(make('/data/'))
    second = tabulate(make('/home/me/'))
    order = np.random.default_rng(1).permutation(len(second))
    return first, second.take(order)


def test_queries_are_found_by_their_paths():
    first, second = align_queries(tables())
    assert first.valid.all()
    assert [p[-7:] for p in first.path] == [p[-7:] for p in second.path]
    assert first.scores['mAP'].tolist() == second.scores['mAP'].tolist()


def test_without_paths_persons_and_cameras_must_agree():
    first, second = tables()
    blank = np.full(len(first), '')
    nameless = QueryTable.from_json({**first.to_json(), 'path': blank.tolist()})
    assert len(align_queries([first, nameless])[1]) == int(first.valid.sum())
    other = QueryTable.from_json({**second.to_json(), 'path': blank.tolist()})
    with pytest.raises(ValueError, match='do not name their pictures, and from query'):
        align_queries([first, other])


def test_without_paths_one_query_of_a_person_in_a_camera_is_known_by_them():
    first, _ = tables()
    columns = first.to_json()
    columns.update(person_id=list(range(len(first))), path=[''] * len(first))
    order = np.random.default_rng(3).permutation(len(first))
    turned = {k: [column[i] for i in order] for k, column in columns.items()}
    one, two = align_queries(
        [QueryTable.from_json(columns), QueryTable.from_json(turned)]
    )
    assert two.person_id.tolist() == one.person_id.tolist()
    assert two.scores['mAP'].tolist() == one.scores['mAP'].tolist()
    turned['person_id'][0] = 99
    with pytest.raises(ValueError, match=r'1 of the .* person \d+ in camera \d'):
        align_queries([QueryTable.from_json(columns), QueryTable.from_json(turned)])


def test_a_folder_more_or_less_does_not_matter():
    first, _ = tables()
    columns = first.to_json()
    # The first paths lie in one folder, these in several.
    paths = [f'set/{i % 2}/{p.rpartition("/")[2]}' for i, p in enumerate(first.path)]
    columns['path'] = paths
    turned = {k: column[::-1] for k, column in columns.items()}
    one, two = align_queries([first, QueryTable.from_json(turned)])
    assert one.scores['mAP'].tolist() == two.scores['mAP'].tolist()


def test_other_queries_are_refused():
    first, second = tables()
    with pytest.raises(ValueError, match='12 queries and result 2 has 11'):
        align_queries([first, second.take(np.arange(11))])
    paths = first.path.tolist()
    renamed = QueryTable.from_json(
        {**first.to_json(), 'path': [*paths[:-1], '/data/z']}
    )
    with pytest.raises(ValueError, match=r'1 of the 12 queries .* 2, .*\d\.jpg'):
        align_queries([first, renamed])
    ranks = first.to_json()['rank']
    ranks[int(first.valid.argmax())] = None
    with pytest.raises(ValueError, match='1 queries are evaluated in result 1 or in'):
        align_queries([first, QueryTable.from_json({**first.to_json(), 'rank': ranks})])


def test_incomplete_tables_are_refused():
    plain = tables()[0].to_json()
    with pytest.raises(ValueError, match=r"lacks \['rank'\]"):
        QueryTable.from_json({k: v for k, v in plain.items() if k != 'rank'})
    with pytest.raises(ValueError, match="'R1': 2"):
        QueryTable.from_json({**plain, 'R1': [0, 1]})
