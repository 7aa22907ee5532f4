import numpy as np
import torch
from torchvision.ops import box_area, box_iou

from mmreid.box_areas import area_ratios, areas, common_areas


def test_areas_and_ratios_are_those_of_torchvision():
    rng = np.random.default_rng(0)
    corners = rng.uniform(-50, 50, (2, 30, 2))
    one, other = (np.hstack([c, c + rng.uniform(0, 40, c.shape)]) for c in corners)
    tensors = torch.from_numpy(one), torch.from_numpy(other)
    np.testing.assert_allclose(area_ratios(one, other), box_iou(*tensors), atol=1e-12)
    np.testing.assert_allclose(areas(one), box_area(tensors[0]))
    np.testing.assert_allclose(np.diag(common_areas(one, one)), areas(one))


def test_empty_boxes_have_nothing_in_common():
    point = np.array([[1.0, 1, 1, 1]])
    assert area_ratios(point, point) == 0
    assert areas(np.array([[5.0, 5, 1, 9]])) == 0
    assert area_ratios(np.zeros((0, 4)), point).shape == (0, 1)
