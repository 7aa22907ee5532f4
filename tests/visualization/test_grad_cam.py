"""Grad-CAM against differences of the answer, a closed form and a library."""

import cv2
import numpy as np
import pytest
import torch
from torch import nn

from mmreid.registry import MODELS
from mmreid.visualization import grad_cam
from mmreid.visualization.grad_cam import ANSWERS

KINDS = {
    'global': dict(pool=dict(type='GlobalPool', mode='max')),
    'neck': dict(pool=dict(type='GlobalPool'), bn_neck=True, test='bn_feat'),
    'interaction': dict(pool=dict(type='AttentionPool')),
    'stripes': dict(pool=dict(type='StripePool', num_parts=2), channels=3),
    'one stripe': dict(pool=dict(type='StripePool', num_parts=2), test_parts=[1]),
    'stage': dict(
        pool=dict(type='GlobalPool'),
        stage=dict(type='GlobalContext', reduction=2),
        in_index=1,
    ),
}


def build(kind, id_loss=True):
    cfg = dict(type='Branch', in_channels=6, num_classes=5, **KINDS[kind])
    if id_loss:
        cfg['id_loss'] = dict(type='mmpretrain.CrossEntropyLoss')
    branch = MODELS.build(cfg).double().eval()
    for parameter in branch.parameters():
        nn.init.normal_(parameter)
    return branch


@pytest.fixture
def feats():
    return [torch.randn(2, 6, 4, 3, dtype=torch.float64) for _ in range(2)]


def by_differences(branch, x, answer):
    """Eq. 1 and 2, each entry of the gradient by moving one entry of the map."""
    value = lambda y: ANSWERS[answer](branch, branch([y, y]))  # noqa: E731
    step, cams = 1e-6, []
    for n in range(len(x)):
        cam = torch.zeros(x.shape[2:], dtype=torch.float64)
        for c in range(x.shape[1]):
            total = 0.0
            for i in range(x.shape[2]):
                for j in range(x.shape[3]):
                    moved = torch.zeros_like(x)
                    moved[n, c, i, j] = step
                    total += (value(x + moved) - value(x - moved))[n] / (2 * step)
            cam += total / (x.shape[2] * x.shape[3]) * x[n, c]
        cams.append(cam.clamp(min=0))
    return torch.stack(cams).detach()


@pytest.mark.parametrize('answer', ANSWERS)
@pytest.mark.parametrize('kind', KINDS)
def test_equals_differences(feats, kind, answer):
    branch = build(kind)
    found = grad_cam(branch, feats, answer)
    x = branch(feats)['map'].detach()
    branch.stage = nn.Sequential()  # x is behind it
    expected = by_differences(branch, x, answer)
    assert expected.any()
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-7)


def test_is_cam_where_a_classifier_follows_an_average(feats):
    """The special case that the paper names: Zhou's class activation map."""
    branch = build('global')
    branch.pool = MODELS.build(dict(type='GlobalPool', mode='avg'))
    scores = branch.classifier(branch(feats)['bn_feat'])[:, 0]
    weight = branch.classifier.weight[0][scores.argmax(1)]  # N x C
    cam = torch.einsum('nc,nchw->nhw', weight, feats[0]).clamp(min=0) / 12
    torch.testing.assert_close(grad_cam(branch, feats), cam.detach())


def test_leaves_the_branch_alone(feats):
    branch = build('neck')
    branch.requires_grad_(False)
    with torch.no_grad():
        grad_cam(branch, feats)
    assert not any(feat.requires_grad for feat in feats)
    assert all(p.grad is None for p in branch.parameters())


def test_equals_the_library(feats):
    """https://github.com/jacobgil/pytorch-grad-cam, where it is installed."""
    library = pytest.importorskip('pytorch_grad_cam')

    class Scores(nn.Module):
        def __init__(self, branch):
            super().__init__()
            self.trunk = nn.Conv2d(3, 6, 1)
            self.branch = branch

        def forward(self, x):
            return self.branch.classifier(self.branch([self.trunk(x)])['bn_feat'])[:, 0]

    network = Scores(build('neck').float()).eval()
    x = torch.randn(2, 3, 4, 3)
    theirs = library.GradCAM(network, [network.trunk])(x, None)
    ours = grad_cam(network.branch, [network.trunk(x)]).numpy()
    for cam, expected in zip(ours, theirs, strict=True):
        cam = (cam - cam.min()) / (np.ptp(cam) + 1e-7)
        np.testing.assert_allclose(cv2.resize(cam, (3, 4)), expected, atol=1e-5)


def test_what_cannot_be_explained(feats):
    with pytest.raises(ValueError, match="got 'class'"):
        grad_cam(build('global'), feats, 'class')
    with pytest.raises(ValueError, match="choose answer='vector'"):
        grad_cam(build('global', id_loss=False), feats)
    assert grad_cam(build('global', id_loss=False), feats, 'vector').any()
