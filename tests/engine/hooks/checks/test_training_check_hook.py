"""TrainingCheckHook on stand-ins that hold nothing but the numbers."""

import itertools
from types import SimpleNamespace

import pytest
from mmengine.dataset import ConcatDataset, InfiniteSampler, RepeatDataset
from mmengine.runner import BaseLoop
from torch import nn
from torch.utils.data import SequentialSampler

from mmreid.engine.hooks.checks.consistency import check_pairs, check_persons
from mmreid.models.losses import AttentionAlignmentLoss, BatchHardTripletLoss
from mmreid.registry import HOOKS


def runner(
    batch_size=6, num_ids=3, num_instances=2, classes=5, identities=5, sampler=None
):
    model = nn.Module()
    model.head = nn.Module()
    model.head.num_classes = classes
    drawn = dict(num_ids=num_ids, num_instances=num_instances)
    notes = []
    return SimpleNamespace(
        model=model,
        notes=notes,
        logger=SimpleNamespace(warning=notes.append),
        train_dataloader=SimpleNamespace(
            batch_size=batch_size,
            drop_last=False,
            sampler=sampler or SimpleNamespace(**drawn),
            dataset=SimpleNamespace(metainfo=dict(num_ids=identities)),
        ),
    )


def check(*modules, **kwargs):
    whole = runner(**kwargs)
    for number, module in enumerate(modules):
        whole.model.head.add_module(str(number), module)
    HOOKS.build(dict(type='TrainingCheckHook')).before_train(whole)
    return whole.notes


def test_agreement_passes():
    assert check() == []
    check(BatchHardTripletLoss(), AttentionAlignmentLoss(), nn.BatchNorm1d(3))


def test_another_batch_size():
    with pytest.raises(ValueError, match=r'3 \* 2 = 6, got 8'):
        check(batch_size=8)


def test_too_few_classes():
    with pytest.raises(ValueError, match=r'model.head.num_classes=7'):
        check(identities=7)


def test_no_classes():
    whole = runner(classes=None)
    HOOKS.build(dict(type='TrainingCheckHook')).before_train(whole)  # needs none
    whole.model.head.lacks_classifiers = True
    with pytest.raises(ValueError, match=r'num_classes is None.* set it to 5'):
        HOOKS.build(dict(type='TrainingCheckHook')).before_train(whole)


def test_spare_classes_are_told():
    (note,) = check(classes=751, identities=8)
    assert 'has 8 identities, but the head classifies 751' in note


def test_other_samplers_and_models_pass():
    other = runner(batch_size=5)
    other.train_dataloader.sampler = SimpleNamespace()
    other.train_dataloader.dataset = [1, 2]
    del other.model.head
    HOOKS.build(dict(type='TrainingCheckHook')).before_train(other)


def test_a_batch_of_one_picture():
    norm = nn.BatchNorm1d(3)
    for pictures, size in ((31, 6), (31, 5), (9, 1)):
        sampler = SequentialSampler(range(pictures))
        check(batch_size=size, sampler=sampler)  # nothing that needs two
        if pictures % size != 1 and size > 1:
            continue
        with pytest.raises(ValueError, match='batch norm has no variance'):
            check(norm, batch_size=size, sampler=sampler)
    check(norm, batch_size=6, sampler=InfiniteSampler([0] * 31))
    whole = runner(batch_size=6, sampler=SequentialSampler(range(31)))
    whole.model.head.norm = norm
    whole.train_dataloader.drop_last = True
    HOOKS.build(dict(type='TrainingCheckHook')).before_train(whole)


@pytest.mark.parametrize(
    ('loss', 'num_ids', 'num_instances', 'text'),
    [
        (BatchHardTripletLoss(), 6, 1, 'num_instances=4 and batch_size=24'),
        (AttentionAlignmentLoss(), 6, 1, 'num_instances=4'),
        (BatchHardTripletLoss(), 1, 6, 'num_ids=16 and batch_size=96'),
    ],
)
def test_losses_that_would_always_be_zero(loss, num_ids, num_instances, text):
    numbers = dict(batch_size=6, num_ids=num_ids, num_instances=num_instances)
    with pytest.raises(ValueError, match=text):
        check(loss, **numbers)
    check(**numbers)


def test_alignment_needs_no_other_person():
    check(AttentionAlignmentLoss(), num_ids=1, num_instances=6)


def test_all_processes_give_negatives(monkeypatch):
    whole = runner(num_ids=1, num_instances=6)
    whole.model.loss = BatchHardTripletLoss(gather=True)
    with pytest.raises(ValueError, match='num_ids=1'):
        check_pairs(whole.train_dataloader, whole.model)
    monkeypatch.setattr(
        'mmreid.engine.hooks.checks.consistency.get_world_size', lambda: 2
    )
    assert check_pairs(whole.train_dataloader, whole.model) is None


class Records:
    """A data set of labels alone."""

    def __init__(self, labels, name='own', root='here', first=1):
        self.metainfo = dict(dataset=name, split='train')
        self.data_root = root
        self.records = [dict(gt_label=n, person_id=n + first) for n in labels]

    def __len__(self):
        return len(self.records)

    def get_data_info(self, index):
        return self.records[index]


@pytest.mark.parametrize('per_id', [2, 4])
def test_the_share_that_finds_another_one_by_chance(per_id):
    """Against all batches of three of six pictures."""
    labels = [n // per_id for n in range(8)][:6]
    whole = runner(batch_size=3, sampler=SequentialSampler(range(6)))
    whole.train_dataloader.dataset = Records(labels)
    whole.model.loss = BatchHardTripletLoss()
    found = [
        sum(labels[a] == labels[b] for b in batch) > 1
        for batch in itertools.combinations(range(6), 3)
        for a in batch
    ]
    note = check_pairs(whole.train_dataloader, whole.model)
    assert f'for {sum(found) / len(found):.0%} of them' in note
    assert 'IdentitySampler' in note


def test_chance_that_is_none_or_enough():
    whole = runner(batch_size=3, sampler=SequentialSampler(range(6)))
    whole.model.loss = BatchHardTripletLoss()
    whole.train_dataloader.dataset = Records(range(6))
    with pytest.raises(ValueError, match='no second one of any person'):
        check_pairs(whole.train_dataloader, whole.model)
    whole.train_dataloader.dataset = Records([0, 0, 0, 0])
    assert check_pairs(whole.train_dataloader, whole.model) is None


class Joined(ConcatDataset):
    """mmengine's, of data sets of any class."""

    def __init__(self, parts):
        self.datasets = parts

    def get_data_info(self, index):
        return [record for part in self.datasets for record in part.records][index]


def test_persons_of_two_data_sets_are_not_one():
    with pytest.raises(ValueError, match=r'gt_label 0 .*ReIDUnion'):
        check_persons(Joined([Records([0, 1]), Records([0], root='there')]))
    with pytest.raises(ValueError, match=r'gt_label 0 '):
        check_persons(Joined([Records([0]), Records([0], first=5)]))
    # Labels apart, as a test split has none, but not the persons.
    unlabelled = [Records([-1], name=name, first=8) for name in ('A', 'B')]
    with pytest.raises(ValueError, match=r'person_id 7 .*MultiTestLoop'):
        check_persons(Joined(unlabelled))
    check_persons(Joined([Records([0, 1]), Records([2, 3], root='there')]))
    check_persons(Joined([Records([0, 1]), Records([0, 1])]))
    nobody = [Records([-1], name=name, first=1) for name in ('A', 'B')]
    check_persons(Joined(nobody))


def test_repeated_pictures_are_not_different_ones():
    repeated = RepeatDataset.__new__(RepeatDataset)
    repeated.dataset, repeated.times = Records([0, 1]), 3
    repeated._fully_initialized, repeated._ori_len = True, 2
    check_persons(repeated, SequentialSampler(range(6)))
    sampler = SimpleNamespace(num_ids=2, num_instances=2)
    with pytest.raises(ValueError, match=r'sampler\.repeat'):
        check_persons(repeated, sampler)
    repeated.dataset = Joined([Records([0]), Records([0], root='there')])
    with pytest.raises(ValueError, match='ReIDUnion'):
        check_persons(repeated, SequentialSampler(range(6)))


def test_what_is_validated_and_tested_on_is_checked():
    class Loop(BaseLoop):
        def __init__(self, dataset):
            self._dataloader = SimpleNamespace(dataset=dataset)
            self.dataloader = self._dataloader

        def run(self): ...

    mixed = Loop(Joined([Records([0]), Records([0], root='there')]))
    hook = HOOKS.build(dict(type='TrainingCheckHook'))
    whole = runner()
    whole.val_loop = mixed
    with pytest.raises(ValueError, match='MultiTestLoop'):
        hook.before_train(whole)
    with pytest.raises(ValueError, match='MultiTestLoop'):
        hook.before_test(SimpleNamespace(test_loop=mixed))
    several = Loop(Records([0]))
    several.sets = dict(a=Loop(Records([0])), b=mixed)
    with pytest.raises(ValueError, match='MultiTestLoop'):
        hook.before_test(SimpleNamespace(test_loop=several))
