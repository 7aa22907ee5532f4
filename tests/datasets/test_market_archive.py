"""Market-1501 under the names of its archive: the same counts, not one picture lost.

Persons, cameras and doubled suffixes are those of the archive; sequences and frames are
drawn, except in names that are spelled out.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mmreid.datasets import Market1501
from mmreid.datasets.checking import check_datasets, find_splits
from mmreid.datasets.reading.file_names import compile_pattern, parse_name

# Six names of the queries and eighteen of the gallery end in .jpg.jpg: all of person
# 1488 and junk of the same frames, of which the last four are drawn here.
DOUBLED = dict(
    query="""
        1488_c1s6_023021_00 1488_c2s3_065527_00 1488_c3s3_071344_00
        1488_c4s6_022241_00 1488_c5s3_071737_00 1488_c6s3_094992_00""",
    bounding_box_test="""
        1488_c1s6_023021_02 1488_c1s6_023071_05 1488_c2s3_065527_02
        1488_c2s3_065552_02 1488_c3s3_071344_02 1488_c3s3_071369_01
        1488_c3s3_071419_03 1488_c4s6_022241_02 1488_c4s6_022291_05
        1488_c4s6_022316_08 1488_c5s3_071737_01 1488_c5s3_071762_01
        1488_c5s3_071862_01 -1_c6s3_094992_04
        -1_c1s6_023071_06 -1_c2s3_065552_04 -1_c4s6_022316_09 -1_c5s3_071862_04""",
)
# The persons for testing, 750 up to 1501 with 1488 among them, and those for training.
TESTED = [*range(1, 1495, 2), 1496, 1498, 1500]
TRAINED = [*range(2, 1488, 2), 1490, 1492, 1494, *range(1497, 1506, 2)]
TESTED[TESTED.index(1487)] = 1488
PUBLISHED = dict(bounding_box_train=12936, query=3368, bounding_box_test=19732)


def names(folder: str) -> Iterator[str]:
    """Yield all names of a folder."""
    doubled = DOUBLED.get(folder, '').split()
    yield from (f'{name}.jpg.jpg' for name in doubled)
    if folder == 'bounding_box_train':
        yield from draw(TRAINED, PUBLISHED[folder])
    elif folder == 'query':
        yield from draw([p for p in TESTED if p != 1488], PUBLISHED[folder] - 6)
    else:
        junk = sum(name.startswith('-1') for name in doubled)
        yield from draw([0], 2798)
        yield from draw([-1], 3819 - junk)
        yield from draw([p for p in TESTED if p != 1488], 13115 - len(doubled) + junk)


def draw(persons: list[int], number: int) -> Iterator[str]:
    """Yield so many names in which every person was seen by every camera."""
    for n in range(number):
        person = persons[n % len(persons)]
        label = '-1' if person < 0 else f'{person:04d}'
        camera = n // len(persons) % 6 + 1
        yield f'{label}_c{camera}s{n % 6 + 1}_{n:06d}_{n % 13:02d}.jpg'


def write(root: Path, wanted: Callable[[str], bool] = lambda name: True) -> Path:
    for folder in PUBLISHED:
        (root / folder).mkdir(parents=True)
        (root / folder / 'Thumbs.db').touch()
        for name in filter(wanted, names(folder)):
            (root / folder / name).touch()
    return root


def test_the_names_have_the_published_structure() -> None:
    pattern = compile_pattern(Market1501.PATTERN)
    for folder, number in PUBLISHED.items():
        drawn = [*names(folder)]
        assert len({*drawn}) == len(drawn) == number
        assert all(parse_name(pattern, name) for name in drawn)
    assert len(TRAINED) == len({*TRAINED} - {*TESTED}) == 751
    assert len(TESTED) == len({*TESTED}) == 750
    endings = [name.count('.jpg') for folder in PUBLISHED for name in names(folder)]
    assert endings.count(2) == 24


@pytest.mark.slow
def test_the_archive_loads_with_the_published_counts(tmp_path: Path) -> None:
    root = write(tmp_path)
    train, test = (Market1501(root, split=split) for split in ('train', 'test'))
    assert (len(train), train.metainfo['num_ids']) == (12936, 751)
    assert (test.metainfo['num_query'], test.metainfo['num_gallery']) == (3368, 19732)
    persons = [test.get_data_info(i)['person_id'] for i in range(len(test))]
    assert (persons.count(0), persons.count(-1)) == (2798, 3819)
    assert persons.count(1488) == 6 + 13
    # Nothing but the placeholders themselves is at fault.
    report = check_datasets([find_splits(dict(type='Market1501', data_root=str(root)))])
    assert {fault.kind for fault in report.faults} == {'corrupt'}
    assert [*report.data_sets[0].records] == ['train', 'query', 'gallery']
    assert sum(map(len, report.data_sets[0].records.values())) == 36036


def test_an_unknown_name_is_the_only_fault_of_its_part(tmp_path: Path) -> None:
    """Not the distractors, whose folder is not there."""
    root = write(
        tmp_path, wanted=lambda name: name.startswith(('0002', '0007', '1488'))
    )
    (root / 'query' / 'holiday.jpg').touch()
    settings = find_splits(dict(type='Market1501', data_root=str(root)))
    assert [dataset.split for dataset in settings] == ['train', 'test']
    report = check_datasets([settings], decode=False, partial=True)
    (fault,) = (f for f in report.faults if f.kind == 'unreadable part')
    assert "'holiday.jpg'" in fault.text
    assert 'set a pattern' in fault.text
