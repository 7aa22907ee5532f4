"""Queries of several results, brought into one order."""

import numpy as np
import pytest

from mmreid.apis.evaluate.comparing.aligned_queries import align_queries
from mmreid.evaluation.result import QueryTable


def make(root: str) -> QueryTable:
    """Twelve queries below a folder, one of them without a right answer."""
    rng = np.random.default_rng(0)
    rank = rng.integers(1, 9, 12).astype(np.float64)
    rank[3] = np.nan
    scores = {
        name: np.where(np.isnan(rank), np.nan, rng.random(12))
        for name in ('mAP', 'mINP')
    }
    paths = np.array([f'{root}{i:03}.jpg' for i in range(12)])
    return QueryTable(
        paths, rng.integers(1, 7, 12), rng.integers(0, 3, 12), rank, scores
    )


def tables():
    """The same queries in two folders and two orders."""
    order = np.random.default_rng(1).permutation(12)
    return make('/data/'), make('/home/me/').take(order)


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
