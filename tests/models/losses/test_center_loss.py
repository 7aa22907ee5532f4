"""CenterLoss against its formula, and its centres against an SGD of their own."""

import pytest
import torch
from torch import nn

from mmreid.registry import MODELS

LABELS = torch.tensor([0, 2, 2, 4])


def build(**kwargs):
    cfg = dict(type='CenterLoss', in_channels=3, num_classes=5)
    return MODELS.build({**cfg, **kwargs}).double()


@pytest.fixture
def feats():
    return torch.randn(4, 3, dtype=torch.float64)


def test_equals_loop(feats):
    loss = build(loss_weight=0.3).eval()
    total = 0.0
    for row, label in zip(feats.tolist(), LABELS.tolist(), strict=True):
        center = loss.centers[label].tolist()
        total += sum((x - c) ** 2 for x, c in zip(row, center, strict=True))
    assert loss(feats, LABELS).item() == pytest.approx(0.3 * total / 4, abs=1e-12)


@pytest.mark.parametrize('center_lr', [0.5, None])
def test_gradient(feats, center_lr):
    loss = build(center_lr=center_lr).eval()
    assert torch.autograd.gradcheck(
        lambda x: loss(x, LABELS), feats.clone().requires_grad_()
    )


def test_centers_take_the_steps_of_an_sgd_on_the_unweighted_loss(feats):
    loss = build(loss_weight=0.0005)
    peer = nn.Parameter(loss.centers.clone())
    optimizer = torch.optim.SGD([peer], lr=0.5)
    for _ in range(3):
        feats = torch.randn_like(feats).requires_grad_()
        value = loss(feats, LABELS)
        expected = (feats - peer[LABELS]).square().sum(1).mean()
        assert torch.allclose(value, 0.0005 * expected)
        (gradient,) = torch.autograd.grad(value, feats)
        wanted = 0.0005 * 2 / 4 * (feats - peer[LABELS])
        assert torch.allclose(gradient, wanted)  # of the centres before their step
        optimizer.zero_grad()
        expected.backward()
        optimizer.step()
        assert torch.allclose(loss.centers, peer.detach(), atol=1e-12)


def test_centers_stay_in_evaluation(feats):
    loss = build().eval()
    before = loss.centers.clone()
    loss(feats, LABELS)
    assert torch.equal(loss.centers, before)


def test_an_optimizer_may_learn_them(feats):
    loss = build(center_lr=None)
    assert [name for name, _ in loss.named_parameters()] == ['centers']
    before = loss.centers.detach().clone()
    loss(feats, LABELS).backward()
    assert torch.equal(loss.centers, before)
    assert loss.centers.grad[2].any()
    assert not loss.centers.grad[1].any()
    assert list(build().state_dict()) == list(loss.state_dict())
    assert not list(build().parameters())


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
def test_half_precision_is_computed_in_float32(dtype):
    loss = build().float()
    feats = torch.full((4, 3), 300.0).to(dtype)  # its square is infinite in float16
    expected = (feats.float() - loss.centers[LABELS]).square().sum(1).mean()
    value = loss(feats, LABELS)
    assert value.dtype == torch.float32
    assert torch.allclose(value, expected)
    assert loss.centers.isfinite().all()


def test_a_branch_tells_the_sizes():
    cfg = dict(type='CenterLoss', loss_weight=0.0005)
    branch = MODELS.build(
        dict(
            type='Branch',
            in_channels=8,
            num_classes=5,
            pool=dict(type='GlobalPool'),
            metric_loss=[dict(type='BatchHardTripletLoss'), cfg],
        )
    )
    assert branch.metric_loss_1.centers.shape == (5, 8)
    labels = torch.tensor([0, 0, 1, 1])
    losses = branch.loss((torch.randn(4, 8, 2, 2),), labels)
    assert list(losses) == ['metric_loss', 'metric_loss_1']


def test_wrong_rate():
    with pytest.raises(ValueError, match='center_lr must not be negative'):
        build(center_lr=-0.1)
