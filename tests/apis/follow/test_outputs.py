"""Results in every format of tables, and what they may not replace."""

from dataclasses import replace

import numpy as np
import pytest

from mmreid.apis.follow import (
    Camera,
    FollowOptions,
    find_cameras,
    follow,
    write_following,
)
from mmreid.apis.follow.task import FollowTask, run_task
from mmreid.datasets.boxes import open_frames, read_boxes, write_boxes

FEW = FollowOptions(per_track=3)


@pytest.fixture
def camera(scene):
    return find_cameras(scene)[0]


@pytest.mark.parametrize('format', ['mot', 'csv', 'cvat', 'yolo'])
def test_a_table_of_each_format_is_written_twice_and_read(
    format, camera, inferencer, tmp_path
):
    size = open_frames(camera.frames).size
    table = replace(read_boxes(camera.boxes), picture_size=size)
    given = (
        tmp_path / f'given{dict(mot=".txt", csv=".csv", cvat=".xml").get(format, "")}'
    )
    write_boxes(given, table, format)
    following = follow([replace(camera, boxes=given)], inferencer, 0.2, FEW)
    # The second time there are results already, as after a run that was killed.
    for _ in range(2):
        written = write_following(following, tmp_path / 'out', pictures=False)[0]
    got = read_boxes(written, format, picture_size=size)
    assert {*got.track.tolist()} == {1, 2, 3, 4}
    order, back = (np.lexsort(t.box.round(3).T[::-1]) for t in (table, got))
    # Tracks 1 and 2 are the first person's, and so on.
    expected = (table.track[order] + 1) // 2
    np.testing.assert_array_equal(got.track[back], expected)
    if format == 'csv':
        tracks = got.extra['track'].astype(int)[back]
        np.testing.assert_array_equal(tracks, table.track[order])


def test_files_of_others_beside_yolo_tables_stay(camera, inferencer, tmp_path):
    table = replace(read_boxes(camera.boxes), picture_size=(160, 96))
    write_boxes(tmp_path / 'given', table, 'yolo')
    following = follow(
        [replace(camera, boxes=tmp_path / 'given')], inferencer, 0.2, FEW
    )
    labels = tmp_path / 'out/cam1/labels'
    labels.mkdir(parents=True)
    (labels / 'notes.txt').write_text('mine')
    with pytest.raises(FileExistsError, match='has files'):
        write_following(following, tmp_path / 'out', pictures=False)
    assert (labels / 'notes.txt').read_text() == 'mine'


@pytest.mark.parametrize('which', ['boxes', 'truth'])
def test_what_was_given_is_not_written_over(which, camera, inferencer, tmp_path):
    given = tmp_path / 'cam1.txt'
    given.write_bytes(camera.boxes.read_bytes())
    before = given.read_bytes()
    one = replace(camera, truth=None, **({'boxes': given} if which == 'boxes' else {}))
    truth = None if which == 'boxes' else {'cam1': given}
    task = FollowTask(tmp_path, '0.2', FEW, truth=truth)
    with pytest.raises(ValueError, match='was given, and results would be written'):
        run_task(task, [one], inferencer)
    assert [path.name for path in tmp_path.iterdir()] == ['cam1.txt']
    assert given.read_bytes() == before
    if which == 'boxes':
        following = follow([one], inferencer, 0.2, FEW)
        with pytest.raises(ValueError, match='take another folder'):
            write_following(following, tmp_path)
        assert given.read_bytes() == before


def test_a_table_takes_no_place_of_another_result(camera, inferencer, tmp_path):
    write_boxes(tmp_path / 'given.csv', read_boxes(camera.boxes))
    one = Camera('tracklets', camera.frames, tmp_path / 'given.csv')
    with pytest.raises(ValueError, match='give the camera another name'):
        run_task(FollowTask(tmp_path / 'out', '0.2', FEW), [one], inferencer)
