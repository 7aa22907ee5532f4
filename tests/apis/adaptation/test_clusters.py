import numpy as np
import pytest
from unnamed_pictures import own_pictures

from mmreid.apis.adaptation.clusters import order_by_size, write_clusters
from mmreid.datasets import UnlabelledFolder


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
