"""What a label means is decided by itself, whatever labels are beside it."""

import json
import math
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from mmreid.datasets import RandomSplitDataset, ReIDDataset
from mmreid.datasets.reading.labels import read_label
from mmreid.datasets.reading.rows import Row
from mmreid.datasets.reading.tables import read_table
from mmreid.datasets.records.label_numbers import (
    number_cameras,
    number_persons,
)
from mmreid.datasets.records.making import make_records

NFD = unicodedata.normalize('NFD', 'Zoë')
# Labels that were seen in the world, and who they are beside anybody else.
SPELLINGS = {
    7: (
        7,
        '7',
        '007',
        ' 7 ',
        '7.0',
        '7.',
        7.0,
        '7,0',
        '+7',
        '\uff17',
        '\u0667',
        np.int64(7),
    ),
    -1: (
        -1,
        '-1',
        '-01',
        '-1.0',
        -1.0,
        '00-1',
        '0-1',
        '\u22121',
        '-1,0',
        'junk',
        'JUNK ',
    ),
    0: (0, '0', '0000', '0.0', '0,0', '-0', 0.0, 'distractor', 'Distractor'),
}
MISSING = (
    '',
    ' ',
    'nan',
    'NaN',
    'None',
    'NULL',
    '<NA>',
    'NA',
    None,
    math.nan,
    '#REF!',
    '-1.#IND',
    r'\N',
    '-',
    '?',
)


@pytest.mark.parametrize('others', [[], ['9'], ['ann'], ['ann', '12.0', '10_2']])
@pytest.mark.parametrize('number', SPELLINGS)
def test_numbers_mean_the_same_beside_anything(number: int, others: list) -> None:
    labels = [*SPELLINGS[number], *others]
    found = number_persons(labels)
    assert found[: len(SPELLINGS[number])] == [number] * len(SPELLINGS[number])
    assert number not in found[len(SPELLINGS[number]) :]
    assert len({*found}) == 1 + len(others)


# Spellings of one person each, of whom any may stand beside any other.
PERSONS = [
    ('7', '007', '7.0'), ('-1', '00-1', 'JUNK'), ('0', '0000', 'Distractor'), ('12', ),
    ('ann', ' ann ', '\u200bann \ufeff'), ('Ann', ), ('Zoë', NFD),
    ('1e3', ), ('5.5', ), ('9' * 20, ),
]  # fmt: skip


@pytest.mark.parametrize('seed', range(50))
def test_any_labels_beside_each_other(seed: int) -> None:
    rng = np.random.default_rng(seed)
    who = rng.integers(len(PERSONS), size=8)
    labels = [str(rng.choice(PERSONS[person])) for person in who]
    found = np.array(number_persons(labels))
    assert ((found[:, None] == found) == (who[:, None] == who)).all()
    for person, number in ((0, 7), (1, -1), (2, 0), (3, 12)):
        assert (found[who == person] == number).all()


@pytest.mark.parametrize(
    'label', ['1_02', '1e3', '1.5', '1,5', '1,000', '7a', 'inf', '7 8', True]
)
def test_other_labels_are_names(label: str) -> None:
    assert read_label(label) == str(label)
    assert number_persons([label, 9]) == [10, 9]


def test_names_are_numbered_above_the_numbers_in_sorted_order() -> None:
    labels = ['eve', '5', 'ann', '0', NFD, 'Zoë', 'junk', ' ann']
    assert number_persons(labels) == [8, 5, 7, 0, 6, 6, -1, 7]
    assert number_persons(['eve', 'ann', 'distractor']) == [2, 1, 0]
    assert number_persons(['007', 'junk', '-1', '0', 'ann'], offset=1) == [
        8, -1, -1, 1, 9
    ]  # fmt: skip


def test_numbers_do_not_depend_on_the_order() -> None:
    labels = [*map(str, np.random.default_rng().permutation(50)), 'x', 'y', 'junk']
    shuffled = np.random.default_rng().permutation(labels).tolist()
    first = dict(zip(labels, number_persons(labels), strict=True))
    second = dict(zip(shuffled, number_persons(shuffled), strict=True))
    assert first == second
    assert sorted(first.values()) == [*range(-1, 52)]


def test_numbers_that_int64_does_not_hold_are_persons() -> None:
    big = 20231128121500123456
    labels = [big + 7, f'000{big}', big, f'{big}.0', 10**18 - 1, 'ann']
    most = 10**18 - 1
    found = number_persons(labels)
    assert found == [most + 2, most + 1, most + 1, most + 1, most, most + 3]
    assert np.array(found).dtype == np.int64


@pytest.mark.parametrize('label', MISSING)
def test_a_missing_person_is_an_error_that_names_the_picture(label: object) -> None:
    assert read_label(label) is None
    rows = [Row('a.jpg', 'ann'), Row('b.jpg', label)]
    with pytest.raises(ValueError, match=r"1 of 2 do not .*'b\.jpg'; write .* -1"):
        make_records(dict(train=rows))


@pytest.mark.parametrize('label', [float(2**53), [1], dict(a=1)])
def test_what_is_no_label(label: object) -> None:
    with pytest.raises(ValueError, match='label'):
        read_label(label)


@pytest.mark.parametrize('label', ['-2', '-2.0', -(10**20)])
def test_numbers_below_junk_are_nobody_known(label: object) -> None:
    with pytest.raises(ValueError, match='got -'):
        number_persons(['ann', label])


def test_padded_junk_is_not_mistaken_for_a_name() -> None:
    with pytest.raises(ValueError, match=r"'0-1' is -1 .* '0-2' it may be a name"):
        number_persons(['0-1', '0-2'])
    assert number_persons(['0-2', '1-1']) == [1, 2]


def test_cameras_and_clothes_follow_the_same_rule() -> None:
    cameras = ['2', '02', 'roof', 2.0, 'ROOF', '-1', '00-1', 'junk']
    rows = [Row(f'{n}.jpg', 1, camera) for n, camera in enumerate(cameras)]
    assert number_cameras(rows) == [2, 2, 6, 2, 4, -1, 3, 5]
    clothes = ['1', '01', 1.0, 'red', NFD, 'Zoë', 'nan', None]
    rows = [Row(f'{n}.jpg', 1, 1, dress) for n, dress in enumerate(clothes)]
    records = make_records(dict(train=rows))['train']
    assert [r.get('clothes_id') for r in records] == [1, 1, 1, 3, 2, 2, None, None]
    with pytest.raises(ValueError, match=r"1 of 2 do not: 'b\.jpg'"):
        number_cameras([Row('a.jpg', 1, '1'), Row('b.jpg', 1, 'nan')])


ROWS = [
    ('q/1.jpg', '{p}1', '2', 'query'),
    ('g/1.jpg', '{p}1', '02', 'gallery'),
    ('g/2.jpg', '-1.0', '3.0', 'gallery'),
    ('g/3.jpg', '0', 'roof', 'gallery'),
    ('t/1.jpg', '{p}3', '1', 'train'),
    ('t/2.jpg', '00-1', '1', 'train'),
]


def write(root: Path, person: str, suffix: str) -> ReIDDataset:
    keys = ('path', 'person', 'camera', 'split')
    rows = [[cell.format(p=person) for cell in row] for row in ROWS]
    text = '\n'.join(map(','.join, [keys, *rows]))
    if suffix == '.json':
        text = json.dumps([dict(zip(keys, row, strict=True)) for row in rows])
    for path, *_ in rows:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()
    table = root / f'list{suffix}'
    table.write_text(text, 'utf-8')
    return table


@pytest.mark.parametrize('suffix', ['.csv', '.json'])
def test_tables_of_numbers_and_of_names_say_the_same(
    tmp_path: Path, suffix: str
) -> None:
    found = []
    for person in ('', '00', 'person '):
        table = write(tmp_path, person, suffix)
        test = ReIDDataset(table=table, split='test')
        keys = ('person_id', 'cam_id', 'is_query')
        every = (test.get_data_info(i) for i in range(len(test)))
        train = ReIDDataset(table=table)
        found.append(
            ([[r[key] for key in keys] for r in every], len(train), train.metainfo)
        )
    assert found[0] == found[1] == found[2]
    records, length, metainfo = found[0]
    assert records == [[1, 2, 1], [1, 2, 0], [-1, 3, 0], [0, 4, 0]]
    assert length == metainfo['num_ids'] == 1


def test_folders_follow_the_same_rule(tmp_path: Path) -> None:
    names = ('query/7_c2', 'gallery/007_c02', 'gallery/ann_croof', 'gallery/JUNK_c1')
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f'{name}.jpg').touch()
    pattern = r'(?P<person>[^_]+)_c(?P<camera>\w+)'
    test = ReIDDataset(tmp_path, split='test', pattern=pattern)
    every = [test.get_data_info(i) for i in range(len(test))]
    assert [(r['person_id'], r['cam_id']) for r in every] == [
        (7, 2), (7, 2), (-1, 1), (8, 3)
    ]  # fmt: skip
    (tmp_path / 'gallery/nan_c1.jpg').touch()
    with pytest.raises(ValueError, match=r'must tell its person.*nan_c1\.jpg'):
        ReIDDataset(tmp_path, split='test', pattern=pattern)


@pytest.mark.parametrize('cell', ['', 'nan', ' None '])
def test_the_line_of_a_missing_person_is_told(tmp_path: Path, cell: str) -> None:
    table = tmp_path / 't.csv'
    table.write_text(f'path,person,split\na.jpg,ann,train\nb.jpg,{cell},train\n')
    with pytest.raises(ValueError, match=r"line 3: no value for \['person'\].*-1"):
        read_table(str(table))


@pytest.mark.parametrize(
    ('value', 'told'), [('NaN', 'no value'), ('1e30', r'2\*\*53'), ('[1]', 'text or')]
)
def test_the_entry_of_no_label_is_told(tmp_path: Path, value: str, told: str) -> None:
    table = tmp_path / 't.json'
    table.write_text(f'[{{"path": "a.jpg", "person": {value}, "split": "train"}}]')
    with pytest.raises(ValueError, match=f'entry 0: .*{told}'):
        read_table(str(table))


def test_spellings_of_a_person_stay_in_one_part_of_a_division(tmp_path: Path) -> None:
    pattern = r'(?P<person>\d+)_c(?P<camera>\d+)'
    for person in range(1, 9):
        (tmp_path / f'{person}_c1.jpg').touch()
        (tmp_path / f'{person:03}_c2.jpg').touch()
    arguments = dict(data_root=tmp_path, pattern=pattern, query_cameras='01')
    for index in range(10):
        train, test = (
            RandomSplitDataset(split=split, split_index=index, **arguments)
            for split in ('train', 'test')
        )
        trained = [train.get_data_info(i)['person_id'] for i in range(len(train))]
        tested = [test.get_data_info(i) for i in range(len(test))]
        assert not {*trained} & {r['person_id'] for r in tested}
        assert len(trained) == 8
        assert {r['cam_id'] for r in tested if r['is_query']} == {1}
