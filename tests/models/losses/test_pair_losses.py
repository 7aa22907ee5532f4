"""Losses on the pairs of a batch against their formulas written as loops."""

import math

import pytest
import torch

from mmreid.registry import MODELS

LABELS = torch.tensor([3, 3, 7, 7, 7, 1, 4, 4])  # identity 1 has no positive
NAMES = (
    'WeightedRegularizedTripletLoss',
    'PairwiseCircleLoss',
    'PairwiseCosFaceLoss',
    'MultiSimilarityLoss',
)


def build(kind, **kwargs):
    return MODELS.build(dict(type=kind, **kwargs))


def cosine(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True)) / (
        math.hypot(*a) * math.hypot(*b)
    )


def anchors(feats, labels, measure):
    """Each picture's own label with what it measures to positives and negatives."""
    rows, labels = feats.tolist(), labels.tolist()
    for i, row in enumerate(rows):
        others = [j for j in range(len(rows)) if j != i]
        yield (
            [measure(row, rows[j]) for j in others if labels[j] == labels[i]],
            [measure(row, rows[j]) for j in others if labels[j] != labels[i]],
        )


def mean(terms):
    terms = list(terms)
    return sum(terms) / len(terms)


def weighted_triplet(feats, labels, variant='paper'):
    def far(a, b):
        return math.dist(a, b)

    def term(positives, negatives):
        positives = [0.0, *positives]  # the anchor itself
        if variant == 'paper':
            up = [math.exp(d) for d in positives]
            down = [math.exp(-d) for d in negatives]
            tiny = 0.0
        else:
            up = [math.exp(d - max(positives)) for d in positives]
            down = [math.exp(-d) for d in negatives]
            tiny = 1e-6
        near = sum(w * d for w, d in zip(down, negatives, strict=True))
        away = sum(w * d for w, d in zip(up, positives, strict=True))
        gap = away / (sum(up) + tiny) - near / (sum(down) + tiny)
        return math.log1p(math.exp(gap))

    return mean(term(p, n) for p, n in anchors(feats, labels, far) if p and n)


def circle(feats, labels, margin=0.25, scale=128):
    def term(positives, negatives):
        pull = sum(
            math.exp(-scale * max(0, 1 + margin - s) * (s - 1 + margin))
            for s in positives
        )
        push = sum(
            math.exp(scale * max(0, s + margin) * (s - margin)) for s in negatives
        )
        return math.log1p(pull * push)

    return mean(term(p, n) for p, n in anchors(feats, labels, cosine) if p and n)


def pair_cosface(feats, labels, margin=0.25, scale=128):
    def term(positives, negatives):
        triplets = [
            math.exp(scale * (sn + margin - sp)) for sp in positives for sn in negatives
        ]
        return math.log1p(sum(triplets))

    return mean(term(p, n) for p, n in anchors(feats, labels, cosine) if p and n)


def multi_similarity(
    feats, labels, scale_pos=2, scale_neg=40, threshold=0.5, mining_margin=0.1
):
    def term(positives, negatives):
        positives = [s for s in positives if s < 1 - 1e-5]
        if not positives or not negatives:
            return 0.0
        kept_n = [s for s in negatives if s + mining_margin > min(positives)]
        kept_p = [s for s in positives if s - mining_margin < max(negatives)]
        if not kept_p or not kept_n:
            return 0.0
        pull = sum(math.exp(-scale_pos * (s - threshold)) for s in kept_p)
        push = sum(math.exp(scale_neg * (s - threshold)) for s in kept_n)
        return math.log1p(pull) / scale_pos + math.log1p(push) / scale_neg

    return mean(term(p, n) for p, n in anchors(feats, labels, cosine))


@pytest.mark.parametrize(
    ('kind', 'oracle', 'options'),
    [
        ('WeightedRegularizedTripletLoss', weighted_triplet, {}),
        (
            'WeightedRegularizedTripletLoss',
            weighted_triplet,
            dict(variant='released'),
        ),
        ('PairwiseCircleLoss', circle, {}),
        ('PairwiseCircleLoss', circle, dict(margin=0.4, scale=32)),
        ('PairwiseCosFaceLoss', pair_cosface, {}),
        ('PairwiseCosFaceLoss', pair_cosface, dict(margin=0.0, scale=16)),
        ('MultiSimilarityLoss', multi_similarity, {}),
        (
            'MultiSimilarityLoss',
            multi_similarity,
            dict(scale_pos=3, scale_neg=20, threshold=0.3, mining_margin=0.7),
        ),
    ],
)
@pytest.mark.parametrize('spread', [0.3, 1.0, 6.0])
def test_equals_loop(kind, oracle, options, spread):
    centers = torch.randn(8, 5, dtype=torch.float64)[LABELS]
    feats = centers + spread * torch.randn(8, 5, dtype=torch.float64)
    expected = oracle(feats, LABELS, **options)
    value = build(kind, **options)(feats, LABELS)
    assert value.item() == pytest.approx(expected, rel=1e-9, abs=1e-12)
    weighted = build(kind, loss_weight=0.4, **options)(feats, LABELS)
    assert weighted.item() == pytest.approx(0.4 * expected, rel=1e-9, abs=1e-12)


def test_the_released_weights_vanish_for_far_negatives():
    """Where all others are far, the released code compares with distance 0."""
    feats = 30 * torch.randn(8, 16, dtype=torch.float64)
    paper, released = (
        build('WeightedRegularizedTripletLoss', variant=variant)(feats, LABELS).item()
        for variant in ('paper', 'released')
    )
    assert released > paper + 10
    expected = weighted_triplet(feats, LABELS, 'released')
    assert released == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize('variant', ['paper', 'released'])
def test_gradient_of_the_weighted_triplet(variant):
    feats = torch.randn(8, 4, dtype=torch.float64, requires_grad=True)
    loss = build('WeightedRegularizedTripletLoss', variant=variant)
    assert torch.autograd.gradcheck(lambda x: loss(x, LABELS), feats)


@pytest.mark.parametrize('kind', ['PairwiseCosFaceLoss', 'MultiSimilarityLoss'])
def test_gradient(kind):
    feats = torch.randn(8, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: build(kind)(x, LABELS), feats)


def test_circle_gradient_holds_the_weights():
    """The weights are constants for the gradient."""
    feats = torch.randn(8, 4, dtype=torch.float64, requires_grad=True)
    build('PairwiseCircleLoss', scale=16)(feats, LABELS).backward()
    clone = feats.detach().clone().requires_grad_()
    units = clone / clone.norm(dim=1, keepdim=True)
    terms = []
    for i in (0, 1, 2, 3, 4, 6, 7):
        pull = push = 0.0
        for j in range(8):
            s = units[i] @ units[j]
            if j != i and LABELS[j] == LABELS[i]:
                weight = max(0.0, 1.25 - s.item())
                pull = pull + torch.exp(-16 * weight * (s - 0.75))
            if LABELS[j] != LABELS[i]:
                weight = max(0.0, s.item() + 0.25)
                push = push + torch.exp(16 * weight * (s - 0.25))
        terms.append(torch.log(1 + pull * push))
    torch.stack(terms).mean().backward()
    assert torch.allclose(feats.grad, clone.grad, atol=1e-12)


@pytest.mark.parametrize('kind', NAMES)
@pytest.mark.parametrize('labels', [[0] * 4, [0, 1, 2, 3]])
def test_nothing_to_compare_is_zero_with_a_gradient(kind, labels):
    feats = torch.randn(4, 3, requires_grad=True)
    loss = build(kind)(feats, torch.tensor(labels))
    loss.backward()
    assert loss.item() == 0
    assert torch.equal(feats.grad, torch.zeros_like(feats))


@pytest.mark.parametrize('kind', NAMES)
def test_needs_positives_and_negatives(kind):
    assert build(kind).needs == ('positives', 'negatives')
    assert build(kind, gather=True).gather


@pytest.mark.parametrize('kind', NAMES)
@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
def test_half_precision_is_computed_in_float32(kind, dtype):
    # Squares of these leave the range of float16.
    feats = (300 * torch.randn(8, 64)).to(dtype)
    expected = build(kind)(feats.float(), LABELS)
    for autocast in (False, True):
        with torch.autocast('cpu', torch.bfloat16, enabled=autocast):
            half = feats.clone().requires_grad_()
            loss = build(kind)(half, LABELS)
        loss.backward()
        assert loss.dtype == torch.float32
        assert torch.equal(loss, expected)
        assert half.grad.isfinite().all()


@pytest.mark.parametrize('kind', NAMES)
@pytest.mark.parametrize('case', ['equal', 'zero', 'opposite'])
def test_extreme_vectors_are_finite(kind, case):
    """Cosines of 1, rounded above it, and vectors without a direction."""
    feats = torch.rand(1, 7).repeat(8, 1)
    if case == 'zero':
        feats = torch.zeros_like(feats)
    if case == 'opposite':
        feats = feats * torch.tensor([1.0, -1] * 4)[:, None]
    feats.requires_grad_()
    loss = build(kind)(feats, LABELS)
    loss.backward()
    assert loss.isfinite()
    assert feats.grad.isfinite().all()


def test_duplicates_are_no_positives_of_multi_similarity():
    feats = torch.randn(8, 5, dtype=torch.float64)
    feats[1] = 2 * feats[0]
    feats[4] = feats[3]
    expected = multi_similarity(feats, LABELS)
    loss = build('MultiSimilarityLoss')(feats, LABELS)
    assert loss.item() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ('kind', 'wrong', 'message'),
    [
        ('WeightedRegularizedTripletLoss', dict(variant='code'), 'variant must be'),
        ('MultiSimilarityLoss', dict(scale_pos=0), 'scale_pos must be a number'),
        ('MultiSimilarityLoss', dict(scale_neg=-1), 'scale_neg must be a number'),
        ('MultiSimilarityLoss', dict(mining_margin=None), 'mining_margin must be'),
        ('PairwiseCircleLoss', dict(margin='soft'), "margin must be .* got 'soft'"),
        ('PairwiseCircleLoss', dict(scale=0), 'scale must be a number above 0'),
        ('PairwiseCosFaceLoss', dict(margin=None), 'margin must be a number'),
        ('PairwiseCosFaceLoss', dict(scale=-1), 'scale must be .* got -1'),
    ],
)
def test_wrong_options(kind, wrong, message):
    with pytest.raises(ValueError, match=message):
        build(kind, **wrong)
