"""Tables of queries: their means, their JSON, and their common order."""

import json

import numpy as np
import pytest

from mmreid.evaluation.functional import (
    Features,
    evaluate_ranking,
    evaluate_single_shot,
    pool_queries,
)
from mmreid.evaluation.query_table import (
    align_queries,
    read_queries,
    tabulate_queries,
)


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


@pytest.mark.parametrize('evaluate', [evaluate_ranking, evaluate_single_shot])
def test_means_of_the_columns_are_the_scores(evaluate):
    features = make(mixed=False)
    result = evaluate(*features.ranking_inputs(), ranks=(1, 3))
    table = tabulate_queries(features, result)
    assert list(table.scores) == ['mAP', 'mINP', 'R1', 'R3']
    means = [np.nanmean(column) for column in table.scores.values()]
    assert means == pytest.approx([result.mAP, result.mINP, *result.cmc])
    assert table.valid.tolist() == result.valid.tolist()
    assert not table.valid[3]
    assert all(np.isnan(column[3]) for column in table.scores.values())
    plain = table.to_plain()
    assert plain['average_precision'][3] is plain['R1'][3] is None
    again = read_queries(json.loads(json.dumps(plain)))
    for name in ('path', 'person_id', 'cam_id', 'rank'):
        assert np.array_equal(
            getattr(again, name), getattr(table, name), equal_nan=name == 'rank'
        )
    for name, column in table.scores.items():
        assert np.array_equal(again.scores[name], column, equal_nan=True)


def test_queries_may_stand_anywhere_or_be_pooled():
    features = make()
    result = evaluate_ranking(*features.ranking_inputs())
    table = tabulate_queries(features, result)
    rows = np.flatnonzero(features.is_query)
    assert table.path.tolist() == features.img_path[rows].tolist()
    query, gallery, query_ids, gallery_ids, query_cams, gallery_cams = (
        features.ranking_inputs()
    )
    pooled = pool_queries(query, query_ids, query_cams)
    labels = (query_ids[pooled.first], gallery_ids, query_cams[pooled.first])
    result = evaluate_ranking(pooled.vectors, gallery, *labels, gallery_cams)
    table = tabulate_queries(features, result, pooled.first)
    assert table.path.tolist() == features.img_path[rows][pooled.first].tolist()
    assert table.person_id.tolist() == query_ids[pooled.first].tolist()


def tables():
    """The same queries in two folders and two orders."""
    first = tabulate_queries(*ranked('/data/'))
    second = tabulate_queries(*ranked('/home/me/'))
    order = np.random.default_rng(1).permutation(len(second))
    return first, second.take(order)


def ranked(root):
    features = make(root)
    return features, evaluate_ranking(*features.ranking_inputs())


def test_queries_are_found_by_their_paths():
    first, second = align_queries(tables())
    assert first.valid.all()
    assert [p[-7:] for p in first.path] == [p[-7:] for p in second.path]
    assert first.scores['mAP'].tolist() == second.scores['mAP'].tolist()


def test_without_paths_persons_and_cameras_must_agree():
    first, second = tables()
    blank = np.full(len(first), '')
    nameless = read_queries({**first.to_plain(), 'path': blank.tolist()})
    assert len(align_queries([first, nameless])[1]) == int(first.valid.sum())
    other = read_queries({**second.to_plain(), 'path': blank.tolist()})
    with pytest.raises(ValueError, match='do not name their pictures, and from query'):
        align_queries([first, other])


def test_without_paths_one_query_of_a_person_in_a_camera_is_known_by_them():
    first, _ = tables()
    columns = first.to_plain()
    columns.update(person_id=list(range(len(first))), path=[''] * len(first))
    order = np.random.default_rng(3).permutation(len(first))
    turned = {k: [column[i] for i in order] for k, column in columns.items()}
    one, two = align_queries([read_queries(columns), read_queries(turned)])
    assert two.person_id.tolist() == one.person_id.tolist()
    assert two.scores['mAP'].tolist() == one.scores['mAP'].tolist()
    turned['person_id'][0] = 99
    with pytest.raises(ValueError, match=r'1 of the .* person \d+ in camera \d'):
        align_queries([read_queries(columns), read_queries(turned)])


def test_a_folder_more_or_less_does_not_matter():
    first, _ = tables()
    columns = first.to_plain()
    # The first paths lie in one folder, these in several.
    paths = [f'set/{i % 2}/{p.rpartition("/")[2]}' for i, p in enumerate(first.path)]
    columns['path'] = paths
    turned = {k: column[::-1] for k, column in columns.items()}
    one, two = align_queries([first, read_queries(turned)])
    assert one.scores['mAP'].tolist() == two.scores['mAP'].tolist()


def test_other_queries_are_refused():
    first, second = tables()
    with pytest.raises(ValueError, match='12 queries and result 2 has 11'):
        align_queries([first, second.take(np.arange(11))])
    paths = first.path.tolist()
    renamed = read_queries({**first.to_plain(), 'path': [*paths[:-1], '/data/z']})
    with pytest.raises(ValueError, match=r'1 of the 12 queries .* 2, .*\d\.jpg'):
        align_queries([first, renamed])
    ranks = first.to_plain()['rank']
    ranks[int(first.valid.argmax())] = None
    with pytest.raises(ValueError, match='1 queries are evaluated in result 1 or in'):
        align_queries([first, read_queries({**first.to_plain(), 'rank': ranks})])


def test_incomplete_tables_are_refused():
    plain = tables()[0].to_plain()
    with pytest.raises(ValueError, match=r"lacks \['rank'\]"):
        read_queries({k: v for k, v in plain.items() if k != 'rank'})
    with pytest.raises(ValueError, match="'R1': 2"):
        read_queries({**plain, 'R1': [0, 1]})
