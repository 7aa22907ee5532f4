"""MegaDescriptor and MiewID, as timm and the authors' code name them."""

import pytest
import timm
import torch
import torch.nn.functional as F
from converting import check, convert
from foreign_models import draw_pictures
from torch import nn

from mmreid.apis.conversion import UnknownLayoutError


class Miewid(nn.Module):
    """MiewIdNet without its classifier (wbia-plugin-miew-id, 178d6698: model.py)."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = timm.create_model('test_efficientnet')
        width = self.backbone.classifier.in_features
        self.backbone.classifier = nn.Identity()
        self.backbone.global_pool = nn.Identity()
        self.pooling = nn.Module()
        self.pooling.p = nn.Parameter(torch.tensor([2.6]))
        self.bn = nn.BatchNorm1d(width)
        self.temperature = nn.Parameter(torch.ones(1))

    def forward(self, x):
        p = self.pooling.p
        x = self.backbone(x).clamp(min=1e-6).pow(p)
        return self.bn(F.avg_pool2d(x, x.shape[2:]).pow(1 / p).flatten(1))


def shake(net):
    """Statistics and scales that are no defaults."""
    for name, value in net.state_dict().items():
        if value.ndim == 1 and value.is_floating_point() and name != 'pooling.p':
            is_scale = name.endswith(('weight', 'var'))
            value.uniform_(0.5, 1.5) if is_scale else value.normal_(0, 0.1)
    return net.double().eval()


@pytest.mark.parametrize('prefix', ['', 'module.'])
def test_miewid(tmp_path, prefix):
    theirs = shake(Miewid())
    state = {f'{prefix}{k}': v for k, v in theirs.state_dict().items()}
    state[f'{prefix}final.wmetric_classify.weight'] = torch.randn(6, 3)
    thin = (
        'model.backbone.model_name=test_efficientnet',
        'model.backbone.img_size=(96,64)',
    )
    network, report = convert(None, state, tmp_path, thin=thin)
    assert 'animals/miewid-msv3.py' in report
    check(lambda x: 99 * network(x), lambda x: 99 * theirs(x), draw_pictures(height=96))


@pytest.mark.parametrize(
    'is_behind', [False, pytest.param(True, marks=pytest.mark.slow)]
)
def test_megadescriptor(tmp_path, is_behind):
    theirs = timm.create_model('swin_tiny_patch4_window7_224', num_classes=0)
    theirs = shake(theirs)
    state = theirs.state_dict()
    if is_behind:  # as before timm 0.9
        for name in [name for name in state if '.downsample.' in name]:
            stage = int(name.split('.')[1])
            moved = name.replace(f'layers.{stage}', f'layers.{stage - 1}')
            state[moved] = state.pop(name)
        state['layers.0.blocks.1.attn_mask'] = torch.zeros(64, 49, 49)
    network, report = convert(None, state, tmp_path, thin=())
    assert 'animals/megadescriptor-t-224.py' in report
    pictures = torch.randn(2, 3, 224, 224, dtype=torch.float64)
    check(lambda x: 9 * network(x), lambda x: 9 * theirs(x), pictures)


def test_refusals(tmp_path):
    state = Miewid().state_dict()
    state.pop('bn.weight')
    with pytest.raises(UnknownLayoutError, match=r'no bn\.weight'):
        convert('miewid', state, tmp_path, thin=())
    with pytest.raises(UnknownLayoutError, match='Swin-T, -S, -B or -L'):
        convert('megadescriptor', {'patch_embed.norm.weight': torch.ones(7)}, tmp_path)
