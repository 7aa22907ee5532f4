"""st-ReID's prior of times: learned, looked up and joined, against slow loops."""

import math
from itertools import combinations

import numpy as np
import pytest

from mmreid.evaluation.functional import (
    Features,
    Images,
    RankingRules,
    TestSet,
    evaluate_distance_blocks,
    joint_distance_blocks,
    learn_time_prior,
    re_rank_joint_blocks,
)

BINS, WIDTH, SIGMA = 40, 10, 3


def labelled(rng, size):
    """Persons who walk from camera to camera, some at unknown times."""
    person, cam = rng.integers(-1, 12, size), rng.integers(1, 5, size)
    time = 30.0 * cam + 7 * person + rng.normal(0, 12, size)
    time[rng.random(size) < 0.1] = np.nan
    return person, cam, time


def learn(rng=None, size=300):
    rng = rng or np.random.default_rng()
    options = dict(bin_width=WIDTH, num_bins=BINS, sigma=SIGMA)
    return learn_time_prior(*labelled(rng, size), **options)


def loop_learn(person, cam, time):
    """Count as the released program does, and smooth by the sum of Gaussians."""
    seen = {}
    for p, c, t in zip(person.tolist(), cam.tolist(), time.tolist(), strict=True):
        if p > 0 and not math.isnan(t):
            seen.setdefault(p, {}).setdefault(c, []).append(t)
    counts = {}
    for cameras in seen.values():
        means = {c: sum(times) / len(times) for c, times in cameras.items()}
        for j, k in combinations(sorted(means), 2):
            pair = (j, k) if means[j] > means[k] else (k, j)
            step = int(abs(means[j] - means[k]) / WIDTH)
            if step < BINS:
                counts.setdefault(pair, [0] * BINS)[step] += 1
    smooth = {}
    for pair, row in counts.items():
        wide = [
            sum(
                row[u] * math.exp(-((x - u) ** 2) / (2 * SIGMA**2))
                for u in range(BINS)
                if abs(x - u) <= 3 * SIGMA
            )
            for x in range(BINS)
        ]
        smooth[pair] = [value / sum(wide) for value in wide]
    return counts, smooth


def loop_joint(query, gallery, smooth):
    """One less the joint score of two pictures: vector, camera, time."""
    cosine = query[0] @ gallery[0]
    cosine /= np.linalg.norm(query[0]) * np.linalg.norm(gallery[0])
    later = query[2] > gallery[2]
    pair = (query[1], gallery[1]) if later else (gallery[1], query[1])
    difference = abs(query[2] - gallery[2])
    if math.isnan(difference):
        likely = 1 / BINS
    else:
        step = int(difference / WIDTH)
        likely = smooth[pair][step] if pair in smooth and step < BINS else 0
    joint = 1 / (1 + math.exp(-5 * cosine)) * 1 / (1 + 2 * math.exp(-5 * likely))
    return 1 - joint


def halves(rng, sizes=(9, 40), dtype=np.float32):
    made = []
    for size in sizes:
        person, cam, time = labelled(rng, size)
        cam[rng.random(size) < 0.1] = 9  # a camera that the prior does not know
        vectors = (rng.standard_normal((size, 5)) + person[:, None]).astype(dtype)
        made.append(Images(vectors, person, cam, time=time))
    return TestSet(*made)


def rows_of(images):
    vectors = np.asarray(images.vectors, np.float64)
    return [*zip(vectors, images.cam_id.tolist(), images.time.tolist(), strict=True)]


def test_learned_as_the_loop_learns():
    labels = labelled(np.random.default_rng(), 400)
    prior = learn_time_prior(*labels, bin_width=WIDTH, num_bins=BINS, sigma=SIGMA)
    counts, smooth = loop_learn(*labels)
    cameras = prior.cameras.tolist()
    assert cameras == sorted({c for pair in counts for c in pair})
    for i, one in enumerate(cameras):
        for j, other in enumerate(cameras):
            nothing = [0] * BINS
            assert prior.counts[i, j].tolist() == counts.get((one, other), nothing)
            np.testing.assert_allclose(
                prior.probabilities[i, j], smooth.get((one, other), nothing), atol=1e-12
            )
    assert prior.learned_from['num_persons'] <= 11
    assert prior.describe()['num_differences'] == sum(map(sum, counts.values()))


@pytest.mark.parametrize('dtype', [np.float16, np.float32, np.float64])
@pytest.mark.parametrize('budget', [1, 1 << 20])
def test_joined_as_the_loop_joins(dtype, budget):
    rng = np.random.default_rng()
    labels = labelled(rng, 300)
    prior = learn_time_prior(*labels, bin_width=WIDTH, num_bins=BINS, sigma=SIGMA)
    smooth, test_set = loop_learn(*labels)[1], halves(rng, dtype=dtype)
    queries, gallery = rows_of(test_set.queries), rows_of(test_set.gallery)
    expected = [[loop_joint(q, g, smooth) for g in gallery] for q in queries]
    blocks = [*joint_distance_blocks(test_set, prior, memory_budget=budget)]
    assert len(blocks) == (len(queries) if budget == 1 else 1)
    found = np.concatenate([block for _, block in blocks])
    np.testing.assert_allclose(found, expected, atol=2e-7)


def loop_re_rank(distances, num_query, k1, k2, weight):
    """The released program's re-ranking of a matrix of all distances, with loops."""
    count = len(distances)
    farthest = distances.max(axis=1)
    scaled = distances / farthest[:, None]
    order = [
        sorted(range(count), key=lambda j, i=i: (scaled[i, j], j)) for i in range(count)
    ]

    def reciprocal(i, k):
        return [j for j in order[i][: k + 1] if i in order[j][: k + 1]]

    encodings = np.zeros((count, count))
    for i in range(count):
        members = set(reciprocal(i, k1))
        for j in reciprocal(i, k1):
            others = reciprocal(j, round(k1 / 2))
            if len({*others} & {*reciprocal(i, k1)}) > 2 / 3 * len(others):
                members |= {*others}
        for j in members:
            encodings[i, j] = math.exp(-scaled[i, j])
        encodings[i] /= encodings[i].sum() or 1
    if k2 > 1:
        encodings = np.stack([encodings[order[i][:k2]].mean(0) for i in range(count)])
    result = np.empty((num_query, count - num_query))
    for i in range(num_query):
        for j in range(num_query, count):
            least = np.minimum(encodings[i], encodings[j]).sum()
            jaccard = 1 - least / (2 - least)
            result[i, j - num_query] = (1 - weight) * jaccard + weight * scaled[i, j]
    return result


@pytest.mark.parametrize(('k1', 'k2'), [(5, 2), (8, 1), (20, 6)])
def test_re_ranked_as_the_loop_re_ranks(k1, k2):
    rng = np.random.default_rng()
    labels = labelled(rng, 300)
    prior = learn_time_prior(*labels, bin_width=WIDTH, num_bins=BINS, sigma=SIGMA)
    smooth, test_set = loop_learn(*labels)[1], halves(rng, dtype=np.float64)
    rows = rows_of(test_set.queries) + rows_of(test_set.gallery)
    everything = np.array([[loop_joint(a, b, smooth) for b in rows] for a in rows])
    expected = loop_re_rank(everything, 9, k1, k2, 0.3)
    blocks = re_rank_joint_blocks(test_set, prior, k1, k2, memory_budget=1 << 14)
    found = np.concatenate([block for _, block in blocks])
    np.testing.assert_allclose(found, expected, atol=2e-6)


def with_times(rng, size=120):
    person, cam, time = labelled(rng, size)
    return Features(
        embedding=(rng.standard_normal((size, 6)) + 0.1 * person[:, None]).astype('f'),
        person_id=person,
        cam_id=cam,
        is_query=np.arange(size) < 20,
        img_path=np.array([f'{n}.jpg' for n in range(size)]),
        time=time,
        meta=dict(clock='shared', dataset='Toy', split='train'),
    )


def test_rules_rank_the_joint_distance():
    features = with_times(np.random.default_rng(0))
    prior = learn(np.random.default_rng(1))
    found = RankingRules(time_prior=prior).evaluate(features).result
    queries, gallery = features.queries, features.gallery
    labels = (queries.person_id, gallery.person_id, queries.cam_id, gallery.cam_id)
    expected = evaluate_distance_blocks(joint_distance_blocks(features, prior), *labels)
    assert found.mAP == expected.mAP
    plain = RankingRules().evaluate(features).result
    assert found.mAP > plain.mAP  # the vectors tell little, the times much


@pytest.mark.parametrize(
    'rerank', [None, dict(k1=5, k2=2), dict(type='query-expansion', k=3)]
)
@pytest.mark.parametrize('sides', [None, 'gallery', 'both'])
def test_everything_goes_together(rerank, sides):
    features = with_times(np.random.default_rng(0))
    options = dict(rerank=rerank, neighbour_centralisation=sides)
    values = [
        RankingRules(**options, time_prior=prior).evaluate(features).result
        for prior in (None, learn())
    ]
    assert values[0].mAP != values[1].mAP
    assert all(value.num_query_evaluated for value in values)


def test_nothing_to_learn_from():
    with pytest.raises(ValueError, match='No person is seen by two cameras'):
        learn_time_prior([1, 2, 0, 0], [1, 2, 1, 2], [1, 2, 3, None])
    with pytest.raises(ValueError, match='No person is seen by two cameras'):
        learn_time_prior([], [], [])
    with pytest.raises(ValueError, match='num_bins must be at least 1'):
        learn_time_prior([1, 1], [1, 2], [1, 2], num_bins=0)


def test_what_a_prior_cannot_rank():
    features, prior = with_times(np.random.default_rng()), learn()
    rules = RankingRules(time_prior=prior)
    for changes in (dict(time=None), dict(cam_id=features.cam_id + 20)):
        wrong = Features(**{**vars(features), **changes})
        with pytest.raises(ValueError, match='None of the 20 queries has a time'):
            rules.evaluate(wrong)
    prior = learn_time_prior(
        *labelled(np.random.default_rng(), 300), num_bins=50, clock='camera'
    )
    with pytest.raises(ValueError, match=r"clock='camera', the test set has"):
        RankingRules(time_prior=prior).evaluate(features)
    for options, message in (
        (dict(distance='euclidean'), "needs distance='cosine'"),
        (dict(protocol='single-shot'), 'does not go with time_prior'),
        (dict(time_prior=3), 'time_prior must be None, the file'),
    ):
        with pytest.raises(ValueError, match=message):
            RankingRules(**{'time_prior': prior, **options})
