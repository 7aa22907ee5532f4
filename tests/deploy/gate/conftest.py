"""Drawn vectors of thirty persons, and what says who they are."""

import numpy as np
import pytest

from mmreid.evaluation.test_set import Features

PERSONS, PICTURES, DIM = 30, 6, 24


@pytest.fixture
def rng(request):
    return np.random.default_rng(request.config.getoption('--seed'))


@pytest.fixture
def labels():
    """Three cameras; each person has two queries."""
    count = PERSONS * PICTURES
    place = np.arange(count) % PICTURES
    return Features(
        embedding=np.zeros((count, 0), np.float32),
        person_id=np.arange(count) // PICTURES + 1,
        cam_id=place % 3,
        is_query=place < 2,
        img_path=np.full(count, ''),
    )


@pytest.fixture
def exact(labels, rng):
    """Vectors of a network that knows the persons, of lengths about 8."""
    persons = rng.normal(size=(PERSONS + 1, DIM))
    noise = rng.normal(size=(len(labels.person_id), DIM))
    return (persons[labels.person_id] + 1.2 * noise).astype(np.float32)
