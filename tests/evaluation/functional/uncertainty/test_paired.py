"""Intervals and paired tests against SciPy, loops and full enumerations."""

import itertools

import numpy as np
import pytest
import scipy.stats

from mmreid.evaluation.functional import bootstrap_interval, compare_paired, spread


def loop_means(values, clusters, resamples, seed):
    """Draw the same clusters one resample at a time and average query by query."""
    labels = np.unique(clusters)
    rng = np.random.default_rng(seed)
    means = []
    for _ in range(resamples):
        drawn = rng.integers(len(labels), size=len(labels))
        queries = [v for c in labels[drawn] for v in values[clusters == c]]
        means.append(np.mean(queries, axis=0))
    return np.array(means)


@pytest.mark.parametrize('columns', [(), (3,)])
def test_interval_equals_a_loop_over_resampled_clusters(columns):
    rng = np.random.default_rng(0)
    values = rng.random((40, *columns))
    clusters = rng.integers(-3, 6, 40) * 7
    found = bootstrap_interval(values, clusters, resamples=50, confidence=0.8, seed=4)
    means = loop_means(values, clusters, 50, 4)
    assert found.value == pytest.approx(values.mean(axis=0))
    assert found.low == pytest.approx(np.quantile(means, 0.1, axis=0))
    assert found.high == pytest.approx(np.quantile(means, 0.9, axis=0))
    assert np.shape(found.low) == columns


def test_many_blocks_are_one_stream_of_draws(monkeypatch):
    values = np.random.default_rng(1).random(30)
    whole = compare_paired(values, values**2, resamples=100)
    name = 'mmreid.evaluation.functional.uncertainty.clusters.BLOCK_SIZE'
    monkeypatch.setattr(name, 90)
    parts = compare_paired(values, values**2, resamples=100)
    for key in ('value', 'low', 'high', 'p_value'):
        assert getattr(parts, key) == pytest.approx(getattr(whole, key), rel=1e-12)


def test_interval_agrees_with_scipy():
    values = np.random.default_rng(2).beta(2, 1, 300)
    ours = bootstrap_interval(values, resamples=20_000)
    theirs = scipy.stats.bootstrap(
        (values,), np.mean, n_resamples=20_000, method='percentile', random_state=0
    ).confidence_interval
    # The ends' own random error is about sd / sqrt(300) * 0.02.
    assert [ours.low, ours.high] == pytest.approx(list(theirs), abs=1e-3)


def test_all_resamples_of_a_small_set():
    values = np.array([0.1, 0.2, 0.7, 1.0])
    means = np.sort([np.mean(d) for d in itertools.product(values, repeat=4)])
    found = bootstrap_interval(values, resamples=100_000, confidence=0.5)
    exact = np.quantile(means, (0.25, 0.75), method='inverted_cdf')
    assert [found.low, found.high] == pytest.approx(list(exact), abs=0.026)


def test_equal_queries_of_a_person_add_no_confidence():
    once = np.random.default_rng(3).random(60)
    nine = np.repeat(once, 9)
    persons = np.repeat(np.arange(60), 9)
    alone = bootstrap_interval(once)
    together = bootstrap_interval(nine, persons)
    assert [together.low, together.high] == pytest.approx([alone.low, alone.high])
    independent = bootstrap_interval(nine)
    width = (independent.high - independent.low) / (alone.high - alone.low)
    assert width == pytest.approx(1 / 3, rel=0.1)


@pytest.mark.parametrize('clustered', [False, True])
def test_p_value_is_that_of_all_sign_flips(clustered):
    rng = np.random.default_rng(5)
    # Multiples of 1/8: many flips tie with the observed sum.
    first, second = rng.integers(0, 5, (2, 24)) / 8
    second += 1 / 8
    clusters = np.arange(24) // 2
    sums = np.add.reduceat(second - first, np.arange(0, 24, 2))
    if not clustered:
        first, second, sums = first[:12], second[:12], (second - first)[:12]
    flips = np.array(list(itertools.product((-1, 1), repeat=12)))
    exact = (np.abs(flips @ sums) >= abs(sums.sum()) - 1e-9).mean()
    found = compare_paired(
        first, second, clusters if clustered else None, resamples=40_000
    )
    assert 0.01 < exact < 0.9
    assert found.p_value == pytest.approx(exact, abs=0.01)
    assert found.value == pytest.approx(np.mean(second - first))


def test_p_value_agrees_with_scipy_column_by_column():
    rng = np.random.default_rng(6)
    first = rng.random((50, 3))
    second = first + 0.1 * rng.standard_normal((50, 3)) + [0, 0.02, 0.2]
    found = compare_paired(first, second, resamples=20_000)
    for column in range(3):
        theirs = scipy.stats.permutation_test(
            (first[:, column], second[:, column]),
            lambda a, b: np.mean(b - a),
            permutation_type='samples',
            n_resamples=5000,
            random_state=0,
        )
        assert found.p_value[column] == pytest.approx(theirs.pvalue, abs=0.025)
    assert found.p_value[2] == pytest.approx(1 / 20_001)
    assert found.low[2] > 0


def test_the_p_value_is_uniform_where_nothing_differs():
    rng = np.random.default_rng(7)
    values = rng.standard_normal((60, 400))
    persons = np.arange(60) // 4
    # Queries of a person move together, so that single queries would mislead.
    other = values + rng.standard_normal((15, 400))[persons]
    by_person = compare_paired(values, other, persons, resamples=500).p_value
    by_query = compare_paired(values, other, resamples=500).p_value
    assert (by_person < 0.1).mean() == pytest.approx(0.1, abs=0.05)
    assert (by_query < 0.1).mean() > 0.3


def test_equal_results_do_not_differ():
    values = np.random.default_rng(8).random(20)
    found = compare_paired(values, values)
    assert (found.value, found.low, found.high, found.p_value) == (0, 0, 0, 1)


def test_spread_is_the_sample_standard_deviation():
    values = np.random.default_rng(9).random(7)
    found = spread(values)
    assert found.mean == pytest.approx(np.mean(values))
    assert found.deviation == pytest.approx(scipy.stats.tstd(values))
    assert found.count == 7
    single = spread([0.5])
    assert single.mean == 0.5
    assert np.isnan(single.deviation)


@pytest.mark.parametrize(
    ('values', 'options', 'message'),
    [
        ([], {}, r'shape is \(0,\)'),
        (0.5, {}, r'shape is \(\)'),
        ([0.5, np.nan, np.nan], {}, r'query 1 is NaN .*2 of 3'),
        ([0.5, 0.1], dict(clusters=[1]), r'each of the 2 values'),
        ([0.5], dict(resamples=0), 'at least 1, got 0'),
        ([0.5], dict(confidence=95), '0.95 for 95 %, got 95'),
    ],
)
def test_what_cannot_be_resampled_is_refused(values, options, message):
    with pytest.raises(ValueError, match=message):
        bootstrap_interval(values, **options)
    with pytest.raises(ValueError, match=message):
        compare_paired(values, np.zeros(np.shape(values)), **options)


def test_other_refusals():
    with pytest.raises(ValueError, match=r'\(2,\) and \(3,\)'):
        compare_paired([1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match='one number per run'):
        spread([])
