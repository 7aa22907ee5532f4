"""Pictures of which nobody is named: what is read of them, and what is refused."""

import json
import os
from pathlib import Path

import layouts
import pytest
from layouts import touch
from mmengine.dataset import pseudo_collate

from mmreid.datasets import UnlabelledFolder
from mmreid.registry import DATASETS

PATTERN = r'c(?P<camera>\d)_t(?P<tracklet>\d+)_f(?P<time>\d+)'


def records(dataset: UnlabelledFolder) -> list[dict]:
    found = [dataset.get_data_info(i) for i in range(len(dataset))]
    for record in found:
        record.pop('sample_idx')
        path = os.path.relpath(record['img_path'], dataset.data_root)
        record['img_path'] = path.replace(os.sep, '/')
    return found


def column(dataset: UnlabelledFolder, name: str) -> list:
    return [record.get(name) for record in records(dataset)]


# A folder alone


def test_all_pictures_are_read_in_the_order_of_their_names(tmp_path: Path, log) -> None:
    touch(tmp_path, 'b.jpg', 'a/2.png', 'a/deep/1.JPG', 'c ü.webp', '.hidden.jpg')
    touch(tmp_path, 'Thumbs.db', 'notes.txt', '@eaDir/b.jpg')
    dataset = UnlabelledFolder(tmp_path)
    assert column(dataset, 'img_path') == [
        'a/2.png',
        'a/deep/1.JPG',
        'b.jpg',
        'c ü.webp',
    ]
    assert {*records(dataset)[0]} == {'img_path', 'gt_label', 'cam_id', 'is_query'}
    assert column(dataset, 'gt_label') == [-1] * 4
    assert column(dataset, 'is_query') == [False] * 4
    assert log.messages == []


def test_without_cameras_every_picture_has_its_own(tmp_path: Path) -> None:
    dataset = UnlabelledFolder(touch(tmp_path, 'a.jpg', 'b.jpg', 'c.jpg'))
    assert len({*column(dataset, 'cam_id')}) == 3
    assert dataset.camera_names == {}
    told = dict(cameras=False, num_images=3, num_cams=0)
    assert told.items() <= dataset.metainfo.items()
    # Nothing here may be taken for a number of classes.
    assert 'num_ids' not in dataset.metainfo


def test_it_is_built_of_a_config_with_a_pipeline(tmp_path: Path) -> None:
    layouts.write_picture(tmp_path / 'a/1.jpg', 1, size=(64, 32))
    layouts.write_picture(tmp_path / 'b/1.jpg', 2, size=(64, 32))
    dataset = DATASETS.build(
        dict(
            type='UnlabelledFolder',
            data_root=str(tmp_path),
            camera_from='folder',
            cache='ram',
            pipeline=[
                dict(type='LoadImage'),
                dict(
                    type='PackInputs',
                    meta_keys=('sample_idx', 'img_path', 'person_id', 'cam_id'),
                ),
            ],
        )
    )
    batch = pseudo_collate([dataset[0], dataset[1]])
    assert [tuple(picture.shape) for picture in batch['inputs']] == [(3, 64, 32)] * 2
    sample = batch['data_samples'][1]
    assert sample.img_path == str(tmp_path / 'b/1.jpg')
    assert sample.cam_id == dataset.get_data_info(1)['cam_id']
    assert 'person_id' not in sample


# Cameras, tracklets, times


def test_folders_tell_cameras(tmp_path: Path) -> None:
    touch(tmp_path, 'door/x/1.jpg', 'door/2.jpg', 'gate/1.jpg')
    dataset = UnlabelledFolder(tmp_path, camera_from='folder')
    cameras = column(dataset, 'cam_id')
    assert [dataset.camera_names[c] for c in cameras] == ['door', 'door', 'gate']
    assert dataset.metainfo['num_cams'] == 2
    assert dataset.metainfo.get('cameras', True)


def test_a_picture_outside_a_folder_has_no_camera(tmp_path: Path) -> None:
    touch(tmp_path, 'door/1.jpg', 'stray.jpg')
    with pytest.raises(ValueError, match=r"1 of 2 pictures lie directly.*'stray.jpg'"):
        UnlabelledFolder(tmp_path, camera_from='folder')


def test_a_pattern_tells_camera_tracklet_and_time(tmp_path: Path) -> None:
    touch(tmp_path, 'monday/c1_t7_f30.jpg', 'tuesday/c2_t7_f31.jpg')
    dataset = UnlabelledFolder(tmp_path, pattern=PATTERN)
    assert column(dataset, 'cam_id') == [1, 2]
    assert column(dataset, 'tracklet_id') == [7, 7]
    assert column(dataset, 'time') == [30, 31]
    assert column(dataset, 'person_id') == [None, None]
    assert dataset.metainfo['clock'] == 'shared'


def test_a_pattern_with_a_slash_is_of_the_path(tmp_path: Path) -> None:
    touch(tmp_path, 'cam1/p16/000005.jpg', 'cam2/p1/000008.jpg')
    pattern = r'(?P<camera>[^/]+)/(?P<tracklet>[^/]+)/(?P<frame>\d+)'
    dataset = UnlabelledFolder(tmp_path, pattern=pattern)
    assert [*dataset.camera_names.values()] == ['cam1', 'cam2']
    assert len({*column(dataset, 'tracklet_id')}) == 2
    assert column(dataset, 'time') == [5, 8]
    assert dataset.metainfo['clock'] == 'camera'


def test_a_group_may_match_nothing(tmp_path: Path) -> None:
    touch(tmp_path, 'c1.jpg', 'c2_t4.jpg')
    dataset = UnlabelledFolder(
        tmp_path, pattern=r'c(?P<camera>\d)(_t(?P<tracklet>\d))?'
    )
    assert column(dataset, 'tracklet_id') == [-1, 4]


def test_names_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    touch(tmp_path, 'c1_t7_f30.jpg', 'readme_picture.jpg')
    with pytest.raises(ValueError, match=r"1 of 2 .*'readme_picture.jpg'"):
        UnlabelledFolder(tmp_path, pattern=PATTERN)


def test_some_cameras_alone_are_refused(tmp_path: Path) -> None:
    touch(tmp_path, 'c1.jpg', 'x.jpg')
    with pytest.raises(ValueError, match='all pictures or none must tell their camera'):
        UnlabelledFolder(tmp_path, pattern=r'c(?P<camera>\d)|x')


def test_persons_are_kept_and_the_others_are_nobody(tmp_path: Path) -> None:
    touch(tmp_path, '7_a.jpg', 'x_a.jpg', '9_a.jpg')
    dataset = UnlabelledFolder(tmp_path, pattern=r'((?P<person>\d+)|x)_a')
    assert column(dataset, 'person_id') == [7, 9, -1]
    assert column(dataset, 'gt_label') == [-1] * 3


# A table


@pytest.mark.parametrize('suffix', ['csv', 'json'])
def test_a_table_names_the_pictures(tmp_path: Path, suffix: str) -> None:
    touch(tmp_path, 'x/1.jpg', 'x/2.jpg', 'not named.jpg')
    lines = [
        dict(path='x/2.jpg', camera='door', tracklet='a', time=12, person=''),
        dict(path='x/1.jpg', camera='gate', tracklet='', time='', person='ann'),
    ]
    table = tmp_path / f'list.{suffix}'
    if suffix == 'json':
        table.write_text(json.dumps(lines))
    else:
        rows = [[*lines[0]], *([*line.values()] for line in lines)]
        table.write_text('\n'.join(','.join(map(str, row)) for row in rows))
    dataset = UnlabelledFolder(table=table)
    assert column(dataset, 'img_path') == ['x/2.jpg', 'x/1.jpg']
    cameras = column(dataset, 'cam_id')
    assert [dataset.camera_names[c] for c in cameras] == ['door', 'gate']
    tracklets = column(dataset, 'tracklet_id')
    assert tracklets[0] >= 0
    assert tracklets[1] == -1
    assert column(dataset, 'time') == [12, None]
    persons = column(dataset, 'person_id')
    assert persons[0] == -1
    assert persons[1] > 0


def test_a_path_is_enough_and_splits_do_not_count(tmp_path: Path) -> None:
    touch(tmp_path, '1.jpg', '2.jpg')
    (tmp_path / 'list.csv').write_text('path,split\n1.jpg,query\n2.jpg,train\n')
    dataset = UnlabelledFolder(table=tmp_path / 'list.csv')
    assert column(dataset, 'img_path') == ['1.jpg', '2.jpg']


def test_paths_belong_to_the_folder(tmp_path: Path) -> None:
    touch(tmp_path, 'pictures/1.jpg')
    (tmp_path / 'list.csv').write_text('path\n1.jpg\n')
    assert (
        len(UnlabelledFolder(tmp_path / 'pictures', table=tmp_path / 'list.csv')) == 1
    )
    with pytest.raises(FileNotFoundError, match='None of the 1 pictures'):
        UnlabelledFolder(table=tmp_path / 'list.csv')


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('path\n1.jpg\n./1.jpg\n', 'there twice'),
        ('path,camera\n,3\n', 'no value for path'),
        ('path\n', 'has no row'),
        ('file,camera\n1.jpg,3\n', 'path'),
        ('path,time\n1.jpg,noon\n', 'noon'),
        ('path,cam_id\n1.jpg,3\n', "cameras are read from 'camera'"),
        ('path,x1,y1,x2,y2\n1.jpg,1,1,2,2\n', 'tells boxes'),
    ],
)
def test_broken_tables_are_refused(tmp_path: Path, text: str, message: str) -> None:
    touch(tmp_path, '1.jpg')
    (tmp_path / 'list.csv').write_text(text)
    with pytest.raises(ValueError, match=message):
        UnlabelledFolder(table=tmp_path / 'list.csv')


def test_missing_pictures_of_a_table_are_counted(tmp_path: Path, log) -> None:
    touch(tmp_path, '1.jpg')
    (tmp_path / 'list.csv').write_text('path\n1.jpg\ngone.jpg\n')
    UnlabelledFolder(table=tmp_path / 'list.csv')
    assert '1 of 2 pictures' in log.text


# What is passed over


def test_files_that_may_be_pictures_are_counted(tmp_path: Path, log) -> None:
    touch(tmp_path, 'a/1.jpg', 'a/2.heic', 'b/3')
    assert len(UnlabelledFolder(tmp_path)) == 1
    (told,) = log.messages
    assert '1 without suffix, 1 .heic' in told


def test_a_link_to_nothing_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, '1.jpg')
    (tmp_path / '2.jpg').symlink_to('gone.jpg')
    with pytest.raises(ValueError, match=r'1 links in .* lead to nothing'):
        UnlabelledFolder(tmp_path)
    assert len(UnlabelledFolder(tmp_path, check=False)) == 1


def test_a_folder_without_pictures_says_what_is_there(tmp_path: Path) -> None:
    touch(tmp_path, 'notes.txt')
    with pytest.raises(ValueError, match=r"No picture in .*holds 'notes.txt'"):
        UnlabelledFolder(tmp_path)
    with pytest.raises(FileNotFoundError, match='does not exist'):
        UnlabelledFolder(tmp_path / 'nowhere')


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(), 'data_root, the folder of the pictures, must be given'),
        (dict(data_root='x', pattern='(?P<id>.*)'), 'at least one of the groups'),
        (dict(data_root='x', pattern='('), 'must be a regular expression'),
        (dict(table='t.csv', pattern=PATTERN), 'a pattern or a table, not both'),
        (dict(data_root='x', camera_from='name'), 'camera_from must be'),
        (
            dict(data_root='x', pattern=PATTERN, camera_from='folder'),
            'Cameras are told once',
        ),
        (dict(table='t.csv', camera_from='folder'), 'Cameras are told once'),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        UnlabelledFolder(**arguments)
