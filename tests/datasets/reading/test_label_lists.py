"""Lists with a path and a label in every line, as many programs write them."""

import os
import unicodedata
from pathlib import Path

import pytest

from mmreid.datasets import DukeMTMCReID, Market1501, RandomSplitDataset, ReIDDataset
from mmreid.datasets.checking import check_datasets, find_splits
from mmreid.datasets.reading.label_lists import read_label_list
from mmreid.datasets.reading.rows import Row

LISTS = dict(
    train='a/1.jpg 0\na/2.JPG 0\n\nb/1.jpg 1\n',
    query='c/1.jpg 7\n',
    gallery='c/2.jpg 7\nd/my holiday.jpg 8\n',
)


@pytest.fixture
def lists(tmp_path: Path) -> dict[str, str]:
    for part, text in LISTS.items():
        (tmp_path / f'{part}.txt').write_text(text)
        for line in filter(None, text.split('\n')):
            path = tmp_path / line.rsplit(' ', 1)[0]
            path.parent.mkdir(exist_ok=True)
            path.touch()
    return {part: str(tmp_path / f'{part}.txt') for part in LISTS}


def summary(dataset: ReIDDataset) -> list[tuple]:
    every = (dataset.get_data_info(i) for i in range(len(dataset)))
    return [
        (os.path.basename(r['img_path']), r['person_id'], r['is_query']) for r in every
    ]


def test_lists_of_the_parts(lists: dict[str, str], tmp_path: Path) -> None:
    train = ReIDDataset(table=lists, person_offset=1)
    assert summary(train) == [
        ('1.jpg', 1, False),
        ('2.JPG', 1, False),
        ('1.jpg', 2, False),
    ]
    test = ReIDDataset(tmp_path, table=lists, split='test')
    assert summary(test) == [
        ('1.jpg', 7, True),
        ('2.jpg', 7, False),
        ('my holiday.jpg', 8, False),
    ]
    assert test.metainfo['cameras'] is False
    with pytest.raises(ValueError, match="no list of 'query', only"):
        ReIDDataset(table=dict(gallery=lists['gallery']), split='test')
    settings = dict(type='ReIDDataset', table=lists, person_offset=1)
    report = check_datasets([find_splits(settings)], decode=False)
    assert [len(rows) for rows in report.data_sets[0].records.values()] == [3, 1, 2]


def test_lists_are_divided_anew(lists: dict[str, str]) -> None:
    splits = [
        RandomSplitDataset(table=lists, split=split, person_offset=1)
        for split in ('train', 'test')
    ]
    one, two = ({row[1] for row in summary(split)} for split in splits)
    assert (one | two, one & two) == ({1, 2, 8, 9}, set())


@pytest.mark.parametrize('separator', [' ', '\t', ',', ', ', ';', ':', '   '])
@pytest.mark.parametrize('camera', ['', '3'])
def test_separators(tmp_path: Path, separator: str, camera: str) -> None:
    fields = ['x/my a, b.jpg.jpg', 'Zoë', *filter(None, [camera])]
    (tmp_path / 'l.txt').write_text(
        separator.join(fields) + '\r\n', encoding='utf-8-sig'
    )
    (row,) = read_label_list(str(tmp_path / 'l.txt'), '/root')
    assert row == Row('/root/x/my a, b.jpg.jpg', 'Zoë', camera or None)


def test_names_tell_the_cameras(tmp_path: Path) -> None:
    names = ('0002_c1s1_000451_03.jpg', '0002_c3s1_000551_01.jpg.jpg')
    lines = [f'bounding_box_train/{name} 0' for name in names]
    (tmp_path / 'train.txt').write_text('\n'.join(lines))
    (tmp_path / 'bounding_box_train').mkdir()
    (tmp_path / 'bounding_box_train' / names[0]).touch()
    table = dict(train=str(tmp_path / 'train.txt'))
    dataset = Market1501(table=table, check=False, person_offset=1)
    assert [dataset.get_data_info(i)['cam_id'] for i in range(2)] == [1, 3]
    own = ReIDDataset(table=table, person_offset=1, pattern=Market1501.PATTERN)
    assert [own.get_data_info(i)['cam_id'] for i in range(2)] == [1, 3]


@pytest.mark.parametrize(
    ('name', 'picture', 'time', 'frame'),
    [
        (Market1501, '0001_c2s3_000901_00.jpg', 163691 + 164677 + 901, 901),
        (DukeMTMCReID, '0005_c2_f0046985.jpg', 46985 + 3606, 46985),
    ],
)
def test_a_list_tells_the_times_that_a_folder_would(
    tmp_path: Path, name: type[ReIDDataset], picture: str, time: int, frame: int
) -> None:
    for folder in ('bounding_box_train', 'elsewhere'):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / picture).touch()
    (tmp_path / 'l.txt').write_text(f'elsewhere/{picture} 7 gate')
    table = dict(train=str(tmp_path / 'l.txt'))
    for told in (dict(data_root=tmp_path), dict(table=table)):
        assert name(**told, check=False).get_data_info(0)['time'] == time
    # Whoever brings a pattern says what it reads.
    pattern = name.PATTERN + '(?#own)'
    own = name(table=table, check=False, pattern=pattern)
    assert own.get_data_info(0)['time'] == frame


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('a.jpg', "1 lines .* not the path .* 'line 1: a.jpg'"),
        ('a.jpg 1 2 3', 'line 1: a.jpg 1 2 3'),
        ('a 1', 'line 1: a 1'),
        ('a.jpg nan', 'line 1: a.jpg nan'),
        ('a.jpg 1\na.jpg 2', 'line 2, once more: a.jpg 2'),
        ('a.jpg 1\n./a.jpg 2', 'line 2, once more: ./a.jpg 2'),
        ('\n', 'lists no picture'),
    ],
)
def test_faults(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / 'l.txt').write_text(text)
    with pytest.raises(ValueError, match=message):
        ReIDDataset(table=dict(train=str(tmp_path / 'l.txt')))


def test_lists_of_other_programs(tmp_path: Path) -> None:
    path = tmp_path / 'l.txt'
    path.write_text('a\\1.jpg Zoë\r\n\r\n', encoding='utf-16')
    (row,) = read_label_list(str(path), '/root')
    assert (row.path, row.person) == ('/root/a/1.jpg', 'Zoë')
    (tmp_path / 'a\\1.jpg').touch()  # a name that has the sign
    (row,) = read_label_list(str(path), str(tmp_path))
    assert row.path == str(tmp_path / 'a\\1.jpg')
    decomposed, composed = (
        unicodedata.normalize(form, 'ë.jpg') for form in ('NFD', 'NFC')
    )
    for written, there in ((decomposed, composed), (composed, decomposed)):
        folder = tmp_path / str(len(there))
        folder.mkdir()
        (folder / there).touch()
        path.write_text(f'{written} 1', encoding='utf-8')
        (row,) = read_label_list(str(path), str(folder))
        assert row.path == str(folder / there)
    path.write_text('a/1.jpg Zoë', encoding='latin-1')
    with pytest.raises(ValueError, match=r"l\.txt' is not UTF-8 text"):
        read_label_list(str(path), '/root')


@pytest.mark.parametrize('table', [{}, dict(val='val.txt')])
def test_parts_that_are_none(table: dict) -> None:
    with pytest.raises(ValueError, match='table may be a dict of lists of'):
        ReIDDataset(table=table)
