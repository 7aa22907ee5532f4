"""A user's own pictures: names by pattern, tables, data without cameras."""

import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
from layouts import touch

from mmreid.datasets import RandomSplitDataset, ReIDDataset
from mmreid.datasets.reading.rows import Row
from mmreid.datasets.reading.tables import read_table, write_table

HEADER = 'path,person,camera,split\n'


def summary(dataset: ReIDDataset) -> list[tuple]:
    keys = ('person_id', 'cam_id', 'gt_label', 'is_query')
    every = (dataset.get_data_info(i) for i in range(len(dataset)))
    return [(os.path.basename(r['img_path']), *(r[k] for k in keys)) for r in every]


def test_names_of_persons_and_cameras_are_numbered_in_sorted_order(
    tmp_path: Path,
) -> None:
    touch(tmp_path, 'query/zoë_yard_1.jpg', 'gallery/zoë_door_2.jpg')
    touch(tmp_path, 'gallery/alice_yard_7.jpg', 'gallery/distractor_door_1.jpg')
    pattern = r'(?P<person>[^_]+)_(?P<camera>[^_]+)_\d+'
    dataset = ReIDDataset(tmp_path, split='test', pattern=pattern)
    assert summary(dataset) == [
        ('zoë_yard_1.jpg', 2, 2, -1, True),
        ('alice_yard_7.jpg', 1, 2, -1, False),
        ('distractor_door_1.jpg', 0, 1, -1, False),
        ('zoë_door_2.jpg', 2, 1, -1, False),
    ]


def test_persons_from_zero_need_an_offset(tmp_path: Path) -> None:
    touch(tmp_path, 'train/0_c1.jpg', 'train/0_c2.jpg', 'train/5_c1.jpg')
    pattern = r'(?P<person>\d+)_c(?P<camera>\d)'
    left_out = ReIDDataset(tmp_path, pattern=pattern)
    assert [row[0] for row in summary(left_out)] == ['5_c1.jpg']
    for offset in ('1', 1.0, -1):
        with pytest.raises(ValueError, match='person_offset must be a whole number'):
            ReIDDataset(tmp_path, pattern=pattern, person_offset=offset)
    whole = ReIDDataset(tmp_path, pattern=pattern, person_offset=1)
    assert summary(whole) == [
        ('0_c1.jpg', 1, 1, 0, False),
        ('0_c2.jpg', 1, 2, 0, False),
        ('5_c1.jpg', 6, 1, 1, False),
    ]


def test_a_slash_in_the_pattern_searches_folders(tmp_path: Path) -> None:
    touch(tmp_path, 'train/ann/b/2.jpg', 'train/ann/a/1.PNG', 'train/bob/a/1.jpg')
    touch(tmp_path, 'train/.git/a/1.jpg', 'train/ann/a/notes.txt')
    pattern = r'(?P<person>\w+)/(?P<camera>\w+)/\d+'
    dataset = ReIDDataset(tmp_path, pattern=pattern)
    assert summary(dataset) == [
        ('1.PNG', 1, 1, 0, False),
        ('2.jpg', 1, 2, 0, False),
        ('1.jpg', 2, 1, 1, False),
    ]


@pytest.mark.parametrize('pattern', [r'(?P<person>\d+)_\d', r'(?P<person>\d+)_\d.*'])
def test_without_cameras_each_picture_is_its_own(tmp_path: Path, pattern: str) -> None:
    touch(tmp_path, 'both/1_1.jpg', 'both/1_2.jpg', 'both/2_1.jpg')
    folders = dict(query='both', gallery='both')
    dataset = ReIDDataset(tmp_path, split='test', pattern=pattern, folders=folders)
    query, gallery = np.array([row[2] for row in summary(dataset)]).reshape(2, 3)
    assert (query == gallery).all()  # the same file is the same camera
    assert len(set(query)) == 3
    assert dataset.metainfo['cameras'] is False
    assert dataset.metainfo['num_cams'] == 0


def test_some_cameras_are_worse_than_none(tmp_path: Path) -> None:
    touch(tmp_path, 'train/1_c1.jpg', 'train/2.jpg')
    pattern = r'(?P<person>\d+)(_c(?P<camera>\d))?'
    with pytest.raises(ValueError, match=r'all pictures or none .* 1 of 2 .*2\.jpg'):
        ReIDDataset(tmp_path, pattern=pattern)


def test_clothes_are_numbered_apart_for_every_person(tmp_path: Path) -> None:
    touch(tmp_path, 'query/1_a_c1.jpg', 'gallery/1_b_c1.jpg', 'gallery/2_a_c2.jpg')
    pattern = r'(?P<person>\d)_(?P<clothes>\w)_c(?P<camera>\d)'
    dataset = ReIDDataset(tmp_path, split='test', pattern=pattern)
    assert [dataset.get_data_info(i)['clothes_id'] for i in range(3)] == [1, 2, 3]


TABLE = [
    dict(path='Bilder/ä 1.jpg', person='Zoë', camera='yard', split='query'),
    dict(path='Bilder/ä 2.jpg', person='Zoë', camera='door', split='gallery'),
    dict(path='Bilder/3.jpg', person='Ann', camera='door', split='gallery'),
    dict(path='Bilder/4.jpg', person='Ann', camera='door', split='train'),
]


def write(path: Path, rows: list[dict]) -> Path:
    if path.suffix == '.json':
        path.write_text(json.dumps(rows), encoding='utf-8')
        return path
    lines = [','.join(rows[0]), *(','.join(map(str, row.values())) for row in rows)]
    path.write_text('\ufeff' + '\n'.join(lines), encoding='utf-8')  # as Excel does
    return path


@pytest.mark.parametrize('name', ['mine.csv', 'mine.json', 'Märkte.CSV'])
def test_table(tmp_path: Path, name: str) -> None:
    table = write(tmp_path / name, TABLE)
    for root in (tmp_path, tmp_path / 'elsewhere'):
        touch(root, *(row['path'] for row in TABLE))
    dataset = ReIDDataset(table=table, split='test')
    assert summary(dataset) == [
        ('ä 1.jpg', 2, 2, -1, True),
        ('ä 2.jpg', 2, 1, -1, False),
        ('3.jpg', 1, 1, -1, False),
    ]
    assert dataset.get_data_info(0)['img_path'] == str(tmp_path / 'Bilder/ä 1.jpg')
    root = str(tmp_path / 'elsewhere')
    elsewhere = ReIDDataset(root, table=str(table))
    assert elsewhere.get_data_info(0)['img_path'] == f'{root}/Bilder/4.jpg'


def test_paths_of_a_table_belong_to_another_folder(tmp_path: Path) -> None:
    table = write(tmp_path / 't.csv', TABLE)
    touch(tmp_path, TABLE[1]['path'])  # one of the two parts of the split is enough
    assert len(ReIDDataset(table=table, split='test')) == 3
    with pytest.raises(FileNotFoundError, match=r'None of the 1 pictures.*4\.jpg'):
        ReIDDataset(table=table)
    # As where a config inherits the folder of another data set.
    with pytest.raises(FileNotFoundError, match='set data_root to the folder'):
        ReIDDataset(tmp_path / 'market1501', table=table, split='test')


def test_table_with_numbers_and_without_cameras(tmp_path: Path) -> None:
    rows = [
        {k: v for k, v in row.items() if k != 'camera'} | dict(person=i)
        for i, row in enumerate(TABLE, start=-1)
    ]
    touch(tmp_path, rows[0]['path'])
    dataset = ReIDDataset(table=write(tmp_path / 't.json', rows), split='test')
    assert [row[1] for row in summary(dataset)] == [-1, 0, 1]
    assert dataset.metainfo['cameras'] is False


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('path,person\n', r"lacks \['split'\]"),
        (HEADER, 'has no row'),
        (HEADER + 'a.jpg,,1,train\n', r"line 2: no value for \['person'\]"),
        (HEADER + 'a.jpg,1,1,train\nb.jpg,1,1\n', r"line 3: no value for \['split'\]"),
        (HEADER + 'a.jpg,1,1,train\n' * 2, r"line 3: 'a.jpg' is there twice"),
        (HEADER + 'a.jpg,1,1,test\n', r"no picture whose split is 'train', only"),
        (HEADER + 'a.jpg,-2,1,train\n', 'got -2'),
    ],
)
def test_faults_of_a_table(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / 't.csv').write_text(text)
    with pytest.raises(ValueError, match=message):
        ReIDDataset(table=tmp_path / 't.csv')


@pytest.mark.parametrize('text', ['{', '{"a": 1}', '[1]'])
def test_broken_json(tmp_path: Path, text: str) -> None:
    (tmp_path / 't.json').write_text(text)
    with pytest.raises(ValueError, match=re.escape(str(tmp_path / 't.json'))):
        ReIDDataset(table=tmp_path / 't.json')


def test_no_table(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r'none\.csv'):
        ReIDDataset(table=tmp_path / 'none.csv')


def test_written_tables_are_read_back(tmp_path: Path) -> None:
    parts = dict(
        train=[Row(str(tmp_path / 'ö/1.jpg'), 'a,"b"', 1), Row('/x/2.jpg', 3, 'c', 4)],
        query=[Row(str(tmp_path / '3.jpg'), 'junk')],
    )
    write_table(str(tmp_path / 't.csv'), parts)
    assert [*tmp_path.iterdir()] == [tmp_path / 't.csv']
    found = read_table(str(tmp_path / 't.csv'))
    assert found == {
        'train': [
            Row(str(tmp_path / 'ö/1.jpg'), 'a,"b"', '1'),
            Row('/x/2.jpg', '3', 'c', '4'),
        ],
        'query': [Row(str(tmp_path / '3.jpg'), 'junk')],
    }


def test_source_of_names_must_be_one(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match='must be given, got neither'):
        ReIDDataset(tmp_path)
    with pytest.raises(ValueError, match='not both'):
        ReIDDataset(tmp_path, table='t.csv', pattern='(?P<person>.*)')
    with pytest.raises(ValueError, match='data_root, the folder'):
        ReIDDataset(pattern='(?P<person>.*)')


def test_names_that_are_not_utf8_are_refused(tmp_path: Path) -> None:
    """Results could not name these pictures after all the work."""
    touch(tmp_path, 'train/1_a.jpg')
    latin = os.fsdecode('2_ä.jpg'.encode('latin-1'))
    touch(tmp_path / 'train', latin)
    with pytest.raises(ValueError, match=r'2_.udce4\.jpg.*convmv'):
        ReIDDataset(tmp_path, pattern=r'(?P<person>\d)_.*')
    with pytest.raises(ValueError, match=r'udce4.*convmv'):
        ReIDDataset(tmp_path / latin, pattern=r'(?P<person>\d)_.*')
    row = dict(path=latin, person=1, split='train')
    table = tmp_path / 'train/t.json'
    table.write_text(json.dumps([row]), encoding='utf-8')
    with pytest.raises(ValueError, match=r'udce4.*convmv'):
        ReIDDataset(table=table)


def test_pipes_and_devices_are_refused_without_opening_them(tmp_path: Path) -> None:
    touch(tmp_path, 'train/1_a.jpg')
    os.mkfifo(tmp_path / 'train/1_b.jpg')
    (tmp_path / 'train/1_c.jpg').symlink_to('/dev/zero')
    (tmp_path / 'train/1_d.jpg').symlink_to('1_a.jpg')
    with pytest.raises(ValueError, match=r"1_[bc]\.jpg' is a pipe, socket or device"):
        ReIDDataset(tmp_path, pattern=r'(?P<person>\d)_.*')
    (tmp_path / 'train/pipe.txt').symlink_to('1_b.jpg')  # no picture
    rows = [
        dict(path=f'train/1_{name}.jpg', person=1, split='train') for name in 'abcd'
    ]
    table = write(tmp_path / 't.csv', rows)
    with pytest.raises(ValueError, match=r'2 of 4 .*1_[bc]\.jpg.*out of the table'):
        ReIDDataset(table=table)
    table = write(tmp_path / 't.csv', [rows[0], rows[3]])
    assert len(ReIDDataset(table=table)) == 2


def test_pictures_that_a_table_names_and_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr('mmreid.datasets.reading.rows.warn_once', told.append)
    touch(tmp_path, 'a/1.jpg')
    (tmp_path / 'a/2.jpg').symlink_to('1.jpg')
    (tmp_path / 'a/3.jpg').symlink_to('none.jpg')
    (tmp_path / 'a/4.jpg').mkdir()
    names = ('a/1.jpg', 'a/2.jpg', 'a/3.jpg', 'a/4.jpg', 'a/5.jpg', 'b/6.jpg')
    rows = [dict(path=name, person=1, split='train') for name in names]
    ReIDDataset(table=write(tmp_path / 't.csv', rows[:2]))
    assert not told
    ReIDDataset(table=write(tmp_path / 't.csv', rows))
    assert told[0].startswith('4 of 6 pictures of')
    assert all(name in told[0] for name in names[2:])
    with pytest.raises(FileNotFoundError, match='None of the 4 pictures'):
        ReIDDataset(table=write(tmp_path / 't.csv', rows[2:]))


@pytest.mark.parametrize('kind', [ReIDDataset, RandomSplitDataset])
def test_a_table_is_read_once_for_all_parts(
    kind: type[ReIDDataset], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path, 'a.jpg', 'b.jpg', 'c.jpg')
    table = tmp_path / 'table.csv'
    table.write_text(HEADER + 'a.jpg,1,1,query\nb.jpg,1,2,gallery\nc.jpg,2,1,gallery\n')
    paths: list[str] = []

    def read(path: str, *others: object) -> dict[str, list[Row]]:
        paths.append(path)
        return read_table(path, *others)

    monkeypatch.setattr('mmreid.datasets.reading.part_reader.read_table', read)
    assert len(kind(table=table, split='test')) > 0
    assert paths == [str(table)]
    kind(table=table, split='test')
    assert paths == [str(table)] * 2  # it may have changed since
