"""Branch and MultiBranchHead against the same steps written out."""

import pytest
import torch
import torch.nn.functional as F
from mmpretrain.structures import DataSample
from torch import nn

from mmreid.registry import MODELS

CE = dict(type='mmpretrain.CrossEntropyLoss')
TRIPLET = dict(type='BatchHardTripletLoss')
LABELS = torch.tensor([0, 0, 1, 1, 4, 4])
STRIPES = dict(type='StripePool', num_parts=3)
GLOBAL = dict(type='GlobalPool')


@MODELS.register_module()
class ExtraPartsPool(nn.Module):
    """Returns further parts in training, as RRID's deep supervision does."""

    out_parts, num_test_parts = 3, 2

    def forward(self, x):
        parts = x.mean((2, 3))[:, None].repeat(1, 3, 1)
        return parts if self.training else parts[:, :2]


def branch(**kwargs):
    cfg = dict(type='Branch', in_channels=8, num_classes=5, pool=STRIPES)
    return MODELS.build({**cfg, **kwargs}).double()


def head(branches, **kwargs):
    cfg = dict(type='MultiBranchHead', in_channels=8, num_classes=5, branches=branches)
    return MODELS.build({**cfg, **kwargs}).double()


def samples(labels=LABELS):
    return [DataSample().set_gt_label(int(y)) for y in labels]


@pytest.fixture
def feats():
    return (torch.randn(6, 8, 6, 4, dtype=torch.float64),)


def batch_norm(x):
    """Batch statistics, no affine part."""
    var, mean = torch.var_mean(x, 0, unbiased=False)
    return (x - mean) / torch.sqrt(var + 1e-5)


@pytest.mark.parametrize('bn_neck', [True, False])
@pytest.mark.parametrize('channels', [None, 4])
@pytest.mark.parametrize('part_reduction', ['sum', 'mean'])
def test_steps_and_losses(feats, bn_neck, channels, part_reduction):
    model = branch(
        channels=channels,
        bn_neck=bn_neck,
        id_loss=CE,
        metric_loss=TRIPLET,
        part_reduction=part_reduction,
    )
    out = model(feats)
    id_losses, metric_losses = [], []
    for p in range(3):
        feat = feats[0][:, :, 2 * p : 2 * p + 2].mean((2, 3))
        assert torch.allclose(out['pooled'][:, p], feat)
        if channels:
            linear = model.reduction[0]
            feat = batch_norm(feat @ linear.weight[p].T + linear.bias[p]).clamp_min(0)
        assert torch.allclose(out['feat'][:, p], feat)
        bn_feat = batch_norm(feat) if bn_neck else feat
        assert torch.allclose(out['bn_feat'][:, p], bn_feat)
        scores = bn_feat @ model.classifier.weight[p].T
        if not bn_neck:
            scores = scores + model.classifier.bias[p]
        id_losses.append(F.cross_entropy(scores, LABELS))
        metric_losses.append(MODELS.build(TRIPLET)(feat, LABELS))
    assert (model.classifier.bias is None) == bn_neck
    reduce = getattr(torch, part_reduction)
    losses = model.loss(feats, LABELS)
    assert list(losses) == ['id_loss', 'metric_loss']
    assert torch.allclose(losses['id_loss'], reduce(torch.stack(id_losses)))
    assert torch.allclose(losses['metric_loss'], reduce(torch.stack(metric_losses)))


@pytest.mark.parametrize('test', ['pooled', 'feat', 'bn_feat'])
@pytest.mark.parametrize('test_parts', [None, (2,), (0, 2)])
def test_vectors(feats, test, test_parts):
    model = branch(channels=4, bn_neck=True, test=test, test_parts=test_parts).eval()
    parts = model(feats)[test]
    expected = parts if test_parts is None else parts[:, list(test_parts)]
    assert torch.equal(model.vectors(feats), expected)


def test_pooled_vectors_cost_no_reduction(feats):
    model = branch(channels=4, bn_neck=True, test='pooled')
    calls = []
    for part in (model.reduction, model.bn_neck):
        part.register_forward_hook(lambda *_: calls.append(1))
    assert torch.equal(model.vectors(feats), model.pool(feats[0]))
    assert not calls


def test_without_a_number_of_classes_nothing_is_classified(feats):
    losses = dict(branches=dict(a=dict(id_loss=CE), b=dict()), pool=STRIPES)
    whole, bare = head(**losses), head(**losses, num_classes=None)
    own = {k: v for k, v in whole.state_dict().items() if 'classifier' not in k}
    bare.load_state_dict(own)
    assert torch.equal(bare.eval()(feats), whole.eval()(feats))
    assert bare.lacks_classifiers
    assert not whole.lacks_classifiers
    with pytest.raises(ValueError, match='num_classes must be the number'):
        bare.loss(feats, samples())
    # Nothing is missing where no loss asks for a classifier.
    metric = head(dict(a=dict(metric_loss=TRIPLET)), pool=STRIPES, num_classes=None)
    assert not metric.lacks_classifiers
    assert list(metric.loss(feats, samples())) == ['a.metric_loss']


def test_the_number_of_classes_may_be_left_out():
    cfg = dict(type='MultiBranchHead', in_channels=8, pool=STRIPES)
    assert MODELS.build(dict(cfg, branches=dict(a=dict()))).num_classes is None
    with pytest.raises(ValueError, match='At least one branch'):
        MODELS.build(cfg)


def test_classifier_exists_only_where_asked_for():
    assert branch().classifier is None
    assert branch(metric_loss=TRIPLET).classifier is None
    assert branch(id_loss=CE).classifier.weight.shape == (3, 5, 8)
    align = dict(type='AttentionAlignmentLoss')
    assert branch(pool=GLOBAL, alignment_loss=align).classifier is not None


def test_alignment_loss_sees_map_and_classifier(feats):
    align = dict(type='AttentionAlignmentLoss', loss_weight=0.5)
    model = branch(pool=GLOBAL, alignment_loss=align, id_loss=CE)
    nn.init.normal_(model.classifier.weight)
    expected = MODELS.build(align)(feats[0], model.classifier.weight[0], LABELS)
    assert torch.equal(model.loss(feats, LABELS)['alignment_loss'], expected)


def test_stage_and_map_index(feats):
    stage = [dict(type='Conv2d', out_channels=16, kernel_size=1), dict(type='ReLU')]
    model = branch(pool=GLOBAL, stage=stage, in_index=1, id_loss=CE)
    other = torch.randn_like(feats[0])
    conv = model.stage[0]
    expected = torch.einsum('nchw,oc->nohw', other, conv.weight[:, :, 0, 0])
    expected = (expected + conv.bias[:, None, None]).clamp_min(0).mean((2, 3))
    assert torch.allclose(model.vectors((feats[0], other))[:, 0], expected)
    assert model.classifier.weight.shape == (1, 5, 16)  # the stage's width
    single = branch(pool=GLOBAL, stage=dict(type='ReLU'))
    expected = feats[0].clamp_min(0).mean((2, 3))
    assert torch.allclose(single.vectors(feats)[:, 0], expected)


def test_training_only_parts_get_cross_entropy_only(feats):
    model = branch(pool=dict(type='ExtraPartsPool'), id_loss=CE, metric_loss=TRIPLET)
    losses = model.loss(feats, LABELS)
    vector = feats[0].mean((2, 3))
    weight, bias = model.classifier.weight, model.classifier.bias
    scores = [vector @ weight[p].T + bias[p] for p in range(3)]
    expected = sum(F.cross_entropy(s, LABELS) for s in scores)
    assert torch.allclose(losses['id_loss'], expected)
    triplet = MODELS.build(TRIPLET)(vector, LABELS)
    assert torch.allclose(losses['metric_loss'], 2 * triplet)
    assert model.vectors(feats).shape == (6, 2, 8)  # also while training
    assert model.eval().vectors(feats).shape == (6, 2, 8)


@pytest.mark.parametrize(
    ('wrong', 'message'),
    [
        (dict(part_reduction='max'), 'part_reduction'),
        (dict(test='scores'), 'test must be'),
        (dict(test='bn_feat'), 'BN neck'),
        (dict(test_parts=(3,)), 'test_parts'),
        (dict(test_parts=()), 'test_parts'),
        (dict(alignment_loss=dict(type='AttentionAlignmentLoss')), '3 parts'),
        (dict(pool=dict(type='ExtraPartsPool'), bn_neck=True), 'training-only'),
    ],
)
def test_contradictions(wrong, message):
    with pytest.raises(ValueError, match=message):
        branch(**wrong)


def test_another_map_than_told(feats):
    with pytest.raises(ValueError, match='one of the 1 maps'):
        branch(in_index=1)(feats)
    with pytest.raises(ValueError, match="the map's, 8; got 16"):
        branch(in_channels=16)(feats)


@pytest.mark.parametrize('mode', ['avg', 'max'])
def test_a_vector_is_a_map_of_one_position(feats, mode):
    token = feats[0][:, :, 0, 0]
    model = branch(pool=dict(type='GlobalPool', mode=mode), id_loss=CE)
    assert torch.equal(model((token,))['feat'], token[:, None])
    assert torch.isfinite(model.loss((token,), LABELS)['id_loss'])


def test_tokens_are_neither_map_nor_vector(feats):
    tokens = feats[0].flatten(2).transpose(1, 2)
    with pytest.raises(ValueError, match=r"\(6, 24, 8\).*out_type='featmap'"):
        branch()((tokens,))


def test_order_of_channels(feats):
    branches = dict(
        whole=dict(pool=GLOBAL), part=dict(pool=dict(type='StripePool', num_parts=2))
    )
    parts = head(branches)(feats).view(len(feats[0]), 3, -1)
    by_channel = head(branches, order='channel')(feats)
    assert torch.equal(by_channel, parts.transpose(1, 2).flatten(1))


@pytest.mark.parametrize(
    ('branches', 'options'),
    [
        (dict(a=dict(pool=GLOBAL), b=dict(pool=GLOBAL, channels=3)), {}),
        (dict(a=dict(pool=GLOBAL)), dict(normalize='branch')),
    ],
)
def test_order_of_channels_needs_one_width(branches, options):
    with pytest.raises(ValueError, match="order='channel' needs parts of one width"):
        head(branches, order='channel', **options)


@pytest.mark.parametrize('normalize', ['none', 'whole', 'branch', 'part'])
def test_head_joins_in_order(feats, normalize):
    model = head(
        dict(
            part=dict(pool=STRIPES),
            hidden=dict(pool=GLOBAL, test=None, metric_loss=TRIPLET),
            whole=dict(pool=dict(type='GlobalPool', mode='max')),
        ),
        normalize=normalize,
    ).eval()
    parts = feats[0].unflatten(2, (3, 2)).mean((3, 4)).transpose(1, 2)
    vectors = [parts, feats[0].amax((2, 3))[:, None]]
    if normalize == 'part':
        vectors = [v / v.norm(dim=2, keepdim=True) for v in vectors]
    if normalize == 'branch':
        vectors = [v / v.flatten(1).norm(dim=1)[:, None, None] for v in vectors]
    expected = torch.cat([v.flatten(1) for v in vectors], 1)
    if normalize == 'whole':
        expected = expected / expected.norm(dim=1, keepdim=True)
    assert torch.allclose(model(feats), expected)
    assert torch.allclose(model.join(model.vectors(feats)), expected)


def test_head_defaults_and_loss_names(feats):
    model = head(
        dict(
            whole=dict(pool=GLOBAL),
            part=dict(pool=STRIPES, metric_loss=None, bn_neck=False, test='pooled'),
        ),
        bn_neck=True,
        test='bn_feat',
        id_loss=CE,
        metric_loss=TRIPLET,
    )
    assert model.branches['whole'].bn_neck is not None
    assert model.branches['part'].bn_neck is None
    losses = model.loss(feats, samples())
    assert list(losses) == ['whole.id_loss', 'whole.metric_loss', 'part.id_loss']
    by_hand = model.branches['part'].loss(feats, LABELS)['id_loss']
    assert torch.equal(losses['part.id_loss'], by_hand)


def test_head_leaves_a_branch_of_none_out(feats):
    model = head(dict(whole=dict(pool=GLOBAL), part=None))
    assert list(model.branches) == ['whole']
    assert model(feats).shape == (6, 8)


def test_head_errors(feats):
    with pytest.raises(ValueError, match='At least one branch'):
        head(dict(whole=dict(pool=GLOBAL, test=None)))
    with pytest.raises(ValueError, match='normalize'):
        head(dict(whole=dict(pool=GLOBAL)), normalize='yes')
    model = head(dict(whole=dict(pool=GLOBAL, id_loss=CE)))
    with pytest.raises(ValueError, match=r'num_classes=5\), got 0 to 5'):
        model.loss(feats, samples([0, 1, 2, 3, 4, 5]))
