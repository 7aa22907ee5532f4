import numpy as np
import pytest

from mmreid.evaluation.test_set import Images, TestSet
from mmreid.search.decisions.evidence.gallery_set import all_against_all


def make(persons, cameras):
    vectors = np.arange(len(persons), dtype=np.float32)[:, None] + 1
    images = Images(vectors, np.array(persons), np.array(cameras))
    nobody = images.take(np.zeros(0, np.int64))
    return TestSet(nobody, images, {'dataset': 'x'})


def test_everybody_named_is_looked_for_among_all_others():
    found = all_against_all(make([5, -1, 0, 5, 7], [1, 1, 2, -1, -1]))
    assert found.queries.person_id.tolist() == [5, 5, 7]
    assert found.gallery.person_id.tolist() == [5, 0, 5, 7]
    assert found.gallery.vectors[:, 0].tolist() == [1, 3, 4, 5]
    # Unknown cameras are cameras of their own, and a picture's is the same as a query.
    cameras = found.gallery.cam_id.tolist()
    assert len({*cameras}) == 4
    assert found.queries.cam_id.tolist() == [cameras[0], cameras[2], cameras[3]]
    assert found.meta == {'dataset': 'x'}


def test_nobody_named_is_refused():
    with pytest.raises(ValueError, match='must name persons, got none'):
        all_against_all(make([-1, 0], [1, 2]))
