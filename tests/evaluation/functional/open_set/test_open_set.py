"""Open-set rates against loops over float64 distances."""

import math
import tracemalloc

import numpy as np
import pytest

from mmreid.evaluation.functional import evaluate_identification, evaluate_verification
from mmreid.evaluation.functional.open_set import verification
from mmreid.evaluation.functional.open_set.identification import count_allowed

RATES = (0.0, 0.001, 0.1, 0.31, 0.9)


def loop_distance(query, gallery, distance):
    query, gallery = query.astype(np.float64), gallery.astype(np.float64)
    if distance == 'euclidean':
        return float(np.sqrt(((query - gallery) ** 2).sum()))
    lengths = np.sqrt((query * query).sum()) * np.sqrt((gallery * gallery).sum())
    return float(1 - (query * gallery).sum() / lengths)


def random_case(rng, num_query=25, num_gallery=80, dtype=np.float32):
    """Vectors with many equal distances, junk, distractors and unknown persons."""
    pool = rng.standard_normal((12, 6))
    gallery = pool[rng.integers(0, 12, num_gallery)]
    query = pool[rng.integers(0, 12, num_query)]
    gallery[::3] += 0.5 * rng.standard_normal(gallery[::3].shape)
    return (
        query.astype(dtype),
        gallery.astype(dtype),
        rng.integers(1, 12, num_query),
        rng.integers(-1, 9, num_gallery),
        rng.integers(0, 3, num_query),
        rng.integers(0, 3, num_gallery),
    )


def loop_answers(case, distance):
    """Yield the answers of each query as (distance, index, right), nearest first."""
    query, gallery, query_ids, gallery_ids, query_cams, gallery_cams = case
    for i, vector in enumerate(query):
        answers = []
        for j, other in enumerate(gallery):
            same = bool(query_ids[i] == gallery_ids[j])
            if gallery_ids[j] == -1 or (same and query_cams[i] == gallery_cams[j]):
                continue
            answers.append((loop_distance(vector, other, distance), j, same))
        yield sorted(answers)


def loop_identification(case, distance, threshold, rank, unmated):
    """Return the detection rate and the false accept rate at a threshold."""
    hits, alarms = [], []
    for answers in loop_answers(case, distance):
        right = [(d, place) for place, (d, _, same) in enumerate(answers, 1) if same]
        wrong = [d for d, _, same in answers if not same]
        if right:
            hits.append(right[0][0] < threshold and right[0][1] <= rank)
        if unmated == 'left-out' or not right:
            alarms.append(min(wrong, default=math.inf) < threshold)
    return np.mean(hits), np.mean(alarms)


@pytest.mark.parametrize('unmated', ['absent', 'left-out'])
@pytest.mark.parametrize('distance', ['cosine', 'euclidean'])
@pytest.mark.parametrize('seed', range(3))
def test_identification_equals_the_loop(seed, distance, unmated):
    dtype = (np.float16, np.float32, np.float64)[seed]
    case = random_case(np.random.default_rng(seed), dtype=dtype)
    rates = (0.0, 0.1, 0.3, 0.5, 0.9)
    options = dict(distance=distance, unmated=unmated, memory_budget=4000)
    found = evaluate_identification(*case, rates=rates, ranks=(1, 3), **options)
    assert found.num_mated < 25
    for i, (rate, threshold) in enumerate(zip(rates, found.thresholds, strict=True)):
        for j, rank in enumerate(found.ranks):
            hits, alarms = loop_identification(case, distance, threshold, rank, unmated)
            assert found.detection_rates[i, j] == pytest.approx(hits)
            assert found.false_accept_rates[i] == pytest.approx(alarms)
        # The rate is kept, and a threshold past the next distance would break it.
        assert alarms <= rate
        more = np.nextafter(threshold, np.inf)
        assert loop_identification(case, distance, more, 1, unmated)[1] > rate
    again = evaluate_identification(
        *case, thresholds=found.thresholds, ranks=(1, 3), **options
    )
    assert np.array_equal(again.detection_rates, found.detection_rates)
    assert again.false_accept_rates == found.false_accept_rates


def test_the_nearest_right_answer_may_tie_with_a_wrong_one():
    gallery = np.eye(3)[[0, 0, 1]]
    for order, rank in (([7, 5, 5], 1), ([5, 7, 5], 2)):
        found = evaluate_identification(
            np.eye(3)[[0, 2]], gallery, [7, 9], order, [0, 0], [1, 1, 1],
            thresholds=[0.5], ranks=(1, 2),
        )  # fmt: skip
        assert found.detection_rates.tolist() == [[float(rank == 1), 1.0]]
        assert found.false_accept_rates == (0.0,)
        assert (found.num_mated, found.num_unmated) == (1, 1)


def test_allowed_errors_are_not_lost_to_rounding():
    for count in (1, 7, 10, 100, 1000, 53_000_000):
        for percent in range(100):
            assert count_allowed(percent / 100, count) == percent * count // 100


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(unmated='none'), "'absent', 'left-out'"),
        (dict(rates=[1.0]), r'below 1.*got \[1\.0\]'),
        (dict(rates=[]), 'one or more'),
        (dict(distance='l1'), 'distance'),
        (dict(), 'All 2 queries have a right answer.*left-out'),
    ],
)
def test_impossible_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        evaluate_identification(
            np.eye(2), np.eye(2), [1, 2], [1, 2], [0, 0], [1, 1], **options
        )


def test_without_mated_queries_there_is_nothing_to_identify():
    with pytest.raises(ValueError, match='None of the 2 queries'):
        evaluate_identification(
            np.eye(2), np.eye(2), [1, 2], [3, 4], [0, 0], [1, 1], unmated='left-out'
        )


def loop_pairs(case, distance):
    """Return the distances of pairs of one person and of pairs of two, sorted."""
    pairs = [
        (d, same) for answers in loop_answers(case, distance) for d, _, same in answers
    ]
    return tuple(
        np.sort([d for d, same in pairs if same is kind]) for kind in (True, False)
    )


def assert_equals_the_loop(case, distance, **options):
    found = evaluate_verification(
        *case, rates=RATES, distance=distance, memory_budget=4000, **options
    )
    positive, negative = loop_pairs(case, distance)
    assert (found.num_positive, found.num_negative) == (len(positive), len(negative))
    for i, rate in enumerate(RATES):
        # Sorted: as many pairs as are allowed lie before the threshold, or fewer.
        assert found.thresholds[i] == negative[int(rate * len(negative) + 1e-9)]
        passed = (negative < found.thresholds[i]).mean()
        assert found.false_positive_rates[i] == pytest.approx(passed, rel=1e-12)
        assert passed <= rate
        passed = (positive < found.thresholds[i]).mean()
        assert found.true_positive_rates[i] == pytest.approx(passed, rel=1e-12)
    again = evaluate_verification(*case, thresholds=found.thresholds, distance=distance)
    assert again.false_positive_rates == found.false_positive_rates == again.rates
    assert again.true_positive_rates == found.true_positive_rates
    return found


@pytest.mark.parametrize('sample', [1 << 16, 300, 3])
@pytest.mark.parametrize('distance', ['cosine', 'euclidean'])
@pytest.mark.parametrize('dtype', [np.float16, np.float32, np.float64])
def test_verification_equals_the_loop(sample, distance, dtype, monkeypatch):
    monkeypatch.setattr(verification, 'SAMPLE_SIZE', sample)
    case = random_case(np.random.default_rng(sample), dtype=dtype)
    assert_equals_the_loop(case, distance)


@pytest.mark.parametrize('distance', ['cosine', 'euclidean'])
def test_vectors_of_any_length_are_compared_over_queries(distance):
    rng = np.random.default_rng(1)
    query, gallery, *labels = random_case(rng, dtype=np.float32)
    for scale in (1e-18, 1.0, 1e18):
        lengths = scale * 10.0 ** rng.integers(-2, 2, (len(query), 1))
        case = ((query * lengths).astype(np.float32), gallery * np.float32(scale))
        assert_equals_the_loop((*case, *labels), distance)


def test_few_pairs_are_kept_and_a_bad_sample_does_not_matter(monkeypatch):
    rng = np.random.default_rng(2)
    case = random_case(rng, 60, 400)
    monkeypatch.setattr(verification, 'SAMPLE_SIZE', 8000)
    kept, passes = [], []
    real = verification.PairStream.around

    def spy(self, windows):
        found = real(self, windows)
        kept.append(max(len(part.keys) for part in found))
        passes.append(windows)
        return found

    monkeypatch.setattr(verification.PairStream, 'around', spy)
    num_negative = evaluate_verification(*case, rates=(0.01,)).num_negative
    assert (len(passes), kept[0] < 0.3 * num_negative) == (1, True)
    # A sample that is wrong by far: the window is widened until it fits.
    monkeypatch.setattr(
        verification.PairStream,
        'sample_negative',
        lambda *_: np.linspace(0, 1e-3, 8000),
    )
    passes.clear()
    assert_equals_the_loop(case, 'cosine')
    assert len(passes) > 2


def test_the_matrix_of_pairs_is_never_held(monkeypatch):
    monkeypatch.setattr(verification, 'SAMPLE_SIZE', 50_000)
    rng = np.random.default_rng(3)
    query, gallery = rng.standard_normal((2, 1500, 32)).astype(np.float32)
    persons, cameras = rng.integers(1, 200, 1500), rng.integers(0, 4, 1500)
    tracemalloc.start()
    evaluate_verification(
        query, gallery, persons, persons, cameras, cameras, memory_budget=200_000
    )
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * 1500 * 1500 / 2


def test_impossible_verification_is_refused():
    labels = ([1, 2], [1, 2], [0, 0], [1, 1])
    with pytest.raises(ValueError, match='below 1'):
        evaluate_verification(np.eye(2), np.eye(2), *labels, rates=[-0.1])
    with pytest.raises(ValueError, match='form 0 and 4'):
        evaluate_verification(np.eye(2), np.eye(2), [1, 2], [3, 4], [0, 0], [1, 1])
    with pytest.raises(ValueError, match='form 1 and 0'):
        evaluate_verification(np.eye(1), np.eye(1), [1], [1], [0], [1])
    with pytest.raises(ValueError, match='gallery vector 1 holds NaN'):
        evaluate_verification(np.eye(2), np.full((2, 2), [[1], [np.nan]]), *labels)
