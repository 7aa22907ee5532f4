"""The single-shot expectation against every gallery that can be drawn."""

import itertools
import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmreid.evaluation.functional import evaluate_ranking, evaluate_single_shot

DISTANCES = ('cosine', 'euclidean')
IMPOSTORS = ('other-camera', 'both')


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


def random_case(rng, num_query=5, num_gallery=9, dim=2, levels=2, dtype=np.float32):
    """Few values per component, so that most distances occur more than once."""

    def vectors(count):
        values = rng.integers(0, levels + 1, (count, dim)).astype(dtype)
        values[:, 0] += 1
        return values

    return Case(
        vectors(num_query),
        vectors(num_gallery),
        rng.integers(1, 4, num_query),
        rng.integers(-1, 4, num_gallery),
        rng.integers(0, 2, num_query),
        rng.integers(0, 2, num_gallery),
    )


def loop_distance(query, gallery, distance):
    query, gallery = query.astype(np.float64), gallery.astype(np.float64)
    if distance == 'euclidean':
        return float(np.sqrt(((query - gallery) ** 2).sum()))
    lengths = np.sqrt((query * query).sum()) * np.sqrt((gallery * gallery).sum())
    return float(1 - (query * gallery).sum() / lengths)


def ranks_of_all_draws(case, i, impostors, distance):
    """Return the right answer's rank in every gallery that query i may get."""
    pictures = {}
    for j in range(len(case.gallery)):
        person, camera = case.gallery_ids[j], case.gallery_cams[j]
        in_camera = camera == case.query_cams[i]
        if person == -1 or (in_camera and person == case.query_ids[i]):
            continue
        if in_camera and impostors == 'other-camera':
            continue
        # Every distractor is somebody else.
        identity = ('distractor', j) if person == 0 else int(person)
        key = loop_distance(case.query[i], case.gallery[j], distance), j
        pictures.setdefault(identity, []).append(key)
    if case.query_ids[i] not in pictures:
        return []
    right = list(pictures).index(int(case.query_ids[i]))
    draws = itertools.product(*pictures.values())
    return [1 + sum(key < draw[right] for key in draw) for draw in draws]


def loop_precision(rank, kind):
    if kind == 'hits' or rank == 1:
        return 1 / rank
    return (0 + 1 / rank) / 2


def assert_equals_all_draws(case, impostors, distance, kind='hits', **options):
    result = evaluate_single_shot(
        *case, ranks=(1, 2, 4), impostors=impostors, distance=distance,
        average_precision=kind, **options,
    )  # fmt: skip
    close = {'rel': 1e-12, 'nan_ok': True}
    averages = []
    for i in range(len(case.query)):
        ranks = ranks_of_all_draws(case, i, impostors, distance)
        assert result.valid[i] == bool(ranks)
        if not ranks:
            for values in (result.average_precision, result.mean_rank):
                assert math.isnan(values[i])
            assert np.isnan(result.hit_chance[i]).all()
            continue
        inverse = np.mean([1 / rank for rank in ranks])
        precision = np.mean([loop_precision(rank, kind) for rank in ranks])
        hits = [np.mean([rank <= limit for rank in ranks]) for limit in (1, 2, 4)]
        assert result.average_precision[i] == pytest.approx(precision, **close)
        assert result.inverse_negative_penalty[i] == pytest.approx(inverse, **close)
        assert result.mean_rank[i] == pytest.approx(np.mean(ranks), **close)
        assert result.hit_chance[i] == pytest.approx(hits, abs=1e-12)
        averages.append([precision, inverse, *hits])
    expected = np.mean(averages, axis=0) if averages else [math.nan] * 5
    told = [result.mAP, result.mINP, *result.cmc]
    assert told == pytest.approx(list(expected), abs=1e-12, nan_ok=True)
    assert result.num_query_evaluated == len(averages)
    assert result.num_query_without_match == len(case.query) - len(averages)
    return result


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    num_gallery=st.integers(1, 11),
    levels=st.integers(1, 3),
    impostors=st.sampled_from(IMPOSTORS),
    distance=st.sampled_from(DISTANCES),
    kind=st.sampled_from(['hits', 'trapezoid']),
    dtype=st.sampled_from([np.float16, np.float32, np.float64]),
    memory_budget=st.sampled_from([1, 1 << 20]),
)
def test_equals_the_mean_over_all_draws(
    seed, num_gallery, levels, impostors, distance, kind, dtype, memory_budget
):
    rng = np.random.default_rng(seed)
    case = random_case(rng, num_gallery=num_gallery, levels=levels, dtype=dtype)
    assert_equals_all_draws(
        case, impostors, distance, kind, memory_budget=memory_budget
    )


@pytest.mark.parametrize('impostors', IMPOSTORS)
def test_a_set_numbered_from_zero_has_no_distractors(impostors):
    rng = np.random.default_rng(1)
    case = random_case(rng)
    case.query_ids[0] = 0
    case.gallery_ids[:4] = 0
    result = evaluate_single_shot(*case, impostors=impostors)
    case.query_ids[case.query_ids == 0] = 7
    case.gallery_ids[case.gallery_ids == 0] = 7
    again = assert_equals_all_draws(case, impostors, 'cosine')
    assert np.array_equal(result.mean_rank, again.mean_rank, equal_nan=True)


def test_near_ties_pass_through_float64():
    # Everything is close to everything: rows pass through all precisions.
    rng = np.random.default_rng(2)
    case = random_case(rng, num_query=3, num_gallery=150, dim=8)
    case.query[:] = case.gallery[:] = rng.standard_normal(8)
    case.gallery[::3] *= np.float32(1 + 1e-5)
    for distance, impostors in itertools.product(DISTANCES, IMPOSTORS):
        case.gallery_ids[12:] = -1
        assert_equals_all_draws(case, impostors, distance)
        case.gallery_ids[12:] = 0  # so many that float32 is given up
        assert assert_equals_all_draws(case, impostors, distance).valid.any()


def test_one_picture_each_is_the_ranking_of_the_whole_gallery():
    rng = np.random.default_rng(3)
    case = random_case(rng, num_query=20, num_gallery=40, dim=4)
    case.gallery_ids = rng.permutation(40) + 1
    case.query_ids = rng.integers(1, 41, 20)
    case.query_cams[:], case.gallery_cams[:] = 0, 1
    for kind in ('hits', 'trapezoid'):
        one = evaluate_single_shot(*case, average_precision=kind)
        whole = evaluate_ranking(*case, average_precision=kind)
        assert one.mAP == pytest.approx(whole.mAP, abs=1e-12)
        assert one.mINP == pytest.approx(whole.mINP, abs=1e-12)
        assert one.cmc == pytest.approx(whole.cmc, abs=1e-12)


def test_impostors_of_both_cameras_on_an_example_that_can_be_read():
    # On a line, the query of person 1 in camera 0 at 0. Its right answer at 2 has
    # before it one of person 2's two pictures in camera 1, and one of the two in
    # camera 0; of person 3's only the one in camera 0.
    case = Case(
        query=np.array([[0.0]]),
        gallery=np.array([[2.0], [1.0], [3.0], [1.5], [4.0], [0.5], [5.0]]),
        query_ids=[1],
        gallery_ids=[1, 2, 2, 2, 2, 3, 3],
        query_cams=[0],
        gallery_cams=[1, 1, 1, 0, 0, 0, 1],
    )
    other, both = (
        evaluate_single_shot(
            *case, distance='euclidean', ranks=(1, 2), impostors=impostors
        )
        for impostors in IMPOSTORS
    )
    # Person 2 comes before by chance 1/2, person 3 never.
    assert other.cmc == pytest.approx((1 / 2, 1))
    assert other.mAP == pytest.approx((1 + 1 / 2) / 2)
    # Now person 3 comes before by chance 1/2, too.
    assert both.cmc == pytest.approx((1 / 4, 3 / 4))
    assert both.mAP == pytest.approx(1 / 4 + 1 / 2 / 2 + 1 / 4 / 3)


@pytest.mark.parametrize('impostors', IMPOSTORS)
def test_drawing_approaches_the_expectation(impostors):
    rng = np.random.default_rng(4)
    case = random_case(rng, num_query=30, num_gallery=200, dim=3, levels=50)
    exact = evaluate_single_shot(*case, impostors=impostors)
    draws = 4000
    drawn = evaluate_single_shot(*case, impostors=impostors, draws=draws, seed=5)
    assert (exact.draws, drawn.draws) == (None, draws)
    chance = exact.hit_chance[exact.valid]
    # Five standard errors of a mean of 0 and 1.
    error = 5 * np.sqrt(chance * (1 - chance) / draws) + 1e-12
    assert (np.abs(drawn.hit_chance[exact.valid] - chance) <= error).all()
    assert drawn.mAP == pytest.approx(exact.mAP, abs=5 * 0.5 / math.sqrt(draws * 30))
    mean_rank = drawn.mean_rank[exact.valid]
    assert mean_rank == pytest.approx(exact.mean_rank[exact.valid], rel=0.2)


def test_draws_depend_on_the_seed_alone():
    case = random_case(np.random.default_rng(6), num_query=30, num_gallery=60)
    first, again, other = (
        evaluate_single_shot(*case, draws=10, seed=seed, memory_budget=budget)
        for seed, budget in ((1, 1), (1, 1 << 20), (2, 1))
    )
    assert np.array_equal(first.mean_rank, again.mean_rank, equal_nan=True)
    assert not np.array_equal(first.mean_rank, other.mean_rank, equal_nan=True)


def test_one_camera_gives_nan_and_counts():
    case = random_case(np.random.default_rng(7))
    case.query_cams[:] = case.gallery_cams[:] = 0
    for impostors in IMPOSTORS:
        result = assert_equals_all_draws(case, impostors, 'cosine')
        assert (result.num_query_evaluated, result.num_query_without_match) == (0, 5)
        assert math.isnan(result.mAP)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(impostors='all'), "impostors must be one of .*'all'"),
        (dict(draws=0), 'draws must be None or at least 1, got 0'),
        (dict(distance='l1'), 'distance must be one of'),
        (dict(ranks=(0,)), 'ranks must be'),
        (dict(average_precision='voc'), 'average_precision must be one of'),
    ],
)
def test_bad_options_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        evaluate_single_shot(*random_case(np.random.default_rng(8)), **options)


def test_bad_input_is_named():
    case = random_case(np.random.default_rng(9))
    case.gallery[7, 1] = np.nan
    with pytest.raises(ValueError, match='gallery vector 7 holds NaN'):
        evaluate_single_shot(*case)
    case.gallery[7] = 0
    with pytest.raises(ValueError, match='gallery vector 7 has length zero'):
        evaluate_single_shot(*case)
    case.gallery_cams = case.gallery_cams[:-1]
    with pytest.raises(ValueError, match=r'gallery_cams .* index 8 is the first'):
        evaluate_single_shot(*case)


def test_the_two_kinds_of_impostors_give_different_numbers():
    # Five persons, two pictures in each of two cameras, all of them queries.
    rng = np.random.default_rng(7544)
    ids, cams = np.repeat(np.arange(1, 6), 4), np.tile([0, 0, 1, 1], 5)
    vectors = rng.standard_normal((5, 3))[ids - 1] + rng.standard_normal((20, 3))
    case = Case(vectors, vectors, ids, ids, cams, cams)
    top1 = [
        assert_equals_all_draws(case, impostors, 'euclidean').cmc[0]
        for impostors in IMPOSTORS
    ]
    assert [round(value, 3) for value in top1] == [0.341, 0.333]
