"""Every kind of network can be traced: no branch depends on data or on their number."""

from pathlib import Path

import pytest
import torch
from mmengine.registry import init_default_scope

from mmreid.engine import read_config
from mmreid.registry import MODELS

ROOT = Path(__file__).parents[2]
# One network of each kind; those of half a ResNet-18 and the like are small.
CONFIGS = sorted(
    path.relative_to(ROOT).as_posix() for path in ROOT.glob('configs/*/*_synthmini.py')
)


@pytest.mark.parametrize('path', CONFIGS, ids=lambda path: Path(path).stem)
def test_the_traced_network_gives_the_same_vectors(path):
    cfg = read_config(str(ROOT / path))
    init_default_scope(cfg.default_scope)
    cfg.model.head.num_classes = None
    cfg.model.backbone.pop('init_cfg', None)
    torch.manual_seed(0)
    network = MODELS.build(cfg.model).eval()
    pictures = torch.randn(2, 3, 192, 96)
    sizes = ({0: torch.export.Dim('batch', min=1)},)
    traced = torch.export.export(network, (pictures,), dynamic_shapes=sizes).module()
    for count in (1, 3):
        other = torch.randn(count, 3, 192, 96)
        with torch.no_grad():
            expected, found = network(other), traced(other)
        assert (found - expected).abs().max() <= 1e-5 * expected.abs().max()
