"""Causes that vectors tell by themselves."""

import numpy as np
import pytest

from mmreid.deploy.gate.causes import ADVICE, find_vector_cause
from mmreid.deploy.gate.closeness import compare_vectors
from mmreid.deploy.gate.limits import LIMITS


def cause_of(exact, given, precision='float32'):
    given = given.astype(np.float32)
    closeness = compare_vectors(exact, given, 'cosine')
    cause = find_vector_cause(exact, given, closeness, precision)
    assert cause in ADVICE
    return cause


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture(params=list(LIMITS))
def precision(request):
    return request.param


@pytest.fixture
def noise(rng, exact, precision):
    """What the precision does to vectors."""
    size = dict(float32=1e-6, bfloat16=1e-2, int8=0.1)[precision]
    return size * rng.normal(size=exact.shape)


def test_lengths_tell_an_l2_normalisation(exact, noise, precision):
    noisy = exact + noise
    assert cause_of(exact, unit(noisy), precision) == 'L2 normalisation extra'
    found = cause_of(unit(exact).astype(np.float32), noisy, precision)
    assert found == 'L2 normalisation missing'


@pytest.mark.parametrize('shift', [1, -1, 16])
def test_shifted_rows_are_found(exact, noise, precision, shift):
    given = np.roll(exact + noise, shift, axis=0)
    assert cause_of(exact, given, precision) == 'order of rows'


def test_rows_of_one_batch_in_another_order_are_found(exact, noise, precision, rng):
    given = exact + noise
    given[32:64] = given[32 + np.roll(np.arange(32), 5)]
    assert cause_of(exact, given, precision) == 'order of rows'


def test_a_batch_that_repeats_is_found(exact, noise, precision):
    """A buffer that is read again."""
    given = exact + noise
    given[16:] = np.tile(given[:16], (11, 1))[: len(given) - 16]
    assert cause_of(exact, given, precision) == 'order of rows'


def test_shifted_rows_of_an_untrained_network_are_found(exact):
    near = (exact / 1000 + 10).astype(np.float32)
    assert cause_of(near, np.roll(near, 1, axis=0)) == 'order of rows'


def test_a_block_of_another_scale_is_found(exact, noise, precision):
    given = exact + noise
    given[:, 6:12] *= 8
    assert cause_of(exact, given, precision) == 'components scaled differently'
    given = exact + noise
    given[:, 3] -= 5
    assert cause_of(exact, given, precision) == 'components scaled differently'


def test_collapse_is_found(exact, rng):
    """Components that are the same in all vectors, and a variance that is lost."""
    given = exact + 0.2 * rng.normal(size=exact.shape)
    given[:, :6] = 1
    assert cause_of(exact, given, 'int8') == 'collapsed variance'
    given = 3 + 0.1 * exact + 0.1 * rng.normal(size=exact.shape)
    assert cause_of(exact, given, 'int8') == 'collapsed variance'


def test_the_rest_is_precision_or_unknown(exact, rng):
    noise = rng.normal(size=exact.shape)
    assert cause_of(exact, exact * (1 + 1e-6 * noise)) == 'near-ties'
    assert cause_of(exact, exact + 0.3 * noise) == 'precision'
    assert cause_of(exact, exact + 0.3 * noise, 'int8') == 'precision'
    for name in LIMITS:
        assert cause_of(exact, exact[:, ::-1] + 0.0, name) == 'unknown'
