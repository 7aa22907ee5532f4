"""Joining tracklets, against a slow loop and against SciPy."""

import itertools

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist

from mmreid.search import join_tracklets
from mmreid.search.tracklets import joining

LINKAGES = ('average', 'complete', 'single')


def make_tracklets(seed, count=30, persons=8, cameras=3):
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(persons, 6))
    vectors = centres[rng.integers(persons, size=count)]
    vectors = vectors + 0.8 * rng.normal(size=vectors.shape)
    starts = rng.uniform(0, 100, count)
    return dict(
        vectors=vectors,
        cameras=np.array(['a', 'b', 'c'])[rng.integers(cameras, size=count)],
        starts=starts,
        ends=starts + rng.uniform(0, 20, count),
    )


def never(data, i, j, cannot_link=(), transitions=None, overlap=0.0):
    """Whether two tracklets are two persons, by the words of the docstring."""
    _, cameras, starts, ends = data.values()
    shared = min(ends[i], ends[j]) - max(starts[i], starts[j])
    if {i, j} in [set(pair) for pair in cannot_link]:
        return True
    if cameras[i] == cameras[j]:
        return overlap is not None and shared >= overlap and shared >= 0
    return any(
        {*pair} == {cameras[i], cameras[j]} and -shared < seconds
        for pair, seconds in (transitions or {}).items()
    )


def first_clusters(count, must_link):
    clusters = [{i} for i in range(count)]
    for i, j in must_link:
        one = next(c for c in clusters if i in c)
        other = next(c for c in clusters if j in c)
        if one is not other:
            clusters.remove(other)
            one |= other
    return clusters


def slow_join(data, threshold, how, must_link=(), **options):
    """Merge the nearest two allowed clusters, everything computed anew each time."""
    count, starts = len(data['vectors']), data['starts']
    unit = data['vectors'] / np.linalg.norm(data['vectors'], axis=1)[:, None]
    reduce = {'average': np.mean, 'complete': np.max, 'single': np.min}[how]

    def far(one, other):
        if any(never(data, i, j, **options) for i in one for j in other):
            return np.inf
        return reduce([1 - unit[i] @ unit[j] for i in one for j in other])

    clusters = first_clusters(count, must_link)
    while True:
        pairs = itertools.combinations(range(len(clusters)), 2)
        best = min((far(clusters[a], clusters[b]), a, b) for a, b in pairs)
        if best[0] >= threshold:
            break
        clusters[best[1]] |= clusters.pop(best[2])
    clusters.sort(key=lambda c: min((starts[i], i) for i in c))
    labels = np.zeros(count, int)
    for number, cluster in enumerate(clusters, 1):
        labels[[*cluster]] = number
    return labels


@pytest.mark.parametrize('dense_limit', [1000, 1])
@pytest.mark.parametrize('how', LINKAGES)
def test_constraints_are_kept_as_a_slow_loop_keeps_them(how, dense_limit):
    joined = 0
    for seed in range(6):
        data = make_tracklets(seed)
        options = [
            dict(),
            dict(
                cannot_link=[(0, 1), (2, 7), (3, 9)],
                transitions={('a', 'b'): 3.0, ('c', 'a'): 0.0},
                overlap=2.0,
            ),
            dict(overlap=None, must_link=[(0, 1), (1, 2), (5, 6)]),
        ][seed % 3]
        expected = slow_join(data, 0.4, how, **options)
        got = join_tracklets(
            *data.values(), 0.4, how, **options, dense_limit=dense_limit
        )
        np.testing.assert_array_equal(got, expected)
        joined += len(got) - got.max()
    assert joined > 40


@pytest.mark.parametrize('dense_limit', [1000, 1])
@pytest.mark.parametrize('how', LINKAGES)
def test_without_constraints_it_is_scipys_hierarchy(how, dense_limit):
    data = make_tracklets(11, count=300, persons=40)
    threshold = 0.06 if how == 'single' else 0.3
    got = join_tracklets(
        *data.values(), threshold, how, overlap=None, dense_limit=dense_limit
    )
    tree = linkage(pdist(data['vectors'], 'cosine'), how)
    expected = fcluster(tree, threshold, 'distance')
    # The same parts, whatever their numbers.
    pairs = {*zip(got.tolist(), expected.tolist(), strict=True)}
    assert len(pairs) == got.max() == expected.max()
    assert 10 < got.max() < 250


def test_what_must_be_one_is_however_far():
    data = make_tracklets(3)
    got = join_tracklets(*data.values(), -1.0, overlap=None, must_link=[(4, 9), (9, 2)])
    assert got[4] == got[9] == got[2]
    assert got.max() == 28


def test_one_person_is_not_in_two_places_at_once_through_others_either():
    vectors = np.array([[1, 0.0], [1, 0.01], [1, 0.02]])
    # 0 and 1 are seen together; 2 later may be either, and not both.
    got = join_tracklets(vectors, ['a'] * 3, [0, 0, 10], [5, 5, 12], 0.5)
    assert got.tolist() == [1, 2, 2]
    free = join_tracklets(vectors, ['a'] * 3, [0, 0, 10], [5, 5, 12], 0.5, overlap=None)
    assert free.tolist() == [1, 1, 1]


def test_equal_vectors_give_the_same_answer_each_time():
    data = make_tracklets(5)
    data['vectors'] = np.repeat(data['vectors'][:3], 10, axis=0)
    first = join_tracklets(*data.values(), 0.2)
    for _ in range(3):
        np.testing.assert_array_equal(join_tracklets(*data.values(), 0.2), first)
    assert first.max() > 2


def test_nothing_and_one_are_joined_too():
    none = join_tracklets(np.zeros((0, 4)), [], [], [], 0.5)
    assert none.shape == (0,)
    assert none.dtype == np.int64
    assert join_tracklets(np.ones((1, 4)), ['a'], [0], [0], 0.5).tolist() == [1]


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (dict(vectors=np.ones(3)), 'must be a matrix'),
        (dict(vectors=np.array([[1.0, 1], [0, 0], [1, 1]])), 'length zero in row 1'),
        (dict(vectors=np.array([[1.0, 1], [1, 1], [np.nan, 1]])), 'in row 2'),
        (dict(cameras=['a']), 'cameras must have one entry for each of the 3'),
        (dict(ends=[0, -1, 0]), 'got 0 to -1 in row 1'),
        (dict(threshold=float('nan')), 'threshold must be a number'),
        (dict(linkage='ward'), 'linkage must be one of'),
        (dict(cannot_link=[(0, 3)]), r'cannot_link .* got \(0, 3\) as pair 0'),
        (dict(must_link=[(0, 1)]), 'tracklets 0 and 1 one person, got a constraint'),
        (dict(transitions={('a', 'x'): 1}), "got 'x'"),
        (dict(transitions={('a', 'b'): -1}), 'got -1 between'),
        (dict(transitions={('a', 'b'): 1, ('b', 'a'): 2}), 'one time between'),
    ],
)
def test_what_makes_no_sense_is_named(change, message):
    given = dict(
        vectors=np.ones((3, 2)),
        cameras=['a', 'a', 'b'],
        starts=[0, 0, 0],
        ends=[1, 1, 1],
        threshold=0.5,
    )
    with pytest.raises(ValueError, match=message):
        join_tracklets(**{**given, **change})


def test_a_threshold_that_tells_nobody_apart_takes_all_distances_or_is_refused(
    monkeypatch,
):
    vectors = np.random.default_rng(0).normal(size=(60, 8)) + 9
    times = np.arange(60.0)
    names = ['cam'] * 60
    right = join_tracklets(vectors, names, times, times, 0.5)
    monkeypatch.setattr(joining, '_MOST_PAIRS', 100)
    monkeypatch.setattr(joining, '_merge_sparse', None)  # would fail
    found = join_tracklets(vectors, names, times, times, 0.5, dense_limit=1)
    np.testing.assert_array_equal(found, right)
    monkeypatch.setattr(joining, '_MOST_DENSE', 50)
    with pytest.raises(ValueError, match='100% of the pairs of 60 connected'):
        join_tracklets(vectors, names, times, times, 0.5, dense_limit=1)
