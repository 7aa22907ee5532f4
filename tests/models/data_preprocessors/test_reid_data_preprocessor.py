"""Batches are augmented in training only, and normalised as mmpretrain does."""

import copy

import numpy as np
import pytest
import torch
from mmpretrain.models import ClsDataPreprocessor
from mmpretrain.structures import DataSample
from torch import nn

from mmreid.models.data_preprocessors import ReIDDataPreprocessor

NORMALISE = dict(
    mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], to_rgb=True
)
AUGMENTS = [
    dict(type='BatchRandomFlip', prob=0.5),
    dict(type='BatchRandomErasing', fill_color=(103.53, 116.28, 123.675)),
]
DEVICES = ['cpu', pytest.param('cuda', marks=pytest.mark.gpu)]


def make_batch(number: int = 8, stacked: bool = True) -> dict:
    pictures = torch.randint(256, (number, 3, 12, 6), dtype=torch.uint8)
    samples = [DataSample().set_gt_label(index // 2) for index in range(number)]
    inputs = pictures if stacked else list(pictures)
    return dict(inputs=inputs, data_samples=samples)


def labels(batch: dict) -> torch.Tensor:
    return torch.cat([sample.gt_label for sample in batch['data_samples']])


@pytest.mark.parametrize('device', DEVICES)
@pytest.mark.parametrize('stacked', [True, False])
@pytest.mark.parametrize('training', [True, False])
def test_without_augments_it_is_mmpretrains(device, stacked, training):
    batch = make_batch(stacked=stacked)
    expected = ClsDataPreprocessor(**NORMALISE).to(device)(
        copy.deepcopy(batch), training
    )
    found = ReIDDataPreprocessor(**NORMALISE).to(device)(batch, training)
    assert torch.equal(found['inputs'], expected['inputs'])
    assert torch.equal(labels(found), labels(expected))
    assert labels(found).device == found['inputs'].device


@pytest.mark.parametrize('device', DEVICES)
@pytest.mark.parametrize('stacked', [True, False])
def test_augments_run_in_training_on_what_the_pipeline_gives(device, stacked):
    batch = make_batch(64, stacked)
    kept = copy.deepcopy(batch)
    made = ReIDDataPreprocessor(AUGMENTS, **NORMALISE).to(device)
    plain = ClsDataPreprocessor(**NORMALISE).to(device)
    torch.manual_seed(0)
    found = made(batch, True)['inputs']
    torch.manual_seed(0)
    pictures = torch.stack(list(kept['inputs'])).to(device)
    wanted = nn.Sequential(*made.augments)(pictures)
    expected = plain(dict(inputs=wanted))['inputs']
    assert torch.equal(found, expected)
    assert (wanted != pictures).any()
    # The erased colour is the mean, which normalises to zero but for the cut-off.
    erased = (wanted == torch.tensor([103, 116, 123], device=device).view(3, 1, 1)).all(
        1
    )
    assert erased.any()
    assert found.permute(0, 2, 3, 1)[erased].abs().max() < 1 / 57
    original = torch.stack(list(kept['inputs']))
    assert torch.equal(torch.stack(list(batch['inputs'])), original)
    untouched = made(kept, False)['inputs']
    assert torch.equal(untouched, plain(dict(inputs=pictures))['inputs'])


@pytest.mark.parametrize('training', [True, False])
def test_pictures_of_several_sizes_are_refused(training):
    """Padded, a picture's vector would depend on the largest of its batch."""
    pictures = [torch.full((3, size, 6), 200, dtype=torch.uint8) for size in (8, 12)]
    made = ReIDDataPreprocessor(**NORMALISE)
    with pytest.raises(ValueError, match=r'one size.*\(3, 8, 6\), \(3, 12, 6\).*embed'):
        made(dict(inputs=pictures), training)
    with pytest.raises(ValueError, match='no picture'):
        made(dict(inputs=[]), training)


def test_mixup_of_the_parent_still_follows():
    options = dict(augments=[dict(type='Mixup', alpha=1.0)])
    made = ReIDDataPreprocessor(AUGMENTS, batch_augments=options, num_classes=4)
    np.random.seed(0)
    batch = made(make_batch(), True)
    scores = torch.stack([sample.gt_score for sample in batch['data_samples']])
    assert scores.shape == (8, 4)
    torch.testing.assert_close(scores.sum(1), torch.ones(8))


def test_it_adds_nothing_to_checkpoints():
    assert not ReIDDataPreprocessor(AUGMENTS, **NORMALISE).state_dict()


def test_arrays_of_opencv_are_taken_as_they_come():
    pictures = np.random.default_rng(0).integers(0, 256, (3, 12, 6, 3), np.uint8)
    made = ReIDDataPreprocessor(**NORMALISE)
    tensors = [torch.from_numpy(one).permute(2, 0, 1) for one in pictures]
    expected = made(dict(inputs=tensors))['inputs']
    assert torch.equal(made(dict(inputs=[*pictures]))['inputs'], expected)
    assert torch.equal(made(dict(inputs=pictures))['inputs'], expected)
    turned = [one[:, ::-1] for one in pictures]
    assert torch.equal(made(dict(inputs=turned))['inputs'], expected.flip(3))


@pytest.mark.parametrize('kind', [torch.float16, torch.bfloat16])
def test_pictures_have_the_type_that_the_model_was_turned_into(kind):
    batch = make_batch()
    expected = ReIDDataPreprocessor(**NORMALISE)(copy.deepcopy(batch))['inputs']
    found = ReIDDataPreprocessor(**NORMALISE).to(kind)(batch)['inputs']
    assert found.dtype == kind
    assert torch.allclose(found.float(), expected, atol=0.02)


@pytest.mark.parametrize(
    ('inputs', 'error', 'said'),
    [
        ([], ValueError, 'got no picture.*ReIDInferencer'),
        (['none.jpg'], FileNotFoundError, r"inputs\[0\].*no file 'none.jpg'"),
        ([__file__], TypeError, r'inputs\[0\].*got str.*ReIDInferencer'),
        ([np.zeros((4, 4), np.uint8)], ValueError, r'\(H, W, 3\).*\(4, 4\)'),
        ([np.zeros((3, 4, 4), np.uint8)], ValueError, r'\(3, 4, 4\)'),
    ],
)
def test_what_is_no_picture_is_named(inputs, error, said):
    with pytest.raises(error, match=said):
        ReIDDataPreprocessor(**NORMALISE)(dict(inputs=inputs))
