"""The score of a file that is one of many, beside what the gate says of that file."""

import numpy as np
import pytest

from mmreid.deploy.gate import WorstScore, judge
from mmreid.deploy.gate.comparing import Case
from mmreid.evaluation.rules import RankingRules


@pytest.mark.parametrize('distance', ['cosine', 'euclidean'])
def test_it_is_the_mean_less_the_far_end_of_the_gates_interval(
    exact, labels, rng, distance
):
    rules = RankingRules(distance=distance)
    score = WorstScore(exact, labels, rules)
    for size in (0.0, 0.3, 1.0):
        given = exact + size * rng.normal(size=exact.shape)
        judgement = judge(exact, given, labels, precision='int8', rules=rules)
        far = max(map(abs, judgement.interval))
        assert score(given) == judgement.scores['network']['mAP'] - far
        assert (far > 0) == (size > 0)


def test_the_network_is_ranked_once(exact, labels, rng, monkeypatch):
    ranked = []
    rank = Case.rank
    monkeypatch.setattr(Case, 'rank', lambda *args: ranked.append(1) or rank(*args))
    score = WorstScore(exact, labels)
    for _ in range(3):
        score(exact + rng.normal(size=exact.shape))
    assert len(ranked) == 1 + 3


@pytest.mark.parametrize(
    'change',
    [
        lambda x: x[:-1],
        lambda x: x.astype(np.int32),
        lambda x: x * np.nan,
        lambda x: x * 0,
        lambda x: x.astype(np.float64) * 1e60,
    ],
)
def test_what_cannot_be_ranked_is_worth_nothing(exact, labels, change):
    assert judge(exact, change(exact), labels).interval is None
    assert WorstScore(exact, labels)(change(exact)) == 0
    broken = np.full_like(exact, np.nan)
    assert WorstScore(broken, labels)(exact) == 0


def test_vectors_without_labels_are_refused(exact, labels):
    with pytest.raises(ValueError, match='exact must hold a vector for each'):
        WorstScore(exact[:-1], labels)
