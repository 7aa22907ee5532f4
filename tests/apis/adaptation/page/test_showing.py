import numpy as np
import pytest
from unnamed_pictures import angles, own_pictures

from mmreid.apis.adaptation.page.showing import (
    ModelClusters,
    ShownOwnPictures,
    count_clusters,
    show_clusters,
)


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
