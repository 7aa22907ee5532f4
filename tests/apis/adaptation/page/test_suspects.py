import numpy as np
from unnamed_pictures import angles, own_pictures

from mmreid.apis.adaptation.page.suspects import (
    find_far_apart,
    find_meetings,
    find_torn,
    list_duplicates,
    members,
)


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
