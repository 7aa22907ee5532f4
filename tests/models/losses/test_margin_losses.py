"""Cross-entropies with a margin against their formulas written as loops."""

import math

import pytest
import torch
import torch.nn.functional as F

from mmreid.registry import MODELS

LABELS = torch.tensor([0, 2, 2, 4, 1, 3])


def build(kind, **kwargs):
    return MODELS.build(dict(type=kind, **kwargs))


def cosface(c, is_true, label, margin=0.35):
    return c - margin if is_true else c


def arcface(c, is_true, label, margin=0.5):
    m = margin if isinstance(margin, float) else margin[label]
    if not is_true:
        return c
    angle = math.acos(min(1.0, max(-1.0, c)))
    return math.cos(angle + m) if angle + m <= math.pi else c - m * math.sin(m)


def circle(c, is_true, label, margin=0.35):
    if is_true:
        return max(0.0, 1 + margin - c) * (c - 1 + margin)
    return max(0.0, c + margin) * (c - margin)


KINDS = dict(CosFaceLoss=cosface, ArcFaceLoss=arcface, CircleSoftmaxLoss=circle)
MARGINS = dict(
    CosFaceLoss=dict(margin=0.2),
    ArcFaceLoss=dict(margin=[0.1, 0.9, 2.0, 0.0, 3.0]),
    CircleSoftmaxLoss=dict(margin=0.1),
)


def naive(kind, cosines, scale=64, smoothing=0.0, **options):
    """Every logit, then minus the log of the softmax, in plain Python."""
    terms = []
    for row, label in zip(cosines.tolist(), LABELS.tolist(), strict=True):
        logits = [
            scale * KINDS[kind](c, i == label, label, **options)
            for i, c in enumerate(row)
        ]
        top = max(logits)
        log_sum = top + math.log(sum(math.exp(z - top) for z in logits))
        share = smoothing / len(row)
        terms.append(
            sum(
                ((1 - smoothing) * (i == label) + share) * (log_sum - z)
                for i, z in enumerate(logits)
            )
        )
    return sum(terms) / len(terms)


@pytest.fixture
def cosines():
    return torch.rand(6, 5, dtype=torch.float64) * 2 - 1


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('scale', [64, 8])
@pytest.mark.parametrize('smoothing', [0.0, 0.1])
@pytest.mark.parametrize('own_margin', [False, True])
def test_equals_loop(cosines, kind, scale, smoothing, own_margin):
    options = MARGINS[kind] if own_margin else {}
    expected = naive(kind, cosines, scale, smoothing, **options)
    loss = build(kind, scale=scale, label_smooth_val=smoothing, **options)
    value = loss(cosines, LABELS).item()
    assert value == pytest.approx(expected, rel=1e-9, abs=1e-12)
    half = build(
        kind, scale=scale, label_smooth_val=smoothing, loss_weight=0.5, **options
    )
    weighted = half(cosines, LABELS).item()
    assert weighted == pytest.approx(0.5 * expected, rel=1e-9, abs=1e-12)


def test_defaults():
    for kind, margin in (
        ('CosFaceLoss', 0.35),
        ('ArcFaceLoss', 0.5),
        ('CircleSoftmaxLoss', 0.35),
    ):
        loss = build(kind)
        assert (loss.scale, float(loss.margin), loss.label_smooth_val) == (
            64,
            margin,
            0,
        )
        assert not loss.state_dict()


@pytest.mark.parametrize('kind', ['CosFaceLoss', 'ArcFaceLoss'])
def test_gradient(cosines, kind):
    cosines = (0.9 * cosines).requires_grad_()
    loss = build(kind, scale=8, label_smooth_val=0.1)
    assert torch.autograd.gradcheck(lambda x: loss(x, LABELS), cosines)


def test_circle_gradient_holds_the_weights(cosines):
    cosines.requires_grad_()
    build('CircleSoftmaxLoss', scale=8)(cosines, LABELS).backward()
    fixed, clone = cosines.detach(), cosines.detach().clone().requires_grad_()
    true = F.one_hot(LABELS, 5).bool()
    weight = torch.where(true, 1.35 - fixed, (fixed + 0.35).clamp_min(0))
    optimum = torch.where(true, 0.65, 0.35)
    F.cross_entropy(8 * weight * (clone - optimum), LABELS).backward()
    assert torch.allclose(cosines.grad, clone.grad, atol=1e-12)


@pytest.mark.parametrize('kind', KINDS)
def test_rounded_cosines_are_finite(kind):
    """Cosines of 1 and above, as rounding makes them, and of -1 and below."""
    for value in (1.0, 1 + 1e-6, -1.0, -1 - 1e-6):
        cosines = torch.full((6, 5), value, requires_grad=True)
        loss = build(kind)(cosines, LABELS)
        loss.backward()
        assert loss.isfinite()
        assert cosines.grad.isfinite().all()


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
def test_half_precision_is_computed_in_float32(cosines, kind, dtype):
    half = cosines.to(dtype)
    half[0, 0] = 1
    expected = build(kind)(half.float(), LABELS)
    with torch.autocast('cpu', torch.bfloat16):
        loss = build(kind)(half.requires_grad_(), LABELS)
    loss.backward()
    assert torch.equal(loss, expected)
    assert half.grad.isfinite().all()


def test_the_arc_margin_never_rewards_a_larger_angle():
    """Past pi the logit of the true class goes on falling."""
    angles = torch.linspace(0, math.pi, 1000, dtype=torch.float64)
    loss = build('ArcFaceLoss', scale=1, margin=0.5)
    cosines = torch.stack([angles.cos(), torch.zeros_like(angles)], 1)
    labels = torch.zeros(1000, dtype=torch.long)
    is_true = F.one_hot(labels, 2).bool()
    logits = loss.logits(cosines, is_true, labels)[:, 0]
    assert (logits.diff() < 1e-12).all()


def test_margins_of_classes_are_as_many_as_classes(cosines):
    with pytest.raises(ValueError, match='one for each of the 5 classes, got 3'):
        build('ArcFaceLoss', margin=[0.1, 0.2, 0.3])(cosines, LABELS)


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize(
    ('wrong', 'message'),
    [
        (dict(scale=0), 'scale must be positive'),
        (dict(label_smooth_val=1.0), 'label_smooth_val must lie'),
        (dict(label_smooth_val=-0.1), 'label_smooth_val must lie'),
    ],
)
def test_wrong_options(kind, wrong, message):
    with pytest.raises(ValueError, match=message):
        build(kind, **wrong)


@pytest.mark.parametrize('margin', [-0.1, 4.0, [0.1, 5.0], [], [[0.1]], 'soft'])
def test_wrong_margins(margin):
    with pytest.raises(ValueError, match='margin must be'):
        build('ArcFaceLoss', margin=margin)


@pytest.mark.parametrize('kind', ['CosFaceLoss', 'CircleSoftmaxLoss'])
def test_a_margin_is_a_number(kind):
    with pytest.raises(ValueError, match="margin must be a number, got 'soft'"):
        build(kind, margin='soft')
