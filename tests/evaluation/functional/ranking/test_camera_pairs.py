"""Camera pairs against rankings of changed galleries; hardest queries."""

import numpy as np
import pytest

from mmreid.evaluation.functional import (
    evaluate_camera_pairs,
    evaluate_ranking,
    hardest_queries,
)


def random_case(rng, num_query=40, num_gallery=150):
    pool = rng.standard_normal((30, 5)).astype(np.float32)
    return (
        pool[rng.integers(0, 30, num_query)],
        pool[rng.integers(0, 30, num_gallery)],
        rng.integers(1, 9, num_query),
        rng.integers(-1, 7, num_gallery),
        rng.integers(0, 4, num_query),
        rng.integers(2, 7, num_gallery),
    )


@pytest.mark.parametrize('kind', ['hits', 'trapezoid'])
@pytest.mark.parametrize('distance', ['cosine', 'euclidean'])
@pytest.mark.parametrize('seed', range(2))
def test_a_cell_is_a_ranking_without_the_other_cameras_answers(seed, distance, kind):
    case = random_case(np.random.default_rng(seed))
    query, gallery, query_ids, gallery_ids, query_cams, gallery_cams = case
    options = dict(distance=distance, ranks=(1, 4), average_precision=kind)
    found = evaluate_camera_pairs(*case, memory_budget=2000, **options)
    assert found.query_cameras.tolist() == [0, 1, 2, 3]
    assert found.gallery_cameras.tolist() == [2, 3, 4, 5, 6]
    for a, row in enumerate(found.query_cameras):
        for b, column in enumerate(found.gallery_cameras):
            precision, hits = [], []
            for i in np.flatnonzero(query_cams == row):
                # The person's other pictures leave the gallery: they are junk.
                ids = gallery_ids.copy()
                ids[(ids == query_ids[i]) & (gallery_cams != column)] = -1
                labels = (query_ids[[i]], ids, query_cams[[i]], gallery_cams)
                one = evaluate_ranking(query[[i]], gallery, *labels, **options)
                if one.num_query_evaluated:
                    precision.append(one.mAP)
                    hits.append(one.cmc)
            assert found.num_queries[a, b] == len(precision)
            if not precision:
                assert np.isnan([found.mAP[a, b], *found.cmc[a, b]]).all()
                continue
            assert found.mAP[a, b] == pytest.approx(np.mean(precision))
            assert found.cmc[a, b] == pytest.approx(np.mean(hits, axis=0))
    assert not found.num_queries[2, 0]  # one camera, so no right answer


def test_without_any_right_answer_the_table_is_empty():
    found = evaluate_camera_pairs(np.eye(2), np.eye(2), [1, 2], [3, 4], [0, 0], [1, 1])
    assert found.mAP.shape == (0, 0)
    assert found.cmc.shape == (0, 0, 3)


def test_bad_options_are_refused():
    labels = ([1, 2], [1, 2], [0, 0], [1, 1])
    for options in (dict(ranks=[0]), dict(average_precision='x'), dict(distance='l1')):
        with pytest.raises(ValueError, match=next(iter(options))):
            evaluate_camera_pairs(np.eye(2), np.eye(2), *labels, **options)


def test_hardest_queries_come_first():
    precision = np.array([0.5, np.nan, 0.1, 0.5, 1.0, 0.1])
    rank = np.array([2, 0, 7, 3, 1, 9])
    assert hardest_queries(precision, rank, 9).tolist() == [5, 2, 3, 0, 4]
    assert hardest_queries(precision, rank, 2).tolist() == [5, 2]
    assert hardest_queries(precision, rank, 0).tolist() == []
    assert hardest_queries([0.3, 0.3], [1, 1], 2).tolist() == [0, 1]
