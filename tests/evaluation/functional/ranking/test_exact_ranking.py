"""Exact ranking against a loop that sorts float64 distances."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from mmreid.evaluation.functional import evaluate_ranking, top_ranks
from mmreid.evaluation.functional.distances import streamed

DISTANCES = ('cosine', 'euclidean')


@dataclass
class Case:
    """Vectors and labels in the order of the functions' arguments."""

    query: np.ndarray
    gallery: np.ndarray
    query_ids: np.ndarray
    gallery_ids: np.ndarray
    query_cams: np.ndarray
    gallery_cams: np.ndarray

    def __iter__(self):
        return iter(vars(self).values())


def loop_distance(query, gallery, distance):
    query, gallery = query.astype(np.float64), gallery.astype(np.float64)
    if distance == 'euclidean':
        return float(np.sqrt(((query - gallery) ** 2).sum()))
    lengths = np.sqrt((query * query).sum()) * np.sqrt((gallery * gallery).sum())
    return float(1 - (query * gallery).sum() / lengths)


def loop_ranking(case, distance, kind='hits'):
    """Return per-query (answers, matched, precision, penalty), None for left out."""
    results = []
    for i, vector in enumerate(case.query):
        answers = []
        for j, other in enumerate(case.gallery):
            same = case.query_ids[i] == case.gallery_ids[j]
            if case.gallery_ids[j] == -1:
                continue
            if same and case.query_cams[i] == case.gallery_cams[j]:
                continue
            answers.append((loop_distance(vector, other, distance), j, bool(same)))
        answers.sort()
        right = [same for *_, same in answers]
        if not any(right):
            results.append((answers, None))
            continue
        hits, area, recall, previous = 0, 0.0, 0.0, 1.0
        for position, same in enumerate(right, start=1):
            hits += same
            precision = hits / position
            if kind == 'hits':
                area += precision * same / sum(right)
            else:  # The Market-1501 program, which walks down the whole list.
                area += (hits / sum(right) - recall) * (previous + precision) / 2
                recall, previous = hits / sum(right), precision
        ranks = [k for k, same in enumerate(right, start=1) if same]
        results.append((answers, (area, len(ranks) / ranks[-1], ranks)))
    return results


def is_tied(answers, scores):
    """Whether a wrong answer is as far as the first right one."""
    if scores is None:
        return False
    nearest = next(length for length, _, same in answers if same)
    return any(length == nearest and not same for length, _, same in answers)


def assert_equals_loop(case, distance, kind='hits', **options):
    result = evaluate_ranking(
        *case, distance=distance, average_precision=kind, ranks=(1, 2, 5), **options
    )
    loop = loop_ranking(case, distance, kind)
    assert result.first_match_tied.tolist() == [is_tied(*found) for found in loop]
    assert result.num_query_tied == sum(is_tied(*found) for found in loop)
    expected = [scores for _, scores in loop]
    evaluated = [scores for scores in expected if scores is not None]
    assert result.valid.tolist() == [scores is not None for scores in expected]
    assert result.num_query_evaluated == len(evaluated)
    assert result.num_query_without_match == len(expected) - len(evaluated)
    for i, scores in enumerate(expected):
        area, penalty, ranks = scores or (math.nan, math.nan, [])
        assert result.first_match_rank[i] == (ranks[0] if ranks else 0)
        assert result.num_matches[i] == len(ranks)
        assert result.inverse_negative_penalty[i] == pytest.approx(
            penalty, rel=1e-12, nan_ok=True
        )
        assert result.average_precision[i] == pytest.approx(
            area, rel=1e-12, nan_ok=True
        )
    means = [
        np.mean([s[k] for s in evaluated]) if evaluated else math.nan for k in (0, 1)
    ]
    assert [result.mAP, result.mINP] == pytest.approx(means, rel=1e-12, nan_ok=True)
    for rank, value in zip(result.ranks, result.cmc, strict=True):
        hit = [scores[2][0] <= rank for scores in evaluated]
        assert value == pytest.approx(np.mean(hit) if hit else math.nan, nan_ok=True)
    return result


def random_case(rng, num_query=7, num_gallery=40, dim=16, dtype=np.float32):
    """Mix what is hard: duplicates, junk, distractors, lonely queries, near ties."""
    gallery = rng.standard_normal((num_gallery, dim))
    query = rng.standard_normal((num_query, dim))
    copies = rng.integers(0, num_gallery, (2, num_gallery // 2))
    gallery[copies[0]] = gallery[copies[1]]
    near = rng.integers(0, num_gallery, num_gallery // 4)
    gallery[near] = gallery[0] * (1 + 1e-7 * rng.standard_normal((len(near), 1)))
    query[0] = gallery[0]
    return Case(
        query.astype(dtype),
        gallery.astype(dtype),
        rng.integers(1, 6, num_query),
        rng.integers(-1, 5, num_gallery),
        rng.integers(0, 3, num_query),
        rng.integers(0, 3, num_gallery),
    )


@pytest.mark.parametrize('kind', ['hits', 'trapezoid'])
@pytest.mark.parametrize('distance', DISTANCES)
@pytest.mark.parametrize('dtype', [np.float16, np.float32, np.float64])
@pytest.mark.parametrize('seed', range(3))
def test_equals_the_loop(seed, dtype, distance, kind):
    case = random_case(np.random.default_rng(seed), dtype=dtype)
    assert_equals_loop(case, distance, kind)


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    num_query=st.integers(1, 4),
    num_gallery=st.integers(1, 12),
    dim=st.integers(1, 9),
    persons=st.integers(1, 3),
    cameras=st.integers(1, 2),
    levels=st.integers(1, 3),
    exponent=st.sampled_from([-35, -8, 0, 6, 35]),
    distance=st.sampled_from(DISTANCES),
    dtype=st.sampled_from([np.float32, np.float64]),
    kind=st.sampled_from(['hits', 'trapezoid']),
    memory_budget=st.sampled_from([1, 40, 1 << 20]),
)
def test_equals_the_loop_with_many_ties(
    seed, num_query, num_gallery, dim, persons, cameras, levels, exponent,
    distance, dtype, kind, memory_budget,
):  # fmt: skip
    rng = np.random.default_rng(seed)
    scale = 10.0**exponent

    def vectors(count):
        # Few values per component: most distances occur more than once.
        values = rng.integers(0, levels + 1, (count, dim)).astype(dtype)
        values[:, 0] += 1
        return (values * scale).astype(dtype)

    case = Case(
        vectors(num_query),
        vectors(num_gallery),
        rng.integers(-1, persons + 1, num_query),
        rng.integers(-1, persons + 1, num_gallery),
        rng.integers(0, cameras, num_query),
        rng.integers(0, cameras, num_gallery),
    )
    result = assert_equals_loop(case, distance, kind, memory_budget=memory_budget)
    assert not result.valid[case.query_ids == -1].any()


@pytest.mark.parametrize('distance', DISTANCES)
def test_equal_vectors_tie_wherever_the_product_puts_them(distance):
    # A product may round equal columns differently by their place, and float32
    # cannot tell the near copies apart: only float64 and the index may decide.
    rng = np.random.default_rng(5)
    dim, copies = 517, 61
    case = random_case(rng, num_query=3, num_gallery=2 * copies, dim=dim)
    case.gallery[:copies] = case.gallery[0]
    case.gallery[copies:] = np.nextafter(case.gallery[0], np.float32(9))
    case.gallery_ids[:] = rng.integers(1, 4, 2 * copies)
    case.query_ids[:] = (1, 2, 3)
    assert_equals_loop(case, distance)


@pytest.mark.parametrize('distance', DISTANCES)
@pytest.mark.parametrize('memory_budget', [1, 30_000, 1 << 20, 256 << 20])
def test_rows_counted_together_do_not_touch_each_other(memory_budget, distance):
    # Values of very different size in neighbouring rows, some too close to tell.
    rng = np.random.default_rng(16)
    case = random_case(rng, num_query=60, num_gallery=90, dim=40)
    case.query *= 10.0 ** rng.integers(-6, 7, (60, 1)).astype(np.float32)
    case.gallery[::2] = case.gallery[1] + np.float32(1e-6) * case.gallery[::2]
    assert_equals_loop(case, distance, memory_budget=memory_budget)


@pytest.mark.parametrize('distance', DISTANCES)
def test_a_collapsed_network_is_ranked_by_gallery_order(distance):
    # Everything is close to everything: rows pass through all precisions.
    rng = np.random.default_rng(6)
    case = random_case(rng, num_query=4, num_gallery=150, dim=8)
    case.query[:] = case.gallery[:] = rng.standard_normal(8)
    case.gallery[::3] *= np.float32(1 + 1e-5)
    assert_equals_loop(case, distance)


@pytest.mark.parametrize('distance', DISTANCES)
def test_wildly_different_lengths(distance):
    rng = np.random.default_rng(7)
    case = random_case(rng)
    lengths = 10.0 ** rng.integers(-41, 37, (40, 1))
    case.gallery = (case.gallery * lengths).astype(np.float32)
    case.query *= np.float32(1e-25)
    assert_equals_loop(case, distance)


def test_agrees_with_scikit_learn_without_ties():
    rng = np.random.default_rng(8)
    case = random_case(rng, num_query=9, num_gallery=300, dim=32)
    case.gallery = rng.standard_normal((300, 32)).astype(np.float32)
    result = evaluate_ranking(*case, distance='euclidean')
    assert result.valid.any()
    for i in np.flatnonzero(result.valid):
        same = case.gallery_ids == case.query_ids[i]
        kept = ~(same & (case.gallery_cams == case.query_cams[i]))
        kept &= case.gallery_ids != -1
        scores = -np.linalg.norm(case.gallery.astype(float) - case.query[i], axis=1)
        assert result.average_precision[i] == pytest.approx(
            average_precision_score(same[kept], scores[kept]), abs=1e-12
        )


def test_rules_on_a_list_that_can_be_read():
    # Distances to the query 0.1, 0.2, ...: one answer per rule, in this order.
    case = Case(
        query=np.array([[0.0], [0.0]]),
        gallery=np.arange(1, 8)[:, None] / 10,
        query_ids=np.array([5, 9]),
        #  junk, same camera, distractor, right, other person, right, junk
        gallery_ids=np.array([-1, 5, 0, 5, 3, 5, -1]),
        query_cams=np.array([1, 1]),
        gallery_cams=np.array([2, 1, 1, 2, 2, 3, 1]),
    )
    result = evaluate_ranking(*case, distance='euclidean', ranks=(1, 2, 4))
    # What is left for person 5: wrong, right, wrong, right.
    assert result.average_precision[0] == pytest.approx((1 / 2 + 2 / 4) / 2)
    assert result.inverse_negative_penalty[0] == pytest.approx(2 / 4)
    assert result.cmc == (0.0, 1.0, 1.0)
    assert result.valid.tolist() == [True, False]
    assert result.num_query_without_match == 1
    assert result.mAP == result.average_precision[0]


def test_trapezoid_is_the_lower_value_of_the_market_program():
    case = Case(np.ones((1, 1)), np.array([[1.0], [2.0]]), [1], [0, 1], [0], [1, 1])
    values = {
        kind: evaluate_ranking(*case, distance='euclidean', average_precision=kind).mAP
        for kind in ('hits', 'trapezoid')
    }
    assert values == {'hits': 0.5, 'trapezoid': 0.25}


def test_one_camera_gives_nan_and_counts_not_an_assertion():
    case = random_case(np.random.default_rng(9))
    case.query_cams[:] = case.gallery_cams[:] = 0
    result = assert_equals_loop(case, 'cosine')
    assert (result.num_query_evaluated, result.num_query_without_match) == (0, 7)
    assert math.isnan(result.mAP)


def as_torch(case):
    return Case(*(torch.from_numpy(np.array(value)) for value in case))


@pytest.mark.parametrize('distance', DISTANCES)
def test_same_numbers_from_torch_strided_and_memory_mapped(distance, tmp_path):
    case = random_case(np.random.default_rng(10), dim=24)
    expected = evaluate_ranking(*case, distance=distance)
    mapped = np.memmap(tmp_path / 'g', np.float32, 'w+', shape=case.gallery.shape)
    mapped[:] = case.gallery
    strided = np.zeros((40, 48), np.float32)
    strided[:, ::2] = case.gallery
    for gallery in (mapped, strided[:, ::2], np.asfortranarray(case.gallery)):
        result = evaluate_ranking(
            *{**vars(case), 'gallery': gallery}.values(), distance=distance
        )
        assert result.mAP == expected.mAP
    assert evaluate_ranking(*as_torch(case), distance=distance).cmc == expected.cmc


def test_bfloat16_is_read_as_it_is():
    case = as_torch(random_case(np.random.default_rng(11)))
    case.query, case.gallery = case.query.bfloat16(), case.gallery.bfloat16()
    short = evaluate_ranking(*case)
    case.query, case.gallery = case.query.double(), case.gallery.double()
    assert short.mAP == evaluate_ranking(*case).mAP


@pytest.mark.gpu
@pytest.mark.parametrize('distance', DISTANCES)
@pytest.mark.parametrize('dtype', [np.float16, np.float32, np.float64])
def test_same_numbers_from_a_gpu(dtype, distance):
    case = random_case(np.random.default_rng(12), dtype=dtype)
    expected = assert_equals_loop(case, distance)
    on_gpu = Case(*(value.cuda() for value in as_torch(case)))
    result = evaluate_ranking(*on_gpu, distance=distance)
    assert np.array_equal(
        result.average_precision, expected.average_precision, equal_nan=True
    )
    rough = evaluate_ranking(*on_gpu, distance=distance, precision='bf16')
    assert rough.num_query_evaluated == expected.num_query_evaluated


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), levels=st.integers(1, 4))
def test_bf16_equals_the_loop_where_bf16_is_exact(seed, levels):
    # Products of small whole numbers: nothing is rounded, and many distances are equal.
    rng = np.random.default_rng(seed)
    case = random_case(rng, num_query=4, num_gallery=30, dim=5)
    case.query = rng.integers(-levels, levels + 1, (4, 5)).astype(np.float32)
    case.gallery = rng.integers(-levels, levels + 1, (30, 5)).astype(np.float32)
    assert_equals_loop(case, 'euclidean', precision='bf16')


@pytest.mark.parametrize('distance', DISTANCES)
def test_bf16_is_close_and_does_not_look_twice(distance, monkeypatch):
    rng = np.random.default_rng(15)
    case = random_case(rng, num_query=40, num_gallery=500, dim=64)
    case.gallery = rng.standard_normal((500, 64)).astype(np.float32)
    expected = evaluate_ranking(*case, distance=distance)
    monkeypatch.setattr(streamed, 'has_bf16_instructions', lambda vectors: True)
    monkeypatch.delattr(streamed.StreamedDistances, 'exact')
    rough = evaluate_ranking(*case, distance=distance, precision='bf16')
    assert rough.mAP != expected.mAP
    assert rough.mAP == pytest.approx(expected.mAP, abs=0.01)


def test_bf16_is_exact_where_there_are_no_instructions_for_it(monkeypatch):
    monkeypatch.setattr(streamed, 'has_bf16_instructions', lambda vectors: False)
    case = random_case(np.random.default_rng(17))
    assert_equals_loop(case, 'cosine', precision='bf16')


@pytest.mark.parametrize('distance', DISTANCES)
@pytest.mark.parametrize('kind', ['plain', 'positive', 'crowded'])
def test_long_vectors_with_many_close_calls(kind, distance):
    # So many, and so close, that products are made in pieces after the first ones.
    rng = np.random.default_rng(18)
    case = random_case(rng, num_query=70, num_gallery=120, dim=1100)
    if kind == 'positive':
        case.query, case.gallery = np.maximum(case.query, 0), abs(case.gallery)
    if kind == 'crowded':
        case.query = 1 + np.float32(1e-3) * case.query
        case.gallery = 1 + np.float32(1e-3) * case.gallery
    assert_equals_loop(case, distance)


def test_inputs_are_not_changed():
    case = random_case(np.random.default_rng(13))
    before = [value.copy() for value in case]
    evaluate_ranking(*case, distance='euclidean')
    top_ranks(*case)
    for value, kept in zip(case, before, strict=True):
        assert np.array_equal(value, kept)


def spoiled(**changes):
    case = random_case(np.random.default_rng(14))
    for name, change in changes.items():
        value = getattr(case, name).copy()
        setattr(case, name, change(value))
    return case


def put(index, value):
    def change(array):
        array[index] = value
        return array

    return change


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        (dict(gallery=put((11, 3), np.nan)), 'gallery vector 11 holds NaN'),
        (dict(query=put((2, 0), np.inf)), 'query vector 2 holds NaN, infinity'),
        (dict(query=put(4, 0.0)), 'query vector 4 has length zero'),
        (dict(gallery=put(slice(6, 9), 0.0)), r'gallery vector 6 .*\(3 of 40'),
        (dict(gallery_ids=lambda x: x[:-1]), 'gallery_ids .* index 39 is the first'),
        (dict(query_cams=lambda x: np.append(x, 1)), 'query_cams .* index 7 is'),
        (dict(gallery=lambda x: x[:0]), 'gallery.* 0 vectors'),
        (dict(query=lambda x: x[:, :5]), 'of one length, got 5 and 16'),
        (dict(query=lambda x: x[0]), r'query_ids .* 16 vectors'),
        (dict(gallery=lambda x: x.astype(int)), 'must be float16, float32 or float64'),
        (dict(query_ids=lambda x: x + 0.5), 'query_ids must hold whole numbers'),
        (dict(query=lambda x: x.astype(float) * 1e-160), 'too short for float64'),
        (dict(query=lambda x: x.astype(float) * 1e160), 'too large to be squared'),
    ],
)
def test_bad_input_is_named(changes, message):
    with pytest.raises(ValueError, match=message):
        evaluate_ranking(*spoiled(**changes))


@pytest.mark.parametrize('half', ['query', 'gallery'])
def test_nothing_to_rank(half):
    case = spoiled(
        **{name: lambda x: x[:0] for name in (half, f'{half}_ids', f'{half}_cams')}
    )
    with pytest.raises(
        ValueError, match=f'{half} vectors must be an array .* at least'
    ):
        evaluate_ranking(*case)


def test_zero_vectors_have_a_euclidean_distance():
    assert_equals_loop(spoiled(gallery=put(slice(6, 9), 0.0)), 'euclidean')


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(distance='l1'), "distance must be one of .*'l1'"),
        (dict(precision='fp8'), "precision must be one of .*'fp8'"),
        (dict(average_precision='voc'), "average_precision must be one of .*'voc'"),
        (dict(ranks=()), 'ranks must be one or more'),
        (dict(ranks=(0, 1)), 'ranks must be one or more'),
        (dict(ranks=3), r'such as \[1, 5, 10\], got 3'),
        (dict(ranks=(1, 1)), 'different'),
        (dict(ranks=(1, 2.0)), 'whole numbers'),
        (dict(memory_budget=0), 'memory_budget must be a positive'),
    ],
)
def test_bad_options_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        evaluate_ranking(*spoiled(), **options)


@pytest.mark.parametrize('distance', DISTANCES)
@pytest.mark.parametrize('dtype', [np.float16, np.float32, np.float64])
@pytest.mark.parametrize('topk', [1, 10, 60])
def test_top_ranks_are_the_beginning_of_the_sorted_list(topk, dtype, distance):
    case = random_case(np.random.default_rng(topk), dtype=dtype)
    result = top_ranks(*case, topk=topk, distance=distance, memory_budget=500)
    for i, (answers, _) in enumerate(loop_ranking(case, distance)):
        first = answers[:topk]
        missing = topk - len(first)
        assert result.indices[i].tolist() == [j for _, j, _ in first] + missing * [-1]
        distances = [d for d, *_ in first] + missing * [math.inf]
        assert result.distances[i].tolist() == pytest.approx(distances, rel=1e-12)
        assert result.correct[i].tolist() == [s for *_, s in first] + missing * [False]


def test_top_ranks_without_any_answer_left():
    case = Case(np.ones((1, 2)), np.ones((2, 2)), [4], [-1, 4], [0], [0, 0])
    result = top_ranks(*case, topk=2)
    assert result.indices.tolist() == [[-1, -1]]
    assert not result.correct.any()


def test_top_ranks_refuses_no_answers():
    with pytest.raises(ValueError, match='topk must be at least 1'):
        top_ranks(*spoiled(), topk=0)
