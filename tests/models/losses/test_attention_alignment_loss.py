"""AttentionAlignmentLoss against the paper's steps, one image at a time."""

import itertools

import pytest
import torch
import torch.nn.functional as F

from mmreid.registry import MODELS

LABELS = torch.tensor([2, 0, 2, 5, 0, 2, 3])  # 3 and 5 have no pair


def build(**kwargs):
    return MODELS.build(dict(type='AttentionAlignmentLoss', **kwargs))


def vector(fmap, weight, thresholds=(0.3, 0.3), relative=True):
    """Attention vector of one picture, step by step."""
    channels, height, width = fmap.shape
    cam = torch.zeros(height, width, dtype=fmap.dtype)
    for k in range(channels):
        cam = cam + weight[k] * fmap[k]
    cam = (cam - cam.min()) / (cam.max() - cam.min())

    def span(response, threshold):
        level = threshold * response.max() if relative else threshold
        passing = [i for i, r in enumerate(response.tolist()) if r >= level]
        return (passing[0], passing[-1] + 1) if passing else (0, len(response))

    top, bottom = span(cam.mean(1), thresholds[0])
    left, right = span(cam.mean(0), thresholds[1])
    profile = cam[top:bottom, left:right].mean(1)
    return F.interpolate(profile[None, None], size=height, mode='linear')[0, 0]


def naive(maps, weight, labels, pairs='unordered', over_ids='mean', **options):
    vectors = [
        vector(m, weight[y], **options) for m, y in zip(maps, labels, strict=True)
    ]
    per_id = []
    for identity in set(labels.tolist()):
        mine = [v for v, y in zip(vectors, labels, strict=True) if y == identity]
        if len(mine) < 2:
            continue
        combinations = list(itertools.combinations(mine, 2))
        distances = [1 - F.cosine_similarity(a, b, dim=0) for a, b in combinations]
        if pairs == 'printed':  # a and b both run over all images
            distances = [
                1 - F.cosine_similarity(a, b, dim=0)
                for a, b in itertools.product(mine, mine)
            ]
        per_id.append(sum(distances) / len(combinations))
    return sum(per_id) / (len(per_id) if over_ids == 'mean' else 1)


def case(height=12, width=6, channels=4, dtype=torch.float64):
    """Blobs on a noisy ground, so that crops differ from picture to picture."""
    maps = 0.1 * torch.rand(7, channels, height, width, dtype=dtype)
    for m in maps:
        top, left = torch.randint(height // 2, ()), torch.randint(width // 2, ())
        rows = 2 + torch.randint(height // 2, ())
        m[:, top : top + rows, left : left + 3] += torch.rand(channels, 1, 1)
    weight = torch.rand(6, channels, dtype=dtype)
    return maps, weight


@pytest.mark.parametrize('thresholds', [(0.3, 0.3), (0.7, 0.2), (0.0, 1.0)])
@pytest.mark.parametrize('relative', [True, False])
@pytest.mark.parametrize('pairs', ['unordered', 'printed'])
@pytest.mark.parametrize('over_ids', ['mean', 'sum'])
def test_equals_loop(thresholds, relative, pairs, over_ids):
    maps, weight = case()
    options = dict(
        thresholds=thresholds, relative=relative, pairs=pairs, over_ids=over_ids
    )
    expected = naive(maps, weight, LABELS, **options).item()
    assert expected > 1e-6  # the case is not trivial
    got = build(**options)(maps, weight, LABELS).item()
    assert got == pytest.approx(expected, abs=1e-12)
    half = build(loss_weight=0.5, **options)(maps, weight, LABELS).item()
    assert half == pytest.approx(expected / 2, abs=1e-12)


def test_crops_matter():
    """The oracle's crop is exercised: without thresholds the value differs."""
    maps, weight = case()
    cropped = naive(maps, weight, LABELS, thresholds=(0.3, 0.3))
    whole = naive(maps, weight, LABELS, thresholds=(0.0, 0.0))
    assert abs(cropped - whole) > 1e-4


def test_gradient():
    maps, weight = case(height=6, width=4, channels=2)
    maps.requires_grad_()
    weight.requires_grad_()
    loss = build()
    assert torch.autograd.gradcheck(lambda m, w: loss(m, w, LABELS), (maps, weight))


def test_no_pair_is_zero_with_gradient_path():
    maps, weight = case()
    maps.requires_grad_()
    loss = build()(maps[:2], weight, torch.tensor([0, 1]))
    loss.backward()
    assert loss.item() == 0
    assert maps.grad.abs().max() == 0


def test_constant_map_stays_finite():
    maps = torch.ones(2, 3, 6, 4, requires_grad=True)
    loss = build()(maps, torch.rand(2, 3), torch.tensor([1, 1]))
    loss.backward()
    assert loss.isfinite()
    assert maps.grad.isfinite().all()


def test_half_precision_is_computed_in_float32():
    maps, weight = case(dtype=torch.float32)
    expected = build()(maps.bfloat16().float(), weight.bfloat16().float(), LABELS)
    with torch.autocast('cpu', torch.bfloat16):
        got = build()(maps.bfloat16(), weight.bfloat16(), LABELS)
    assert got.dtype == torch.float32
    assert torch.equal(got, expected)


@pytest.mark.parametrize(
    'wrong',
    [
        dict(thresholds=(0.3,)),
        dict(thresholds=0.3),
        dict(thresholds=(0.3, 1.2)),
        dict(pairs='all'),
        dict(over_ids='max'),
    ],
)
def test_unknown_option(wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=name):
        build(**wrong)
