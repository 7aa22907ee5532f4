"""Every formula is compared with loops that are plainly the paper's."""

import numpy as np
import pytest

from mmreid.evaluation.functional.distances.camera_bias import normalize_cameras
from mmreid.evaluation.functional.label_noise.confident_learning import (
    LikelyPersons,
    fit_sharpness,
    join_confident,
    softmax,
)
from mmreid.evaluation.functional.label_noise.finding import find_label_noise
from mmreid.evaluation.functional.label_noise.near_pairs import (
    find_near_pairs,
    nearest_of_group,
)
from mmreid.evaluation.functional.label_noise.person_scores import PersonScores


def draw(seed=0, persons=12, cameras=3, dim=24, noise=0.45):
    """Vectors of persons by cameras that leave their mark, and their labels."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(2, 9, persons)
    person = np.repeat(np.arange(persons), sizes)
    camera = rng.integers(cameras, size=len(person))
    marks = rng.normal(0, 0.7, (cameras, dim))
    vectors = rng.normal(size=(persons, dim))[person] + marks[camera]
    vectors += rng.normal(0, noise, vectors.shape)
    return vectors.astype(np.float32), person, camera


def cosine_table(vectors):
    unit = vectors.astype(np.float64)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    return unit @ unit.T


def slow_scores(vectors, persons, cameras=None):
    """Everywhere, and elsewhere where the picture's person has any there."""
    table = cosine_table(vectors)
    everyone = range(len(vectors))
    scores = np.full((len(vectors), persons.max() + 1), -1.0)
    for i in everyone:
        others = [j for j in everyone if j != i]
        if cameras is not None:
            away = [j for j in others if cameras[j] != cameras[i]]
            others = away if any(persons[j] == persons[i] for j in away) else others
        for k in range(persons.max() + 1):
            near = sorted(table[i, j] for j in others if persons[j] == k)[-3:]
            if near:
                scores[i, k] = np.mean(near)
    return scores


def test_scores_are_means_of_the_three_nearest_without_the_picture_itself():
    vectors, persons, cameras = draw()
    scores = PersonScores(vectors, persons, cameras)
    done = []
    rows = np.arange(len(vectors))
    blocks = [*scores.blocks(rows, lambda *now: done.append(now))]
    found = np.concatenate([block.everywhere for block in blocks])
    np.testing.assert_allclose(found, slow_scores(vectors, persons), atol=1e-5)
    away = np.concatenate([block.elsewhere for block in blocks])
    expected = slow_scores(vectors, persons, cameras)
    np.testing.assert_allclose(away, expected, atol=1e-5)
    assert done[-1] == (len(vectors), len(vectors))
    some = np.array([3, 7, 30])
    (part,) = scores.blocks(some)
    assert part.rows.tolist() == some.tolist()
    np.testing.assert_allclose(part.elsewhere, away[some], atol=1e-6)
    (plain,) = PersonScores(vectors, persons).blocks(some)
    np.testing.assert_array_equal(plain.everywhere, plain.elsewhere)


def test_the_sharpness_is_the_best_of_many():
    rng = np.random.default_rng(2)
    scores = rng.uniform(-0.2, 0.6, (200, 10))
    labels = rng.integers(10, size=200)
    scores[np.arange(200), labels] += 0.25
    losses = {}
    for sharpness in np.geomspace(1, 1000, 400):
        logits = sharpness * scores
        logs = np.log(
            np.exp(logits - logits.max(1, keepdims=True)).sum(1)
        ) + logits.max(1)
        losses[sharpness] = np.mean(logs - logits[np.arange(200), labels])
    best = min(losses, key=losses.get)
    assert fit_sharpness(scores, labels) == pytest.approx(best, rel=0.02)
    powers = np.exp(5 * scores[:3])
    expected = powers / powers.sum(1, keepdims=True)
    np.testing.assert_allclose(softmax(scores[:3], 5), expected, rtol=1e-5)


def slow_joint(probabilities, labels):
    """Equations 1 to 3 of the paper, and what they call the estimated noise."""
    count = probabilities.shape[1]
    thresholds = [probabilities[labels == k, k].mean() for k in range(count)]
    joint = np.zeros((count, count))
    confident = []
    for row, label in zip(probabilities, labels, strict=True):
        certain = [k for k in range(count) if row[k] >= thresholds[k]]
        best = max(certain, key=lambda k: row[k]) if certain else -1
        confident.append(best)
        if certain:
            joint[label, best] += 1
    calibrated = np.zeros_like(joint)
    for label in range(count):
        if joint[label].sum():
            share = joint[label] / joint[label].sum()
            calibrated[label] = share * (labels == label).sum()
    return confident, calibrated.sum() - np.trace(calibrated)


@pytest.mark.parametrize('seed', range(5))
def test_the_confident_joint_is_the_papers(seed):
    rng = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(8), rng.integers(8, size=92)])
    scores = rng.normal(0, 1, (100, 8))
    scores[np.arange(100), np.where(rng.random(100) < 0.8, labels, 3)] += 2
    probabilities = softmax(scores.astype(np.float32), 1.3)
    persons = np.argsort(-probabilities, axis=1)
    likely = LikelyPersons(
        persons,
        np.take_along_axis(probabilities, persons, axis=1),
        probabilities[np.arange(100), labels],
    )
    joint = join_confident(likely, labels)
    confident, errors = slow_joint(probabilities.astype(np.float64), labels)
    assert joint.confident.tolist() == confident
    assert joint.errors.sum() == pytest.approx(errors)


def mislabel(person, number, seed):
    rng = np.random.default_rng(seed)
    changed = rng.choice(len(person), number, replace=False)
    labels = person.copy()
    for i in changed:
        labels[i] = rng.choice(np.setdiff1d(person, [person[i]]))
    return labels, changed


@pytest.mark.parametrize('seed', range(3))
def test_planted_mistakes_come_first_with_the_right_person(seed):
    vectors, person, camera = draw(seed, persons=30, noise=0.6)
    labels, changed = mislabel(person + 1, 6, seed)
    noise = find_label_noise(vectors, labels, camera)
    first = noise.order[:6].tolist()
    assert len({*first} & {*changed.tolist()}) >= 5
    hits = [rank for rank, i in enumerate(first) if i in changed]
    right = [noise.suggestions[rank] == person[first[rank]] + 1 for rank in hits]
    assert sum(right) >= len(hits) - 1
    assert (np.diff(noise.scores) <= 0).all()
    for estimate in (noise.single, noise.sequences):
        assert estimate.low <= estimate.value <= estimate.high
    assert 3 <= noise.found <= 15


@pytest.mark.parametrize('seed', range(3))
def test_a_whole_sequence_is_suspected_by_other_cameras(seed):
    vectors, person, camera = draw(seed, persons=30, noise=0.6)
    cameras = np.array([len({*camera[person == p]}) for p in range(30)])
    moved = np.flatnonzero(cameras == 3)[0]
    changed = np.flatnonzero((person == moved) & (camera == camera[person == moved][0]))
    labels = person + 1
    labels[changed] = (moved + 7) % 30 + 1
    noise = find_label_noise(vectors, labels, camera)
    first = noise.order[: 2 * len(changed) + 2].tolist()
    assert {*changed.tolist()} <= {*first}
    assert {*noise.suggestions[np.isin(noise.order, changed)].tolist()} == {moved + 1}


def test_the_ranking_is_by_the_lesser_probability_of_the_own_person():
    vectors, person, camera = draw(3, noise=0.9)
    noise = find_label_noise(vectors, person + 1, camera)
    unit = normalize_cameras(vectors, camera)
    rows = np.arange(len(person)), person
    own = []
    for scores in (slow_scores(unit, person), slow_scores(unit, person, camera)):
        logits = fit_sharpness(scores, person) * scores
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        own.append((powers / powers.sum(axis=1, keepdims=True))[rows])
    lesser = np.minimum(*own)
    np.testing.assert_allclose(1 - noise.scores, lesser[noise.order], atol=1e-3)


def test_sound_labels_of_persons_far_apart_raise_no_suspicion():
    vectors, person, camera = draw(1, persons=20, noise=0.1)
    noise = find_label_noise(vectors, person + 1, camera)
    assert noise.found == 0
    assert noise.single.value == noise.sequences.value == 0


def test_nobody_and_persons_with_one_picture_are_left_out():
    vectors, person, camera = draw(0, persons=6)
    labels = person + 1
    labels[labels == 1] = 0
    labels[labels == 2] = -1
    single = np.flatnonzero(labels == 3)[1:]
    labels[single] = 4
    noise = find_label_noise(vectors, labels, camera)
    expected = np.flatnonzero(labels > 3)
    assert noise.compared.tolist() == expected.tolist()
    assert sorted(noise.order.tolist()) == expected.tolist()
    assert {*noise.suggestions.tolist()} <= {4, 5, 6}


@pytest.mark.parametrize('labels', [[1, 1, 0, -1], [1, 2, 3, 4], [0, 0, 0, 0]])
def test_with_less_than_two_persons_there_is_nothing_to_compare(labels):
    noise = find_label_noise(np.eye(4), np.array(labels))
    assert len(noise.order) == noise.found == 0


def test_arrays_that_do_not_fit_and_broken_vectors_are_refused():
    with pytest.raises(ValueError, match=r'one entry each, got \[4, 3\]'):
        find_label_noise(np.eye(4), np.arange(3))
    broken = np.eye(4)
    broken[2, 1] = np.nan
    with pytest.raises(ValueError, match='number 2 holds NaN'):
        find_label_noise(broken, np.array([1, 1, 2, 2]))


@pytest.mark.parametrize('largest', [5, 1000])
def test_near_pairs_are_those_of_a_loop(largest):
    vectors, person, _ = draw(4, noise=1.2)
    table = cosine_table(vectors)
    slow = sorted(
        (-table[i, j], i, j)
        for i in range(len(vectors))
        for j in range(i + 1, len(vectors))
        if person[i] != person[j] and table[i, j] >= 0.3
    )
    pairs, cosines, found = find_near_pairs(vectors, person, 0.3, largest)
    assert found == len(slow)
    assert set(map(tuple, pairs.tolist())) == {(i, j) for _, i, j in slow[:largest]}
    np.testing.assert_allclose(cosines, [-c for c, *_ in slow[:largest]], atol=1e-5)


def test_the_nearest_of_a_group_is_that_of_a_loop():
    vectors, person, _ = draw(5)
    groups = np.where(person == 3, -1, person)
    groups[np.flatnonzero(person == 4)[1:]] = 5
    table = cosine_table(vectors)
    slow = [
        max(table[i, j] for j in np.flatnonzero(groups == groups[i]) if j != i)
        for i in np.argsort(groups, kind='stable')
        if groups[i] >= 0 and (groups == groups[i]).sum() > 1
    ]
    np.testing.assert_allclose(nearest_of_group(vectors, groups), slow)
    assert len(nearest_of_group(vectors, np.full(len(vectors), -1))) == 0
