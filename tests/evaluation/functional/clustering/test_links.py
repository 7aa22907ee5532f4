"""Who is one person and who two, in labels and in clusters, against loops."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmreid.evaluation.functional import Links, cluster_vectors, jaccard_graph
from mmreid.evaluation.functional.clustering import constraints, time_spans
from mmreid.evaluation.functional.clustering.constraints import link_graph
from tests.helpers.loop_clusters import dense_dbscan, person_vectors


def together(labels):
    """Which pairs have one label, noise none."""
    return (labels[:, None] == labels) & (labels >= 0)


def apart_matrix(links):
    """Which pairs of pictures are two persons."""
    count = len(links)
    pairs = {frozenset(pair) for pair in links.apart.tolist()}
    apart = np.zeros((count, count), bool)
    for i, j in itertools.product(range(count), repeat=2):
        apart[i, j] = {links.groups[i], links.groups[j]} in pairs
    return apart


def loop_from_labels(camera, tracklet, time, overlap, travel_time, overlapping):
    """Matrices of who is one person and who two, by loops over all pairs."""
    count = len(camera)
    one, two = np.eye(count, dtype=bool), np.zeros((count, count), bool)

    def mates(i):
        own = (camera[i], tracklet[i])
        if tracklet[i] < 0:
            return [i]
        return [j for j in range(count) if (camera[j], tracklet[j]) == own]

    def span(i):
        times = [time[j] for j in mates(i) if time[j] is not None]
        return (min(times), max(times)) if times else None

    for i, j in itertools.product(range(count), repeat=2):
        one[i, j] = j in mates(i)
        spans = span(i), span(j)
        if one[i, j] or None in spans or -1 in (camera[i], camera[j]):
            continue
        (start, end), (other_start, other_end) = spans
        common = min(end, other_end) - max(start, other_start)
        if camera[i] == camera[j]:
            tracked = tracklet[i] >= 0 and tracklet[j] >= 0
            two[i, j] = overlap is not None and tracked and common >= overlap
        elif {camera[i], camera[j]} not in overlapping:
            two[i, j] = travel_time is not None and -common <= travel_time
    return one, two


@given(st.integers(0, 2**32), st.sampled_from([None, 0, 1, 2.5]))
@settings(max_examples=40, deadline=None)
def test_labels_tell_what_loops_over_pairs_tell(seed, travel_time):
    rng = np.random.default_rng(seed)
    count = rng.integers(1, 40)
    camera = rng.integers(-1, 4, count)
    tracklet = rng.integers(-1, 6, count)
    time = [None if x < 2 else int(x) for x in rng.integers(0, 60, count)]
    overlap = [None, 0, 1, 4][rng.integers(4)]
    present = sorted({*camera.tolist()} - {-1})
    overlapping = [*itertools.combinations(present, 2)][:2]
    links = Links.from_labels(
        camera,
        tracklet,
        time,
        overlap=overlap,
        travel_time=travel_time,
        overlapping_cameras=overlapping,
    )
    one, two = loop_from_labels(
        camera, tracklet, time, overlap, travel_time, [{*pair} for pair in overlapping]
    )
    np.testing.assert_array_equal(links.groups[:, None] == links.groups, one)
    np.testing.assert_array_equal(apart_matrix(links), two)


def test_labels_of_any_kind():
    camera = ['gate', 'gate', 'gate', None, 'hall', 'hall']
    tracklet = ['a', 'a', 'b', 'a', 'a', None]
    links = Links.from_labels(camera, tracklet, [1, 5, 4, 4, 4, 4.0], travel_time=0)
    groups = links.groups.tolist()
    assert groups[0] == groups[1]
    assert len(set(groups)) == 5
    of = dict(enumerate(groups))
    expected = [(0, 2), (0, 4), (0, 5), (2, 4), (2, 5)]
    assert {frozenset(pair) for pair in links.apart.tolist()} == {
        frozenset((of[i], of[j])) for i, j in expected
    }


def test_tracklets_alone_tell_who_is_one():
    links = Links.from_labels(tracklet=[3, -1, 3, -1])
    assert links.groups[0] == links.groups[2]
    assert len(set(links.groups.tolist())) == 3
    assert not len(links.apart)


def test_whole_seconds():
    labels = dict(camera=[0] * 4, tracklet=[1, 1, 2, 2], time=[1, 5, 5, 9])
    assert len(Links.from_labels(**labels).apart) == 1
    assert not len(Links.from_labels(**labels, overlap=1).apart)


def loop_linked(graph, min_samples, links):
    """Links in matrices of all pairs, and in clusters by loops over pictures."""
    distances = np.full(graph.shape, 2.0)
    pairs = graph.tocoo()
    distances[pairs.row, pairs.col] = pairs.data
    one, two = links.groups[:, None] == links.groups, apart_matrix(links)
    distances[two], distances[one] = 2, 0
    labels = dense_dbscan(distances, 1, min_samples)
    for _ in labels:  # as often as clusters may become one
        for group in set(links.groups.tolist()):
            mine = links.groups == group
            known = set(labels[mine].tolist()) - {-1}
            labels[np.isin(labels, [*known]) | (mine & bool(known))] = min(
                known, default=-1
            )
    names = itertools.count(len(labels))
    for label in set(labels.tolist()) - {-1}:
        members = np.flatnonzero(labels == label)
        if not two[np.ix_(members, members)].any():
            continue
        parts = {g: set(np.flatnonzero(links.groups == g)) for g in links.groups}
        parts = {i: parts[links.groups[i]] for i in members}
        edges = sorted(
            (distances[i, j], i, j)
            for i, j in itertools.combinations(members, 2)
            if distances[i, j] <= 1
        )
        for _, i, j in edges:
            if not two[np.ix_([*parts[i]], [*parts[j]])].any():
                joined = parts[i] | parts[j]
                parts.update(dict.fromkeys(joined, joined))
        for part in {frozenset(part) for part in parts.values()}:
            own = len(part) > 1 and len(set(links.groups[[*part]])) == 1
            keep = len(part) >= min_samples or own
            labels[[*part]] = next(names) if keep else -1
    return labels


def random_links(rng, count, who, wrong):
    """Tracklets of a few pictures, at times of which some are those of others."""
    tracklet = who * 10 + rng.integers(0, 6, count)
    tracklet[rng.random(count) < 0.3] = -1
    swapped = rng.random(count) < wrong
    tracklet[swapped] = rng.permutation(tracklet[swapped])
    camera = rng.integers(0, 3, count)
    return Links.from_labels(camera, tracklet, rng.integers(0, 300, count))


@pytest.mark.parametrize('seed', range(24))
def test_clusters_are_those_of_loops_over_all_pairs(seed, monkeypatch):
    monkeypatch.setattr(constraints, '_ENTRIES', 300)
    rng = np.random.default_rng(seed)
    count = int(rng.integers(10, 120))
    vectors, who = person_vectors(rng, count, 6, 12, rng.uniform(0.2, 1.2))
    links = random_links(rng, count, who, rng.uniform(0, 0.5))
    min_samples = int(rng.integers(1, 7))
    options = dict(eps=rng.uniform(0.4, 0.9), k1=int(rng.integers(6, 31)))
    labels = cluster_vectors(vectors, links=links, min_samples=min_samples, **options)
    expected = loop_linked(jaccard_graph(vectors, **options), min_samples, links)
    np.testing.assert_array_equal(together(labels), together(expected))
    np.testing.assert_array_equal(labels < 0, expected < 0)


@given(st.integers(0, 2**32), st.integers(1, 6))
@settings(max_examples=40, deadline=None)
def test_no_cluster_holds_two_persons_and_no_group_two_labels(seed, min_samples):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 80))
    vectors, _ = person_vectors(rng, count, 4, 6, 1.0)
    groups = rng.integers(0, count, count)
    apart = rng.choice(groups, (rng.integers(0, 2 * count), 2))
    links = Links(groups, apart[apart[:, 0] != apart[:, 1]])
    labels = cluster_vectors(
        vectors, links=links, eps=0.9, k1=10, min_samples=min_samples
    )
    assert not (together(labels) & apart_matrix(links)).any()
    for group in set(groups.tolist()):
        assert len(set(labels[groups == group].tolist())) == 1


def test_links_that_tell_nothing_change_nothing():
    vectors, _ = person_vectors(np.random.default_rng(1), 200, 10, 16, 0.6)
    nothing = Links(np.arange(200), [])
    np.testing.assert_array_equal(
        cluster_vectors(vectors, links=nothing), cluster_vectors(vectors)
    )


def test_a_tracklet_joins_clusters_and_its_noise():
    # Ten pictures of each of two persons, and two pictures like nobody's.
    vectors = np.eye(16)[[0] * 10 + [1] * 10 + [2, 3]]
    vectors[:20] += 0.01 * np.random.default_rng(2).standard_normal((20, 16))

    def labels(*tracklets):
        tracklet = np.full(22, -1)
        for number, pictures in enumerate(tracklets):
            tracklet[pictures] = number
        links = Links.from_labels(tracklet=tracklet)
        return cluster_vectors(vectors, k1=10, k2=1, links=links).tolist()

    assert labels() == [0] * 10 + [1] * 10 + [-1, -1]
    assert labels([5, 20]) == [0] * 10 + [1] * 10 + [0, -1]
    assert labels([5, 15]) == [0] * 20 + [-1, -1]
    assert labels([20, 21]) == labels()


def test_two_who_look_alike_are_taken_apart():
    rng = np.random.default_rng(3)
    vectors, _ = person_vectors(rng, 40, 1, 32, 0.3)
    assert set(cluster_vectors(vectors).tolist()) == {0}
    tracklet = np.repeat([0, 1], 20)
    links = Links.from_labels(np.zeros(40), tracklet, np.tile(np.arange(20), 2))
    labels = cluster_vectors(vectors, links=links)
    assert labels.tolist() == tracklet.tolist()


def test_a_long_tracklet_needs_few_pairs():
    vectors = np.random.default_rng(4).standard_normal((1_000, 8))
    links = Links(np.zeros(1_000, int), [])
    graph = link_graph(jaccard_graph(vectors, k1=1, k2=1), links, 4)
    assert graph.nnz == 1_000 * (1 + 2 * 3)
    labels = cluster_vectors(vectors, k1=1, k2=1, links=links)
    assert set(labels.tolist()) == {0}


@pytest.mark.parametrize('tracked', [True, False])
def test_small_parts_are_noise_unless_a_tracklet(tracked):
    # Six identical pictures; the last two may be of the person of the first, who may
    # as well be the person of the others.
    groups = [0, 1, 2, 3, 4, 4 if tracked else 5]
    apart = [(group, other) for group in (1, 2, 3) for other in groups[4:]]
    labels = cluster_vectors(np.ones((6, 4)), links=Links(groups, apart))
    assert labels.tolist() == [0, 0, 0, 0, *([1, 1] if tracked else [-1, -1])]


def test_no_pictures():
    links = Links.from_labels([], [], [])
    assert cluster_vectors(np.empty((0, 3)), links=links).tolist() == []


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(), 'need a camera, a tracklet or a time'),
        (dict(camera=[1], time=[1, 2]), "one entry .* {'camera': 1, 'time': 2}"),
        (dict(camera=[1], time=[1], overlap=-1), 'overlap must be a number above 0'),
        (dict(time=[1], travel_time=1), 'travel_time needs the camera and the time'),
        (
            dict(camera=[1], time=[1], travel_time=0, overlapping_cameras=[(1, 2)]),
            r'pairs of cameras that pictures have, got \(1, 2\)',
        ),
    ],
)
def test_impossible_labels_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Links.from_labels(**arguments)


@pytest.mark.parametrize(
    ('groups', 'apart', 'message'),
    [
        ([[0]], [], r'groups must be \(N,\)'),
        ([0, 1], [0, 1], r'apart \(M, 2\), got \(2,\) and \(2,\)'),
        ([0.5], [], 'must be whole numbers, got float64'),
        ([-1], [], 'got groups from -1 on'),
        ([0], [(0, 1)], '1 unknown ones in apart'),
        ([0, 1], [(1, 1)], 'Group 1 cannot be apart from itself'),
    ],
)
def test_impossible_links_are_refused(groups, apart, message):
    with pytest.raises(ValueError, match=message):
        Links(groups, apart)


def test_links_of_other_pictures_are_refused():
    with pytest.raises(ValueError, match='got 2 and 3 pictures'):
        cluster_vectors(np.ones((3, 2)), links=Links([0, 1], []))


def test_times_that_tell_nothing_are_refused(monkeypatch):
    monkeypatch.setattr(time_spans, '_MOST_PAIRS', 100)
    with pytest.raises(ValueError, match='190 pairs of the 20 tracklets'):
        Links.from_labels(np.arange(20), time=np.zeros(20), travel_time=0)
