"""The IA block against loops, at the start, in networks and out of files."""

import itertools

import pytest
import torch
from mmengine.model import ExponentialMovingAverage
from naive_ia import channel, normalized, spatial
from torch import nn

from mmreid.models.backbones import PluginResNet
from mmreid.registry import MODELS

ORDERS = [('sia',), ('cia',), ('sia', 'cia'), ('cia', 'sia')]


def build(kind='IABlock', in_channels=5, **options):
    return MODELS.build(dict(type=kind, in_channels=in_channels, **options))


def trained(**options):
    """A block whose normalisations count."""
    block = build(**options).double()
    for parameter in block.parameters():
        nn.init.normal_(parameter)
    for name, statistic in block.named_buffers():
        if 'running' in name:
            nn.init.uniform_(statistic, 0.5, 2)
    return block


def maps(*shape):
    return 0.5 * torch.rand(*(shape or (2, 5, 4, 3)), dtype=torch.float64)


def naive_block(block, x, parts, arrangement, **sia):
    """Eq. 9 for a block in training mode."""
    modules = dict(
        sia=(lambda f: spatial(f, **sia), block.sia_norm), cia=(channel, block.cia_norm)
    )
    y = x
    for part in parts:
        aggregate, norm = modules[part]
        seen = y if arrangement == 'sequential' else x
        y = y + normalized(aggregate(seen), norm.weight, norm.bias)
    return y


@pytest.mark.parametrize('arrangement', ['sequential', 'parallel'])
@pytest.mark.parametrize('parts', ORDERS)
def test_equals_the_loops(parts, arrangement):
    x = maps()
    options = dict(parts=parts, arrangement=arrangement)
    sia = dict(sigma=(1, 2), normalize='l1', contexts=(1, 3))
    block = trained(**options, **sia)
    expected = naive_block(block, x, **options, **sia)
    assert (block(x) - expected).abs().max() <= 1e-10


def test_the_print_equals_the_loops():
    """A nearly constant E has hardly any spread, so that BN magnifies rounding."""
    x = maps(3, 5, 4, 3)
    block = trained()
    expected = naive_block(block, x, ('sia', 'cia'), 'sequential')
    assert (block(x) - expected).abs().max() <= 1e-10


def test_orders_and_arrangements_differ():
    x = maps()
    results = []
    for arrangement, parts in itertools.product(('sequential', 'parallel'), ORDERS[2:]):
        torch.manual_seed(0)
        block = trained(parts=parts, arrangement=arrangement, normalize='l1')
        results.append(block(x))
    spatial_first, channel_first, parallel, reversed_parallel = results
    assert torch.allclose(parallel, reversed_parallel)
    for a, b in itertools.combinations((spatial_first, channel_first, parallel), 2):
        assert (a - b).abs().max() > 1e-3


def test_evaluation_uses_the_running_statistics():
    x = maps()
    block = trained(normalize='l1').eval()
    y = x
    for aggregate, norm in [
        (lambda f: spatial(f, normalize='l1'), block.sia_norm),
        (channel, block.cia_norm),
    ]:
        mean, var, weight, bias = (
            t[:, None, None]
            for t in (norm.running_mean, norm.running_var, norm.weight, norm.bias)
        )
        y = y + (aggregate(y) - mean) / (var + 1e-5).sqrt() * weight + bias
    assert (block(x) - y).abs().max() <= 1e-10


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize('variant', ['paper', 'released'])
@pytest.mark.parametrize('parts', ORDERS)
def test_starts_as_the_identity(parts, variant, dtype):
    x = maps().to(dtype)
    block = build(parts=parts, variant=variant).to(dtype)
    for mode in (True, False):
        found = block.train(mode)(x)
        assert found.dtype == dtype
        assert torch.equal(found, x)


def test_learns_from_the_start():
    block = build().double()
    x = maps()
    (block(x) * torch.randn_like(x)).sum().backward()
    assert all(parameter.grad.all() for parameter in block.parameters())


@pytest.mark.parametrize('arrangement', ['sequential', 'parallel'])
def test_gradient(arrangement):
    block = trained(in_channels=3, arrangement=arrangement, normalize='l1')
    x = maps(2, 3, 3, 2).requires_grad_()
    assert torch.autograd.gradcheck(block, x)


class TestReleasedVariant:
    """K = 1, scaled, one product and one softmax; the authors' names."""

    @staticmethod
    def naive(x, weights, sigma):
        """The formula of the authors' file in other words, statistics of the batch."""
        height, width = x.shape[2:]
        near = torch.empty(height, width, height, width, dtype=x.dtype)
        for a, b, c, d in itertools.product(*map(range, near.shape)):
            near[a, b, c, d] = -(
                (b - d) ** 2 / (2 * sigma[0] ** 2) + (a - c) ** 2 / (2 * sigma[1] ** 2)
            )
        near = near.view(height * width, -1).softmax(1)
        rows = x.flatten(2).transpose(1, 2)
        alike = torch.einsum('nic,njc->nij', rows, rows) / x.shape[1] ** 0.5
        shares = (alike.softmax(2) * near).softmax(2)
        e = torch.einsum('nij,njc->nci', shares, rows).view_as(x)
        y = x + normalized(e, weights['W1.weight'], weights['W1.bias'])
        return y + normalized(channel(y), weights['W2.weight'], weights['W2.bias'])

    @staticmethod
    def weights():
        names = ('W1.weight', 'W1.bias', 'W2.weight', 'W2.bias')
        values = {name: torch.randn(5, dtype=torch.float64) for name in names}
        for norm in ('W1', 'W2'):
            values[f'{norm}.running_mean'] = torch.randn(5, dtype=torch.float64)
            values[f'{norm}.running_var'] = torch.rand(5, dtype=torch.float64)
            values[f'{norm}.num_batches_tracked'] = torch.tensor(7)
        return values

    def test_loads_and_equals_the_authors_block(self):
        x, weights = maps(), self.weights()
        block = build(variant='released', sigma=(2, 3)).double()
        block.load_state_dict(weights, strict=True)
        assert torch.equal(block.cia_norm.running_var, weights['W2.running_var'])
        assert (block(x) - self.naive(x, weights, (2, 3))).abs().max() <= 1e-10

    def test_loads_inside_a_network(self):
        cfg = dict(cfg=dict(type='IABlock', variant='released'), stages=(1,))
        net = PluginResNet(18, plugins=[cfg], base_channels=8, stem_channels=8)
        weights = {k: v.repeat(4)[:16] for k, v in self.weights().items() if v.ndim}
        prefix = 'layer2.1.after.'
        names = {f'{prefix}{name}': value for name, value in weights.items()}
        missing, unexpected = net.load_state_dict(names, strict=False)
        assert not unexpected
        assert not [n for n in missing if prefix in n and 'num_batches' not in n]
        loaded = net.layer2[1].after.sia_norm.weight
        assert torch.equal(loaded.double(), weights['W1.weight'].float().double())

    def test_differs_from_the_paper(self):
        x, weights = 10 * maps(3, 5, 4, 3), self.weights()
        blocks = [build(variant=v).double() for v in ('paper', 'released')]
        for block in blocks:
            block.load_state_dict(weights)
        paper, released = (block(x) for block in blocks)
        assert (paper - released).abs().max() > 1e-2

    @pytest.mark.parametrize('repeated', [dict(contexts=(1,)), dict(scale=True)])
    def test_says_what_it_stands_for(self, repeated):
        with pytest.raises(ValueError, match=r'stands for contexts=\(1,\)'):
            build(variant='released', **repeated)


class TestRelationMaps:
    @pytest.mark.parametrize('arrangement', ['sequential', 'parallel'])
    @pytest.mark.parametrize('parts', ORDERS)
    def test_are_those_of_forward(self, parts, arrangement):
        x = maps()
        block = trained(parts=parts, arrangement=arrangement, normalize='l1').eval()
        maps_found = block.relation_maps(x)
        assert tuple(maps_found) == parts
        seen = {}
        hooks = [
            getattr(block, part).register_forward_hook(
                lambda _, args, out, part=part: seen.update({part: (*args, out)})
            )
            for part in parts
        ]
        block(x)
        for hook in hooks:
            hook.remove()
        for part, relations in maps_found.items():
            source, aggregated = seen[part]
            rows = source.flatten(2)
            mean = rows @ relations.mT if part == 'sia' else relations @ rows
            assert torch.allclose(mean.view_as(x), aggregated, atol=1e-14)

    def test_shapes(self):
        found = build().relation_maps(maps().float())
        assert found['sia'].shape == (2, 12, 12)
        assert found['cia'].shape == (2, 5, 5)
        for relations in found.values():
            assert torch.allclose(relations.sum(2), torch.ones(()))

    def test_nothing_is_kept_where_nobody_asks(self):
        """A forward pass has neither more outputs nor more state than it needs."""
        block, x = build(), maps().float()
        block(x)
        known = {id(t) for t in (*block.parameters(), *block.buffers())}
        held = [
            value
            for module in block.modules()
            for value in vars(module).values()
            if torch.is_tensor(value) and id(value) not in known
        ]
        assert not held


class TestPrecision:
    def test_autocast(self):
        """Products and softmax in float32: what comes in is all that is rounded."""
        x = 2 * torch.randn(4, 64, 8, 4).bfloat16()
        block = trained(in_channels=64, normalize='l1', sigma=(1, 2)).float()
        with torch.autocast('cpu', dtype=torch.bfloat16):
            found = block(x)
        assert found.dtype == torch.bfloat16
        assert torch.equal(found, block(x.float()).bfloat16())

    def test_network_under_autocast(self):
        plugins = [dict(cfg=dict(type='IABlock'), stages=(1, 2))]
        net = PluginResNet(18, plugins=plugins, base_channels=16, stem_channels=16)
        x = torch.randn(4, 3, 64, 32)
        with torch.autocast('cpu', dtype=torch.bfloat16):
            (found,) = net(x)
            found.float().square().mean().backward()
        norms = [m for n, m in net.named_modules() if n.endswith('ia_norm')]
        assert len(norms) == 4
        for norm in norms:
            assert norm.weight.grad.isfinite().all()
            assert norm.weight.grad.any()


def test_averaged_weights():
    """A copy that averages reads a map of its own, unless it copies buffers."""
    block, x = trained(normalize='l1'), maps()
    average = ExponentialMovingAverage(block, momentum=0.5, update_buffers=True)
    block(x)
    average.update_parameters(block)
    assert torch.equal(average.eval()(x), block.eval()(x))


@pytest.mark.parametrize(
    'backend', ['aot_eager', pytest.param('inductor', marks=pytest.mark.slow)]
)
def test_compiles(backend):
    block = trained(normalize='l1').eval()
    compiled = torch.compile(block, fullgraph=True, backend=backend)
    for size in [(4, 3), (3, 5)]:
        x = maps(2, 5, *size)
        assert torch.allclose(compiled(x), block(x), atol=1e-12)


class TestIANet:
    """Both blocks of the paper, in the trunks of Table 5."""

    plugins = [
        dict(cfg=dict(type='IABlock', sigma=(10, 20)), stages=(1,)),
        dict(cfg=dict(type='IABlock', sigma=(5, 10)), stages=(2,)),
    ]

    @pytest.mark.parametrize(('depth', 'added'), [(34, 1536), (50, 6144), (101, 6144)])
    def test_parameters_and_names(self, depth, added):
        plain = PluginResNet(depth)
        net = PluginResNet(depth, plugins=self.plugins)
        names = net.state_dict()
        assert set(plain.state_dict()) < set(names)
        sizes = [sum(p.numel() for p in n.parameters()) for n in (plain, net)]
        assert sizes[1] - sizes[0] == added
        last = {34: 5, 50: 5, 101: 22}[depth]
        assert f'layer3.{last}.after.cia_norm.bias' in names

    @pytest.mark.parametrize('depth', [34, 50])
    def test_identity_at_the_start(self, depth):
        options = dict(depth=depth, base_channels=16, stem_channels=16)
        plain = PluginResNet(**options)
        net = PluginResNet(**options, plugins=self.plugins)
        net.init_weights()
        missing, unexpected = net.load_state_dict(plain.state_dict(), strict=False)
        assert not unexpected
        assert all('.after.' in name for name in missing)
        x = torch.randn(2, 3, 96, 64)
        for mode in (True, False):
            assert torch.equal(net.train(mode)(x)[0], plain.train(mode)(x)[0])


@pytest.mark.parametrize(
    ('wrong', 'message'),
    [
        (dict(parts=()), 'parts must be'),
        (dict(parts=('sia', 'sia')), 'parts must be'),
        (dict(parts='sia'), 'parts must be'),
        (dict(arrangement='series'), 'arrangement must be'),
        (dict(variant='code'), 'variant must be'),
        (dict(fusion='mean'), 'fusion must be'),
        (dict(parts=('cia',), fusion='mean'), 'fusion must be'),
    ],
)
def test_options_without_a_meaning(wrong, message):
    with pytest.raises(ValueError, match=message):
        build(**wrong)
