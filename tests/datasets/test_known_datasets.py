"""The declared data sets read the layouts, labels and counts that were published."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import layouts
import pytest

import mmreid.datasets
from mmreid.datasets import ReIDDataset
from mmreid.datasets.dukemtmc_reid import _synchronise
from mmreid.datasets.reading.file_names import compile_pattern, parse_name
from mmreid.datasets.reading.rows import Row

NAMES = sorted(layouts.COUNTS)
# Read from lists and compared with them, see test_msmt17.py.
FOLDERS_ONLY = [name for name in NAMES if name != 'MSMT17']
# Picture, person, camera, clothes; a + before queries. Clothes: the n-th outfit.
TESTED = {
    ('Market1501', 'test'): """
        +0001_c1s1_001051_00 1 1 -  +0010_c2s1_000176_00 10 2 -
        -1_c3s3_000901_07 -1 3 -  0000_c1s1_000151_01 0 1 -
        0001_c2s1_000301_00 1 2 -  0010_c1s1_000301_00 10 1 -""",
    ('Market1501', 'test+500k'): """
        +0001_c1s1_001051_00 1 1 -  +0010_c2s1_000176_00 10 2 -
        -1_c3s3_000901_07 -1 3 -  0000_c1s1_000151_01 0 1 -
        0001_c2s1_000301_00 1 2 -  0010_c1s1_000301_00 10 1 -
        0000_c1s1_000004_02 0 1 -  0000_c2s4_129876_11 0 2 -
        0000_c3s3_070034_01 0 3 -""",
    ('DukeMTMCReID', 'test'): """
        +0005_c2_f0046985 5 2 -  +0019_c5_f0060626 19 5 -
        0005_c5_f0051781 5 5 -  0019_c6_f0039590 19 6 -
        0019_c8_f0008516 19 8 -  4776_c7_f0171809 4776 7 -""",
    ('VeRi776', 'test'): """
        +0002_c002_00030600_0 2 2 -  +0776_c019_00030650_1 776 19 -
        0002_c002_00030600_0 2 2 -  0002_c004_00084250_0 2 4 -
        0776_c003_00084250_0 776 3 -  0776_c019_00030650_1 776 19 -""",
    ('LTCC', 'test'): """
        +001_1_c12_000113 2 12 1  +148_1_c3_014811 149 3 3
        001_1_c10_000113 2 10 1  001_2_c10_015843 2 10 2
        148_1_c3_014812 149 3 3  148_2_c7_000001 149 7 4""",
    ('PRCC', 'test'): """
        +cropped_rgb010 1 3 2  +cropped_rgb007 306 3 4  +cropped_rgb008 306 3 4
        cropped_rgb001 1 1 1  cropped_rgb010 306 1 3""",
    ('PRCC', 'test-same-clothes'): """
        +cropped_rgb001 1 2 1  +cropped_rgb002 306 2 2
        cropped_rgb001 1 1 1  cropped_rgb010 306 1 2""",
    ('MSMT17', 'test'): """
        +0000_000_01_0303morning_0015_0 1 1 -  +2013_003_14_0113noon_0666_2 2014 14 -
        0000_001_02_0303morning_0016_0 1 2 -  2013_000_14_0113noon_0661_0 2014 14 -
        3059_011_04_0302morning_1200_0 3060 4 -""",
}
# Persons of the pictures in the order of the records; labels are theirs, sorted.
TRAINED = {
    ('Market1501', 'train'): [2, 2, 7, 1500],
    ('DukeMTMCReID', 'train'): [1, 1, 27, 7140],
    ('OccludedDuke', 'train'): [1, 1, 27, 7140],
    ('VeRi776', 'train'): [1, 1, 770],
    ('LTCC', 'train'): [1, 1, 95, 95],
    ('PRCC', 'train'): [92, 92, 92, 121, 121],
    ('PRCC', 'train+val'): [92, 92, 92, 121, 121, 92, 121],
    ('MSMT17', 'train'): [1, 1, 912],
    ('MSMT17', 'train+val'): [1, 1, 912, 1, 912],
}


def known(name: str, counts: str = 'tiny') -> type[ReIDDataset]:
    """The class, with the counts of its tiny copy."""
    declared = getattr(mmreid.datasets, name)
    if counts == 'published':
        return declared
    return type(name, (declared,), dict(COUNTS=layouts.COUNTS[name]))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / 'Märkt 市场'


def records(dataset: ReIDDataset) -> list[dict]:
    return [dataset.get_data_info(i) for i in range(len(dataset))]


@pytest.mark.parametrize(('name', 'split'), TESTED)
def test_labels_for_testing(name: str, split: str, root: Path) -> None:
    dataset = known(name)(layouts.write(root, name), split=split)
    words = TESTED[name, split].split()
    rows = [
        ('+' if r['is_query'] else '')
        + ' '.join(
            (
                Path(r['img_path']).stem,
                str(r['person_id']),
                str(r['cam_id']),
                str(r.get('clothes_id', '-')),
            )
        )
        for r in records(dataset)
    ]
    assert rows == [' '.join(words[i : i + 4]) for i in range(0, len(words), 4)]
    assert all(Path(r['img_path']).is_file() for r in records(dataset))


# Times of the records for testing, and the clock.
TIMES = {
    # Sequences one after another; camera 2 has three of them.
    'Market1501': ([1051, 176, 161708 + 161769 + 901, 151, 301, 301], 'camera'),
    # On the clock of camera 5; person 19 is seen within a minute and a half.
    'DukeMTMCReID': (
        [50591, 60626, 51781, 61991, 55281, 171809 + 18967],
        'shared',
    ),
    'OccludedDuke': (
        [50591, 60626, 51781, 61991, 55281, 171809 + 18967],
        'shared',
    ),
    'VeRi776': ([30600, 30650, 30600, 84250, 84250, 30650], 'camera'),
}


@pytest.mark.parametrize('name', [*TIMES, 'LTCC', 'PRCC'])
def test_times(name: str, root: Path) -> None:
    dataset = known(name)(layouts.write(root, name), split='test')
    times = [r.get('time') for r in records(dataset)]
    expected, clock = TIMES.get(name, ([None] * len(times), None))
    assert times == expected
    assert dataset.metainfo.get('clock') == clock


def test_a_sequence_that_market_lacks_has_no_time(root: Path) -> None:
    layouts.write(root, 'Market1501')
    split = dict(data_root=root, split='test+500k', check=False)
    by_name = {
        Path(r['img_path']).stem: r.get('time')
        for r in records(known('Market1501')(**split))
    }
    assert by_name['0000_c2s4_129876_11'] is None
    assert by_name['0000_c3s3_070034_01'] == 161708 + 161769 + 70034


def test_duke_begins_where_its_labels_do() -> None:
    pattern = re.compile(known('DukeMTMCReID').PATTERN)
    row = Row('0002_c1_f0044158.jpg', 2, '1', time=44158, clock='camera')
    assert _synchronise(row, pattern) == row._replace(time=49700, clock='shared')
    new = row._replace(path='0002_c9_f0044158.jpg', camera='9')
    assert _synchronise(new, pattern).time is None


@pytest.mark.parametrize(('name', 'split'), TRAINED)
def test_labels_for_training(name: str, split: str, root: Path) -> None:
    dataset = known(name)(layouts.write(root, name), split=split)
    persons = TRAINED[name, split]
    ranks = {person: rank for rank, person in enumerate(sorted(set(persons)))}
    assert [r['person_id'] for r in records(dataset)] == persons
    assert [r['gt_label'] for r in records(dataset)] == [ranks[p] for p in persons]
    assert dataset.metainfo['split'] == split
    assert dataset.metainfo['num_ids'] == len(ranks)


# Names as they were published, or as copying and converting leave them, and what they
# tell: person, camera, clothes.
ODD_NAMES = {
    'Market1501': """
        1488_c1s6_023021_00.jpg.jpg 1488 1 -  -1_c6s3_094992_04.jpg.jpg -1 6 -
        0002_C1S1_000451_03.JPG 2 1 -  0002_c1s1_000451_03.jpg_fake_1to2.jpg 2 1 -
        0000_c6s4_1_2.png 0 6 -  0002_c1s1_000451_03_masked.bmp 2 1 -""",
    'DukeMTMCReID': """
        0005_c2_f0046985.jpg.jpg 5 2 -  0005_C2_F0046985.JPG 5 2 -
        0005_c2_46985_00.png 5 2 -""",
    'VeRi776': '0001_c001_00016450_0.jpg 1 1 -  0001_C020_00016450.JPG 1 20 -',
    'LTCC': """
        094_1_c9_015833.png 094 9 1  094_1_C12_15833.PNG.png 094 12 1
        094_14_c9_015833_02.jpg 094 9 14""",
    'PRCC': """
        092/A_cropped_rgb010.jpg 092 - -  001/cropped_rgb001.JPG 001 - -
        001/cropped_rgb001_2.jpg.jpg 001 - -""",
    'MSMT17': """
        0000/0000_046_12_0303morning_0006_2_ex.jpg 0000 12 -
        0000/0000_046_12_0303morning.JPG 0000 12 -""",
    'VIPeR': 'cam_a/000_45.bmp 000 a -  cam_b/873_180.BMP 873 b -',
    'CUHK03': '0001_c1_1.png 1 1 -  0001_c2s1_000001_00.jpg 1 2 -',
}


@pytest.mark.parametrize('name', ODD_NAMES)
def test_what_is_no_information_may_differ(name: str) -> None:
    pattern = compile_pattern(known(name, 'published').PATTERN)
    words = ODD_NAMES[name].split()
    for picture, *labels in zip(*[iter(words)] * 4, strict=True):
        found = parse_name(pattern, picture)
        assert found, picture
        told = [found.get(label) or '-' for label in ('person', 'camera', 'clothes')]
        alike = [word.lstrip('0') or '0' for word in told]
        assert alike == [word.lstrip('0') or '0' for word in labels], picture


@pytest.mark.parametrize(
    'name',
    [
        *('holiday.jpg', '0002.jpg', '0002_000451_03.jpg', 'c1s1_000451_03.jpg'),
        *('-2_c1s1_000451_03.jpg', '0002_c1s1_000451_03 (1).jpg'),
    ],
)
def test_names_of_something_else_do_not_fit(name: str) -> None:
    pattern = compile_pattern(known('Market1501', 'published').PATTERN)
    assert parse_name(pattern, name) is None


@pytest.mark.parametrize('name', NAMES)
def test_counts_that_fit_pass(name: str, root: Path) -> None:
    tiny, counts = known(name), layouts.COUNTS[name]
    layouts.write(root, name)
    for split, parts in tiny.SPLITS.items():
        dataset = tiny(root, split=split)
        assert 'not checked' not in dataset.metainfo['version']
        assert len(dataset) == sum(counts[part]['images'] for part in parts)


@pytest.mark.parametrize('name', NAMES)
def test_published_counts_are_asserted(name: str, root: Path) -> None:
    published = known(name, 'published')
    layouts.write(root, name)
    for split, parts in published.SPLITS.items():
        with pytest.raises(ValueError, match='expected') as caught:
            published(root, split=split)
        message = str(caught.value)
        for part in parts:
            assert f'expected {published.COUNTS[part]["images"]:,} images' in message
            assert f'found {layouts.COUNTS[name][part]["images"]} images' in message
        assert published.SOURCE in message
        partial = published(root, split=split, check=False)
        assert 'counts not checked' in partial.metainfo['version']


@pytest.mark.parametrize('name', FOLDERS_ONLY)
def test_a_missing_picture_is_noticed(name: str, root: Path) -> None:
    tiny, counts = known(name), layouts.COUNTS[name]
    part = tiny.SPLITS['train'][0]
    layouts.write(root, name)
    first = tiny(root).get_data_info(0)['img_path']
    os.remove(first)
    number = counts[part]['images']
    with pytest.raises(
        ValueError, match=f'expected {number} images.* found '
    ) as caught:
        tiny(root)
    assert repr(os.path.join(str(root), tiny.FOLDERS[part])) in str(caught.value)
    assert tiny.SOURCE in str(caught.value)


@pytest.mark.parametrize('name', FOLDERS_ONLY)
def test_an_empty_part_is_named(name: str, root: Path) -> None:
    tiny = known(name)
    part = tiny.SPLITS['test'][-1]
    layouts.write(root, name)
    folder = root / tiny.FOLDERS[part]
    for path in folder.rglob('[!.]*'):
        if path.suffix in ('.jpg', '.png', '.bmp'):
            path.unlink()
    with pytest.raises(ValueError, match=f"No picture in '{folder}"):
        tiny(root, split='test')


@pytest.mark.parametrize('name', NAMES)
def test_a_missing_data_set_says_how_to_get_it(name: str, root: Path) -> None:
    with pytest.raises(FileNotFoundError, match='does not exist') as caught:
        known(name)(root)
    assert known(name).SOURCE in str(caught.value)


def test_market_without_the_distractors(root: Path) -> None:
    layouts.write(root, 'Market1501')
    for path in (root / 'images').iterdir():
        path.unlink()
    (root / 'images').rmdir()
    known('Market1501')(root, split='test')
    with pytest.raises(FileNotFoundError, match=r'images.*distractors_500k\.zip'):
        known('Market1501')(root, split='test+500k')


def test_distractors_may_lie_elsewhere(root: Path, tmp_path: Path) -> None:
    layouts.write(root, 'Market1501')
    (root / 'images').rename(tmp_path / 'distractors_500k')
    folders = dict(distractors=str(tmp_path / 'distractors_500k'))
    dataset = known('Market1501')(root, split='test+500k', folders=folders)
    assert dataset.metainfo['num_gallery'] == 7
    assert dataset.metainfo['split'] == 'test+500k'


@pytest.mark.parametrize('name', NAMES)
def test_declarations_agree(name: str) -> None:
    declared = known(name, 'published')
    parts = {part for parts in declared.SPLITS.values() for part in parts}
    assert parts == set(declared.FOLDERS) == set(declared.COUNTS)
    assert all('images' in numbers for numbers in declared.COUNTS.values())
    assert declared.METAINFO['dataset']
    assert declared.SOURCE != ReIDDataset.SOURCE
    digests = {'md5': 32, 'sha256': 64}
    for checksum in declared.ARCHIVES.values():
        kind, _, digest = checksum.partition(':')
        assert re.fullmatch(f'[0-9a-f]{{{digests[kind]}}}', digest)


def test_processes_agree(root: Path) -> None:
    """This process and one whose sets have another order give the same labels."""
    for name in NAMES:
        layouts.write(root / name, name)
    program = (
        'import gc, json, sys; from pathlib import Path; import mmreid.datasets as d\n'
        'gc.collect = lambda *_: 0  # which mmengine does for every data set\n'
        'root = Path(sys.argv[1])\n'
        'print(json.dumps([[s.get_data_info(i) for i in range(len(s))]\n'
        '    for n in sys.argv[2:] for split in getattr(d, n).SPLITS\n'
        '    for s in [getattr(d, n)(root / n, split=split, check=False)]]))'
    )
    seed = '2' if os.environ.get('PYTHONHASHSEED') == '1' else '1'
    run = subprocess.run(
        [sys.executable, '-c', program, str(root), *NAMES],
        env={**os.environ, 'PYTHONHASHSEED': seed, 'PYTHONUTF8': '1'},
        capture_output=True,
        check=True,
        encoding='utf-8',
    )
    other = json.loads(run.stdout.splitlines()[-1])
    kinds = [getattr(mmreid.datasets, name) for name in NAMES]
    own = [
        records(kind(root / kind.__name__, split=split, check=False))
        for kind in kinds
        for split in kind.SPLITS
    ]
    assert other == own
    assert sum(map(len, own)) > 50


def test_prcc_counts_by_clothes() -> None:
    """Camera B saw the clothes of A, camera C others; not the other way round."""
    published = known('PRCC', 'published')
    assert published.FOLDERS['query'].endswith('C')
    assert published.COUNTS['query']['images'] == 3543
    assert published.COUNTS['query_same']['images'] == 3873
    assert sum(part['images'] for part in published.COUNTS.values()) == 33698
