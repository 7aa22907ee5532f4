"""The brick against a loop over stripes."""

import pytest
import torch

from mmreid.registry import MODELS
from projects.example_project import horizontal_pyramid_pool  # noqa: F401


def build(**kwargs):
    return MODELS.build(dict(type='HorizontalPyramidPool', **kwargs))


def test_equals_loop():
    maps = torch.randn(2, 3, 12, 4, dtype=torch.float64)
    expected = []
    for scale in (1, 3):
        rows = 12 // scale
        for part in range(scale):
            stripe = maps[:, :, part * rows : (part + 1) * rows].flatten(2)
            expected.append(stripe.mean(2) + stripe.max(2).values)
    pool = build(scales=(1, 3))
    assert torch.allclose(pool(maps), torch.stack(expected, 1))
    assert pool.out_parts == 4


def test_errors():
    with pytest.raises(ValueError, match='positive'):
        build(scales=())
    with pytest.raises(ValueError, match=r'\[5\] for 12 rows'):
        build(scales=(1, 5))(torch.rand(1, 3, 12, 4))
