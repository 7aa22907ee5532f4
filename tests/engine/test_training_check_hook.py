"""TrainingCheckHook on stand-ins that hold nothing but the numbers."""

from types import SimpleNamespace

import pytest
from torch import nn

from mmreid.registry import HOOKS


def runner(batch_size=6, num_ids=3, num_instances=2, classes=5, identities=5):
    model = nn.Module()
    model.head = nn.Module()
    model.head.num_classes = classes
    return SimpleNamespace(
        model=model,
        train_dataloader=SimpleNamespace(
            batch_size=batch_size,
            sampler=SimpleNamespace(num_ids=num_ids, num_instances=num_instances),
            dataset=SimpleNamespace(metainfo=dict(num_ids=identities)),
        ),
    )


def check(**kwargs):
    HOOKS.build(dict(type='TrainingCheckHook')).before_train(runner(**kwargs))


def test_agreement_passes():
    check()
    check(classes=6)  # spare classes do no harm


def test_another_batch_size():
    with pytest.raises(ValueError, match=r'3 \* 2 = 6, got 8'):
        check(batch_size=8)


def test_too_few_classes():
    with pytest.raises(ValueError, match=r'model.head.num_classes=7'):
        check(identities=7)


def test_other_samplers_and_models_pass():
    other = runner(batch_size=5)
    other.train_dataloader.sampler = SimpleNamespace()
    other.train_dataloader.dataset = [1, 2]
    del other.model.head
    HOOKS.build(dict(type='TrainingCheckHook')).before_train(other)
