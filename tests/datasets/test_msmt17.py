"""MSMT17's versions, and its lists compared with its folders."""

import logging
from collections.abc import Callable
from pathlib import Path

import layouts
import pytest
from mmengine.logging import MMLogger

from mmreid.datasets import MSMT17


class Tiny(MSMT17):
    COUNTS = layouts.COUNTS['MSMT17']


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return layouts.write(tmp_path / 'Märkt 市场', 'MSMT17')


def records(dataset: MSMT17) -> list[dict]:
    return [dataset.get_data_info(i) for i in range(len(dataset))]


def edit(path: Path, change: Callable[[list[str]], list[str]]) -> None:
    lines = change(path.read_text().splitlines())
    path.write_text('\n'.join(lines) + '\n')


@pytest.mark.parametrize('version', ['V1', 'V2'])
@pytest.mark.parametrize('inside', [True, False])
def test_both_layouts(version: str, inside: bool, tmp_path: Path) -> None:
    folder = tmp_path / f'MSMT17_{version}' if inside else tmp_path
    layouts.write(folder, 'MSMT17', version)
    for split, number in dict(train=3, test=5).items():
        for wanted in (None, version):
            dataset = Tiny(tmp_path, split=split, version=wanted)
            assert len(dataset) == number
            assert dataset.metainfo['version'] == version
            assert all(Path(r['img_path']).is_file() for r in records(dataset))
    assert Tiny(tmp_path, check=False).metainfo['version'].startswith(version)
    assert MSMT17.METAINFO['version'] == ''


def test_one_of_two_versions_is_chosen(tmp_path: Path) -> None:
    for version in ('V1', 'V2'):
        layouts.write(tmp_path / f'MSMT17_{version}', 'MSMT17', version)
    with pytest.raises(ValueError, match="choose version='V1' or 'V2'"):
        Tiny(tmp_path)
    for version in ('V1', 'V2'):
        dataset = Tiny(tmp_path, version=version)
        assert dataset.metainfo['version'] == version
        assert f'MSMT17_{version}' in dataset.get_data_info(0)['img_path']
    assert Tiny(tmp_path / 'MSMT17_V2').metainfo['version'] == 'V2'


def test_a_missing_version_is_named(root: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match='No MSMT17 V2'):
        Tiny(root, version='V2')
    with pytest.raises(FileNotFoundError, match=r'No MSMT17 V1 or V2.*mask_train'):
        Tiny(tmp_path)
    with pytest.raises(ValueError, match=r"version must be one of .* got 'V3'"):
        Tiny(root, version='V3')


def test_val_is_added_only_when_asked(root: Path) -> None:
    train, both = Tiny(root), Tiny(root, split='train+val')
    assert (len(train), len(both)) == (3, 5)
    assert (train.metainfo['split'], both.metainfo['split']) == ('train', 'train+val')
    assert train.metainfo['num_ids'] == both.metainfo['num_ids'] == 2


def test_folders_of_ones_own(root: Path) -> None:
    (root / 'test').rename(root / 'probes')
    folders = dict(query='probes', gallery='probes')
    dataset = Tiny(root, split='test', folders=folders, version='V1')
    assert dataset.metainfo['version'] == 'V1'
    assert dataset.get_data_info(0)['img_path'].startswith(str(root / 'probes'))


def test_a_table_takes_the_place_of_lists(root: Path) -> None:
    table = root / 'mine.csv'
    table.write_text(
        'path,person,camera,split\n'
        'train/0911/0911_005_05_0114noon_1558_1.jpg,911,5,train\n'
        'train/0000/0000_000_01_0303morning_0008_0.jpg,0,1,train\n'
    )
    dataset = MSMT17(table=table, check=False)
    assert [r['person_id'] for r in records(dataset)] == [912, 1]


@pytest.mark.parametrize('name', ['list_train.txt', 'list_val.txt'])
def test_a_missing_list(root: Path, name: str) -> None:
    (root / name).unlink()
    with pytest.raises(FileNotFoundError, match=f'No list .*{name}'):
        Tiny(root, split='train+val')


def test_a_missing_folder(root: Path) -> None:
    (root / 'train').rename(root / 'lost')
    with pytest.raises(FileNotFoundError, match=r'No folder .*train'):
        Tiny(root)


def test_missing_pictures(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    names = layouts.MSMT17['gallery'].split()
    for name in names[1:]:
        (root / 'test' / name).unlink()
    with pytest.raises(FileNotFoundError, match='2 of the 3 pictures of the list') as e:
        Tiny(root, split='test')
    assert names[1] in str(e.value)
    assert 'check=False' in str(e.value)
    logger = MMLogger.get_current_instance()
    logger.addHandler(caplog.handler)
    with caplog.at_level(logging.INFO, logger=logger.name):
        dataset = Tiny(root, split='test', check=False)
    logger.removeHandler(caplog.handler)
    assert dataset.metainfo['num_gallery'] == 1
    assert 'left out 2 of 3' in caplog.text


def test_no_listed_picture_is_there(root: Path) -> None:
    for name in layouts.MSMT17['query'].split():
        (root / 'test' / name).unlink()
    with pytest.raises(ValueError, match='None of the 2 listed pictures'):
        Tiny(root, split='test', check=False)


def test_pictures_in_no_list(root: Path) -> None:
    layouts.write_picture(root / 'test' / '0007' / '0007_000_01_0303noon_0001_0.jpg')
    Tiny(root, split='train+val')
    with pytest.raises(ValueError, match=r'1 of 6 pictures in .* no list: .*0007_000'):
        Tiny(root, split='test')
    assert len(Tiny(root, split='test', check=False)) == 5


def test_a_picture_in_two_lists(root: Path) -> None:
    line = (root / 'list_query.txt').read_text().splitlines()[0]
    edit(root / 'list_gallery.txt', lambda lines: [*lines, line])
    with pytest.raises(ValueError, match="in the lists 'query' and 'gallery'"):
        Tiny(root, split='test')


@pytest.mark.parametrize(
    ('line', 'reason'),
    [
        (
            '0911/0911_005_05_0114noon_1558_1.jpg 912',
            '0911_005_05_0114noon_1558_1.jpg 912',
        ),
        ('0911/0911_005_05_0114noon_1558_1.jpg', 'line 4'),
        ('0911/holiday.jpg 911', "line 4: 0911/holiday.jpg 911'"),
        ('0911/0911_005_05_0114noon_1558_1.jpg 911', 'line 4, once more'),
    ],
)
@pytest.mark.parametrize('check', [True, False])
def test_broken_lines(root: Path, line: str, reason: str, check: bool) -> None:
    edit(root / 'list_train.txt', lambda lines: [*lines, line])
    with pytest.raises(ValueError, match=r'1 lines of .*list_train.txt') as caught:
        Tiny(root, check=check)
    assert reason in str(caught.value)


def test_counts_differ(root: Path) -> None:
    edit(root / 'list_train.txt', lambda lines: lines[:-1])
    (root / 'train' / layouts.MSMT17['train'].split()[-1]).unlink()
    with pytest.raises(ValueError, match='expected 3 images, 2 identities') as caught:
        Tiny(root)
    assert MSMT17.SOURCE in str(caught.value)
