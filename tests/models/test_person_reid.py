"""PersonReID: embeddings, flip averaging, data samples."""

import pytest
import torch
import torch.nn.functional as F
from mmpretrain.structures import DataSample
from torch import nn
from torch.testing import assert_close

from mmreid.registry import MODELS


@MODELS.register_module()
class TinyBackbone(nn.Module):
    """One convolution that is not symmetric under mirroring."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)

    def forward(self, x):
        return (self.conv(x).relu(),)


def build(normalize='none', **kwargs):
    return MODELS.build(
        dict(
            type='PersonReID',
            backbone=dict(type='TinyBackbone'),
            head=dict(
                type='MultiBranchHead',
                in_channels=8,
                num_classes=3,
                normalize=normalize,
                id_loss=dict(type='mmpretrain.CrossEntropyLoss'),
                branches=dict(
                    part=dict(pool=dict(type='StripePool', num_parts=2)),
                    whole=dict(pool=dict(type='GlobalPool', mode='max')),
                ),
            ),
            **kwargs,
        )
    ).eval()


@pytest.fixture
def pictures():
    return torch.rand(4, 3, 8, 6)


@pytest.mark.parametrize('normalize', ['none', 'whole', 'branch', 'part'])
def test_flip_averages_before_normalizing(pictures, normalize):
    model = build(normalize, flip_test=True)
    maps = [model.backbone(x)[0] for x in (pictures, torch.flip(pictures, [3]))]
    stripes = sum(m.unflatten(2, (2, 4)).mean((3, 4)).transpose(1, 2) for m in maps) / 2
    whole = sum(m.amax((2, 3)) for m in maps) / 2
    if normalize == 'part':
        stripes, whole = F.normalize(stripes, dim=2), F.normalize(whole)
    stripes = stripes.flatten(1)
    if normalize == 'branch':
        stripes, whole = F.normalize(stripes), F.normalize(whole)
    expected = torch.cat([stripes, whole], 1)
    if normalize == 'whole':
        expected = F.normalize(expected)
    assert_close(model(pictures), expected)


def test_predict_writes_embedding_and_recipe(pictures):
    model = build('whole')
    samples = [DataSample(metainfo=dict(person_id=i)) for i in range(4)]
    returned = model(pictures, samples, mode='predict')
    embeddings = model(pictures, mode='tensor')
    for i, sample in enumerate(returned):
        assert sample is samples[i]
        assert torch.equal(sample.embedding, embeddings[i])
        assert (sample.flip_test, sample.normalize) == (False, 'whole')
        assert sample.person_id == i
        assert {'embedding', 'person_id', 'normalize'} <= set(sample.to_dict())
    assert len(model(pictures, mode='predict')) == 4


def test_predicts_float32_under_autocast(pictures):
    with torch.autocast('cpu', torch.bfloat16):
        (sample, *_) = build()(pictures, mode='predict')
    assert sample.embedding.dtype == torch.float32


def test_preprocessor_and_train_step():
    """The whole path of a training step, from uint8 pictures to new weights."""
    model = build(data_preprocessor=dict(mean=[1.0] * 3, std=[2.0] * 3, to_rgb=True))
    model.train()
    batch = dict(
        inputs=[torch.randint(256, (3, 8, 6), dtype=torch.uint8) for _ in range(4)],
        data_samples=[DataSample().set_gt_label(i % 3) for i in range(4)],
    )
    inputs = model.data_preprocessor(batch, training=True)['inputs']
    assert_close(inputs[0], (batch['inputs'][0].flip(0).float() - 1) / 2)
    losses = model(inputs, batch['data_samples'], mode='loss')
    assert set(losses) == {'part.id_loss', 'whole.id_loss'}
    total, _ = model.parse_losses(losses)
    total.backward()
    assert all(p.grad is not None for p in model.parameters())


def test_unknown_mode(pictures):
    with pytest.raises(RuntimeError, match='Invalid mode'):
        build()(pictures, mode='features')


def test_pictures_of_several_sizes_are_refused():
    crops = [torch.zeros(3, height, 6, dtype=torch.uint8) for height in (8, 12)]
    with pytest.raises(ValueError, match='one size'):
        build().data_preprocessor(dict(inputs=crops))
