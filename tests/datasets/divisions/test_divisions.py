"""Published divisions, as files in the forms in which they are published."""

import json
from pathlib import Path

import layouts
import numpy as np
import pytest
from scipy.io import savemat

from mmreid.datasets import RandomSplitDataset, VIPeR


class Tiny(VIPeR):
    COUNTS = layouts.COUNTS['VIPeR']


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return layouts.write(tmp_path / 'VIPeR', 'VIPeR')


def persons(dataset: RandomSplitDataset) -> list[int]:
    every = (dataset.get_data_info(i) for i in range(len(dataset)))
    return sorted({record['person_id'] for record in every})


def write(root: Path, found: object) -> str:
    path = root / 'splits.json'
    path.write_text(json.dumps(found))
    return str(path)


def read(root: Path, division: object, index: int = 0) -> tuple[list[int], list[int]]:
    settings = dict(split_index=index, division=division)
    train, test = (Tiny(root, split=split, **settings) for split in ('train', 'test'))
    assert test.metainfo['num_query'] == test.metainfo['num_gallery'] == 2
    assert train.metainfo['division'] in ('splits.json', 'splits.mat')
    assert 'train_fraction' not in train.metainfo
    return persons(train), persons(test)


OPEN_REID = [
    dict(trainval=[3, 0], train=[3], val=[0], query=[1, 2], gallery=[2, 1]),
    dict(trainval=[1, 2], train=[1], val=[2], query=[0, 3], gallery=[0, 3]),
]


def test_open_reid_counts_persons_from_zero(root: Path) -> None:
    division = dict(file=write(root, OPEN_REID), start=0)
    assert read(root, division) == ([1, 873], [2, 6])
    assert read(root, division, index=1) == ([2, 6], [1, 873])
    assert Tiny.count_splits(dict(division=division)) == 2
    with pytest.raises(ValueError, match='split_index must be from 0 to 1, got 2'):
        Tiny(root, split_index=2, division=division)


def test_without_start_numbers_are_labels(root: Path) -> None:
    with pytest.raises(ValueError, match=r"'3'; .*start=0\) for open-reid") as caught:
        Tiny(root, division=write(root, OPEN_REID))
    assert '1 of 2 persons' in str(caught.value)
    labels = dict(train=[0, '872'], test=['001', 5.0])
    assert read(root, write(root, labels)) == ([1, 873], [2, 6])


def test_prid_names_persons(tmp_path: Path) -> None:
    for person in (1, 2, 10, 11):
        for camera in 'ab':
            name = f'cam_{camera}/person_{person:04d}.png'
            layouts.write_picture(tmp_path / name, person, size=(16, 8))
    division = write(tmp_path, [dict(train=['person_0002'], test=['person_0010'])])
    for person in (r'(?P<person>person_\d+)', r'person_(?P<person>\d+)'):
        arguments = dict(
            pattern=rf'cam_(?P<camera>[ab])/{person}',
            query_cameras='a',
            division=division,
        )
        for split, number in (('train', '0002'), ('test', '0010')):
            dataset = RandomSplitDataset(tmp_path, split=split, **arguments)
            paths = [dataset.get_data_info(i)['img_path'] for i in range(len(dataset))]
            assert [number in path for path in paths] == [True, True]


def test_torchreid_names_pictures(root: Path) -> None:
    def entry(path: str) -> list:
        return [f'/home/somebody/reid-data/viper/VIPeR/{path}', 0, 0]

    division = dict(
        train=[entry('cam_a/000_45.bmp'), entry('cam_b/000_45.bmp')],
        query=[entry('cam_b/001_90.bmp'), entry('cam_b/005_180.bmp')],
        gallery=[entry('cam_a/001_45.bmp'), entry('cam_a/005_0.bmp')],
        num_train_pids=1,
    )
    path = write(root, [division])
    train = Tiny(root, division=path, check=False)
    assert persons(train) == [1]
    test = Tiny(root, split='test', division=path)
    cameras = [(r['is_query'], r['cam_id']) for r in map(test.get_data_info, range(4))]
    assert cameras == [(True, 2), (True, 2), (False, 1), (False, 1)]
    names = {k: [e[0] for e in v] for k, v in division.items() if k != 'num_train_pids'}
    assert persons(Tiny(root, division=write(root, names), check=False)) == [1]
    division['train'].append(entry('cam_b/777_45.bmp'))
    with pytest.raises(ValueError, match=r"1 of 7 pictures .*'cam_b/777_45\.bmp'"):
        Tiny(root, division=write(root, [division]))


def test_pictures_of_one_name_in_folders_of_one_name(
    tmp_path: Path, monkeypatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr('mmreid.datasets.random_splits.warn_once', told.append)
    names = [f'cam{camera}/{person}/1.jpg' for camera in (1, 2) for person in (3, 4, 5)]
    for name in names:
        layouts.write_picture(tmp_path / name, 1, size=(16, 8))
    parts = dict(train=[names[0], names[3]], query=[names[1]], gallery=[names[4]])
    division = {
        part: [f'D:\\data\\{name}'.replace('/', '\\') for name in own]
        for part, own in parts.items()
    }
    settings = dict(pattern=r'cam(?P<camera>\d)/(?P<person>\d)/1')
    path = write(tmp_path, division)
    train = RandomSplitDataset(tmp_path, division=path, **settings)
    assert [r['cam_id'] for r in map(train.get_data_info, range(2))] == [1, 2]
    test = RandomSplitDataset(tmp_path, 'test', division=path, **settings)
    assert [r['cam_id'] for r in map(test.get_data_info, range(2))] == [1, 2]
    assert all('left out 2 of 6 pictures' in text for text in told)
    assert len(told) == 3
    division['train'] += division['gallery']
    with pytest.raises(ValueError, match=r'1 pictures .* for training and testing'):
        RandomSplitDataset(tmp_path, division=write(tmp_path, division), **settings)


@pytest.mark.parametrize(
    ('train', 'test', 'message'),
    [
        ([[1, 2], [1, 2]], [[3, 3], [4, 5]], 'a person twice in division 0 of 2'),
        ([[1, 2], [1, 3]], [[3, 4], [3, 4]], 'a person twice in division 1 of 2'),
        ([[1, 2], [3, 4]], [[3, 4]], '2 divisions for training and 1 for testing'),
    ],
)
def test_matrices_that_divide_nothing(
    root: Path, train: list, test: list, message: str
) -> None:
    path = str(root / 'splits.mat')
    savemat(path, dict(train=np.array(train), test=np.array(test)))
    with pytest.raises(ValueError, match=message):
        Tiny(root, division=dict(file=path, start=1))


@pytest.mark.parametrize('dtype', [float, np.uint16])
def test_matlab_counts_persons_from_one(root: Path, dtype: type) -> None:
    path = str(root / 'splits.mat')
    both = dict(idxTrain=[[4, 1], [2, 3]], idxTest=[[2, 3], [1, 4]])
    savemat(path, {name: np.array(rows, dtype) for name, rows in both.items()})
    division = dict(file=path, start=1)
    assert read(root, division) == ([1, 873], [2, 6])
    assert read(root, division, index=1) == ([2, 6], [1, 873])
    savemat(path, {name: np.array(rows[1:], dtype).T for name, rows in both.items()})
    assert read(root, division) == ([2, 6], [1, 873])  # a column, not two rows
    permutations = np.array([[4, 1, 2, 3], [2, 3, 1, 4]], dtype)
    savemat(path, dict(ls_set=permutations))
    assert read(root, dict(division, train_half='first')) == ([1, 873], [2, 6])
    assert read(root, dict(division, train_half='second')) == ([2, 6], [1, 873])
    with pytest.raises(ValueError, match=r"train_half='first' .* \['ls_set'\]"):
        Tiny(root, division=division)


def test_persons_in_no_part_are_left_out_aloud(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr('mmreid.datasets.random_splits.warn_once', told.append)
    division = write(root, dict(train=[0], test=[1, 5]))
    test = Tiny(root, split='test', division=division)
    assert persons(test) == [2, 6]
    assert 'left out 1 persons' in told[0]


@pytest.mark.parametrize(
    ('found', 'message'),
    [
        (dict(train=[0]), 'must list train .* and test'),
        (dict(train=[], test=[1]), 'must list train'),
        (dict(test=[1]), 'must list train'),
        ([1, 2], 'a list of divisions, each an object'),
        (dict(train=['a/0.jpg'], test=['a/1.jpg']), 'must have train, query'),
        (dict(train=[0], query=['a/0.jpg'], gallery=[1]), 'names pictures, so'),
        (dict(train=[0, 1], test=[1, 5]), "1 persons .* training and testing: '2'"),
    ],
)
def test_broken_files(root: Path, found: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Tiny(root, division=write(root, found))


@pytest.mark.parametrize(
    ('division', 'message'),
    [
        (dict(start=0), 'division must be a file or dict'),
        (dict(file='x.json', begin=0), 'division must be a file or dict'),
        (dict(file='x.json', start=2), 'start must be one of .* got 2'),
        (dict(file='x.mat', train_half=1), 'train_half must be one of'),
    ],
)
def test_wrong_settings(root: Path, division: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Tiny(root, division=division)


def test_files_that_are_none(root: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r'none\.json'):
        Tiny(root, division=root / 'none.json')
    (root / 'splits.json').write_text('{')
    with pytest.raises(ValueError, match='is not JSON'):
        Tiny(root, division=root / 'splits.json')
