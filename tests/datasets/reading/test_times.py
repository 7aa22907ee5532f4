"""When pictures were taken, as names and tables tell it."""

import cv2
import numpy as np
import pytest

from mmreid.datasets import ReIDDataset
from mmreid.datasets.reading.file_names import compile_pattern, parse_name
from mmreid.datasets.reading.label_lists import read_label_list
from mmreid.datasets.reading.tables import read_table, write_table
from mmreid.datasets.reading.times import read_time


@pytest.mark.parametrize(
    ('written', 'time'),
    [
        ('000451', 451),
        (7.0, 7),
        ('-3', -3),
        ('12.25', 12.25),
        ('12,25', 12.25),
        ('1e3', 1000),
        (np.float32(0.5), 0.5),
        ('1970-01-01T00:01:00', 60),
        ('1970-01-01 01:00:00.5+01:00', 0.5),
        ('', None),
        (None, None),
        (float('nan'), None),
    ],
)
def test_spellings(written, time):
    assert read_time(written) == time


@pytest.mark.parametrize('written', ['noon', '12:30', 'inf', '1.2.3'])
def test_what_is_no_time(written):
    with pytest.raises(ValueError, match=r'frame must be a .*number'):
        read_time(written, 'frame')


def test_a_pattern_tells_the_clock():
    frames = compile_pattern(r'(?P<person>\d+)(-(?P<frame>\w+))?')
    assert parse_name(frames, '1-20.jpg') == dict(person='1', time=20, clock='camera')
    assert parse_name(frames, '1.jpg') == dict(person='1')
    shared = compile_pattern(r'(?P<person>\d+)-(?P<time>\d+)-(?P<frame>\d+)')
    assert parse_name(shared, '1-7-9.jpg') == dict(person='1', time=7, clock='shared')
    with pytest.raises(ValueError, match=r"'1-late.jpg': frame must be"):
        parse_name(frames, '1-late.jpg')


def test_lists_take_it_from_the_name(tmp_path):
    (tmp_path / 'l.txt').write_text('7_20.jpg 7\n')
    pattern = compile_pattern(r'(?P<person>\d+)_(?P<time>\d+)')
    (row,) = read_label_list(str(tmp_path / 'l.txt'), '/root', pattern)
    assert (row.time, row.clock) == (20, 'shared')


def write_picture(path):
    cv2.imwrite(str(path), np.zeros((8, 4, 3), np.uint8))


def own_table(folder, cells, column='time'):
    lines = [f'{n}.jpg,1,{n},query,{cell}' for n, cell in enumerate(cells)]
    table = folder / 'a.csv'
    table.write_text('\n'.join([f'path,person,camera,split,{column}', *lines]))
    return table


def test_records_have_the_times_that_are_known(tmp_path):
    table = own_table(tmp_path, ['1.5', '', '2024-05-01T00:00:00'])
    for name in '012':
        write_picture(tmp_path / f'{name}.jpg')
    table.write_text(table.read_text() + '\n0.jpg,1,1,gallery,3')
    own = ReIDDataset(table=table, split='test', source='here')
    records = [own.get_data_info(n) for n in range(4)]
    assert [r.get('time') for r in records] == [1.5, None, 1714521600, 3]
    assert 'time' not in records[1]
    assert own.metainfo['clock'] == 'shared'


@pytest.mark.parametrize('column', ['time', 'frame'])
def test_tables_are_written_as_they_were_read(tmp_path, column):
    parts = read_table(str(own_table(tmp_path, ['1.5', '', '7'], column)))
    write_table(str(tmp_path / 'b.csv'), parts)
    assert read_table(str(tmp_path / 'b.csv')) == parts
    assert (tmp_path / 'b.csv').read_text().split('\n')[0].strip() == (
        f'path,person,camera,clothes,{column},split'
    )


def test_a_table_with_a_wrong_time(tmp_path):
    with pytest.raises(ValueError, match=r'line 3.*time must be a number.*noon'):
        read_table(str(own_table(tmp_path, ['1', 'noon'])))


def test_clocks_are_not_mixed(tmp_path):
    (tmp_path / 'a.json').write_text(
        '[{"path": "0.jpg", "person": 1, "split": "train", "time": 1.5},'
        ' {"path": "1.jpg", "person": 1, "split": "train", "frame": 4}]'
    )
    for name in '01':
        write_picture(tmp_path / f'{name}.jpg')
    with pytest.raises(ValueError, match='tell their time in one way'):
        ReIDDataset(table=tmp_path / 'a.json', source='here').full_init()
