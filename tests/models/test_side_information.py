"""PersonReID tells a trunk the cameras of pictures, and the stamp tells which."""

import pytest
import torch
from mmpretrain.structures import DataSample

from mmreid.evaluation import ReIDMetric
from mmreid.registry import MODELS

ARCH = dict(embed_dims=8, num_layers=1, num_heads=2, feedforward_channels=12)


def build(flip_test=False, **side):
    model = MODELS.build(
        dict(
            type='PersonReID',
            flip_test=flip_test,
            backbone=dict(
                type='VisionTransformer',
                arch=ARCH,
                img_size=(32, 16),
                patch_size=8,
                side_information=dict(num_cameras=3, **side),
            ),
            head=dict(
                type='MultiBranchHead',
                num_classes=2,
                id_loss=dict(type='mmpretrain.CrossEntropyLoss'),
                branches=dict(whole=dict(in_index=1, pool=dict(type='GlobalPool'))),
            ),
        )
    )
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return model.double().eval()


def samples(*cameras):
    """Data samples of pictures before cameras, None for one that is not known."""
    made = []
    for index, camera in enumerate(cameras):
        sample = DataSample(metainfo=dict(sample_idx=index)).set_gt_label(index % 2)
        if camera is not None:
            sample.set_metainfo(dict(cam_id=camera))
        made.append(sample)
    return made


def pictures(num=4):
    return torch.randn(num, 3, 32, 16, dtype=torch.float64)


@pytest.mark.parametrize('flip_test', [False, True])
def test_batches_of_mixed_knowledge(flip_test):
    model, x = build(flip_test), pictures()
    without = model(x)
    mixed = model(x, samples(3, None, 4, 0), mode='predict')
    told = [sample.side_information for sample in mixed]
    assert told == ['camera', 'left out', 'left out', 'left out']
    assert not torch.allclose(mixed[0].embedding, without[0])
    for index in (1, 2, 3):
        torch.testing.assert_close(mixed[index].embedding, without[index])
    (alone,) = model(x[:1], samples(3), mode='predict')
    torch.testing.assert_close(mixed[0].embedding, alone.embedding)
    (other,) = model(x[:1], samples(1), mode='predict')
    assert not torch.allclose(other.embedding, alone.embedding)
    (nothing, *_) = model(x, mode='predict')
    torch.testing.assert_close(nothing.embedding, without[0])
    assert nothing.side_information == 'left out'


def test_training_knows_cameras_that_tests_leave_out():
    model, x = build(at_test=False), pictures()
    told = model(x, samples(1, 2, 3, 1), mode='predict')
    assert {sample.side_information for sample in told} == {'left out'}
    torch.testing.assert_close(told[0].embedding, model(x)[0])
    losses = model.train()(x, samples(1, 1, 1, None), mode='loss')
    losses['whole.id_loss'].backward()
    grad = model.backbone.side_embed.grad
    assert grad[0].abs().sum() > 0
    assert not grad[1:].any()


def test_models_without_it_say_nothing():
    model = build()
    model.backbone.side_information = None
    (sample, *_) = model(pictures(), samples(1, 2, 3, 1), mode='predict')
    assert 'side_information' not in sample


@pytest.mark.parametrize(
    ('cameras', 'words'),
    [
        ((1, 2, 1, 3), 'camera'),
        ((1, 2, 1, 9), 'camera, left out'),
        ((7, 8, 7, 9), 'left out'),
    ],
)
def test_the_stamp_tells(cameras, words):
    metric = ReIDMetric()
    known = samples(*cameras)
    for index, sample in enumerate(known):
        person = dict(person_id=1 + index // 3, is_query=index == 0, img_path='a.jpg')
        sample.set_metainfo(person)
    predicted = build()(pictures(), known, mode='predict')
    metric.process(None, [sample.to_dict() for sample in predicted])
    stamp = metric.evaluate(4)['reid/protocol']
    assert stamp['side_information'] == words


@pytest.mark.parametrize('options', [dict(), dict(jigsaw=dict(num_groups=2, shift=3))])
def test_exportable_without_cameras(options):
    config = dict(arch=ARCH, img_size=(32, 16), patch_size=8, **options)
    net = MODELS.build(
        dict(type='VisionTransformer', side_information=dict(num_cameras=3), **config)
    )
    x = torch.randn(2, 3, 32, 16)
    program = torch.export.export(net.eval(), (x,))
    for exported, expected in zip(program.module()(x), net(x), strict=True):
        torch.testing.assert_close(exported, expected)
