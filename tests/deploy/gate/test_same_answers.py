"""Shares of queries that keep their first answers, by slow loops."""

from dataclasses import replace

import numpy as np
import pytest

from mmreid.deploy.gate.same_answers import compare_answers
from mmreid.evaluation.rules import RankingRules


def first_ten(vectors, labels, distance):
    """Gallery rows of every query's first ten answers, by sorting all distances."""
    vectors = vectors.astype(np.float64)
    if distance == 'cosine':
        vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    lists = []
    for query in np.flatnonzero(labels.is_query):
        rows = []
        for row in np.flatnonzero(~labels.is_query):
            own = labels.person_id[row] == labels.person_id[query]
            if own and labels.cam_id[row] == labels.cam_id[query]:
                continue
            gap = ((vectors[query] - vectors[row]) ** 2).sum()
            rows.append((gap, row))
        lists.append([row for _, row in sorted(rows)[:10]])
    return lists


@pytest.mark.parametrize('distance', ['cosine', 'euclidean'])
def test_shares_are_those_of_sorted_lists(exact, labels, rng, distance):
    given = exact * (1 + 0.01 * rng.normal(size=exact.shape)).astype(np.float32)
    sets = [replace(labels, embedding=vectors) for vectors in (exact, given)]
    kept = compare_answers(*sets, RankingRules(distance=distance), 8.0)
    one, two = (first_ten(vectors, labels, distance) for vectors in (exact, given))
    pairs = list(zip(one, two, strict=True))
    assert kept.order == np.mean([a == b for a, b in pairs])
    assert kept.same == np.mean([set(a) == set(b) for a, b in pairs])
    assert 0 < kept.order < kept.same < 1
    assert kept.near_ties == 0


@pytest.mark.parametrize('distance', ['cosine', 'euclidean'])
def test_near_ties_are_counted_apart(exact, labels, rng, distance):
    """Pictures that stand twice in the gallery change places by rounding."""
    exact = exact.copy()
    exact[3::6] = exact[2::6]
    exact[4::6] = exact[2::6] * (1 + 1e-7)
    given = exact.copy()
    given[2::6] *= 1 + 1e-6 * rng.normal(size=given[2::6].shape).astype(np.float32)
    given[3::6] *= 1 + 1e-6 * rng.normal(size=given[3::6].shape).astype(np.float32)
    sets = [replace(labels, embedding=vectors) for vectors in (exact, given)]
    kept = compare_answers(*sets, RankingRules(distance=distance), 8.0)
    assert kept.order < 0.5
    # The rest, by the list's end.
    assert kept.near_ties == pytest.approx(1 - kept.order)
    # A real change of one query's answers is none.
    given[0] = -given[0]
    changed = replace(labels, embedding=given)
    worse = compare_answers(sets[0], changed, RankingRules(distance=distance), 8.0)
    assert worse.near_ties < 1 - worse.order
    assert worse.near_ties + worse.order == pytest.approx(59 / 60)


def test_short_galleries_have_short_lists(exact, labels):
    few = labels.person_id <= 2
    names = ('person_id', 'cam_id', 'is_query', 'img_path')
    small = replace(
        labels,
        embedding=exact[few],
        **{name: getattr(labels, name)[few] for name in names},
    )
    kept = compare_answers(small, small, RankingRules(), 8.0)
    assert kept == (1, 1, 0)
