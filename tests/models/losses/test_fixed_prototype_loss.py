"""Cross-entropy with given vectors against a loop."""

import numpy as np
import pytest
import torch

from mmreid.models.losses import FixedPrototypeLoss


@pytest.fixture
def file(tmp_path):
    path = tmp_path / 'vectors.npy'
    np.save(path, np.random.default_rng(0).normal(size=(4, 6)).astype(np.float16))
    return str(path)


def test_matches_a_loop(file):
    rows = torch.from_numpy(np.load(file)).double()
    feats = torch.randn(5, 6, dtype=torch.float64, requires_grad=True)
    labels = torch.tensor([3, 0, 1, 1, 2])
    value = FixedPrototypeLoss(6, 4, file, label_smooth_val=0.1)(feats, labels)
    expected = 0
    for feat, label in zip(feats, labels, strict=True):
        logits = torch.stack([feat @ row for row in rows])
        logs = logits - logits.exp().sum().log()
        targets = torch.full((4,), 0.1 / 4, dtype=torch.float64)
        targets[label] += 0.9
        expected = expected - (targets * logs).sum() / 5
    torch.testing.assert_close(value, expected, rtol=1e-11, atol=1e-13)
    given = torch.autograd.grad(value, feats)[0]
    torch.testing.assert_close(given, torch.autograd.grad(expected, feats)[0])


def test_the_file_is_no_part_of_a_checkpoint(file):
    assert not FixedPrototypeLoss(6, 4, file).state_dict()
    assert not [*FixedPrototypeLoss(6, 4, file).parameters()]


def test_without_prototypes_it_is_zero_with_a_gradient():
    feats = torch.randn(3, 6, requires_grad=True)
    value = FixedPrototypeLoss(6, 4)(feats, torch.tensor([0, 1, 2]))
    value.backward()
    assert value == 0
    assert not feats.grad.any()


def test_half_precision_is_computed_in_float32(file):
    loss = FixedPrototypeLoss(6, 4, file)
    feats, labels = torch.randn(3, 6).half(), torch.tensor([0, 1, 2])
    assert torch.equal(loss(feats, labels), loss(feats.float(), labels))


def test_says_what_is_wrong_with_a_file(file, tmp_path):
    with pytest.raises(ValueError, match=r'5 rows.*got \(4, 6\)'):
        FixedPrototypeLoss(6, 5, file)
    with pytest.raises(ValueError, match='prototypes must name a'):
        FixedPrototypeLoss(6, 4, str(tmp_path / 'absent.npy'))
    np.save(tmp_path / 'nan.npy', np.full((4, 6), np.nan))
    with pytest.raises(ValueError, match='all finite'):
        FixedPrototypeLoss(6, 4, str(tmp_path / 'nan.npy'))


def test_smoothing_is_a_share():
    with pytest.raises(ValueError, match=r'label_smooth_val .* got 1\.5'):
        FixedPrototypeLoss(6, 4, label_smooth_val=1.5)
