"""Whatever lies among one's own pictures is used, refused, or counted aloud."""

import os
from collections.abc import Callable
from pathlib import Path

import cv2
import layouts
import pytest
from layouts import touch

from mmreid.datasets import LoadImage, RandomSplitDataset, ReIDDataset
from mmreid.datasets.checking import Report, check_datasets, find_splits
from mmreid.datasets.reading.file_names import SUFFIXES
from mmreid.datasets.reading.folders import list_contents
from mmreid.datasets.reading.tables import read_table

PATTERN = r'(?P<person>\d+)_c(?P<camera>\d)_\d+'


def own(root: Path, **arguments: object) -> ReIDDataset:
    return ReIDDataset(root, **{'pattern': PATTERN, **arguments})


def names(dataset: ReIDDataset) -> list[str]:
    return [
        os.path.basename(dataset.get_data_info(i)['img_path'])
        for i in range(len(dataset))
    ]


def check(root: Path, **arguments: object) -> Report:
    settings = dict(type='ReIDDataset', data_root=str(root), split='train')
    return check_datasets([find_splits({**settings, **arguments})], decode=False)


# Suffixes


@pytest.mark.parametrize('suffix', SUFFIXES)
def test_what_opencv_reads_is_a_picture(tmp_path: Path, suffix: str) -> None:
    content = 'ppm' if suffix in ('.pgm', '.pbm', '.pnm') else suffix[1:]
    content = 'jpg' if suffix == '.jfif' else content
    if not cv2.haveImageWriter(f'x.{content}'):
        pytest.skip(f'this OpenCV writes no {content}')
    for n, ending in enumerate((suffix, suffix.upper())):
        path = tmp_path / f'train/1_c1_{n}{ending}'
        layouts.write_picture(path.with_suffix(f'.{content}'), n, size=(64, 32))
        path.with_suffix(f'.{content}').rename(path)
    dataset = own(tmp_path)
    assert len(dataset) == 2
    for index in range(2):
        loaded = LoadImage().transform(dataset.get_data_info(index))
        assert loaded['img'].shape == (64, 32, 3)


def test_files_that_may_be_pictures_are_counted(tmp_path: Path, log) -> None:
    touch(tmp_path, 'train/1_c1_0.jpg', 'train/1_c1_1.HEIC', 'train/1_c1_2.heic')
    touch(tmp_path, 'train/1_c1_3', 'train/Thumbs.db', 'train/readme.txt')
    touch(tmp_path, 'train/.hidden.heic', 'train/@eaDir/1_c1_0.jpg')
    assert names(own(tmp_path)) == names(own(tmp_path)) == ['1_c1_0.jpg']
    (told,) = log.messages  # once, not for every reading
    assert '1 without suffix, 2 .heic' in told
    assert "'1_c1_1.HEIC'" in told
    report = check(tmp_path, pattern=PATTERN)
    (note,) = (f for f in report.findings if f.kind == 'passed over')
    assert not note.is_fault
    assert '2 .heic' in note.text
    assert len(note.examples) == 3


def test_a_clean_folder_says_nothing(tmp_path: Path, log) -> None:
    own(touch(tmp_path, 'train/1_c1_0.jpg', 'train/Thumbs.db', 'train/desktop.ini'))
    assert log.messages == []


# Folders below


@pytest.mark.parametrize('beside', [[], ['train/9_c1_0.jpg']])
def test_folders_below_are_refused_without_a_slash(
    tmp_path: Path, beside: list[str], log
) -> None:
    touch(tmp_path, 'train/ann/1_c1_0.jpg', 'train/bob/more/2_c1_0.jpg', *beside)
    with pytest.raises(ValueError, match='2 pictures are in folders below') as caught:
        own(tmp_path)
    advised = r'(.*/)?' + PATTERN
    assert repr(advised) in str(caught.value)
    assert len(own(tmp_path, pattern=advised)) == 2 + len(beside)
    fault = check(tmp_path, pattern=PATTERN).faults[0]
    assert (fault.kind, '2 pictures' in fault.text) == ('unreadable part', True)
    if beside:
        assert names(own(tmp_path, check=False)) == ['9_c1_0.jpg']
        assert '2 in folders below' in log.text


@pytest.mark.parametrize('pattern', [PATTERN, f'{PATTERN}|x'])
def test_the_advised_pattern_keeps_flags(tmp_path: Path, pattern: str) -> None:
    touch(tmp_path, 'train/ann/1_C1_0.jpg')
    with pytest.raises(ValueError, match='folders below') as caught:
        own(tmp_path, pattern='(?i)' + pattern)
    advised = '(?i)(.*/)?' + (f'(?:{pattern})' if '|' in pattern else pattern)
    assert repr(advised) in str(caught.value)
    assert len(own(tmp_path, pattern=advised)) == 1


# Links


def test_links_that_lead_to_nothing(tmp_path: Path, log) -> None:
    touch(tmp_path, 'disk/1_c1_0.jpg', 'train/2_c1_0.jpg')
    (tmp_path / 'train/1_c1_0.jpg').symlink_to(tmp_path / 'disk/1_c1_0.jpg')
    assert len(own(tmp_path)) == 2
    (tmp_path / 'disk').rename(tmp_path / 'unmounted')
    (tmp_path / 'train/3_c1_0.jpg').symlink_to('3_c1_0.jpg')  # to itself
    with pytest.raises(ValueError, match=r"2 links .* nothing: '1_c1_0.jpg', '3_c1"):
        own(tmp_path)
    fault = check(tmp_path, pattern=PATTERN).faults[0]
    assert '2 links' in fault.text
    assert names(own(tmp_path, check=False)) == ['2_c1_0.jpg']
    assert '2 links that lead to nothing' in log.text


def test_linked_folders_are_followed_but_not_in_circles(tmp_path: Path) -> None:
    touch(tmp_path, 'disk/1_c1_0.jpg', 'train/a/2_c1_0.jpg')
    (tmp_path / 'train/more').symlink_to(tmp_path / 'disk')
    (tmp_path / 'disk/up').symlink_to(tmp_path / 'train')
    (tmp_path / 'train/a/self').symlink_to('self')
    dataset = own(tmp_path, pattern='.*/' + PATTERN)
    assert names(dataset) == ['2_c1_0.jpg', '1_c1_0.jpg']
    below = list_contents(str(tmp_path / 'train')).below
    assert below == ['a/2_c1_0.jpg', 'more/1_c1_0.jpg']


# Tables


def write(root: Path, text: str, encoding: str = 'utf-8') -> str:
    for letter in 'abcdef':
        touch(root, f'{letter}.jpg')
    (root / 'list.csv').write_bytes(text.encode(encoding))
    return str(root / 'list.csv')


LINES = 'path,person,camera,split\na.jpg,Zoë,1,query\nb.jpg,Zoë,2,gallery\n'


@pytest.mark.parametrize('encoding', ['utf-8', 'utf-8-sig', 'utf-16'])
@pytest.mark.parametrize(
    'change',
    [
        lambda text: text,
        lambda text: text.replace(',', ';'),
        lambda text: text.replace(',', '\t'),
        lambda text: text.replace(',', ', '),
        lambda text: text.replace('\n', '\r\n'),
        lambda text: text.replace('path,person', ' Path ,PERSON'),
        lambda text: text + ',,,\n\n',
        lambda text: '\n' + text,
        lambda text: 'sep=;\n' + text.replace(',', ';'),
        lambda text: text.replace('\n', '\r'),
        lambda text: text.replace('a.jpg', '.\\a.jpg').replace('b.jpg', './b.jpg'),
        lambda text: '\n'.join(f'{n},{line}' for n, line in enumerate(text.split())),
        lambda text: text.replace('path', '"path"').replace('a.jpg', '"a.jpg"'),
    ],
)
def test_tables_of_other_programs(
    tmp_path: Path, encoding: str, change: Callable[[str], str]
) -> None:
    text = change(LINES).replace('0,path', ',path')
    dataset = ReIDDataset(table=write(tmp_path, text, encoding), split='test')
    read = [dataset.get_data_info(i) for i in range(2)]
    assert [(r['person_id'], r['cam_id'], r['is_query']) for r in read] == [
        (1, 1, True),
        (1, 2, False),
    ]
    paths = [str(tmp_path / name) for name in ('a.jpg', 'b.jpg')]
    assert [os.path.normpath(r['img_path']) for r in read] == paths


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        (LINES.replace('a.jpg', 'a, b.jpg'), 'line 2: 5 cells for 4 columns; put "'),
        (LINES.replace('a.jpg', 'a' * 140_000), r'line \d: field larger than'),
        (LINES.replace(',query', ',"query'), 'line 2: a " is opened that nothing'),
        (LINES.replace('b.jpg', '"b.jpg'), 'line 3: a " is opened that nothing'),
        (
            LINES.replace('Zoë', '"Zoë', 1) + '"',
            r"line 4: several lines in \['person'\]",
        ),
        (LINES + './b.jpg,1,3,gallery\n', r"line 4: './b.jpg' is there twice"),
        (LINES.replace('camera', 'Path'), "has the column 'path' twice"),
        (LINES.replace('camera', 'cam_id'), "column 'cam_id', .* rename it"),
        (LINES.replace('camera', 'CamID'), "column 'camid', .* rename it"),
        (LINES.replace(',split', ' split'), r"lacks \['split'\]"),
    ],
)
def test_faults_of_a_table(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ReIDDataset(table=write(tmp_path, text), split='test')


def test_a_table_in_another_encoding(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match='not UTF-8 text'):
        read_table(write(tmp_path, LINES, 'latin-1'))


@pytest.mark.parametrize(
    'columns', ['x_1,y_1,x_2,y_2', 'xmin,ymin,xmax,ymax', 'X,Y,W,H', 'bbox']
)
def test_boxes_that_nobody_cuts_out_are_refused(
    tmp_path: Path, columns: str, log
) -> None:
    numbers = ',3' * len(columns.split(','))
    lines = [f'path,person,split,{columns}', f'a.jpg,1,train{numbers}']
    table = write(tmp_path, '\n'.join(lines))
    with pytest.raises(ValueError, match=r'tells boxes in the columns .* cut'):
        ReIDDataset(table=table)
    assert len(ReIDDataset(table=table, check=False)) == 1
    assert 'nobody reads the columns' in log.text
    kinds = [f.kind for f in check(tmp_path, data_root=None, table=table).findings]
    assert kinds[:1] == ['unreadable part']
    assert 'not read' in kinds


def test_other_columns_are_named_once(tmp_path: Path, log) -> None:
    lines = ['path,person,split,camera,cam_id,Width', 'a.jpg,1,train,1,30,64']
    table = write(tmp_path, '\n'.join(lines))
    for _ in range(2):
        ReIDDataset(table=table)
    (told,) = log.messages
    assert "['cam_id', 'width']" in told
    report = check(tmp_path, data_root=None, table=table)
    (note,) = (f for f in report.findings if f.kind == 'not read')
    assert note.text.endswith('cam_id, width')


def test_the_spelling_of_a_split_does_not_count(tmp_path: Path, log) -> None:
    splits = ['query', 'gallery', 'Gallery', ' gallery', 'VAL', 'train']
    lines = [f'{n}.jpg,1,{n},{s}' for n, s in zip('abcdef', splits, strict=True)]
    table = write(tmp_path, '\n'.join(['path,person,camera,split', *lines]))
    table_rows = read_table(table)
    assert {part: len(rows) for part, rows in table_rows.items()} == dict(
        query=1, gallery=3, val=1, train=1
    )
    assert ReIDDataset(table=table, split='test').metainfo['num_gallery'] == 3
    assert "'Gallery' (1 rows)" in log.text
    assert "nobody uses the rows whose split is 'val' (1 rows)" in log.text
    log.clear()
    RandomSplitDataset(table=write(tmp_path, LINES.replace('Zoë,1', 'Ann,1')))
    assert log.messages == []


# Persons from 0


def test_persons_from_zero_are_told_with_the_option(tmp_path: Path, log) -> None:
    touch(tmp_path, 'train/0_c1_0.jpg', 'train/1_c1_0.jpg', 'train/2_c1_0.jpg')
    touch(tmp_path, 'query/0_c1_1.jpg', 'query/3_c1_1.jpg', 'gallery/0_c2_1.jpg')
    assert own(tmp_path).metainfo['num_ids'] == 2
    assert '1 of person 0' in log.text
    assert 'train_dataloader.dataset.person_offset=1' in log.text
    log.clear()
    own(tmp_path, split='test')
    assert '1 of 2 queries are of person 0' in log.text
    assert 'test_dataloader.dataset.person_offset=1' in log.text
    # The check agrees with ranking: these queries are evaluated.
    report = check(tmp_path, pattern=PATTERN, split='test')
    (without,) = (f for f in report.findings if f.kind == 'queries without answer')
    assert [os.path.basename(path) for path in without.examples] == ['3_c1_1.jpg']
    log.clear()
    for split in ('train', 'test'):
        own(tmp_path, split=split, person_offset=1)
    assert log.messages == []
    touch(tmp_path, 'zeros/0_c1_0.jpg')
    with pytest.raises(ValueError, match=r'nobody to train on .*person_offset=1'):
        own(tmp_path, folders=dict(train='zeros'))
