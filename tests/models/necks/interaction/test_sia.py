"""SIA against loops over positions, and what it implies."""

import copy
import itertools
import math
import pickle

import pytest
import torch
import torch.nn.functional as F
from naive_ia import (
    context_map,
    gaussian_map,
    positions,
    softmax,
    spatial,
    spatial_map,
)
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from mmreid.models.necks.interaction.relations import (
    context_sums,
    location_map,
    location_scores,
)
from mmreid.registry import MODELS


def build(in_channels=5, **options):
    return MODELS.build(dict(type='SIA', in_channels=in_channels, **options))


def double(rows):
    """A tensor of rows of numbers, not rounded."""
    return torch.tensor(rows, dtype=torch.float64)


def maps(*shape):
    """Features as after a ReLU, so small that no softmax is one-hot."""
    return 0.5 * torch.rand(*(shape or (2, 5, 4, 3)), dtype=torch.float64)


OPTIONS = [
    dict(fusion=fusion, normalize=normalize, relations=relations, scale=scale)
    for fusion, normalize, relations, scale in itertools.product(
        ('prod', 'sum', 'max'), ('softmax', 'l1'), ('both', 'appearance'), (False, True)
    )
]


@pytest.mark.parametrize(
    'options', OPTIONS, ids=lambda options: '-'.join(map(str, options.values()))
)
@pytest.mark.parametrize('contexts', [(1, 2, 3), (2,), (5, 1)])
def test_equals_the_loops(options, contexts):
    x = maps()
    sia = build(contexts=contexts, sigma=(1.5, 2), **options)
    expected = spatial(x, contexts=contexts, sigma=(1.5, 2), **options)
    assert (sia(x) - expected).abs().max() <= 1e-10


@pytest.mark.parametrize(
    'options', OPTIONS, ids=lambda options: '-'.join(map(str, options.values()))
)
def test_relation_map_equals_the_loops(options):
    x = maps()
    relations = build(**options).relation_map(x)
    expected = double([spatial_map(single, **options) for single in x])
    assert (relations - expected).abs().max() <= 1e-12


@pytest.mark.parametrize('contexts', [(1, 2, 3), (5,)])
def test_equals_unfolded_patches_at_the_size_of_the_paper(contexts):
    """Stage 3: 16 x 8 positions, compared with K x K patches cut out by torch."""
    x = maps(2, 32, 16, 8)
    product = 1
    for k in contexts:
        before = (k - 1) // 2
        padded = F.pad(x, (before, k - 1 - before) * 2)
        patches = F.unfold(padded, k)
        alike = torch.einsum('npi,npj->nij', patches, patches).softmax(2)
        product = product * alike
    appearance = product.softmax(2) if len(contexts) > 1 else product
    location = double(gaussian_map(x[0], (5, 10)))
    shares = (appearance * location).softmax(2)
    expected = torch.einsum('nij,ncj->nci', shares, x.flatten(2)).view_as(x)
    assert (build(32, contexts=contexts)(x) - expected).abs().max() <= 1e-12


def test_location_alone():
    x = maps()
    sia = build(relations='location', sigma=(2, 3))
    expected = spatial(x, relations='location', sigma=(2, 3))
    assert (sia(x) - expected).abs().max() <= 1e-12
    assert sia.relation_map(x).shape == (1, 12, 12)


@pytest.mark.parametrize('context', range(1, 8))
@pytest.mark.parametrize('size', [(4, 3), (1, 5), (2, 2), (1, 1)])
def test_contexts_are_those_of_patches(context, size):
    """Patches may be larger than the map."""
    x = maps(1, 3, *size)
    features = x.flatten(2)
    gram = (features.transpose(1, 2) @ features).view(1, *size, *size)
    found = context_sums(gram, context).view(math.prod(size), -1)
    expected = double(context_map(x[0], context))
    assert (found.softmax(1) - expected).abs().max() <= 1e-12


@pytest.mark.parametrize(('context', 'shifts'), [(2, (1,)), (3, (-1, 1))])
def test_contexts_are_sums_in_one_order_to_the_last_digit(context, shifts):
    """Rows first, then columns, each shift added to the map itself in turn."""
    gram = torch.randn(1, 4, 3, 4, 3)

    def shifted_sum(pairs, axis):
        sums = pairs.clone()
        for d in shifts:
            for place in itertools.product(*map(range, pairs.shape)):
                moved = [*place]
                moved[axis] += d
                moved[axis + 2] += d
                inside = (0 <= i < n for i, n in zip(moved, pairs.shape, strict=True))
                if all(inside):
                    sums[place] += pairs[tuple(moved)]
        return sums

    expected = shifted_sum(shifted_sum(gram, 1), 2)
    assert torch.equal(context_sums(gram, context), expected)


def test_location_map():
    x = maps()[0]
    expected = double(gaussian_map(x, (1.5, 4)))
    found = location_map((4, 3), (1.5, 4))
    assert (found - expected).abs().max() <= 1e-15
    logarithm = location_scores((4, 3), (1.5, 4))
    assert (logarithm - expected.log()).abs().max() <= 1e-14
    assert torch.allclose(found.sum(1), torch.ones(12, dtype=torch.float64))


def test_larger_features_are_one_hot():
    """The other extreme: unscaled, Eq. 1 relates a position to itself alone."""
    x = 3 * torch.randn(1, 512, 8, 4).relu()
    relations = build(512, contexts=(1,), relations='appearance').relation_map(x)
    assert torch.allclose(relations, torch.eye(32), atol=1e-6)


class TestUniformity:
    """Eq. 5 as printed hardly depends on its input; no input escapes the bound."""

    sizes = [((16, 8), (5, 10), 3.1e-4), ((32, 16), (10, 20), 2.1e-5)]

    @staticmethod
    def bounds(largest, count):
        """Entries of a softmax over numbers of [0, largest], times their count."""
        e = math.exp(largest)
        return count / (1 + (count - 1) * e), count * e / (count - 1 + e)

    @staticmethod
    def inputs(size):
        yield torch.randn(1, 6, *size, dtype=torch.float64).relu()
        yield 50 * torch.randn(1, 6, *size, dtype=torch.float64)  # one-hot Eq. 1
        yield torch.zeros(1, 6, *size, dtype=torch.float64)
        alike = torch.zeros(1, 6, *size, dtype=torch.float64)
        alike[..., 3, 5] = 40  # one position related to itself, the rest to all
        yield alike

    @pytest.mark.parametrize(('size', 'sigma', 'deviation'), sizes)
    def test_bound_of_equation_5(self, size, sigma, deviation):
        count = math.prod(size)
        appearance = self.bounds(1, count)[1] / count  # the most that S^A can be
        location = location_map(size, sigma).max().item()
        low, high = self.bounds(appearance * location, count)
        assert high - 1 == pytest.approx(1 - low, rel=0.01)
        assert high - 1 < deviation
        for x in self.inputs(size):
            entries = count * build(6, sigma=sigma).relation_map(x)
            assert low <= entries.min() <= entries.max() <= high

    @pytest.mark.parametrize(
        ('size', 'sigma', 'deviation'),
        [((16, 8), (5, 10), 1.47e-2), ((32, 16), (10, 20), 3.9e-3)],
    )
    def test_bound_of_the_authors_code(self, size, sigma, deviation):
        count = math.prod(size)
        low, high = self.bounds(location_map(size, sigma).max().item(), count)
        assert 1 - low < deviation
        assert high - 1 < deviation
        for x in self.inputs(size):
            sia = build(6, sigma=sigma, contexts=(1,), scale=True)
            entries = count * sia.relation_map(x)
            assert low - 1e-12 <= entries.min() <= entries.max() <= high + 1e-12

    @pytest.mark.parametrize(('size', 'sigma', 'deviation'), sizes)
    def test_bound_of_equation_2(self, size, sigma, deviation):
        count = math.prod(size)
        low, high = self.bounds(1, count)
        for x in self.inputs(size):
            sia = build(6, sigma=sigma, relations='appearance')
            entries = count * sia.relation_map(x)
            assert low - 1e-12 <= entries.min() <= entries.max() <= high + 1e-12

    def test_output_is_the_average_over_the_map(self):
        x = torch.randn(2, 256, 16, 8, dtype=torch.float64).relu()
        average = x.mean((2, 3), keepdim=True)
        assert (build(256)(x) - average).abs().max() < 1e-4
        # Not so where products are divided by their sum.
        kept = build(256, normalize='l1')(x)
        assert kept.std((2, 3)).mean() > 0.9 * x.std((2, 3)).mean()


def test_l1_keeps_products_that_underflow():
    """Three one-hot maps that disagree: their product is zero in float32."""
    x = torch.randn(1, 64, 6, 4)
    x[..., ::2, :] *= 30
    sia = build(64, normalize='l1', sigma=(0.05, 0.05))
    relations = sia.relation_map(x)
    exact = sia.double().relation_map(x.double())
    assert relations.isfinite().all()
    assert torch.allclose(relations.sum(2), torch.ones(1, 24))
    assert torch.allclose(relations.double(), exact, atol=1e-3)


@pytest.mark.parametrize('options', [*OPTIONS[::5], dict(relations='location')])
def test_gradient(options):
    x = maps(1, 3, 3, 2).requires_grad_()
    sia = build(3, sigma=(1, 2), **options)
    assert torch.autograd.gradcheck(sia, x)
    assert torch.autograd.gradgradcheck(sia, x)


class TestPermutations:
    def test_channels_may_change_places(self):
        x, order = maps(), torch.randperm(5)
        sia = build()
        assert torch.allclose(sia(x)[:, order], sia(x[:, order]), atol=1e-14)

    def test_pictures_do_not_meet(self):
        x = maps(3, 5, 4, 3)
        sia = build()
        alone = torch.cat([sia(single[None]) for single in x])
        assert torch.allclose(sia(x), alone, atol=1e-14)

    def test_positions_may_change_places_where_place_does_not_count(self):
        x, order = maps(), torch.randperm(12)
        sia = build(contexts=(1,), relations='appearance')
        shuffled = x.flatten(2)[..., order].view_as(x)
        expected = sia(x).flatten(2)[..., order].view_as(x)
        assert torch.allclose(sia(shuffled), expected, atol=1e-14)
        assert not torch.allclose(build(contexts=(3,))(shuffled), expected, atol=1e-9)

    @pytest.mark.parametrize('options', [dict(contexts=(1, 3)), dict(normalize='l1')])
    def test_mirrors(self, options):
        """With patches that have a centre, mirroring before or after is the same."""
        x = maps()
        sia = build(sigma=(1, 2), **{'contexts': (1, 3, 5), **options})
        for axis in (2, 3):
            assert torch.allclose(sia(x).flip(axis), sia(x.flip(axis)), atol=1e-14)

    def test_transposed_with_exchanged_sigma(self):
        x = maps()
        swapped = build(sigma=(2, 1))(x.transpose(2, 3)).transpose(2, 3)
        assert torch.allclose(build(sigma=(1, 2))(x), swapped, atol=1e-14)


class Operations(TorchDispatchMode):
    """Notes what is executed and how large the results are."""

    def __init__(self):
        super().__init__()
        self.names, self.sizes = [], []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        self.names.append(func._overloadpacket.__name__)
        if torch.is_tensor(out):
            self.sizes.append(out.numel())
        return out


@pytest.mark.parametrize(
    ('options', 'products'),
    [
        (dict(contexts=(1,)), 2),
        (dict(contexts=(1, 2, 3)), 2),
        (dict(contexts=(5,), relations='appearance'), 2),
        (dict(relations='location'), 1),
    ],
)
def test_contexts_cost_no_further_products_and_no_patches(options, products):
    x = maps(2, 7, 6, 5)
    with Operations() as done:
        build(7, **options)(x)
    assert sum(name in ('bmm', 'mm', 'convolution') for name in done.names) == products
    assert 'im2col' not in done.names
    assert max(done.sizes) <= 2 * 30 * 30  # N * M * M


class TestLocation:
    def test_is_kept_nowhere(self):
        """A buffer that follows the maps' size breaks DDP and averaged weights."""
        sia = build()
        before = dict(vars(sia))
        sia(maps())
        assert vars(sia) == before
        assert not list(sia.buffers())
        assert not list(sia.parameters())

    def test_any_size_in_any_order(self):
        sia = build(relations='location', sigma=(2, 3))
        for size in [(4, 3), (3, 4), (1, 1), (6, 2), (4, 3), (1, 7)]:
            x = maps(1, 5, *size)
            expected = double(gaussian_map(x[0], (2, 3)))
            assert torch.allclose(sia.relation_map(x)[0], expected, atol=1e-14)

    def test_conversions_do_not_round_it(self):
        sia = build(relations='location')
        sia(maps().float())
        sia.bfloat16().double()
        expected = double(gaussian_map(maps()[0], (5, 10)))
        assert (sia.relation_map(maps())[0] - expected).abs().max() <= 1e-15

    def test_far_positions_keep_their_logarithm(self):
        """In float32 this Gaussian is zero at the far end, whose logarithm is not."""
        x = maps(1, 5, 1, 30).float()
        sia = build(sigma=(1, 1), fusion='sum', normalize='l1')
        scores = location_scores((1, 30), (1, 1))
        assert scores.float().exp()[0, -1] == 0
        assert scores.min() == pytest.approx(-(29**2) / 2, rel=1e-2)
        assert sia.relation_map(x).isfinite().all()

    def test_single_precision_reads_a_double_map(self):
        sia = build().double()
        x = maps()
        expected = sia(x)
        assert torch.allclose(sia(x.float()).double(), expected, atol=1e-6)

    @pytest.mark.parametrize('relations', ['both', 'location'])
    def test_training_after_an_evaluation_in_inference_mode(self, relations):
        sia = build(relations=relations)
        x = maps()
        with torch.inference_mode():
            expected = sia(x)
        x.requires_grad_()
        sia(x).sum().backward()
        assert torch.allclose(sia(x), expected)
        assert x.grad.isfinite().all()

    def test_copies(self):
        sia, x = build(), maps()
        expected = sia(x)
        assert torch.equal(copy.deepcopy(sia)(x), expected)
        assert torch.equal(pickle.loads(pickle.dumps(sia))(x), expected)


class TestPrecision:
    @pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16, torch.float32])
    def test_keeps_the_dtype_and_computes_above_it(self, dtype):
        x = maps().to(dtype)
        found, expected = build()(x), build()(x.double())
        assert found.dtype == dtype
        eps = max(torch.finfo(dtype).eps, 1e-6)
        assert torch.allclose(found.double(), expected, rtol=eps)

    def test_autocast_does_not_reach_in(self):
        """Products in bfloat16 would move logits of this size by whole units."""
        x = 4 * torch.randn(2, 256, 8, 4)
        sia = build(256, normalize='l1', sigma=(1, 2))
        with torch.autocast('cpu', dtype=torch.bfloat16):
            found = sia(x)
            relations = sia.relation_map(x)
        assert torch.equal(found, sia(x))
        assert torch.equal(relations, sia.relation_map(x))

    def test_memory_layout_does_not_matter(self):
        x = maps()
        other = x.contiguous(memory_format=torch.channels_last)
        assert torch.allclose(build()(x), build()(other), atol=1e-15)


@pytest.mark.parametrize(
    ('backend', 'options'),
    [
        ('aot_eager', {}),
        ('aot_eager', dict(normalize='l1', fusion='sum')),
        pytest.param('inductor', {}, marks=pytest.mark.slow),
    ],
)
def test_compiles(backend, options):
    torch._dynamo.reset()  # what other tests compiled counts towards its limit
    sia = build(**options)
    compiled = torch.compile(sia, fullgraph=True, backend=backend)
    for size in [(4, 3), (6, 4)]:
        x = maps(2, 5, *size).requires_grad_()
        assert torch.allclose(compiled(x), sia(x), atol=1e-12)
        (expected,) = torch.autograd.grad(sia(x).square().sum(), x)
        (found,) = torch.autograd.grad(compiled(x).square().sum(), x)
        assert torch.allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize(
    ('wrong', 'message'),
    [
        (dict(fusion='mean'), 'fusion must be one of'),
        (dict(normalize='l2'), 'normalize must be one of'),
        (dict(relations='semantic'), 'relations must be one of'),
        (dict(sigma=(5,)), 'sigma must be two positive'),
        (dict(sigma=(5, 0)), 'sigma must be two positive'),
        (dict(contexts=()), 'contexts must hold'),
        (dict(contexts=(0, 1)), 'contexts must hold'),
    ],
)
def test_options_without_a_meaning(wrong, message):
    with pytest.raises(ValueError, match=message):
        build(**wrong)


def test_helpers_are_what_they_say():
    """The loops that everything is compared with, checked by hand."""
    assert softmax([0.0, math.log(3)]) == pytest.approx([0.25, 0.75])
    assert positions(torch.zeros(1, 2, 2)) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    x = torch.arange(4.0).view(1, 2, 2)
    # K = 2 around the lower left 2: (2, 3, outside, outside), with itself 4 + 9.
    gram = torch.outer(x.flatten(), x.flatten()).view(1, 2, 2, 2, 2)
    assert context_sums(gram, 2)[0, 1, 0, 1, 0] == 13
    # K = 3 around 0 and around 3: cells that lie inside both maps, 0 * 3 only.
    assert context_sums(gram, 3)[0, 0, 0, 1, 1] == 0
    # ... around 1 and 2 as well: 1 * 2.
    assert context_sums(gram, 3)[0, 0, 1, 1, 0] == 2
    assert isinstance(build(), nn.Module)
