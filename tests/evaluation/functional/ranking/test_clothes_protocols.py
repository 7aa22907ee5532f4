"""Cloth-changing protocols and given distances against a loop over sorted answers."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmreid.evaluation.functional import evaluate_distance_blocks, evaluate_ranking


def loop_scores(distances, labels, clothes):
    """Return (average precision, matches over last rank, first rank, tied), or None."""
    query_ids, gallery_ids, query_cams, gallery_cams, worn, worn_there = labels
    scores = []
    for i, row in enumerate(distances):
        answers = []
        for j, distance in enumerate(row):
            same_person = query_ids[i] == gallery_ids[j]
            same_clothes = worn[i] == worn_there[j]
            if gallery_ids[j] == -1:
                continue
            if same_person and query_cams[i] == gallery_cams[j]:
                continue
            if same_person and clothes == 'changed' and same_clothes:
                continue
            if same_person and clothes == 'same' and not same_clothes:
                continue
            answers.append((distance, j, same_person))
        right = [same for *_, same in sorted(answers)]
        ranks = [rank for rank, same in enumerate(right, 1) if same]
        if not ranks:
            scores.append(None)
            continue
        precision = np.mean([hit / rank for hit, rank in enumerate(ranks, 1)])
        nearest = min(d for d, _, same in answers if same)
        tied = any(d == nearest and not same for d, _, same in answers)
        scores.append((precision, len(ranks) / ranks[-1], ranks[0], tied))
    return scores


def assert_equals_loop(result, expected):
    for i, scores in enumerate(expected):
        assert result.valid[i] == (scores is not None)
        precision, penalty, first, tied = scores or (math.nan, math.nan, 0, False)
        close = dict(rel=1e-12, nan_ok=True)
        assert result.average_precision[i] == pytest.approx(precision, **close)
        assert result.inverse_negative_penalty[i] == pytest.approx(penalty, **close)
        assert result.first_match_rank[i] == first
        assert result.first_match_tied[i] == tied
    means = [s[0] for s in expected if s is not None]
    mean = np.mean(means) if means else math.nan
    assert result.mAP == pytest.approx(mean, rel=1e-12, nan_ok=True)


def random_labels(rng, num_query, num_gallery):
    sizes = (num_query, num_gallery)
    return [
        rng.integers(low, high, size)
        for low, high in ((-1, 4), (0, 3), (0, 3))  # persons, cameras, clothes
        for size in sizes
    ]


def options(labels, clothes):
    if clothes is None:
        return {}
    return dict(clothes=clothes, query_clothes=labels[4], gallery_clothes=labels[5])


@settings(max_examples=100, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    num_gallery=st.integers(1, 25),
    clothes=st.sampled_from(['changed', 'same']),
    levels=st.integers(1, 30),
)
def test_rankings_equal_the_loop(seed, num_gallery, clothes, levels):
    rng = np.random.default_rng(seed)
    labels = random_labels(rng, 6, num_gallery)
    labels[0][labels[0] == -1] = 1
    query, gallery = (rng.integers(0, levels, (n, 2)) * 0.5 for n in (6, num_gallery))
    result = evaluate_ranking(
        query, gallery, *labels[:4], distance='euclidean', **options(labels, clothes)
    )
    distances = np.sqrt(((query[:, None] - gallery) ** 2).sum(axis=2))
    assert_equals_loop(result, loop_scores(distances, labels, clothes))


@settings(max_examples=100, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    num_query=st.integers(1, 7),
    num_gallery=st.integers(1, 25),
    clothes=st.sampled_from([None, 'changed', 'same']),
    levels=st.integers(1, 30),
    height=st.integers(1, 8),
    dtype=st.sampled_from([np.float16, np.float32, np.float64]),
)
def test_blocks_equal_the_loop(
    seed, num_query, num_gallery, clothes, levels, height, dtype
):
    rng = np.random.default_rng(seed)
    labels = random_labels(rng, num_query, num_gallery)
    labels[0][labels[0] == -1] = 1
    shape = num_query, num_gallery
    distances = rng.integers(-levels, levels, shape).astype(dtype) / 7
    distances[rng.random(shape) < 0.1] = np.inf
    starts = rng.permutation(np.arange(0, num_query, height)).tolist()
    blocks = ((slice(s, s + height), distances[s : s + height]) for s in starts)
    before = distances.copy()
    result = evaluate_distance_blocks(blocks, *labels[:4], **options(labels, clothes))
    assert_equals_loop(result, loop_scores(distances, labels, clothes))
    assert np.array_equal(distances, before)


def test_rules_on_a_list_that_can_be_read():
    # One picture per rule, in the order of its distance to a query of person 5 in
    # camera 1 and clothes 7.
    labels = dict(
        ids=[5, 5, 5, 3, 5, -1],
        cams=[1, 2, 2, 2, 1, 2],
        clothes=[7, 7, 8, 7, 8, 8],
        #        own camera, same clothes, changed, other person, own camera, junk
    )
    expected = {'changed': (1.0, 1), 'same': (1.0, 1), None: (1.0, 2)}
    for clothes, (precision, num_matches) in expected.items():
        worn = dict(query_clothes=[7], gallery_clothes=labels['clothes'])
        result = evaluate_distance_blocks(
            [(slice(0, 1), np.arange(6.0)[None])],
            [5], labels['ids'], [1], labels['cams'],
            clothes=clothes, **(worn if clothes else {}),
        )  # fmt: skip
        assert result.mAP == precision
        assert result.num_matches.tolist() == [num_matches]


def test_clothes_are_compared_within_a_person_only():
    # Everybody wears clothes 1: others stay wrong answers.
    result = evaluate_ranking(
        np.ones((1, 1)), np.array([[1.0], [1.5]]), [1], [2, 1], [0], [1, 1],
        distance='euclidean',
        clothes='same', query_clothes=[1], gallery_clothes=[1, 1],
    )  # fmt: skip
    assert result.mAP == 0.5


def ranked(**changes):
    arguments = dict(clothes='same', query_clothes=[1], gallery_clothes=[1, 1])
    return evaluate_ranking(
        np.ones((1, 1)), np.ones((2, 1)), [1], [2, 1], [0], [1, 1],
        **{**arguments, **changes},
    )  # fmt: skip


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        (dict(clothes='any'), r"clothes must be one of \[None, .*'any'"),
        (dict(clothes=None), 'but not what that means: give clothes'),
        (dict(query_clothes=None), 'compares what people wear: give query_clothes'),
        (dict(gallery_clothes=[1]), r'gallery_clothes .* index 1 is the first'),
        (dict(query_clothes=[0.5]), 'query_clothes must hold whole numbers'),
    ],
)
def test_bad_clothes_are_named(changes, message):
    with pytest.raises(ValueError, match=message):
        ranked(**changes)


def blocks_of(*rows):
    return [(slice(i, i + 1), np.array([row])) for i, row in rows]


@pytest.mark.parametrize(
    ('blocks', 'message'),
    [
        (blocks_of((0, [1.0, 2.0])), '1 of 2 queries; query 1 is the first'),
        (blocks_of((0, [1.0, 2.0]), (0, [1.0, 2.0])), 'query 0 are given twice'),
        (blocks_of((0, [1.0, 2.0]), (1, [1.0])), r'shape \(1, 2\).* is \(1, 1\)'),
        (
            blocks_of((0, [1.0, 2.0]), (1, [1.0, np.nan])),
            r'query 1 to gallery image 1 is NaN \(1 in',
        ),
    ],
)
def test_bad_blocks_are_named(blocks, message):
    with pytest.raises(ValueError, match=message):
        evaluate_distance_blocks(blocks, [1, 2], [1, 2], [0, 0], [1, 1])


def test_nothing_to_rank():
    with pytest.raises(ValueError, match='1 queries and 0 gallery images'):
        evaluate_distance_blocks([], [1], [], [0], [])
