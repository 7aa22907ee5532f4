"""BatchHardTripletLoss against the formula written as loops."""

import math

import pytest
import torch

from mmreid.registry import MODELS

LABELS = torch.tensor([3, 3, 7, 7, 7, 1, 4, 4])  # identity 1 has no positive


def build(**kwargs):
    return MODELS.build(dict(type='BatchHardTripletLoss', **kwargs))


def naive(feats, labels, margin=0.3, distance='euclidean', intra_weight=0.0):
    """Every anchor, every pair, in plain Python."""

    def far(a, b):
        a, b = a.tolist(), b.tolist()
        if distance == 'euclidean':
            return math.sqrt(sum((x - y) ** 2 for x, y in zip(a, b, strict=True)))
        dot = sum(x * y for x, y in zip(a, b, strict=True))
        return 1 - dot / (math.hypot(*a) * math.hypot(*b))

    terms = []
    for i in range(len(labels)):
        others = [j for j in range(len(labels)) if j != i]
        positives = [far(feats[i], feats[j]) for j in others if labels[j] == labels[i]]
        negatives = [far(feats[i], feats[j]) for j in others if labels[j] != labels[i]]
        if not positives or not negatives:
            continue
        gap = max(positives) - min(negatives)
        hinge = (
            math.log1p(math.exp(gap)) if margin == 'soft' else max(0.0, margin + gap)
        )
        terms.append(hinge + intra_weight * max(positives))
    return sum(terms) / len(terms) if terms else 0.0


@pytest.mark.parametrize('margin', [0.3, 1.2, 'soft'])
@pytest.mark.parametrize('distance', ['euclidean', 'cosine'])
@pytest.mark.parametrize('intra_weight', [0.0, 1.0])
def test_equals_loop(margin, distance, intra_weight):
    feats = torch.randn(8, 5, dtype=torch.float64)
    options = dict(margin=margin, distance=distance, intra_weight=intra_weight)
    expected = naive(feats, LABELS, **options)
    assert build(**options)(feats, LABELS).item() == pytest.approx(expected, abs=1e-12)
    scaled = build(loss_weight=0.4, **options)(feats, LABELS).item()
    assert scaled == pytest.approx(0.4 * expected, abs=1e-12)


@pytest.mark.parametrize('margin', [0.3, 'soft'])
@pytest.mark.parametrize('distance', ['euclidean', 'cosine'])
def test_gradient(margin, distance):
    feats = torch.randn(8, 4, dtype=torch.float64, requires_grad=True)
    loss = build(margin=margin, distance=distance, intra_weight=1.0)
    assert torch.autograd.gradcheck(lambda x: loss(x, LABELS), feats)


@pytest.mark.parametrize('labels', [[5, 5, 5], [1, 2, 3]])
def test_no_triplet_is_zero_with_gradient_path(labels):
    feats = torch.randn(3, 4, requires_grad=True)
    loss = build()(feats, torch.tensor(labels))
    loss.backward()
    assert loss.item() == 0
    assert torch.equal(feats.grad, torch.zeros_like(feats))


def test_equal_vectors_have_a_finite_gradient():
    feats = torch.ones(4, 6, requires_grad=True)
    build(intra_weight=1.0)(feats, torch.tensor([0, 0, 1, 1])).backward()
    assert feats.grad.isfinite().all()


@pytest.mark.parametrize('distance', ['euclidean', 'cosine'])
def test_near_neighbours_do_not_cancel(distance):
    """Distances of 1e-3 around vectors of length 1e2 keep their digits in float32."""
    base = 30 * torch.randn(1, 64, dtype=torch.float64)
    feats = base + 1e-3 * torch.randn(8, 64, dtype=torch.float64)
    feats = feats.float()
    got = build(margin=0.0, distance=distance, intra_weight=1.0)(feats, LABELS).item()
    expected = naive(
        feats.double(), LABELS, margin=0.0, distance=distance, intra_weight=1.0
    )
    tolerance = dict(rel=1e-4) if distance == 'euclidean' else dict(abs=1e-6)
    assert got == pytest.approx(expected, **tolerance)


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
def test_half_precision_is_computed_in_float32(dtype):
    feats = torch.randn(8, 5).to(dtype)
    loss = build()(feats, LABELS)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(naive(feats.double(), LABELS), rel=1e-5)


def test_autocast_does_not_round():
    feats = torch.randn(8, 5)
    with torch.autocast('cpu', torch.bfloat16):
        inside = build(distance='cosine')(feats, LABELS)
    assert torch.equal(inside, build(distance='cosine')(feats, LABELS))


@pytest.mark.parametrize(
    'wrong', [dict(margin='hard'), dict(margin=None), dict(distance='manhattan')]
)
def test_unknown_option(wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=name):
        build(**wrong)
