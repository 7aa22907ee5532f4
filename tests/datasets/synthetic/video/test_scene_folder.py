import json
from itertools import pairwise

import cv2
import numpy as np
import pytest

from mmreid.box_areas import area_ratios
from mmreid.datasets.synthetic import SceneSize, render_scene
from mmreid.datasets.synthetic.video.itinerary import plan_scene

SMALL = SceneSize(persons=5, cameras=2, seconds=4, fps=5, width=320)


@pytest.fixture(scope='module')
def scene(tmp_path_factory):
    folder = tmp_path_factory.mktemp('scene') / 'one'
    return folder, render_scene(folder, SMALL, seed=3, frames=True, num_workers=1)


def table(path):
    return np.loadtxt(path, delimiter=',', ndmin=2)


def files(root):
    return {p.relative_to(root): p for p in sorted(root.rglob('*')) if p.is_file()}


def test_the_seed_decides_and_not_the_number_of_processes(scene, tmp_path):
    again, other = tmp_path / 'again', tmp_path / 'other'
    render_scene(again, SMALL, seed=3, frames=True, num_workers=2)
    render_scene(other, SMALL, seed=4, frames=True, num_workers=1)
    first, second, third = (files(root) for root in (scene[0], again, other))
    assert first.keys() == second.keys() == third.keys()
    assert all(first[n].read_bytes() == second[n].read_bytes() for n in first)
    picture = next(name for name in first if name.suffix == '.jpg')
    assert first[picture].read_bytes() != third[picture].read_bytes()


def test_video_and_pictures_have_every_frame(scene):
    root, facts = scene
    for camera in facts['cameras']:
        video = cv2.VideoCapture(str(root / f'{camera["name"]}.mp4'))
        frames = []
        while (read := video.read())[0]:
            frames.append(read[1])
        pictures = sorted((root / camera['name'] / 'img1').glob('*.jpg'))
        assert len(frames) == len(pictures) == camera['frames'] == 20
        assert frames[0].shape == (180, 320, 3)
        shown = cv2.imread(str(pictures[7])).astype(float)
        assert np.abs(shown - frames[7]).mean() < 8
        assert video.get(cv2.CAP_PROP_FPS) == pytest.approx(5)


def test_tables_agree_with_the_facts(scene):
    root, facts = scene
    for number, camera in enumerate(facts['cameras'], start=1):
        place = root / camera['name']
        truth, found = table(place / 'gt/gt.txt'), table(place / 'det/det.txt')
        tracks = table(place / 'tracks.txt')
        assert truth.shape[1] == 9
        assert found.shape[1] == tracks.shape[1] == 10
        assert set(truth[:, 1]) <= {p['person'] for p in facts['persons']}
        assert ((truth[:, 8] >= 0) & (truth[:, 8] <= 1)).all()
        for row in truth:
            now = camera['start'] + (row[0] - 1) / facts['fps']
            visits = facts['persons'][int(row[1]) - 1]['visits']
            assert any(
                v['camera'] == f'cam{number}' and v['start'] <= now <= v['end']
                for v in visits
            )
        # A track is made of boxes of the detector, one at most in a frame.
        boxes = {(*row[:1], *row[2:7]) for row in found}
        assert {(*row[:1], *row[2:7]) for row in tracks} <= boxes
        assert len({(row[0], row[1]) for row in tracks}) == len(tracks)
        assert tracks[:, 1].min() == 1


def test_the_detector_finds_whom_one_sees(scene):
    root, _ = scene
    seen = found = 0
    for camera in ('cam1', 'cam2'):
        truth = table(root / camera / 'gt/gt.txt')
        boxes = table(root / camera / 'det/det.txt')
        for row in truth[truth[:, 8] > 0.9]:
            others = boxes[boxes[:, 0] == row[0]][:, 2:6]
            edges = np.hstack([others[:, :2], others[:, :2] + others[:, 2:]])
            own = np.hstack([row[2:4], row[2:4] + row[4:6]])[None]
            seen += 1
            found += bool((area_ratios(own, edges) > 0.5).any())
    assert seen > 20
    assert found > 0.85 * seen


def test_nobody_is_in_two_places():
    plan = plan_scene(0, SceneSize(persons=30, cameras=6, seconds=120))
    for person in plan.people:
        visits = [v for v in plan.visits if v.person == person]
        gaps = [b.start - a.end for a, b in pairwise(visits)]
        assert all(gap >= 2 for gap in gaps)
    again = {(v.person, v.camera) for v in plan.visits}
    assert len(plan.visits) > len(again), 'somebody comes back to a camera'


def test_a_scene_is_made_once_and_no_other_files_are_touched(scene, tmp_path):
    root, facts = scene
    before = {name: path.stat().st_mtime_ns for name, path in files(root).items()}
    assert render_scene(root, SMALL, seed=3, frames=True) == facts
    after = {name: path.stat().st_mtime_ns for name, path in files(root).items()}
    assert before == after
    assert json.loads((root / 'scene.json').read_text('utf-8')) == facts
    mine = tmp_path / 'holiday'
    mine.mkdir()
    (mine / 'picture.jpg').write_bytes(b'mine')
    with pytest.raises(ValueError, match=r'holiday must be new, empty'):
        render_scene(mine, SMALL)
    assert [p.name for p in mine.iterdir()] == ['picture.jpg']


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        (dict(persons=0), 'persons must be at least 1, got 0'),
        (dict(cameras=7), 'cameras must be 1 to 6'),
        (dict(seconds=float('nan')), 'seconds must be a number above 0, got nan'),
        (dict(fps=-1), 'fps must be a number above 0, got -1'),
        (dict(seconds=0.01), 'seconds must be enough for a frame, got 0.01'),
        (dict(width=641), 'width must be a multiple of 32 from 320 to 1920, got 641'),
    ],
)
def test_impossible_sizes_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        SceneSize(**changes)


def test_impossible_arguments_are_refused(tmp_path):
    with pytest.raises(ValueError, match='seed must not be negative, got -1'):
        render_scene(tmp_path / 'a', SMALL, seed=-1)
    with pytest.raises(ValueError, match='num_workers must be at least 1, got 0'):
        render_scene(tmp_path / 'a', SMALL, num_workers=0)
    assert not (tmp_path / 'a').exists()
