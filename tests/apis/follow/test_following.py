"""Identities of a little video, by a network that sees colours."""

import csv
from dataclasses import replace

import cv2
import numpy as np
import pytest

from mmreid.apis import ReIDInferencer, find_config
from mmreid.apis.follow import (
    Camera,
    FollowOptions,
    evaluate_following,
    find_cameras,
    fit_threshold,
    follow,
    format_following,
    read_truth,
    rejoin,
    score_following,
    write_following,
)
from mmreid.datasets.boxes import read_boxes, write_boxes

HISTOGRAM = 'color_histogram/color_histogram_synthmini.py'
FEW = FollowOptions(per_track=3)


@pytest.fixture(scope='module')
def following(scene, inferencer):
    return follow(find_cameras(scene), inferencer, 0.2, FEW)


def test_broken_tracks_of_two_cameras_become_four_persons(following):
    assert len(following.identities) == 4
    one, other = following.cameras
    # Tracks 1 and 2 are the first person's, and so on; as in the other camera.
    assert one.identity.tolist() == [1, 1, 2, 2, 3, 3, 4, 4]
    assert other.identity.tolist() == one.identity.tolist()
    assert one.tracklets.start.tolist() == [0, 1] * 4
    np.testing.assert_allclose(other.tracklets.end, [6.4, 7.4] * 4)
    scores = score_following(following, read_truth(following), after=(0, 100))
    assert scores.joint.idf1 == scores.grouping.purity == 1
    assert scores.grouping.f_score == scores.cameras['cam2'].idf1 == 1
    assert scores.unjoined.idf1 == pytest.approx(0.25)
    assert scores.reassociations[0].interval.value == 1
    text = format_following(scores)
    assert 'found again after 0 s or more: 100.00' in text
    assert 'after 100 s or more: nobody comes again' in text


def test_what_is_written_can_be_read_again(following, scene, tmp_path):
    files = write_following(following, tmp_path)
    assert [path.name for path in files] == [
        'cam1.txt',
        'cam2.txt',
        'tracklets.csv',
        'identities.jpg',
    ]
    given, got = (
        read_boxes(path) for path in (scene / 'cam1/tracks.txt', tmp_path / 'cam1.txt')
    )
    np.testing.assert_array_equal(got.box, given.box)
    np.testing.assert_array_equal(got.frame, given.frame)
    np.testing.assert_array_equal(got.score, given.score)
    np.testing.assert_array_equal(got.track, (given.track + 1) // 2)
    with open(tmp_path / 'tracklets.csv') as file:
        rows = [*csv.DictReader(file)]
    assert len(rows) == 16
    assert rows[0]['identity'] == '1'
    assert (rows[0]['camera'], rows[0]['first_frame'], rows[0]['boxes']) == (
        'cam1',
        '1',
        '10',
    )
    for row in rows:
        assert cv2.imread(str(tmp_path / row['crop'])).shape == (60, 24, 3)
    assert cv2.imread(str(tmp_path / 'identities.jpg')).shape[0] > 4 * 112
    truth = {name: read_boxes(scene / name / 'gt/gt.txt') for name in ('cam1', 'cam2')}
    result = {name: read_boxes(tmp_path / f'{name}.txt') for name in truth}
    assert evaluate_following(truth, result).joint.idf1 == 1


def test_those_seen_together_are_two_persons_at_any_threshold(following):
    together = rejoin(following, 3.0, FEW)
    assert len(together.identities) == 4
    free = rejoin(following, 3.0, replace(FEW, constraints=False))
    assert len(free.identities) == 1
    apart = rejoin(following, 3.0, replace(FEW, transitions={('cam1', 'cam2'): 60}))
    assert len(apart.identities) == 8


def test_kept_vectors_belong_to_frames_whatever_a_table_counts_from(
    scene, inferencer, tmp_path
):
    camera = find_cameras(scene)[0]
    table = read_boxes(camera.boxes)
    assert table.frame.min() == 1
    first = follow([camera], inferencer, 0.2, FEW, keep=tmp_path).cameras[0]
    count = 3 * len(first.tracklets.track)
    for shift, kept in ((-1, count), (1, 0)):
        # A table that has a frame 0 counts from 0: the same frames. The other one has
        # its boxes a frame later.
        moved = replace(table, frame=table.frame + shift)
        write_boxes(tmp_path / f'{shift}.csv', moved, 'csv')
        other = replace(camera, boxes=tmp_path / f'{shift}.csv')
        again = follow([other], inferencer, 0.2, FEW, keep=tmp_path)
        assert again.cameras[0].num_kept == kept


def test_vectors_are_kept_for_the_next_run(scene, inferencer, tmp_path):
    cameras = find_cameras(scene)
    first = follow(cameras, inferencer, 0.2, FEW, keep=tmp_path)
    assert [camera.num_kept for camera in first.cameras] == [0, 0]
    damaged = next(tmp_path.glob('cam1-*/000001.npz'))
    damaged.write_bytes(damaged.read_bytes()[:100])
    more = replace(FEW, per_track=5)
    second = follow(cameras, inferencer, 0.2, more, keep=tmp_path)
    # The damaged file was computed again, the other was taken.
    assert second.cameras[0].num_kept == 0
    assert second.cameras[1].num_kept > 0
    third = follow(cameras, inferencer, 0.2, more, keep=tmp_path)
    assert [camera.num_kept for camera in third.cameras] == [40, 40]
    for one, other in zip(second.cameras, third.cameras, strict=True):
        np.testing.assert_array_equal(one.tracklets.vectors, other.tracklets.vectors)


def test_a_run_that_stops_keeps_what_it_has(scene, inferencer, tmp_path):
    calls = []

    def stop(done, total):
        calls.append((done, total))
        raise KeyboardInterrupt

    small = ReIDInferencer(
        str(find_config(HISTOGRAM)), device='cpu', num_workers=0, batch_size=4
    )
    with pytest.raises(KeyboardInterrupt):
        follow(
            find_cameras(scene), small, 0.2, FEW, keep=tmp_path, progress=lambda _: stop
        )
    assert calls == [(4, 24)]
    again = follow(find_cameras(scene), inferencer, 0.2, FEW, keep=tmp_path)
    assert again.cameras[0].num_kept == 4


def test_a_track_that_changes_person_is_cut(scene, inferencer, tmp_path):
    table = read_boxes(scene / 'cam1/tracks.txt')
    person = (table.track - 1) // 2
    late = table.frame > 10
    # Persons 0 and 1 change their numbers in the middle.
    track = np.where(late & (person < 2), 1 - person, person)
    lines = [
        (frame, number, *box, 1)
        for frame, number, box in zip(table.frame, track, table.ltwh, strict=True)
    ]
    np.savetxt(tmp_path / 'switched.txt', lines, '%g', ',')
    camera = Camera('cam1', scene / 'cam1.mp4', tmp_path / 'switched.txt')
    options = FollowOptions(per_track=8, split=0.4)
    result = follow([camera], inferencer, 0.2, options).cameras[0]
    assert result.tracklets.track.tolist() == [0, 0, 1, 1, 2, 3]
    assert result.tracklets.piece.tolist() == [0, 1, 0, 1, 0, 0]
    np.testing.assert_allclose(result.tracklets.last[:4], [10, 20, 10, 20], atol=1)
    assert result.identity[0] == result.identity[3] != result.identity[1]


def test_bad_boxes_are_named_and_the_rest_goes_on(scene, inferencer, tmp_path):
    lines = (scene / 'cam1/tracks.txt').read_text().splitlines()
    lines += ['99,50,1,1,20,40,1', '1,51,500,1,20,40,1', '1,52,5,5,0,10,1']
    lines += ['2,-1,5,5,10,10,1']
    (tmp_path / 'bad.txt').write_text('\n'.join(lines))
    camera = Camera('cam1', scene / 'cam1.mp4', tmp_path / 'bad.txt')
    following = follow([camera], inferencer, 0.2, FEW)
    result = following.cameras[0]
    assert sorted(result.faults) == [80, 81, 82]
    assert 'no frame 99' in result.faults[80]
    assert 'outside' in result.faults[81]
    assert 'empty' in result.faults[82]
    assert '1 boxes without a track' in result.source.notes[0]
    # Those without a vector are somebody each, and nothing is lost.
    assert sorted(result.identity.tolist()) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 6, 7]
    write_following(following, tmp_path / 'out')
    assert len(read_boxes(tmp_path / 'out/cam1.txt')) == 84
    assert read_boxes(tmp_path / 'out/cam1.txt').track[-1] == -1


def test_a_camera_that_saw_nobody_has_no_identities(scene, inferencer, tmp_path):
    (tmp_path / 'empty.txt').write_text('')
    cameras = [
        Camera('empty', scene / 'cam1.mp4', tmp_path / 'empty.txt'),
        Camera('cam2', scene / 'cam2.mp4', scene / 'cam2/tracks.txt'),
    ]
    following = follow(cameras, inferencer, 0.2, FEW)
    assert following.cameras[0].source.notes == ('empty: the table has no boxes.',)
    assert len(following.identities) == 4
    write_following(following, tmp_path / 'out')
    nobody = follow(cameras[:1], inferencer, 0.2, FEW)
    assert len(nobody.identities) == 0
    write_following(nobody, tmp_path / 'nobody')


@pytest.mark.parametrize(
    ('change', 'error', 'message'),
    [
        (dict(name='a/b'), ValueError, "fit for a file, got 'a/b'"),
        (dict(name=' '), ValueError, "fit for a file, got ' '"),
        (dict(name='a\nb'), ValueError, 'fit for a file'),
        (
            dict(start=float('nan')),
            ValueError,
            "start of camera 'cam1' must be",
        ),
        (dict(fps=0), ValueError, "fps of camera 'cam1' must be a number above 0"),
        (dict(frames='missing.mp4'), OSError, 'missing.mp4'),
        (dict(boxes='missing.txt'), OSError, 'missing.txt'),
    ],
)
def test_a_camera_that_cannot_be_is_named(scene, inferencer, change, error, message):
    camera = Camera('cam1', scene / 'cam1.mp4', scene / 'cam1/tracks.txt')
    with pytest.raises(error, match=message):
        follow([replace(camera, **change)], inferencer, 0.2)


def test_cameras_that_do_not_go_together_are_named(scene, inferencer, tmp_path):
    camera = Camera('cam1', scene / 'cam1.mp4', scene / 'cam1/tracks.txt')
    with pytest.raises(ValueError, match="names of their own, got 'cam1' twice"):
        follow([camera, camera], inferencer, 0.2)
    with pytest.raises(ValueError, match='at least one, got none'):
        follow([], inferencer, 0.2)
    options = FollowOptions(transitions={('cam1', 'cam9'): 1})
    with pytest.raises(ValueError, match="got 'cam9'"):
        follow([camera], inferencer, 0.2, options)
    (tmp_path / 'det.txt').write_text('1,-1,5,5,20,40,1\n')
    detections = replace(camera, boxes=tmp_path / 'det.txt')
    with pytest.raises(ValueError, match='give what a tracker'):
        follow([detections], inferencer, 0.2)
    with pytest.raises(FileNotFoundError, match='a folder for each camera'):
        find_cameras(tmp_path)
    with pytest.raises(FileNotFoundError, match='There is no folder'):
        find_cameras(tmp_path / 'nowhere')
    (tmp_path / 'scene.json').write_text('{"cameras": [{"name": "cam7"}]}')
    with pytest.raises(ValueError, match="names camera 'cam7'"):
        find_cameras(tmp_path)
    (tmp_path / 'scene.json').write_text('{"cameras": 3}')
    with pytest.raises(ValueError, match='must list "cameras"'):
        find_cameras(tmp_path)


def test_a_truth_that_does_not_fit_is_named(following, scene):
    with pytest.raises(ValueError, match="got 'cam3'"):
        read_truth(following, {'cam3': 'x'})
    truth = read_truth(following)
    with pytest.raises(ValueError, match="got no 'cam2' in truth"):
        evaluate_following({'cam1': truth['cam1']}, truth)
    nobody = truth['cam1'].select([])
    with pytest.raises(ValueError, match="truth of camera 'cam1' must have boxes"):
        evaluate_following({'cam1': nobody}, {'cam1': truth['cam1']})


def test_a_threshold_is_fitted_on_pairs_of_tracklets(following):
    truth = read_truth(following)
    point = fit_threshold(following, truth, 0.05)
    # Four persons with four tracklets each.
    assert point.num_positive == 4 * 6
    assert point.num_negative == 16 * 15 / 2 - 24
    assert point.true_accept_rate == 1
    assert point.achieved_rate <= 0.05
    assert point.model_key == following.model_key
    free = rejoin(following, point.threshold, FEW)
    assert score_following(free, truth).joint.idf1 == 1
