import numpy as np
import pytest

from mmreid.apis.adaptation.clusters import order_by_size, write_clusters
from mmreid.apis.adaptation.folder import OwnPictures
from mmreid.apis.adaptation.page.showing import (
    ModelClusters,
    ShownOwnPictures,
    count_clusters,
    show_clusters,
)
from mmreid.apis.adaptation.page.suspects import (
    find_far_apart,
    find_meetings,
    find_torn,
    list_duplicates,
    members,
)
from mmreid.datasets import UnlabelledFolder


def own_pictures(number, **told):
    names = np.array([f'{n}.jpg' for n in range(number)], object)
    settings = dict(
        settings={},
        root='/pictures',
        path=np.array([f'/pictures/{name}' for name in names], object),
        name=names,
        camera=np.full(number, '', object),
        cam_id=None,
        tracklet=None,
        time=None,
        person=None,
        clock=None,
    )
    return OwnPictures(**{**settings, **told})


def angles(*degrees):
    turned = np.radians(degrees)
    return np.stack([np.cos(turned), np.sin(turned)], axis=1) * 3


def test_the_least_alike_of_a_cluster_come_first():
    labels = np.array([0, 1, 0, -1, 1, 0])
    vectors = angles(0, 90, 10, 200, 150, 5)
    found = find_far_apart(vectors, labels, 'far', 'A rule.')
    assert [pair[:2] for pair in found.pairs] == [(1, 4), (0, 2)]
    assert found.pairs[0][2] == 'cosine 0.500'
    assert found.found == 2
    none = find_far_apart(vectors, np.full(6, -1), 'far', 'A rule.')
    assert (none.pairs, none.found) == ([], 0)


def test_nobody_is_twice_before_a_camera_at_one_time():
    labels = np.array([0, 0, 0, 0, 1, -1])
    time = np.array([5.0, 5, 5, np.nan, 5, 5])
    camera = np.array([1, 1, 2, 1, 1, 1])
    known = own_pictures(6, cam_id=camera, time=time)
    found = find_meetings(known, labels)
    assert found.pairs == [(0, 1, 'time 5')]
    tracklet = np.array([7, 7, -1, -1, -1, -1])
    same = own_pictures(6, cam_id=camera, time=time, tracklet=tracklet)
    assert find_meetings(same, labels).found == 0
    assert find_meetings(own_pictures(6, time=time), labels) is None


def test_near_clusters_are_told_with_their_nearest_pictures():
    labels = np.repeat([0, 1, 2], 3)
    vectors = angles(0, 20, 10, 22, 30, 40, 180, 190, 200)
    found = find_torn(vectors, labels)
    assert found.found == 0
    # A wide cluster: now a distance of 20 degrees is nothing unusual.
    vectors = angles(-40, 20, 50, 22, 62, 10, 180, 250, 240)
    found = find_torn(vectors, labels)
    assert found.pairs[0][:2] == (1, 3)
    assert find_torn(vectors, np.zeros(9, int)).found == 0


def test_duplicates_of_two_clusters_come_first():
    pairs, labels = np.array([[0, 1], [2, 3]]), np.array([0, 0, 0, 1])
    found = list_duplicates(pairs, np.array([0, 4]), labels, 'Hashes.')
    assert found.pairs[0] == (2, 3, '4 of 64 bits differ')
    assert found.rule.endswith('1 of them are not in one cluster.')


def test_members_are_in_the_order_of_the_clusters():
    labels = np.array([1, -1, 0, 1])
    assert [rows.tolist() for rows in members(labels)] == [[2], [0, 3]]
    assert [*members(np.full(3, -1))] == []


def test_the_largest_cluster_is_the_first():
    labels = np.array([0, 3, 3, -1, 7, 7, 3])
    assert order_by_size(labels).tolist() == [2, 0, 0, -1, 1, 1, 0]
    assert order_by_size(np.full(2, -1)).tolist() == [-1, -1]


@pytest.mark.parametrize('clock', ['camera', 'shared'])
def test_what_is_told_stays_in_the_table(tmp_path, clock):
    for number in range(3):
        (tmp_path / f'{number}.jpg').touch()
    known = own_pictures(
        3,
        path=np.array([str(tmp_path / f'{n}.jpg') for n in range(3)], object),
        camera=np.array(['door, left', 'gate', 'gate'], object),
        cam_id=np.array([0, 1, 1]),
        tracklet=np.array([4, -1, 4]),
        time=np.array([1700000000.25, np.nan, 12]),
        clock=clock,
    )
    table = write_clusters(tmp_path / 'c.csv', known, np.array([1, -1, 0]))
    read = UnlabelledFolder(table=table)
    records = [read.get_data_info(n) for n in range(3)]
    assert [record.get('time') for record in records] == [1700000000.25, None, 12]
    assert [record['tracklet_id'] for record in records] == [4, -1, 4]
    assert [record['person_id'] for record in records] == [2, -1, 1]
    assert [*read.camera_names.values()] == ['door, left', 'gate']
    assert read.metainfo['clock'] == clock


def test_numbers_of_clusters():
    labels = np.array([0, 0, 0, 1, 1, -1])
    known = own_pictures(
        6, cam_id=np.array([1, 2, 1, 1, 1, 2]), person=np.array([5, 5, 5, 6, 6, -1])
    )
    found = count_clusters(known, ModelClusters('before', angles(*range(6)), labels))
    assert found.sizes.tolist() == [3, 2]
    assert (found.noise, found.across) == (1, 1)
    assert found.agreement == pytest.approx(1)


def test_of_large_clusters_some_are_shown_with_the_farthest():
    labels = np.zeros(500, int)
    vectors = angles(*np.linspace(0, 20, 500))
    shown = ShownOwnPictures(own_pictures(500), labels)
    (sheet,) = show_clusters(shown, ModelClusters('before', vectors, labels))
    assert len(sheet.pictures) == 24
    assert sheet.size == 500
    names = {picture.name for picture in shown.tell()}
    assert names & {'0.jpg', '499.jpg'}


def test_a_page_has_an_end():
    labels = np.arange(3000).repeat(2)
    vectors = np.random.default_rng(0).normal(size=(6000, 4))
    shown = ShownOwnPictures(own_pictures(6000), labels)
    sheets = show_clusters(shown, ModelClusters('before', vectors, labels))
    assert len(sheets) == 1200
