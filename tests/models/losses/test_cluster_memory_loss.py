"""The memory against a float64 loop, one vector at a time."""

import copy
import tempfile
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from memory_training import LABELS, memory_loss, train_step
from preloaded import run_together

from mmreid.models.losses import ClusterMemoryLoss


def loop(feats, labels, memory, temperature, momentum, update):
    """Loss, its gradient and the memory behind it, as alibaba/cluster-contrast-reid
    (clustercontrast/models/cm.py) computes them."""
    feats = feats.clone().requires_grad_()
    total = 0
    for feat, label in zip(feats, labels, strict=True):
        logits = torch.stack([feat / feat.norm() @ row for row in memory]) / temperature
        total = total - logits[label] + logits.exp().sum().log()
    (total / len(feats)).backward()
    unit = [feat.detach() / feat.detach().norm() for feat in feats]
    rows = memory.clone()
    batch = [(int(label), feat) for label, feat in zip(labels, unit, strict=True)]
    if update == 'hardest':
        kept = {}
        for label, feat in batch:
            likeness = float(feat @ memory[label])
            if label not in kept or likeness < kept[label][0]:
                kept[label] = likeness, feat
        batch = [(label, feat) for label, (_, feat) in kept.items()]
    for label, feat in batch:
        row = momentum * rows[label] + (1 - momentum) * feat
        rows[label] = row / row.norm()
    return (total / len(feats)).detach(), feats.grad, rows


@pytest.mark.parametrize('update', ['hardest', 'each'])
def test_matches_a_loop(update):
    memory = F.normalize(torch.randn(5, 7, dtype=torch.float64))
    feats = 3 * torch.randn(9, 7, dtype=torch.float64)
    labels = torch.tensor([3, 0, 3, 3, 1, 0, 4, 1, 3])
    loss = ClusterMemoryLoss(7, 5, temperature=0.3, momentum=0.6, update=update)
    loss.double().set_rows(memory)
    leaf = feats.clone().requires_grad_()
    value = loss(leaf, labels)
    assert torch.equal(loss.memory, F.normalize(memory))  # only backward moves it
    value.backward()
    expected = loop(feats, labels, memory, 0.3, 0.6, update)
    for found, right in zip((value, leaf.grad, loss.memory), expected, strict=True):
        torch.testing.assert_close(found.detach(), right, rtol=1e-11, atol=1e-13)


def test_equal_vectors_move_their_row_by_the_first():
    loss = ClusterMemoryLoss(2, 1, momentum=0.5)
    loss.set_rows(torch.tensor([[1.0, 0.0]]))
    feats = torch.tensor([[0.0, 2.0], [0.0, -1.0]], requires_grad=True)  # both cos 0
    loss(feats, torch.tensor([0, 0])).backward()
    torch.testing.assert_close(loss.memory, F.normalize(torch.ones(1, 2)))


def test_an_empty_row_takes_its_first_vector():
    loss = ClusterMemoryLoss(3, 2)
    feats = torch.randn(1, 3, requires_grad=True)
    loss(feats, torch.tensor([1])).backward()
    torch.testing.assert_close(loss.memory[1:], F.normalize(feats.detach()))
    assert not loss.memory[0].any()


def test_without_gradient_nothing_moves():
    loss = ClusterMemoryLoss(3, 2)
    with torch.no_grad():
        loss(torch.randn(4, 3), torch.tensor([0, 1, 1, 0]))
    assert not loss.memory.any()


def test_half_precision_is_computed_in_float32():
    loss = ClusterMemoryLoss(8, 4)
    loss.set_rows(torch.randn(4, 8))
    feats, labels = torch.randn(6, 8).bfloat16(), torch.tensor([0, 1, 2, 3, 0, 1])
    with torch.autocast('cpu', dtype=torch.bfloat16):
        value = loss(feats, labels)
    assert value.dtype == torch.float32
    assert torch.equal(value, loss(feats.float(), labels))


def test_rows_come_from_outside_and_from_checkpoints():
    loss = ClusterMemoryLoss(3, 2)
    loss.set_rows(torch.randn(6, 3))
    assert loss.memory.shape == (6, 3)
    other = ClusterMemoryLoss(3, 2)
    other.load_state_dict(copy.deepcopy(loss.state_dict()))
    assert torch.equal(other.memory, loss.memory)
    with pytest.raises(ValueError, match=r'rows must be \(K, 3\)'):
        loss.set_rows(torch.randn(6, 4))


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(update='all'), 'update'),
        (dict(temperature=0), 'temperature must be positive'),
        (dict(momentum=1.5), r'momentum must lie in \[0, 1\]'),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=message):
        ClusterMemoryLoss(3, 2, **options)


@pytest.mark.parametrize('update', ['hardest', 'each'])
def test_two_processes_keep_the_memory_of_one(update):
    inputs = torch.randn(8, 6, dtype=torch.float64)
    model, loss = memory_loss(update)
    loss(model(inputs), LABELS).backward()
    with tempfile.TemporaryDirectory() as folder:
        run_together(train_step, [Path(folder), inputs, update], 2)
        found = [torch.load(Path(folder, f'{rank}.pt')) for rank in range(2)]
    for memory, gradient in found:
        torch.testing.assert_close(memory, loss.memory, rtol=1e-12, atol=1e-14)
        torch.testing.assert_close(gradient, model.weight.grad, rtol=1e-10, atol=1e-14)
