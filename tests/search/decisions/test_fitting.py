"""Thresholds equal a loop's, intervals cover, and too few pairs are refused."""

import numpy as np
import pytest
from scipy.special import logit
from scipy.stats import beta, norm
from scipy.stats import t as student

from mmreid.evaluation.functional import evaluate_identification, evaluate_verification
from mmreid.evaluation.test_set import Images, TestSet
from mmreid.search import LabelledPairs, OperatingPoint, fit_operating_point
from mmreid.search.decisions.person_jackknife import (
    all_pairs,
    answered_searches,
    listed_pairs,
    own_trials,
    person_interval,
)
from mmreid.search.decisions.wording import describe_point, warn_of


def make_test_set(rng, num_persons=12, each=6, *, symmetric=False):
    centers = rng.normal(size=(num_persons, 8))
    persons = np.repeat(np.arange(1, num_persons + 1), each)
    vectors = centers[persons - 1] + rng.normal(0, 0.5, (len(persons), 8))
    cameras = np.tile(np.arange(each), num_persons)
    images = Images(vectors, persons, cameras)
    if symmetric:
        return TestSet(images, images)
    asked = cameras == 0
    return TestSet(images.take(asked), images.take(~asked), {'dataset': 'toy'})


def test_thresholds_are_those_of_the_evaluation():
    data = make_test_set(np.random.default_rng())
    point = fit_operating_point(data, 0.01)
    expected = evaluate_verification(*data.ranking_inputs(), rates=(0.01,))
    assert point.threshold == expected.thresholds[0]
    assert point.achieved_rate == expected.false_positive_rates[0]
    assert point.true_accept_rate == expected.true_positive_rates[0]
    assert point.num_negative == expected.num_negative
    assert point.interval[0] < point.achieved_rate < point.interval[1]
    assert (point.dataset, point.num_persons) == ('toy', 12)
    point = fit_operating_point(data, 0.1, task='identification')
    expected = evaluate_identification(
        *data.ranking_inputs(), rates=(0.1,), unmated='left-out'
    )
    assert point.threshold == expected.thresholds[0]
    assert point.true_accept_rate == pytest.approx(expected.detection_rates[0, 0])
    assert point.num_gallery == 60


def test_a_set_against_itself_counts_each_pair_once():
    data = make_test_set(np.random.default_rng(), symmetric=True)
    point = fit_operating_point(data, 0.01)
    assert point.num_positive == 12 * 6 * 5 // 2
    assert point.num_negative == (72 * 71 - 12 * 6 * 5) // 2


def test_labelled_pairs_equal_a_loop():
    rng = np.random.default_rng()
    vectors = make_test_set(rng, symmetric=True).queries.vectors
    rows = [(a, b) for a in range(72) for b in range(a) if (a + b) % 3]
    first, second = map(np.array, zip(*rows, strict=True))
    same = first // 6 == second // 6
    point = fit_operating_point(
        LabelledPairs.from_vectors(vectors, first, second, same), 0.02
    )
    wrong, right = [], []
    for a, b in rows:
        product = float(vectors[a] @ vectors[b])
        lengths = np.linalg.norm(vectors[a]) * np.linalg.norm(vectors[b])
        (right if a // 6 == b // 6 else wrong).append(1 - product / lengths)
    allowed = int(0.02 * len(wrong) * (1 + 1e-12))
    assert point.threshold == pytest.approx(sorted(wrong)[allowed])
    passed = [distance < point.threshold for distance in right]
    assert point.true_accept_rate == pytest.approx(np.mean(passed))
    assert point.num_persons == 12


def test_counts_without_each_person_equal_a_loop():
    rng = np.random.default_rng()
    queries, gallery = rng.integers(0, 4, (2, 5))
    found = all_pairs(queries, gallery)
    for gone in (None, *range(5)):
        left = [p for p in range(5) if p != gone]
        expected = sum(queries[p] * gallery[q] for p in left for q in left if p != q)
        assert expected == (found.count if gone is None else found.without[gone])
    first = rng.integers(0, 5, 30)
    second = (first + rng.integers(1, 5, 30)) % 5
    found = listed_pairs(first, second, 5)
    owners = rng.integers(0, 5, 12)
    searched = own_trials(owners, 5)
    query = rng.integers(0, 12, 20)
    answers = (owners[query] + rng.integers(1, 5, 20)) % 5
    answered = answered_searches(query, owners[query], answers, 5)
    assert answered.count == len(set(query.tolist()))
    for gone in range(5):
        kept = (first != gone) & (second != gone)
        assert found.without[gone] == kept.sum()
        assert searched.without[gone] == (owners != gone).sum()
        kept = (owners[query] != gone) & (answers != gone)
        assert answered.without[gone] == len(set(query[kept].tolist()))


def test_the_jackknife_equals_a_loop():
    rng = np.random.default_rng()
    first = rng.integers(0, 9, 400)
    second = (first + rng.integers(1, 9, 400)) % 9
    accepted = rng.random(400) < 0.2
    low, high = person_interval(
        listed_pairs(first[accepted], second[accepted], 9),
        listed_pairs(first, second, 9),
        4,
    )
    shares = [accepted[(first != p) & (second != p)].mean() for p in range(9)]
    share = accepted.mean()
    error = np.sqrt(8 / 9 * np.sum((np.array(shares) - np.mean(shares)) ** 2))
    reach = student.ppf(0.975, 8) * error / (share * (1 - share))
    assert logit(low) == pytest.approx(logit(share) - reach)
    assert logit(high) == pytest.approx(logit(share) + reach)


@pytest.mark.parametrize(
    ('task', 'few'), [('verification', 1e-4), ('identification', 0.01)]
)
def test_a_guaranteed_rate_is_bounded(task, few):
    rng = np.random.default_rng(0)
    data = make_test_set(rng, 60, symmetric=True)
    plain = fit_operating_point(data, 0.2, task=task)
    sure = fit_operating_point(data, 0.2, task=task, guarantee=0.975)
    assert sure.threshold < plain.threshold
    assert 0.1 < sure.interval[1] <= 0.2 < plain.interval[1]
    assert sure.guarantee == 0.975
    assert OperatingPoint.from_dict(sure.to_dict()) == sure
    assert 'holds for others' in describe_point(sure)
    with pytest.raises(ValueError, match='guarantee must be one that the persons can'):
        fit_operating_point(data, few, task=task, guarantee=0.95)
    with pytest.raises(ValueError, match='guarantee must be'):
        fit_operating_point(data, 0.2, task=task, guarantee=0.5)


def coverage(persons, repeats, seed):
    """Return how often both intervals of a known rate of 1 % hold it."""
    rng = np.random.default_rng(seed)
    first, second = np.triu_indices(persons, 1)
    # A pair's score has an effect of each person, of both together, and of pictures.
    limit = norm.ppf(0.01) * np.sqrt(2 * 0.25**2 + 0.3**2 + 1)
    by_persons = naive = 0
    for _ in range(repeats):
        effect = rng.normal(0, 0.25, persons)
        base = effect[first] + effect[second] + rng.normal(0, 0.3, len(first))
        count = rng.binomial(16, norm.cdf(limit - base))
        low, high = person_interval(
            listed_pairs(first.repeat(count), second.repeat(count), persons),
            all_pairs(np.full(persons, 4), np.full(persons, 4) / 2),
            persons // 2,
        )
        by_persons += low <= 0.01 <= high
        total, wrong = 16 * len(first), count.sum()
        low = beta.ppf(0.025, wrong, total - wrong + 1)
        high = beta.ppf(0.975, wrong + 1, total - wrong)
        naive += low <= 0.01 <= high
    return by_persons / repeats, naive / repeats


def test_intervals_over_persons_cover_where_those_over_pairs_do_not():
    by_persons, naive = coverage(persons=40, repeats=80, seed=0)
    assert by_persons >= 0.9
    assert naive < 0.8


@pytest.mark.slow
@pytest.mark.parametrize('persons', [20, 50, 200])
def test_intervals_cover_in_many_draws(persons):
    by_persons, naive = coverage(persons, repeats=400, seed=None)
    assert by_persons > 0.92
    assert naive < 0.8


def test_rates_below_what_pairs_can_tell_are_refused():
    data = make_test_set(np.random.default_rng())
    with pytest.raises(ValueError, match=r'at least 10000 pairs.*got 660.*0\.0015'):
        fit_operating_point(data, 1e-4)
    with pytest.raises(ValueError, match='at least 1000 searches'):
        fit_operating_point(data, 1e-3, task='identification')


def test_perfect_vectors_have_wide_intervals():
    vectors = np.eye(10).repeat(2, axis=0) + 1e-3
    first, second = (part for part in np.triu_indices(20, 1))
    same = first // 2 == second // 2
    pairs = LabelledPairs.from_vectors(vectors, first, second, same)
    point = fit_operating_point(pairs, 0.01)
    assert point.achieved_rate == 0
    assert point.interval[1] == pytest.approx(1 - 0.05 ** (1 / 5))
    assert point.true_accept_interval[0] == pytest.approx(0.05 ** (1 / 10))


@pytest.mark.parametrize(
    ('pairs', 'message'),
    [
        ([(0, 0, True)], 'Pair 0 is a picture with itself'),
        ([(0, 1, True), (2, 3, False), (1, 0, True)], 'Pair 2 repeats pair 0'),
        ([(0, 1, True), (1, 0, False)], 'Pair 1 contradicts pair 0'),
        ([(0, 1, True), (1, 2, True), (2, 0, False)], 'Pair 2 says that two persons'),
        ([(0, 9, True)], 'got 9 for pair 0'),
    ],
)
def test_impossible_pairs_are_named(pairs, message):
    first, second, same = zip(*pairs, strict=True)
    with pytest.raises(ValueError, match=message):
        LabelledPairs.from_vectors(np.eye(4), first, second, np.array(same))


def test_one_person_and_nan_are_refused():
    pairs = LabelledPairs.from_vectors(np.eye(3), [0, 1], [1, 2], np.array([True] * 2))
    with pytest.raises(ValueError, match='got 2 and 0'):
        fit_operating_point(pairs)
    pairs = LabelledPairs.from_vectors(np.eye(3), [0, 1], [1, 2], np.array([False] * 2))
    with pytest.raises(ValueError, match='got 0 and 2'):
        fit_operating_point(pairs)
    data = make_test_set(np.random.default_rng(), num_persons=1)
    with pytest.raises(ValueError, match='pairs of one person and of two'):
        fit_operating_point(data)
    vectors = np.eye(3)
    vectors[1, 1] = np.nan
    with pytest.raises(ValueError, match='NaN or infinity in row 1'):
        LabelledPairs.from_vectors(vectors, [0], [2], np.array([True]))
    with pytest.raises(ValueError, match='task must be verification'):
        fit_operating_point(pairs, task='identification')


def test_useless_vectors_give_a_threshold_without_probabilities():
    rng = np.random.default_rng(0)
    persons = np.repeat(np.arange(1, 31), 2)
    images = Images(rng.normal(size=(60, 4)), persons, np.tile([0, 1], 30))
    point = fit_operating_point(TestSet(images, images), 0.1, task='identification')
    assert point.calibration is None
    assert point.quality is None
    assert any('no probabilities' in text for text in warn_of(point))
