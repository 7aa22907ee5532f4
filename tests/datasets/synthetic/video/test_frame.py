import numpy as np
import pytest

from mmreid.datasets.synthetic.places.camera import CAMERAS
from mmreid.datasets.synthetic.video.cutout import Cutout, cut_out_person
from mmreid.datasets.synthetic.video.frame import _compose, _true_box, draw_frame
from mmreid.datasets.synthetic.video.itinerary import SceneSize, plan_scene
from mmreid.datasets.synthetic.video.walk import Standing, Walk, pixels_of_metre

PLAN = plan_scene(1, SceneSize(persons=3, cameras=1, seconds=10, width=320))


def person_at(column, row, number=1, zoom=60.0):
    standing = Standing(column, row, 90.0, 0.7, True)
    return cut_out_person(PLAN.people[number], standing, False, CAMERAS[0], zoom)


def test_a_box_holds_the_pixels_that_a_person_changes():
    figure = person_at(300.0, 300.0)
    scale = 360 / 540
    alone, who = _compose(PLAN, 1, scale, {1: figure})
    empty, nobody = _compose(PLAN, 1, scale, {})
    assert set(np.unique(nobody)) <= {0, -1}
    rows, columns = np.nonzero(who == 1)
    left, top, right, bottom = figure.box
    assert (columns.min(), rows.min()) == (left, top)
    assert (columns.max() + 1, rows.max() + 1) == (right, bottom)
    # What is changed above the shadow is the person.
    changed = (alone != empty).any(-1)
    changed[int(figure.foot) - 20 :] = False
    above = who == 1
    above[int(figure.foot) - 20 :] = False
    assert not (changed & ~above).any()
    assert (changed & above).sum() > 0.9 * above.sum()
    # Feet stand where they should, and a head is some 1.7 m above them.
    assert abs(bottom - 300) < 0.2 * (bottom - top)
    assert 1.3 * 60 < bottom - top < 2.2 * 60


def test_visibility_is_the_share_that_nothing_nearer_hides():
    behind, before = person_at(300.0, 250.0), person_at(310.0, 270.0, 2)
    _, who = _compose(PLAN, 1, 360 / 540, {1: behind, 2: before})
    hidden = total = 0
    for row, column in np.argwhere(behind.mask):
        y, x = behind.top + row, behind.left + column
        inner = (y - before.top, x - before.left)
        within = all(0 <= i < n for i, n in zip(inner, before.mask.shape, strict=True))
        total += 1
        hidden += bool(within and before.mask[inner])
    assert 0 < hidden < total
    assert _true_box(1, behind, who).visibility == pytest.approx(1 - hidden / total)
    assert _true_box(2, before, who).visibility == 1


def test_what_lies_beyond_the_frame_is_not_visible():
    figure = person_at(2.0, 300.0)
    _, who = _compose(PLAN, 1, 360 / 540, {1: figure})
    true = _true_box(1, figure, who)
    outside = figure.mask[:, : -figure.left].sum()
    assert true.box[0] < 0
    assert true.visibility == pytest.approx(1 - outside / figure.mask.sum())
    gone = Cutout(figure.pixels, 5000, 10, 300.0)
    assert _true_box(1, gone, who).visibility == 0


def test_frames_follow_the_plan():
    visit = PLAN.visits[0]
    middle = (visit.start + visit.end) / 2 - PLAN.starts[0]
    picture, boxes = draw_frame(PLAN, 1, 1 + round(middle * PLAN.size.fps))
    assert picture.shape == (180, 320, 3)
    assert visit.person in {true.person for true in boxes}


def test_a_walk_keeps_its_speed_and_faces_where_it_goes():
    walk = Walk(((0, 500), (480, 500), (960, 500)), 1.2, 150, 0.4, 2.0, 0.0)
    metre = pixels_of_metre(500, 150)
    assert walk.duration == pytest.approx(960 / metre / 1.2 + 2)
    one, two = walk.at(0.5), walk.at(1.5)
    assert (two.column - one.column) / metre == pytest.approx(1.2)
    assert one.yaw == pytest.approx(90)
    half = 480 / metre / 1.2
    stands = walk.at(half + 1)
    assert not stands.walks
    assert stands.column == pytest.approx(480)
    assert walk.at(walk.duration).column == pytest.approx(960)
    assert two.phase > one.phase
    towards = Walk(((480, 400), (480, 500)), 1.2, 150, 0.4, 0.0, 0.0)
    assert towards.at(1.0).yaw == pytest.approx(0)
