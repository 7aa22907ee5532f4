"""What is refused whatever a ranking says, on drawn vectors."""

import re
from dataclasses import replace

import numpy as np
import pytest

from mmreid.deploy.gate import Judgement, judge
from mmreid.evaluation.rules import RankingRules


def rounded(vectors, rng):
    return vectors * (1 + 1e-6 * rng.normal(size=vectors.shape)).astype(np.float32)


@pytest.mark.parametrize('bad', [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused(exact, labels, bad):
    given = exact.copy()
    given[7, 3] = bad
    judgement = judge(exact, given, labels)
    assert judgement.cause == 'overflow'
    text = 'The vectors of the file hold NaN or infinity in 1 of 180 rows, .* row 7.'
    assert re.fullmatch(text, judgement.reasons[0])
    assert judgement.difference is None
    assert judgement.scores == {}
    assert judgement.num_queries == 60
    assert 'refused' in judgement.explain()
    judgement = judge(given, exact, labels)
    assert judgement.cause == 'the network itself'
    assert 'vectors of the network hold NaN' in judgement.reasons[0]
    both = judge(given, given, labels)
    assert len(both.reasons) == 2


def test_numbers_beyond_float32_are_infinite(exact, labels):
    given = exact.astype(np.float64)
    given[0] *= 1e60
    assert judge(exact, given, labels).cause == 'overflow'


@pytest.mark.parametrize(
    'change',
    [
        lambda x: x[:-1],
        lambda x: x[:, :-1],
        lambda x: x[:0],
        lambda x: x.ravel(),
        lambda x: x[None],
        lambda x: x.astype(np.int32),
    ],
)
def test_another_shape_is_refused(exact, labels, change):
    judgement = judge(exact, change(exact), labels)
    assert judgement.cause == 'wrong shape'
    assert len(judgement.reasons) == 1
    assert 'The file has given' in judgement.reasons[0]


@pytest.mark.parametrize('precision', ['float32', 'bfloat16', 'int8'])
@pytest.mark.parametrize('distance', ['cosine', 'euclidean'])
def test_a_constant_vector_is_refused(exact, labels, precision, distance):
    given = np.tile(exact.mean(axis=0), (len(exact), 1))
    rules = RankingRules(distance=distance)
    judgement = judge(exact, given, labels, precision=precision, rules=rules)
    assert judgement.cause == 'constant vectors'
    assert 'order of the pictures alone' in judgement.reasons[0]
    assert judgement.variance_ratio == pytest.approx(0, abs=1e-9)
    assert judgement.collapsed == 24


def test_a_constant_network_is_no_oracle(exact, labels):
    """Its file is as constant, and every number would be the same."""
    constant = np.tile(exact[:1], (len(exact), 1))
    judgement = judge(constant, constant, labels)
    assert not judgement.passed
    assert judgement.cause == 'the network itself'
    assert judgement.difference == 0
    assert Judgement.from_dict(judgement.to_dict()) == judgement


def test_zero_vectors_have_no_direction(exact, labels):
    some, none = exact.copy(), np.zeros_like(exact)
    some[5] = 0
    assert judge(exact, some, labels).cause == 'collapsed variance'
    assert judge(exact, none, labels).cause == 'constant vectors'
    euclidean = RankingRules(distance='euclidean')
    assert judge(some, some, labels, rules=euclidean).passed
    assert not judge(exact, some, labels, rules=euclidean).passed


def test_ties_are_refused(exact, labels):
    """Vectors of few bits: the order of the gallery decides on most ranks."""
    coarse = np.where(exact > 0, 1, -1).astype(np.float32)
    coarse[:, 3:] = 1
    judgement = judge(exact, coarse, labels, precision='int8', tolerance=100)
    assert any('exactly equal' in text for text in judgement.reasons)
    judgement = judge(coarse, coarse, labels)
    assert judgement.cause == 'the network itself'


@pytest.mark.parametrize('precision', ['float32', 'bfloat16', 'int8'])
def test_a_last_batch_of_something_else_is_refused(exact, labels, rng, precision):
    """Two pictures of 180 change mAP by little: they are one person's."""
    given = exact * (1 + 0.02 * rng.normal(size=exact.shape)).astype(np.float32)
    given[-2:] = rng.normal(size=(2, exact.shape[1]))
    judgement = judge(exact, given, labels, precision=precision, tolerance=20)
    assert not judgement.passed
    assert judgement.strangers == 2
    assert any(
        '2 of 180 pictures, the first of them row 178' in text
        for text in (judgement.reasons)
    )
    assert judgement.cause == 'single pictures'
    given[-2:] = exact[-2:]
    judgement = judge(exact, given, labels, precision='int8', tolerance=20)
    assert judgement.passed
    assert judgement.strangers == 0


def test_lengths_of_another_scale_are_refused(exact, labels):
    """Euclidean rankings and cosines are the same; galleries cannot be mixed."""
    for distance in ('cosine', 'euclidean'):
        rules = RankingRules(distance=distance)
        for precision, factor in (('float32', 1.02), ('bfloat16', 1.2), ('int8', 3)):
            case = dict(precision=precision, rules=rules)
            for given in (exact * factor, exact / factor):
                judgement = judge(exact, given, labels, **case)
                assert judgement.difference == pytest.approx(0, abs=1e-9)
                assert any('longer than' in text for text in judgement.reasons)


def test_one_person_is_no_test_set(exact, labels, rng):
    """The interval of one person has no width, whatever the fault."""
    one = replace(labels, is_query=labels.is_query & (labels.person_id == 3))
    judgement = judge(exact, rounded(exact, rng), one)
    assert judgement.cause == 'test set'
    assert judgement.num_persons == 1
    assert 'show 1 person; an interval over persons needs 10' in judgement.reasons[0]
    few = replace(labels, is_query=labels.is_query & (labels.person_id < 10))
    assert not judge(exact, exact, few).passed
    enough = replace(labels, is_query=labels.is_query & (labels.person_id <= 10))
    assert judge(exact, exact, enough).passed


def test_without_a_right_answer_nothing_passes(exact, labels):
    alone = replace(labels, cam_id=np.zeros_like(labels.cam_id))
    judgement = judge(exact, exact, alone)
    assert not judgement.passed
    assert judgement.cause == 'test set'
    assert judgement.num_queries == judgement.num_persons == 0
    assert judgement.difference is None
    assert judgement.scores['file']['mAP'] is None
    assert '-' in judgement.explain()
    assert Judgement.from_dict(judgement.to_dict()) == judgement


def test_a_network_no_better_than_chance_judges_no_int8_file(labels, rng):
    noise = rng.normal(size=(len(labels.person_id), 24)).astype(np.float32)
    judgement = judge(noise, noise, labels, precision='int8', tolerance=8)
    assert judgement.cause == 'weak judge'
    assert judgement.chance == pytest.approx(judgement.scores['file']['mAP'], abs=5)
    # In float32 it is the vectors that tell.
    assert judge(noise, noise, labels).passed


def test_a_tolerance_that_lets_all_be_lost_is_none(exact, labels):
    judgement = judge(exact, exact, labels, precision='int8', tolerance=60)
    assert judgement.cause == 'weak judge'
    assert 'a tolerance of 60 would let most of that be lost' in judgement.reasons[0]
