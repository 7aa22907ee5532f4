"""RelationPool against the paper's sums, written out part by part in float64."""

import itertools

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from mmreid.models.heads.relation import contrast, rest_of
from mmreid.registry import MODELS

N, C, WIDTH, ROWS = 5, 7, 4, 12
EVERY = [
    dict(global_pool=pooling, relation=relation, variant=variant)
    for pooling, relation, variant in itertools.product(
        ('gcp', 'max', 'avg', 'avg+max', None),
        (True, False, 'rest'),
        ('paper', 'released'),
    )
]


def build(num_parts, **options):
    """A pool whose batch norms differ from the identity."""
    pool = MODELS.build(
        dict(
            type='RelationPool',
            in_channels=C,
            out_channels=WIDTH,
            num_parts=num_parts,
            **options,
        )
    ).double()
    for module in pool.modules():
        if isinstance(module, nn.BatchNorm1d):
            nn.init.uniform_(module.weight, 0.5, 2)
            nn.init.normal_(module.bias)
            nn.init.normal_(module.running_mean)
            nn.init.uniform_(module.running_var, 0.5, 2)
    return pool


@pytest.fixture
def maps():
    return torch.randn(N, C, ROWS, 3, dtype=torch.float64)


def unit(layers, index, vectors):
    """Unit ``index`` of a batch of vectors ``(N, C)``, by torch's own layers."""
    linear, norm = layers[0], layers[2]
    width = linear.weight.shape[1]
    own = slice(index * width, (index + 1) * width)
    out = F.linear(vectors, linear.weight[index], linear.bias[index])
    statistics = norm.running_mean[own].clone(), norm.running_var[own].clone()
    scale = norm.weight[own], norm.bias[own]
    return F.batch_norm(out, *statistics, *scale, training=norm.training).relu()


def naive(pool, maps, num_parts, global_pool, relation, variant, deep):
    """The vectors, one part and one unit at a time, in the order of the output."""
    height = ROWS // num_parts
    parts = [
        maps[:, :, i * height : (i + 1) * height].flatten(2).max(2).values
        for i in range(num_parts)
    ]
    vectors, part_units, rest_units, whole_units = [], [], [], []
    for i, part in enumerate(parts):
        own = unit(pool.part, i, part)
        if relation:
            others = [parts[j] for j in range(num_parts) if j != i]
            rest = unit(pool.rest, i, sum(others) / len(others))
            seen = rest if relation == 'rest' else torch.cat([own, rest], 1)
            part_units.append(own)
            rest_units.append(rest)
            own = own + unit(pool.part_relation, i, seen)
        vectors.append(own)
    average, largest = maps.mean((2, 3)), maps.amax((2, 3))
    if global_pool == 'gcp':
        if variant == 'paper':
            gap = sum(parts) / num_parts - largest
        else:
            gap = (sum(parts) - largest) / (num_parts - 1)
        whole_units = [unit(pool.whole, 0, largest), unit(pool.contrasted, 0, gap)]
        seen = torch.cat(whole_units, 1)
        vectors.append(whole_units[0] + unit(pool.whole_relation, 0, seen))
    elif global_pool is not None:
        pooled = {'max': largest, 'avg': average, 'avg+max': average + largest}
        vectors.append(unit(pool.whole, 0, pooled[global_pool]))
    inner = [*part_units, *rest_units, *whole_units] if deep else []
    return torch.stack(vectors + inner, 1)


@pytest.mark.parametrize('num_parts', [2, 3, 6])
@pytest.mark.parametrize('options', EVERY, ids=str)
def test_agrees_with_the_loop(maps, num_parts, options):
    pool = build(num_parts, **options)
    plain = not options['relation'] and options['global_pool'] != 'gcp'
    for deep, training in itertools.product((False, True), repeat=2):
        if deep and plain:
            continue
        pool.train(training).deep_supervision = deep
        expected = naive(pool, maps, num_parts, **options, deep=deep and training)
        found = pool(maps)
        assert (found - expected).abs().max() < 1e-10
        assert pool.num_test_parts == num_parts + (options['global_pool'] is not None)
        if training:
            assert found.shape[1] == pool.out_parts
        else:
            assert found.shape[1] == pool.num_test_parts


@pytest.mark.parametrize('variant', ['paper', 'released'])
def test_gradients(variant):
    pool = build(3, variant=variant, deep_supervision=True)
    maps = torch.randn(3, C, 6, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(pool, (maps,))
    pool(maps).square().sum().backward()
    assert all(parameter.grad is not None for parameter in pool.parameters())


def test_contrast_and_rest():
    parts = torch.randn(N, 5, C, dtype=torch.float64)
    printed, released = contrast(parts), contrast(parts, 'released')
    assert (printed <= 0).all()
    in_order = parts.sort(1).values
    assert torch.allclose(released, in_order[:, :-1].mean(1))
    assert torch.allclose(rest_of(parts)[:, 2], parts[:, [0, 1, 3, 4]].mean(1))
    # Of two parts the smaller one is left, and the rest of one is the other.
    assert torch.allclose(contrast(parts[:, :2], 'released'), parts[:, :2].amin(1))
    assert torch.allclose(rest_of(parts[:, :2]), parts[:, :2].flip(1))


def test_the_variants_differ(maps):
    printed, released = build(3).eval(), build(3, variant='released').eval()
    released.load_state_dict(printed.state_dict())
    a, b = printed(maps), released(maps)
    assert torch.equal(a[:, :3], b[:, :3])
    assert not torch.allclose(a[:, 3], b[:, 3])


def test_a_part_sees_the_others_only_through_the_relation(maps):
    changed = maps.clone()
    changed[:, :, 4:] = torch.randn(N, C, 8, 3, dtype=torch.float64)
    for relation in (True, False, 'rest'):
        pool = build(3, relation=relation).eval()
        same = torch.equal(pool(maps)[:, 0], pool(changed)[:, 0])
        assert same == (relation is False)


def test_the_whole_is_the_same_upside_down(maps):
    pool = build(3, relation=False).eval()
    assert torch.allclose(pool(maps)[:, 3], pool(maps.flip(2))[:, 3])


@pytest.mark.parametrize('dtype', [torch.float32, torch.bfloat16])
def test_other_dtypes(maps, dtype):
    pool = build(3).eval().to(dtype)
    found = pool(maps.to(dtype))
    assert found.dtype == dtype
    exact = pool.double()(maps.to(dtype).double())
    tolerance = 1e-4 if dtype == torch.float32 else 0.2
    assert (found.double() - exact).abs().max() < tolerance


def test_autocast(maps):
    pool = build(3).float()
    with torch.autocast('cpu', dtype=torch.bfloat16):
        out = pool(maps.float())
    assert out.isfinite().all()


@pytest.mark.parametrize(
    ('wrong', 'message'),
    [
        (dict(global_pool='gem'), 'global_pool must be'),
        (dict(relation='all'), 'relation must be'),
        (dict(variant='print'), 'variant must be'),
        (dict(num_parts=1), 'at least 2 parts'),
        (dict(num_parts=1, relation=False), 'at least 2 parts'),
        (dict(num_parts=0, relation=False, global_pool=None), 'num_parts'),
        (dict(relation=False, global_pool='max', deep_supervision=True), 'make none'),
    ],
)
def test_wrong_options(wrong, message):
    options = {'num_parts': 3, **wrong}
    with pytest.raises(ValueError, match=message):
        build(**options)


def test_a_height_that_does_not_divide(maps):
    with pytest.raises(ValueError, match='5 parts of 12 rows'):
        build(5)(maps)


def test_one_plain_part_is_a_unit_of_the_maximum(maps):
    pool = build(1, relation=False, global_pool=None).eval()
    assert torch.allclose(pool(maps)[:, 0], unit(pool.part, 0, maps.amax((2, 3))))


@pytest.mark.parametrize(('deep', 'trained'), [(False, 7), (True, 21)])
def test_in_a_branch_every_vector_has_its_losses(deep, trained):
    """Triplet on the seven vectors, cross-entropy on all; sums, weight 2."""
    ce = dict(type='mmpretrain.CrossEntropyLoss', loss_weight=2.0)
    triplet = dict(type='BatchHardTripletLoss', margin=1.2)
    pool = dict(type='RelationPool', out_channels=WIDTH, num_parts=6)
    branch = MODELS.build(
        dict(
            type='Branch',
            in_channels=C,
            num_classes=3,
            pool=dict(pool, deep_supervision=deep),
            id_loss=ce,
            metric_loss=triplet,
        )
    ).double()
    nn.init.normal_(branch.classifier.weight)
    feats = (torch.randn(6, C, 12, 2, dtype=torch.float64),)
    labels = torch.tensor([0, 0, 1, 1, 2, 2])
    vectors = branch.pool(feats[0])
    assert vectors.shape[1] == branch.classifier.weight.shape[0] == trained
    weight, bias = branch.classifier.weight, branch.classifier.bias
    expected = 2 * sum(
        F.cross_entropy(F.linear(vectors[:, k], weight[k], bias[k]), labels)
        for k in range(trained)
    )
    losses = branch.loss(feats, labels)
    assert torch.allclose(losses['id_loss'], expected)
    hardest = MODELS.build(triplet)
    expected = sum(hardest(vectors[:, k], labels) for k in range(7))
    assert torch.allclose(losses['metric_loss'], expected)
    assert branch.eval().vectors(feats).shape == (6, 7, WIDTH)
