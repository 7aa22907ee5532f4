"""A gallery in Milvus Lite answers as one in a file does, on the same data."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmreid.search import Filter, create_gallery

KEY = 'a' * 64
DIM = 8
# What could end a literal, a path, or an expression, and what equals something else.
WORDS = [
    'a', "o'brien", '"', '\\', '\\"', '" or 1 == 1 or "', "' or id > 0 or '", 'é人',
    '', ' ', 'None', 'null', '\n', 'a\x01b', '{x}', '%', '1', 'x' * 10_000,
]  # fmt: skip
VALUES = [*WORDS, None, True, False, 0, 1, -1, 1.0, 0.5, -2.5, 2**53 + 1, 1e300]
NAMES = ['colour', "it's", 'a.b', 'a]b', '人', 'x y', '$', '\\', 'a[0]', 'or']
LABELS = st.sampled_from([None, *WORDS])
FIELDS = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(VALUES), max_size=3)
TIMES = st.sampled_from([None, 0.0, -0.0, -5.5, 1.5, 1e16, 1e300, -1e-300])
ROWS = st.tuples(LABELS, LABELS, TIMES, LABELS, FIELDS)
SOME = st.none() | st.lists(st.sampled_from(WORDS), max_size=3)
LIMITS = st.sampled_from([None, -6.0, 0.0, 1.5, float('-inf'), float('inf')])
FILTERS = st.builds(
    lambda cameras, not_cameras, persons, not_persons, times, fields: Filter(
        cameras=cameras,
        not_cameras=not_cameras,
        persons=persons,
        not_persons=not_persons,
        time=times,
        fields=fields,
    ),
    SOME,
    SOME,
    SOME,
    SOME,
    st.none()
    | st.tuples(LIMITS, LIMITS).filter(lambda pair: None in pair or pair[0] <= pair[1]),
    st.none()
    | st.dictionaries(
        st.sampled_from(NAMES),
        st.lists(st.sampled_from([v for v in VALUES if v is not None]), max_size=3),
        max_size=2,
    ),
)


@pytest.fixture(scope='module')
def pair(tmp_path_factory):
    """Two empty galleries."""
    folder = tmp_path_factory.mktemp('same')
    with (
        create_gallery(folder / 'file.gallery', DIM, model_key=KEY) as first,
        create_gallery(f'milvus:{folder}/m.db', DIM, model_key=KEY) as second,
    ):
        yield first, second


def labels(rows):
    names = ('persons', 'cameras', 'times', 'paths', 'fields')
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))


def draw(seed, count):
    """Few directions, so that many distances are equal or almost."""
    rng = np.random.default_rng(seed)
    some = rng.integers(-1, 2, (count, DIM)).astype(np.float32)
    some[:, 0] += 0.5
    return some * rng.uniform(0.5, 2, (count, 1)).astype(np.float32)


def assert_same(one, two, ids):
    """Answers agree bit by bit, told in the ids of the second gallery."""
    known = np.array([ids.get(i, -1) for i in one.ids.ravel()]).reshape(one.ids.shape)
    np.testing.assert_array_equal(known, two.ids)
    np.testing.assert_array_equal(one.distances, two.distances)
    for mine, others in zip(one.entries, two.entries, strict=True):
        for entry, other in zip(mine, others, strict=True):
            assert_same_entry(entry, other, ids)


def assert_same_entry(one, two, ids):
    assert ids[one.id] == two.id
    for name in ('person', 'camera', 'time', 'path', 'fields'):
        assert getattr(one, name) == getattr(two, name)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    rows=st.lists(ROWS, min_size=1, max_size=30),
    where=st.lists(FILTERS, min_size=3, max_size=3),
    seed=st.integers(0, 2**32),
    k=st.integers(1, 40),
)
def test_whatever_is_done_the_answers_agree(pair, rows, where, seed, k):
    rng = np.random.default_rng(seed)
    for gallery in pair:
        gallery.remove(where=Filter())
    vectors = draw(seed, len(rows))
    olds, news = (
        gallery.add(vectors, model_key=KEY, **labels(rows)) for gallery in pair
    )
    ids = dict(zip(olds.tolist(), news.tolist(), strict=True))
    some = rng.permutation(olds)[: len(olds) // 2]
    others = draw(seed + 1, len(some))
    again = rng.permutation(olds)[: len(olds) // 3]
    translations = (lambda x: x, lambda x: np.array([ids[i] for i in x.tolist()]))
    for gallery, of in zip(pair, translations, strict=True):
        if len(some):
            gallery.replace(of(some), others, model_key=KEY)
            gallery.update(of(some), persons=['new'] * len(some))
        if len(again):
            gallery.remove(of(again))
    queries = draw(seed + 2, 5)
    for condition in [None, *where]:
        kept = [list(gallery.entries(condition)) for gallery in pair]
        assert len(kept[0]) == len(kept[1])
        for one, two in zip(*kept, strict=True):
            assert_same_entry(one, two, ids)
        answers = [
            gallery.search(queries, k, model_key=KEY, where=condition)
            for gallery in pair
        ]
        assert_same(*answers, ids)
    one, two = (gallery.info() for gallery in pair)
    for name in ('entries', 'persons', 'time', 'cameras', 'dim', 'dtype', 'model_key'):
        assert one[name] == two[name]
    assert len(pair[0]) == len(pair[1])
