"""Cosines of pairs, against a loop."""

import math
import operator

import numpy as np
import pytest

from mmreid.evaluation.functional.distances.pairs import cosines, least_cosine


def test_cosines_are_those_of_a_loop():
    vectors, exact = np.random.default_rng(0).normal(size=(2, 7, 5)).astype(np.float32)
    wanted = [
        math.fsum(map(operator.mul, one, other)) / math.hypot(*one) / math.hypot(*other)
        for one, other in zip(vectors.tolist(), exact.tolist(), strict=True)
    ]
    assert cosines(vectors, exact) == pytest.approx(np.array(wanted))
    assert least_cosine(vectors, exact) == pytest.approx(min(wanted))


@pytest.mark.parametrize('value', [0, np.nan, np.inf])
def test_what_has_no_direction_is_opposite_to_all(value):
    vectors = np.ones((3, 4), np.float32)
    exact = vectors.copy()
    exact[1] = value
    assert cosines(vectors, exact).tolist() == [1, -1, 1]
    assert cosines(exact, vectors).tolist() == [1, -1, 1]
    assert cosines(exact, exact).tolist() == [1, -1, 1]
