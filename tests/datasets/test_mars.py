"""MARS's lists, in a small tree of its layout."""

import pytest
from mars_tree import TEST, write_mars
from scipy.io import savemat

from mmreid.datasets import MARS


@pytest.fixture
def root(tmp_path):
    return write_mars(tmp_path)


def labels(data_set):
    keys = ('person_id', 'cam_id', 'tracklet_id', 'is_query')
    records = [data_set.get_data_info(n) for n in range(len(data_set))]
    return [tuple(int(record[key]) for key in keys) for record in records]


def test_tracklets_are_read(root):
    train = MARS(root, check=False)
    assert labels(train) == [(1, 1, 1, 0), (1, 1, 1, 0), (1, 2, 1, 0), (3, 1, 1, 0)]
    found = labels(MARS(root, 'test', check=False))
    assert found[:3] == [(2, 1, 1, 1), (2, 1, 1, 1), (4, 5, 1, 1)]
    # The queries are in the gallery, too.
    assert found[3:6] == [(-1, 1, 1, 0), (0, 1, 1, 0), (2, 1, 1, 0)]
    assert len(found) == 3 + len(TEST)


def test_the_published_numbers_are_compared(root):
    with pytest.raises(ValueError, match='expected 8,298 tracklets of train, found 3'):
        MARS(root)
    assert dict(MARS.TRACKLETS) == dict(train=8298, query=1980, gallery=12180)
    assert MARS.COUNTS['train'] == dict(images=509914, ids=625, cams=6)


@pytest.mark.parametrize(
    ('file', 'array', 'message'),
    [
        ('query_IDX', [[3, 70]], 'names tracklet 70, but there are 7'),
        ('tracks_test_info', [[1, 99, -1, 1]], 'tracklet of person and camera'),
        ('tracks_test_info', [[8, 99, 4, 5]], 'of the lines 8 to 99'),
        ('tracks_test_info', [[1, 1]], 'must have four columns'),
        ('tracks_test_info', [[2, 2, 7, 1]], 'person and camera .7, 1.'),
    ],
)
def test_lists_that_disagree(root, file, array, message):
    key = 'query_IDX' if file == 'query_IDX' else 'track_test_info'
    savemat(root / 'info' / f'{file}.mat', {key: array})
    with pytest.raises(ValueError, match=message):
        MARS(root, 'test', check=False)


def test_what_is_missing_is_named(root):
    (root / 'info' / 'test_name.txt').unlink()
    with pytest.raises(FileNotFoundError, match=r'test_name\.txt'):
        MARS(root, 'test', check=False)
