"""Galleries in Milvus: limits, addresses, errors, copies, decisions."""

import socket

import numpy as np
import pytest

from mmreid.search import (
    Filter,
    Gallery,
    MilvusGallery,
    OperatingPoint,
    copy_gallery,
    create_gallery,
    open_gallery,
)
from mmreid.search.milvus import MilvusAddress, finding, is_milvus
from mmreid.search.milvus import table as table_module

KEY = 'c' * 64
DIM = 12


def draw(count, seed=0, distinct=None):
    rng = np.random.default_rng(seed)
    some = rng.normal(size=(distinct or count, DIM)).astype(np.float32)
    return some[rng.integers(len(some), size=count)] if distinct else some


def point_at(threshold):
    rates = dict(rate=0.01, achieved_rate=0.01, num_negative=100)
    return OperatingPoint(threshold=threshold, model_key=KEY, **rates)


@pytest.fixture
def address(tmp_path):
    """Where a gallery can be made."""
    return f'milvus:{tmp_path}/m.db'


@pytest.fixture
def pair(tmp_path, address):
    """Two empty galleries."""
    with (
        Gallery.create(tmp_path / 'g', DIM, model_key=KEY) as one,
        MilvusGallery.create(address, DIM, model_key=KEY) as two,
    ):
        yield one, two


def assert_same(pair, queries, k, **options):
    one, two = (g.search(queries, k, model_key=KEY, **options) for g in pair)
    np.testing.assert_array_equal(one.ids, two.ids)
    np.testing.assert_array_equal(one.distances, two.distances)
    return two


@pytest.mark.parametrize('most', [16384, 128, 40])
def test_hundreds_of_equal_vectors_and_more_than_milvus_returns(
    pair, monkeypatch, most
):
    for module in (table_module, finding):
        monkeypatch.setattr(module, 'MOST_ROWS', most)
    vectors = np.concatenate([draw(300, distinct=2), draw(60, 1)])
    for gallery in pair:
        ids = gallery.add(vectors, model_key=KEY, cameras=np.arange(360) % 3)
        assert ids.tolist() == [*range(1, 361)]
    queries = np.concatenate([vectors[:2], draw(3, 2)])
    for k in (1, 10, 100, 1000):
        assert_same(pair, queries, k)
        assert_same(pair, queries, k, where=Filter(cameras=1))
    assert_same(pair, queries, 5, rerank=dict(k1=6, k2=3, candidates=60))


def test_an_empty_gallery_no_query_and_no_answer(pair):
    assert_same(pair, draw(2), 3)
    for gallery in pair:
        assert gallery.add(draw(0), model_key=KEY).shape == (0,)
        gallery.add(draw(2), model_key=KEY)
        assert gallery.search(draw(0), 3, model_key=KEY).ids.shape == (0, 3)
        gallery.search(draw(1), 3, model_key=KEY, where=Filter(persons=[]))
    assert_same(pair, draw(2), 4, where=Filter(persons='nobody'))
    assert pair[0].info().keys() == pair[1].info().keys()


def test_decisions_travel_with_the_gallery(pair, address):
    point = point_at(0.4)
    for gallery in pair:
        gallery.add(draw(20), model_key=KEY)
        gallery.operating_point = point
    queries = np.concatenate([draw(2), draw(4, 9)])
    one, two = (g.search(queries, 2, model_key=KEY) for g in pair)
    assert one.known.tolist() == two.known.tolist()
    assert two.known[:2].all()
    with open_gallery(address) as again:
        assert again.operating_point == point
        again.operating_point = None
    assert pair[1].operating_point is None


@pytest.mark.parametrize('kind', ['ivf', 'hnsw', 'exact'])
def test_other_indexes_find_most(pair, kind):
    gallery = pair[1]
    gallery.add(draw(400), model_key=KEY)
    gallery.reindex(kind)
    assert gallery.info()['index']['kind'] == kind
    recall = gallery.measure_recall(draw(20, 3), 5)
    assert recall == 1 if kind == 'exact' else recall > 0.8
    gallery.add(draw(10, 4), model_key=KEY)
    found = gallery.search(draw(10, 4), 1, model_key=KEY).ids[:, 0]
    assert found.tolist() == [*range(401, 411)]


@pytest.mark.parametrize('dtype', ['float32', 'float16'])
def test_copies_are_equal_bit_by_bit_there_and_back(tmp_path, dtype):
    rng = np.random.default_rng(7)
    options = dict(model_key=KEY, dtype=dtype, model_name='m')
    places = [tmp_path / 'a', f'milvus:{tmp_path}/b.db', tmp_path / 'c']
    a, b, c = (create_gallery(place, 2, **options) for place in places)
    with a, b, c:
        # In two dimensions rounding takes lengths farthest from one.
        a.add(
            rng.normal(size=(5000, 2)).astype(np.float32),
            model_key=KEY,
            persons=[None if i % 3 else f'p{i}' for i in range(5000)],
            times=[None if i % 5 else i / 7 for i in range(5000)],
            fields=[{'n': i} if i % 2 else {} for i in range(5000)],
        )
        a.remove([2, 4000])
        a.operating_point = point_at(0.3)
        told = []
        old, new = copy_gallery(a, b, told.append)
        assert told == [4096, 4998]
        assert old.tolist() == [e.id for e in a.entries()]
        copy_gallery(b, c)
        for copy in (b, c):
            np.testing.assert_array_equal(a.vectors(old), copy.vectors(new))
            assert copy.operating_point == a.operating_point
            for one, two in zip(a.entries(), copy.entries(), strict=True):
                assert vars(one) | {'id': 0} == vars(two) | {'id': 0}
    with create_gallery(tmp_path / 'd', 2, model_key='d' * 64) as other:
        with Gallery(tmp_path / 'a') as a, pytest.raises(ValueError, match='model_key'):
            copy_gallery(a, other)
        assert len(other) == 0


def test_long_and_many_labels_are_kept_or_refused_by_row(pair):
    gallery = pair[1]
    fields = {f'n{i}': i for i in range(3000)}
    gallery.add(
        draw(1), model_key=KEY, paths=['x' * 65535], persons=[3], fields=[fields]
    )
    (entry,) = gallery.entries(Filter(fields={'n2999': 2999}, persons=3))
    assert entry.path == 'x' * 65535
    assert entry.fields == fields
    with pytest.raises(ValueError, match=r'persons\[1\] .* 65535 bytes .* got 66000'):
        gallery.add(draw(2), model_key=KEY, persons=['a', 'é' * 33000])
    assert len(gallery) == 1


@pytest.mark.parametrize(
    ('text', 'words'),
    [
        ('milvus:', 'must name a file'),
        ('milvus:a.db#no-dash', 'letters, digits and _'),
        ('http://', 'must name a host'),
        ('http://host:99999999', 'Port out of range'),
        ('http://me:secret@host:19530', 'must not hold a user or password'),
    ],
)
def test_wrong_addresses_are_refused(text, words):
    assert is_milvus(text)
    with pytest.raises(ValueError, match=words) as caught:
        open_gallery(text)
    assert 'secret' not in str(caught.value)


def test_addresses_are_taken_apart():
    server = MilvusAddress.parse('https://host/market#people')
    assert (server.host, server.port, server.secure) == ('host', 19530, True)
    assert (server.database, server.name) == ('market', 'people')
    assert not is_milvus('people.db')


def test_a_server_that_does_not_answer_is_named_at_once(monkeypatch):
    monkeypatch.setenv('MILVUS_TOKEN', 'root:secret')
    # Bound, the port is nobody else's, and nobody listens there.
    with socket.socket() as silent:
        silent.bind(('127.0.0.1', 0))
        port = silent.getsockname()[1]
        # Whoever tried until the time is over would do so for a day.
        with pytest.raises(OSError, match=f'{port} does not answer') as caught:
            open_gallery(f'http://127.0.0.1:{port}', timeout=86_400)
    assert 'secret' not in repr(caught.value)


def test_a_server_that_is_no_milvus_is_named_within_the_timeout():
    with socket.socket() as deaf:
        deaf.bind(('127.0.0.1', 0))
        deaf.listen()
        port = deaf.getsockname()[1]
        with pytest.raises(OSError, match=f'http://127.0.0.1:{port} '):
            open_gallery(f'http://127.0.0.1:{port}', timeout=1)


def test_what_is_there_is_not_overwritten_and_what_is_not_is_named(address, tmp_path):
    with pytest.raises(FileNotFoundError, match='there is no folder'):
        open_gallery(address)
    with create_gallery(address, DIM, model_key=KEY) as gallery:
        gallery.add(draw(2), model_key=KEY)
        with pytest.raises(FileExistsError, match='open it, or give another name'):
            create_gallery(address, DIM, model_key=KEY)
        with pytest.raises(FileNotFoundError, match='no gallery other'):
            open_gallery(f'{address}#other')
        create_gallery(f'{address}#other', 3, model_key=KEY).close()
        with open_gallery(f'{address}#other') as other:
            assert (other.dim, len(other)) == (3, 0)
        assert len(gallery) == 2
        gallery._connection.client.create_collection('foreign', dimension=4)
        with pytest.raises(FileExistsError, match='is no gallery'):
            create_gallery(f'{address}#foreign', DIM, model_key=KEY)
    (tmp_path / 'file.db').write_text('text')
    with pytest.raises(OSError, match='is a file and no folder'):
        create_gallery(f'milvus:{tmp_path}/file.db', DIM, model_key=KEY)


def test_bad_input_is_refused_as_by_a_file(pair):
    for gallery in pair:
        gallery.add(draw(3), model_key=KEY)
        with pytest.raises(ValueError, match='model_key must be c'):
            gallery.search(draw(1), model_key='x')
        with pytest.raises(ValueError, match=r'got \[7\], which are not there'):
            gallery.remove([1, 7])
        with pytest.raises(ValueError, match=r'got \[7\], which are not there'):
            gallery.replace([7], draw(1), model_key=KEY)
        with pytest.raises(ValueError, match=r'got \[0\], which are not there'):
            list(gallery.entries(ids=[0]))
        with pytest.raises(ValueError, match='without NUL'):
            gallery.add(draw(1), model_key=KEY, persons=['a\0b'])
        for number in (1e200, 1e-200):
            with pytest.raises(ValueError, match='from 1e-140 to 1e140, got at most'):
                gallery.search(np.full((1, DIM), number), 1, model_key=KEY)
        with pytest.raises(ValueError, match='k must be'):
            gallery.search(draw(1), 0, model_key=KEY)
        assert len(gallery) == 3
    with (
        open_gallery(pair[1].address.text, read_only=True) as reader,
        pytest.raises(OSError, match='read_only'),
    ):
        reader.add(draw(1), model_key=KEY)


@pytest.mark.parametrize('value', [True, b'a', [1.5], [None], [['a']]])
def test_conditions_that_nothing_could_meet_are_refused(value):
    with pytest.raises(ValueError, match='cameras must be'):
        Filter(cameras=value)
