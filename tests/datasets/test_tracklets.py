"""Tracklets in names of files and in tables."""

import cv2
import numpy as np
import pytest

from mmreid.datasets import ReIDDataset
from mmreid.datasets.reading.rows import Row
from mmreid.datasets.reading.tables import read_table, write_table


def write_picture(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.zeros((8, 4, 3), np.uint8))


def test_names_tell_them(tmp_path):
    for part in ('query', 'gallery'):
        for tracklet in (1, 12):
            write_picture(tmp_path / part / f'0007C2T{tracklet:04d}F001.jpg')
    pattern = r'(?P<person>\d+)C(?P<camera>\d)T(?P<tracklet>\d+)F\d+'
    own = ReIDDataset(tmp_path, 'test', pattern=pattern, source='here')
    found = [own.get_data_info(n)['tracklet_id'] for n in range(len(own))]
    assert found == [1, 12, 1, 12]


def test_tables_tell_them(tmp_path):
    (tmp_path / 'a.csv').write_text(
        'path,person,camera,tracklet,frame,split\n'
        'a.jpg,1,1,left,5,query\nb.jpg,1,2,,6,query\nc.jpg,1,2,left,7,gallery\n'
    )
    for name in 'abc':
        write_picture(tmp_path / f'{name}.jpg')
    own = ReIDDataset(table=tmp_path / 'a.csv', split='test', source='here')
    found = [own.get_data_info(n)['tracklet_id'] for n in range(len(own))]
    assert (found[0] == found[2] >= 0, found[1]) == (True, -1)
    parts = read_table(str(tmp_path / 'a.csv'))
    write_table(str(tmp_path / 'b.csv'), parts)
    assert read_table(str(tmp_path / 'b.csv')) == parts
    expected = Row(str(tmp_path / 'b.jpg'), '1', '2', time=6, clock='camera')
    assert parts['query'][1] == expected


@pytest.mark.parametrize('column', ['', ',clothes'])
def test_most_data_have_none(tmp_path, column):
    cell = ',2' if column else ''
    (tmp_path / 'a.csv').write_text(
        f'path,person,split{column}\na.jpg,1,query{cell}\nb.jpg,1,gallery{cell}\n'
    )
    for name in 'ab':
        write_picture(tmp_path / f'{name}.jpg')
    own = ReIDDataset(table=tmp_path / 'a.csv', split='test', source='here')
    assert 'tracklet_id' not in own.get_data_info(0)
