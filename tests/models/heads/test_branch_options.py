"""What a branch is told about reduction, neck, classifier and losses, written out."""

import pytest
import torch
import torch.nn.functional as F
from mmpretrain.structures import DataSample
from torch import nn

from mmreid.engine.checkpoints.model_weights import load_weights, training_only_prefixes
from mmreid.models.precision import widen
from mmreid.registry import MODELS

CE = dict(type='mmpretrain.CrossEntropyLoss')
TRIPLET = dict(type='BatchHardTripletLoss')
LABELS = torch.tensor([0, 0, 1, 1, 4, 4])
STRIPES = dict(type='StripePool', num_parts=3)
GLOBAL = dict(type='GlobalPool')


@MODELS.register_module()
class OwnWeightsLoss(nn.Module):
    """A loss with a vector per class."""

    def __init__(self, in_channels, num_classes, loss_weight=1.0):
        super().__init__()
        self.loss_weight = loss_weight
        self.centers = nn.Parameter(torch.randn(num_classes, in_channels))

    def forward(self, feats, labels):
        return self.loss_weight * (feats - self.centers[labels]).square().sum()


@MODELS.register_module()
class TwoMaps(nn.Module):
    """A trunk that tells its widths, as every trunk of mmreid does."""

    out_channels = (8, 6)

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, x):
        maps = x.repeat(1, 3, 1, 1) * self.scale
        return maps[:, :8], maps[:, :6].mean((2, 3), keepdim=True)


class Untold(TwoMaps):
    """A trunk that does not tell them."""

    out_channels = None


def branch(**kwargs):
    cfg = dict(type='Branch', in_channels=8, num_classes=5, pool=STRIPES)
    return MODELS.build({**cfg, **kwargs}).double()


def model(backbone=None, **head):
    return MODELS.build(
        dict(
            type='PersonReID',
            backbone=backbone or dict(type='TwoMaps'),
            head={'type': 'MultiBranchHead', 'num_classes': 5, 'pool': GLOBAL, **head},
        )
    ).double()


def samples():
    return [DataSample().set_gt_label(int(y)) for y in LABELS]


@pytest.fixture
def feats():
    return (torch.randn(6, 8, 6, 4, dtype=torch.float64),)


def test_a_linear_reduction_has_neither_norm_nor_bias(feats):
    parts = branch(channels=4, reduction='linear')
    assert [n for n, _ in parts.named_parameters()] == ['reduction.weight']
    out = parts(feats)
    for p in range(3):
        expected = out['pooled'][:, p] @ parts.reduction.weight[p].T
        assert torch.allclose(out['feat'][:, p], expected)


def test_a_neck_without_bias_keeps_it_at_zero(feats):
    learning, frozen = branch(bn_neck=True), branch(bn_neck=True, neck_bias=False)
    assert learning.bn_neck.bias.requires_grad
    assert not frozen.bn_neck.bias.requires_grad
    assert not frozen.bn_neck.bias.any()
    assert frozen.bn_neck.weight.requires_grad
    assert list(learning.state_dict()) == list(frozen.state_dict())
    assert torch.equal(frozen(feats)['bn_feat'], learning(feats)['bn_feat'])


@pytest.mark.parametrize('test', ['pooled', 'feat'])
def test_a_scale_is_for_what_is_compared(feats, test):
    plain, scaled = branch(test=test), branch(test=test, test_scale=0.25)
    assert torch.equal(scaled.vectors(feats), 0.25 * plain.vectors(feats))
    assert torch.equal(scaled(feats)[test], plain(feats)[test])


def test_metric_losses_of_joined_parts(feats):
    parts = branch(channels=4, metric_loss=TRIPLET, metric_over='joined')
    feat = parts(feats)['feat']
    joined = torch.cat([feat[:, p] for p in range(3)], 1)
    expected = MODELS.build(TRIPLET)(joined, LABELS)
    assert torch.equal(parts.loss(feats, LABELS)['metric_loss'], expected)


def test_several_metric_losses(feats):
    second = dict(TRIPLET, distance='cosine', margin='soft')
    both = branch(id_loss=CE, metric_loss=[TRIPLET, second], part_reduction='mean')
    losses = both.loss(feats, LABELS)
    assert list(losses) == ['id_loss', 'metric_loss', 'metric_loss_1']
    for name, cfg in (('metric_loss', TRIPLET), ('metric_loss_1', second)):
        alone = branch(metric_loss=cfg, part_reduction='mean')
        assert torch.equal(losses[name], alone.loss(feats, LABELS)['metric_loss'])
    assert not branch(metric_loss=[]).loss(feats, LABELS)


@pytest.mark.parametrize('num_centers', [1, 3])
def test_cosine_classifier(feats, num_centers):
    kind = dict(type='CosineClassifier', num_centers=num_centers)
    parts = branch(classifier=kind, id_loss=CE, bn_neck=True)
    weight = parts.classifier.weight
    assert weight.shape == (3, 5, num_centers, 8)
    vectors = parts(feats)['bn_feat']
    scores = parts.classifier(vectors)
    for n in range(6):
        for p in range(3):
            for label in range(5):
                cosines = [
                    F.cosine_similarity(vectors[n, p], weight[p, label, k], dim=0)
                    for k in range(num_centers)
                ]
                assert torch.allclose(scores[n, p, label], max(cosines))
    inputs = vectors.detach()[:2].requires_grad_()
    assert torch.autograd.gradcheck(parts.classifier, inputs)
    assert parts.classifier(vectors[:, :2]).shape == (6, 2, 5)
    with pytest.raises(ValueError, match='num_centers must be at least 1'):
        branch(classifier=dict(kind, num_centers=0), id_loss=CE)


def test_cosines_of_half_precision_are_computed_in_float32():
    cfg = dict(type='CosineClassifier', num_parts=1, in_channels=512, out_channels=3)
    layer = MODELS.build(cfg)
    parts = torch.full((2, 1, 512), 3e4)  # its square is infinite in float16
    expected = layer.half().float()(parts)
    scores = layer.half()(parts.half())
    assert scores.dtype == torch.float32
    assert torch.allclose(scores, expected, atol=1e-3)
    assert widen(scores).isfinite().all()


@pytest.mark.parametrize('joined', [True, False])
def test_losses_with_own_weights_are_told_their_sizes(feats, joined):
    own = dict(type='OwnWeightsLoss', loss_weight=0.5)
    pool = dict(pool=STRIPES) if joined else dict(pool=GLOBAL)
    over = 'joined' if joined else 'parts'
    cfg = dict(pool, channels=4, metric_loss=[TRIPLET, own], metric_over=over)
    told = branch(**cfg)
    centers = told.metric_loss_1.centers
    assert centers.shape == (5, 12 if joined else 4)
    feat = told(feats)['feat'].flatten(1)
    expected = 0.5 * (feat - centers[LABELS]).square().sum()
    assert torch.allclose(told.loss(feats, LABELS)['metric_loss_1'], expected)
    # Without a number of identities they are not built, and training is an error.
    embedding = branch(**cfg, num_classes=None)
    assert not [name for name in embedding.state_dict() if 'metric' in name]
    assert embedding.lacks_classifier
    with pytest.raises(ValueError, match='num_classes must be the number'):
        embedding.loss(feats, LABELS)


def test_a_loss_of_the_whole_embedding():
    net = model(
        branches=dict(
            tokens=dict(test_scale=0.5, metric_loss=TRIPLET),
            token=dict(in_index=1),
            hidden=dict(test=None),
        ),
        normalize='whole',
        embedding_loss=dict(type='OwnWeightsLoss'),
    )
    assert net.head.embedding_loss.centers.shape == (5, 14)
    x = torch.randn(6, 3, 4, 4, dtype=torch.float64)
    losses = net(x, samples(), mode='loss')
    assert list(losses) == ['tokens.metric_loss', 'embedding_loss']
    centers = net.head.embedding_loss.centers[LABELS]
    expected = (net.embed(x) - centers).square().sum()
    assert torch.allclose(losses['embedding_loss'], expected)
    bare = model(
        branches=dict(token=dict()), embedding_loss=dict(type='OwnWeightsLoss')
    )
    assert not bare.head.lacks_classifiers


def test_the_embedding_loss_updates_statistics_once():
    own = dict(type='OwnWeightsLoss')
    net = model(branches=dict(token=dict(bn_neck=True)), embedding_loss=own)
    net(torch.randn(6, 3, 4, 4).double(), samples(), mode='loss')
    assert net.head.branches['token'].bn_neck.num_batches_tracked == 1


def test_the_trunk_tells_the_widths():
    net = model(branches=dict(tokens=dict(), token=dict(in_index=1)))
    assert net.head.branches['tokens'].in_channels == 8
    assert net.head.branches['token'].in_channels == 6
    assert net(torch.randn(2, 3, 4, 4).double()).shape == (2, 14)
    said = model(branches=dict(token=dict(in_index=-1)), in_channels=6)
    assert said.head.branches['token'].in_channels == 6
    assert (
        model(branches=dict(a=dict()), in_channels=None).head.branches['a'].in_channels
        == 8
    )
    with pytest.raises(ValueError, match='in_index must be one of the 2 maps'):
        model(branches=dict(token=dict(in_index=2)))


def test_nobody_tells_the_widths():
    with pytest.raises(ValueError, match=r'got None.*model\.head\.in_channels'):
        model(backbone=Untold(), branches=dict(a=dict()))
    net = model(backbone=Untold(), branches=dict(a=dict()), in_channels=8)
    assert net(torch.randn(2, 3, 4, 4).double()).shape == (2, 8)


@pytest.mark.parametrize(
    ('trunk', 'size'),
    [
        (dict(depth=18, out_indices=(1, 3)), 32),
        (dict(depth=50, last_stage_copies=3, out_indices=(2, 3)), 32),
        (dict(type='PluginGoogLeNet', out_indices=(0, 2, 3)), 64),
        (dict(type='ColorBins', bins=(2, 3, 4)), 8),
    ],
)
def test_trunks_tell_the_channels_of_their_maps(trunk, size):
    small = {} if 'type' in trunk else dict(base_channels=8, stem_channels=8)
    backbone = MODELS.build({'type': 'PluginResNet', **small, **trunk}).eval()
    maps = backbone(torch.rand(1, 3, size, size))
    assert backbone.out_channels == tuple(x.shape[1] for x in maps)


def test_weights_of_losses_are_for_training_only():
    own = dict(type='OwnWeightsLoss')
    net = model(
        branches=dict(
            whole=dict(id_loss=CE, metric_loss=[TRIPLET, own], bn_neck=True),
            second=dict(metric_loss=own),
        ),
        embedding_loss=own,
    )
    left_out = tuple(training_only_prefixes(net))
    needed = [key for key in net.state_dict() if not key.startswith(left_out)]
    statistics = ('weight', 'bias', 'running_mean', 'running_var')
    neck = [f'head.branches.whole.bn_neck.{name}' for name in statistics]
    assert needed == ['backbone.scale', *neck, f'{neck[0][:-6]}num_batches_tracked']


def test_nothing_behind_the_pool_is_needed_where_that_is_compared():
    behind = dict(channels=4, bn_neck=True)
    names = {}
    for test in ('pooled', 'feat', 'bn_feat'):
        net = model(branches=dict(whole=dict(test=test, **behind)))
        left_out = tuple(training_only_prefixes(net))
        names[test] = {key for key in net.state_dict() if not key.startswith(left_out)}
    assert names['pooled'] == {'backbone.scale'}
    assert names['feat'] == names['bn_feat'] > names['pooled']


@pytest.mark.parametrize('num_classes', [None, 5, 9])
def test_weights_load_without_those_of_losses(tmp_path, num_classes):
    """Also where they are of another number of identities."""
    own = dict(type='CenterLoss')
    cosine = dict(type='CosineClassifier', num_centers=2)
    token = dict(classifier=cosine, id_loss=dict(type='ArcFaceLoss'))
    trained = model(branches=dict(token=dict(token, metric_loss=[TRIPLET, own])))
    torch.save(dict(state_dict=trained.state_dict()), tmp_path / 'a.pth')
    cfg = dict(branches=dict(token=dict(token, metric_loss=[own, TRIPLET])))
    other = model(**cfg, num_classes=num_classes)
    nn.init.zeros_(other.backbone.scale)
    load_weights(other, tmp_path / 'a.pth')
    assert other.backbone.scale == 1


@pytest.mark.parametrize(
    ('wrong', 'message'),
    [
        (dict(reduction='cubic'), 'reduction must be'),
        (dict(reduction='linear'), 'set channels'),
        (dict(neck_bias=False), 'neck_bias=False needs the BN neck'),
        (dict(metric_over='all'), 'metric_over must be'),
        (dict(test_scale=0), 'test_scale must be a number above 0, got 0'),
        (dict(channels=0), 'channels must be a number above 0, got 0'),
        (dict(id_loss=dict(type='CosFaceLoss')), 'needs cosines, got .* PartLinear'),
        (dict(metric_loss=dict(type='OwnWeightsLoss')), "metric_over='joined'"),
        (
            dict(
                pool=GLOBAL,
                alignment_loss=dict(type='AttentionAlignmentLoss'),
                classifier=dict(type='CosineClassifier'),
            ),
            "got 'CosineClassifier'",
        ),
        (dict(metric_loss=5), 'metric_loss must be a dict or a list of dicts, got 5'),
        (dict(metric_loss='CenterLoss'), "metric_loss must be .* got 'CenterLoss'"),
        (dict(stage=5), 'stage must be a dict or a list of dicts, got 5'),
    ],
)
def test_contradictions(wrong, message):
    with pytest.raises(ValueError, match=message):
        branch(**wrong)


def test_a_metric_loss_behind_the_neck():
    told = branch(bn_neck=True, metric_loss=TRIPLET, metric_vectors='bn_feat')
    maps = torch.randn(6, 8, 6, 2, dtype=torch.float64)
    parts = told([maps])['bn_feat']
    loss = MODELS.build(TRIPLET)
    expected = sum(loss(part, LABELS) for part in parts.unbind(1))
    torch.testing.assert_close(told.loss([maps], LABELS)['metric_loss'], expected)
    with pytest.raises(ValueError, match="metric_vectors='bn_feat' needs the BN neck"):
        branch(metric_vectors='bn_feat')
