"""Records are read once, and tell what is known of all pictures."""

from collections import Counter

import pytest

from mmreid.engine.hooks.memories.picture_labels import read_picture_labels


class Records(list):
    """A training set of records, which counts how often each is read."""

    def __init__(self, *records: dict, **metainfo) -> None:
        super().__init__(records)
        self.metainfo = metainfo
        self.reads: Counter[int] = Counter()

    def get_data_info(self, index: int) -> dict:
        self.reads[index] += 1
        return self[index]


def test_each_record_is_read_once():
    """Tracklet 0 of two persons is two; the third picture has none."""
    rows = ((0, 4, 0), (0, 4, 0), (0, 4, -1), (1, 7, 0))
    records = Records(
        *(dict(gt_label=g, person_id=p, cam_id=2, tracklet_id=t) for g, p, t in rows)
    )
    known = read_picture_labels(records, with_links=True)
    assert {*records.reads.values()} == {1}
    assert known.persons.tolist() == [4, 4, 4, 7]
    assert known.cameras.tolist() == [2] * 4
    groups = known.links.groups
    assert groups[0] == groups[1]
    assert len({*groups.tolist()}) == 3


@pytest.mark.parametrize(
    ('records', 'cameras'),
    [
        (Records(dict(cam_id=1), dict(cam_id=2)), [1, 2]),
        (Records(dict(cam_id=1), dict()), None),
        (Records(dict(cam_id=0), dict(cam_id=0), cameras=False), None),
    ],
)
def test_cameras_are_known_of_all_pictures_or_none(records, cameras):
    known = read_picture_labels(records, with_links=False)
    assert known.persons is known.links is None
    assert (known.cameras if cameras is None else known.cameras.tolist()) == cameras


def test_links_need_tracklets():
    with pytest.raises(ValueError, match='links=True needs tracklet_id'):
        read_picture_labels(Records(dict(cam_id=1, time=3)), with_links=True)
