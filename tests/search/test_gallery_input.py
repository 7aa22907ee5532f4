"""What a gallery refuses, naming the item, and that nothing is lost by it."""

import sqlite3

import numpy as np
import pytest
from preloaded import run_program

from mmreid.search import Entry, Filter, Gallery, OperatingPoint, open_gallery

KEY, OTHER = 'c' * 64, 'd' * 64


@pytest.fixture
def gallery(tmp_path):
    with Gallery.create(tmp_path / 'g.db', 3, model_key=KEY, model_name='m') as made:
        made.add(np.eye(3), model_key=KEY, persons=['a', None, 7], times=[1, None, 2.5])
        yield made


def with_row(value):
    vectors = np.ones((4, 3))
    vectors[2] = value
    return vectors


@pytest.mark.parametrize(
    ('vectors', 'message'),
    [
        (with_row(np.nan), 'NaN or infinity in row 2'),
        (with_row(np.inf), 'NaN or infinity in row 2'),
        (with_row(0), 'length zero in row 2'),
        (np.ones((2, 4)), r'\(N, 3\).*\(2, 4\)'),
        (np.ones(3), r'\(N, 3\).*\(3,\)'),
        (np.ones((2, 3), int), 'float16, float32 or float64, got int64'),
    ],
)
def test_vectors_are_refused(gallery, vectors, message):
    for use in (gallery.add, gallery.search):
        with pytest.raises(ValueError, match=message):
            use(vectors, model_key=KEY)
    assert len(gallery) == 3


def test_another_model_is_refused_naming_both_keys(gallery):
    for use in (gallery.add, gallery.search):
        with pytest.raises(ValueError, match=f'{KEY}.*{OTHER}'):
            use(np.eye(3), model_key=OTHER)
    point = OperatingPoint(
        threshold=0.2, rate=0.01, achieved_rate=0.01, num_negative=9, model_key=OTHER
    )
    with pytest.raises(ValueError, match=OTHER):
        gallery.operating_point = point
    assert gallery.operating_point is None


@pytest.mark.parametrize(
    ('labels', 'message'),
    [
        (dict(persons=['a']), 'persons must be as many as the 3'),
        (dict(times=[1, 'x', 2]), r'times\[1\] must be seconds'),
        (dict(times=[1, float('nan'), 2]), r'times\[1\] must be seconds'),
        (dict(times=[1, '5', 2]), r"times\[1\] must be seconds.*got '5'"),
        (dict(times=[True, 5, 2]), r'times\[0\] must be seconds.*got True'),
        (dict(fields=[{}, {'a': []}, {}]), r"fields\[1\]\['a'\]"),
        (dict(paths=[1.5, '', '']), r'paths\[0\]'),
        (dict(names=['a'] * 3), 'label must be one of'),
    ],
)
def test_labels_are_refused(gallery, labels, message):
    with pytest.raises(ValueError, match=message):
        gallery.add(np.eye(3), model_key=KEY, **labels)
    assert len(gallery) == 3


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(k=0), 'k must be a whole number from 1, got 0'),
        (dict(k=10**12), 'k must be .* that memory holds .*got 1000000000000'),
        (dict(k=10**19), 'k must be .* that memory holds .*got 1'),
        (dict(rerank=True), r'rerank must be a dict of .*, or None, got True'),
        (dict(rerank={'k9': 1}), r"rerank must be of .* got \['k9'\]"),
        (dict(where={'cameras': '1'}), r"where must be a Filter.*got \{'cameras'"),
    ],
)
def test_searches_are_refused(gallery, options, message):
    with pytest.raises(ValueError, match=message):
        gallery.search(np.eye(3), model_key=KEY, **options)


def test_what_is_no_condition_and_no_operating_point(gallery):
    for use in (gallery.remove, lambda where: [*gallery.entries(where)]):
        with pytest.raises(ValueError, match='where must be a Filter'):
            use(where='1')
    with pytest.raises(ValueError, match=r'must be an OperatingPoint.*got 5'):
        gallery.operating_point = 5
    for limits in (('1', 2), (True, 2), (1, 'x')):
        with pytest.raises(ValueError, match='time must be numbers'):
            Filter(time=limits)
    assert len(gallery) == 3


def test_ids_that_are_not_there(gallery):
    for use in (
        lambda: gallery.remove([1, 99]),
        lambda: gallery.update([1, 99], persons=['x', 'y']),
        lambda: gallery.replace([1, 99], np.eye(3)[:2], model_key=KEY),
        lambda: gallery.vectors([1, 99]),
        lambda: [*gallery.entries(ids=[1, 99])],
    ):
        with pytest.raises(ValueError, match=r'got \[99\]'):
            use()
    assert next(gallery.entries()).person == 'a'
    with pytest.raises(ValueError, match='got 1 twice'):
        gallery.remove([1, 1])


def test_labels_are_kept_and_ids_never_given_again(gallery):
    gallery.update([2], persons=['b'], fields=[{'x': True}])
    assert [*gallery.entries()] == [
        Entry(1, 'a', None, 1.0),
        Entry(2, 'b', None, None, None, {'x': True}),
        Entry(3, '7', None, 2.5),
    ]
    assert gallery.remove(where=Filter(persons=7)) == 1
    gallery.compact()
    assert gallery.add(np.eye(3)[:1], model_key=KEY).tolist() == [4]


def test_unknown_is_said_by_the_threshold_of_the_file(gallery, tmp_path):
    gallery.operating_point = OperatingPoint(
        threshold=0.2, rate=0.01, achieved_rate=0.01, num_negative=9, model_key=KEY
    )
    with open_gallery(tmp_path / 'g.db', read_only=True) as again:
        answers = again.search(np.array([[1, 0.1, 0], [1, 1, 1.0]]), 2, model_key=KEY)
        assert answers.known.tolist() == [True, False]
        with pytest.raises(OSError, match='read_only'):
            again.add(np.eye(3), model_key=KEY)


def test_files_that_are_no_gallery(tmp_path):
    (tmp_path / 'text').write_text('no data base, but long enough to be one ' * 9)
    with pytest.raises(ValueError, match='text is no gallery'):
        Gallery(tmp_path / 'text')
    sqlite3.connect(tmp_path / 'sql').execute('CREATE TABLE x (y)')
    with pytest.raises(ValueError, match='sql is no gallery'):
        Gallery(tmp_path / 'sql')
    with pytest.raises(FileNotFoundError, match=r'Gallery\.create'):
        Gallery(tmp_path / 'none')
    with pytest.raises(FileExistsError, match='text exists'):
        Gallery.create(tmp_path / 'text', 3, model_key=KEY)
    with pytest.raises(FileNotFoundError, match='must be a folder'):
        Gallery.create(tmp_path / 'no' / 'g', 3, model_key=KEY)


def test_newer_and_damaged_files(tmp_path):
    path = tmp_path / 'g'
    with Gallery.create(path, 64, model_key=KEY) as made:
        made.add(np.random.default_rng(0).normal(size=(2000, 64)), model_key=KEY)
    data = path.read_bytes()
    path.write_bytes(data[:100_000] + bytes(200_000) + data[300_000:])
    with (
        pytest.raises(ValueError, match=r'damaged|no gallery'),
        Gallery(path) as broken,
    ):
        broken.search(np.ones((1, 64)), 5, model_key=KEY)
    path.write_bytes(data)
    sqlite3.connect(path).execute('PRAGMA user_version = 2')
    with pytest.raises(ValueError, match='install a newer mmreid'):
        Gallery(path)


def test_a_full_disk_loses_nothing(tmp_path):
    path = tmp_path / 'g'
    Gallery.create(path, 64, model_key=KEY).close()
    (tmp_path / 'fill.py').write_text("""
import resource, signal, sys
import numpy as np
from mmreid.search import Gallery
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
gallery = Gallery(sys.argv[1])
rows, kept = np.random.default_rng(0).normal(size=(500, 64)), 0
try:
    while True:
        gallery.add(rows, model_key=sys.argv[2])
        kept += 500
except OSError as error:
    print(kept, len(gallery), error)
""")
    done = run_program([tmp_path / 'fill.py', path, KEY])
    assert done.returncode == 0, done.stderr
    kept, counted, message = done.stdout.split(' ', 2)
    assert int(kept) == int(counted) > 0
    assert str(path) in message
    with Gallery(path) as gallery:
        assert len(gallery) == int(kept)
        gallery.add(np.ones((1, 64)), model_key=KEY)
