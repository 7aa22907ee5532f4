"""Scores of identities, against TrackEval's numbers, loops and by hand."""

import itertools

import numpy as np
import pytest

from mmreid.evaluation.functional.following import (
    grouping_scores,
    identity_scores,
    match_boxes,
    overlapping_boxes,
    reassociate,
)


def make_scene(seed):
    """Six persons, with identities that break, swap, and show nobody."""
    rng = np.random.default_rng(seed)
    truth, result = [], []
    for frame in range(60):
        for person in range(6):
            if rng.random() < 0.15:
                continue
            left = person * 30 + frame * 0.7 * (-1) ** person
            box = np.array([left, 10.0, left + 20, 60.0])
            truth.append((frame, person, *box))
            if rng.random() < 0.2:
                continue
            identity = person if (frame < 30 or person % 2) else person + 10
            if person in (2, 4) and frame > 45:
                identity = 6 - person
            result.append((frame, identity, *box + rng.normal(0, 3, 4)))
        if rng.random() < 0.3:
            box = np.array([0, 0, 15, 40.0]) + rng.normal(0, 2, 4)
            result.append((frame, 99, *box))
    return np.array(truth), np.array(result)


def overlap_of(one, other):
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    common = max(width, 0) * max(height, 0)
    sizes = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return common / (sum(sizes) - common)


# Of TrackEval 1.3.0 (metrics.identity.Identity) and, the same, of py-motmetrics 1.4.0,
# on these scenes.
@pytest.mark.parametrize(
    ('seed', 'idf1', 'idp', 'idr'),
    [
        (0, 0.650088809946714, 0.6958174904942965, 0.61),
        (1, 0.6355785837651122, 0.6840148698884758, 0.5935483870967742),
        (2, 0.6058519793459552, 0.6641509433962264, 0.5569620253164557),
    ],
)
def test_idf1_is_trackevals(seed, idf1, idp, idr):
    truth, result = make_scene(seed)
    pairs = overlapping_boxes(truth[:, 0], truth[:, 2:], result[:, 0], result[:, 2:])
    scores = identity_scores(truth[:, 1], result[:, 1], pairs)
    np.testing.assert_allclose([scores.idf1, scores.idp, scores.idr], [idf1, idp, idr])
    assert scores.num_persons == 6
    assert scores.num_identities == 10


def test_overlapping_boxes_are_those_of_a_loop():
    truth, result = make_scene(7)
    pairs = overlapping_boxes(truth[:, 0], truth[:, 2:], result[:, 0], result[:, 2:])
    expected = {
        (i, j)
        for i, one in enumerate(truth)
        for j, other in enumerate(result)
        if one[0] == other[0] and overlap_of(one[2:], other[2:]) >= 0.5
    }
    assert {*map(tuple, pairs.tolist())} == expected
    assert len(pairs) == len(expected)


def test_each_true_box_is_given_once_and_as_many_as_can_be():
    true_boxes = np.array([[0, 0, 10, 10], [3, 0, 13, 10.0]])
    # The first overlaps most with the box that alone fits the second.
    boxes = np.array([[1, 0, 11, 10], [-3, 0, 7, 10.0], [50, 0, 60, 10]])
    found = match_boxes(np.zeros(2), true_boxes, np.zeros(3), boxes)
    assert found.tolist() == [1, 0, -1]
    assert match_boxes(np.zeros(2), true_boxes, np.ones(3), boxes).tolist() == [-1] * 3


def test_grouping_scores_count_pairs():
    rng = np.random.default_rng()
    persons, identities = rng.integers(0, 5, (2, 30))
    scores = grouping_scores(persons, identities)
    pairs = [*itertools.combinations(range(30), 2)]
    same = [persons[i] == persons[j] for i, j in pairs]
    joined = [identities[i] == identities[j] for i, j in pairs]
    both = sum(s and j for s, j in zip(same, joined, strict=True))
    assert scores.precision == pytest.approx(both / sum(joined))
    assert scores.recall == pytest.approx(both / sum(same))
    assert scores.f_score == pytest.approx(2 * both / (sum(joined) + sum(same)))
    most = sum(
        np.bincount(persons[identities == identity]).max() for identity in {*identities}
    )
    assert scores.purity == pytest.approx(most / 30)


def test_nothing_has_no_score():
    nothing = np.zeros(0)
    scores = identity_scores(nothing, nothing, np.zeros((0, 2), int))
    assert np.isnan([scores.idf1, scores.idp, scores.idr]).all()
    assert np.isnan(grouping_scores(nothing, nothing).purity)


def test_a_person_is_looked_for_later_and_among_all_others():
    rng = np.random.default_rng(3)
    count = 40
    persons = rng.integers(0, 8, count)
    vectors = rng.normal(size=(8, 5))[persons] + rng.normal(size=(count, 5))
    vectors /= np.linalg.norm(vectors, axis=1)[:, None]
    starts = rng.uniform(0, 100, count)
    ends = starts + rng.uniform(0, 10, count)
    right, whose = [], []
    for i in range(count):
        candidates = [
            (1 - vectors[i] @ vectors[j], persons[j] == persons[i])
            for j in range(count)
            if persons[j] != persons[i] or starts[j] >= ends[i] + 30
        ]
        if any(same for _, same in candidates):
            right.append(min(candidates)[1])
            whose.append(persons[i])
    found = reassociate(vectors, persons, starts, ends, 30)
    assert found.num_queries == len(right) > 10
    assert found.num_persons == len({*whose})
    assert found.interval.value == pytest.approx(np.mean(right))
    assert 0 <= found.interval.low < found.interval.value < found.interval.high <= 1
    assert reassociate(vectors, persons, starts, ends, 200).interval is None
