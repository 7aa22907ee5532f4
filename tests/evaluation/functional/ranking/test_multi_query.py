"""Queries joined by person and camera against a loop."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmreid.evaluation.functional import pool_queries


def loop_pool(vectors, labels, pooling):
    """Return pooled vectors, first members and groups, in the order of appearance."""
    groups = {}
    for i, key in enumerate(zip(*labels, strict=True)):
        groups.setdefault(key, []).append(i)
    pool = np.mean if pooling == 'mean' else np.max
    pooled = [
        pool(vectors[some].astype(np.float64), axis=0) for some in groups.values()
    ]
    of_picture = [list(groups).index(key) for key in zip(*labels, strict=True)]
    return np.array(pooled), [some[0] for some in groups.values()], of_picture


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(1, 20),
    pooling=st.sampled_from(['mean', 'max']),
    dtype=st.sampled_from([np.float16, np.float32, np.float64]),
    with_clothes=st.booleans(),
)
def test_equals_the_loop(seed, count, pooling, dtype, with_clothes):
    rng = np.random.default_rng(seed)
    vectors = rng.standard_normal((count, 3)).astype(dtype)
    labels = [rng.integers(-1, 3, count) for _ in range(3 if with_clothes else 2)]
    clothes = labels[2] if with_clothes else None
    pool = pool_queries(vectors, labels[0], labels[1], pooling, clothes)
    pooled, first, group = loop_pool(vectors, labels, pooling)
    assert pool.first.tolist() == first
    assert pool.group.tolist() == group
    wanted = np.float64 if dtype is np.float64 else np.float32
    assert pool.vectors.dtype == wanted
    assert np.array_equal(pool.vectors, pooled.astype(wanted))


def test_single_pictures_stay_as_they_are_and_tensors_are_read():
    vectors = np.random.default_rng(0).standard_normal((5, 4)).astype(np.float32)
    ids, cams = [3, 1, 3, 2, 1], [0, 0, 1, 0, 1]
    for given_vectors in (vectors, torch.from_numpy(vectors)):
        pool = pool_queries(given_vectors, ids, cams)
        assert np.array_equal(pool.vectors, vectors)
        assert pool.first.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        (dict(pooling='sum'), "one of .*'sum'"),
        (dict(query_ids=[1]), r'query_ids .* index 1 is the first'),
        (dict(query_cams=[1, 2, 3]), r'query_cams .* index 2 is the first'),
        (dict(query_clothes=[1]), r'query_clothes .* index 1 is the first'),
        (dict(query=np.array([[1.0], [np.nan]])), 'query vector 1 holds NaN'),
    ],
)
def test_bad_input_is_named(changes, message):
    arguments = dict(query=np.ones((2, 1)), query_ids=[1, 1], query_cams=[0, 0])
    with pytest.raises(ValueError, match=message):
        pool_queries(**{**arguments, **changes})
