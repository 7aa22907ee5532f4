"""A checkpoint of another model is an error, one of other identities is not."""

import copy
import logging

import pytest
import torch
from mmengine.logging import MMLogger
from mmengine.model import BaseModel
from torch import nn

from mmreid.engine import CheckpointError, MismatchedCheckpointError, load_weights


class ToyBranch(nn.Module):
    def __init__(self, num_classes, test):
        super().__init__()
        self.test = test
        self.neck = nn.BatchNorm1d(4)
        self.classifier = nn.Linear(4, num_classes)


class ToyReID(BaseModel):
    def __init__(self, num_classes=3):
        super().__init__()
        self.backbone = nn.Conv2d(3, 4, 1)
        self.head = nn.Module()
        self.head.branches = nn.ModuleDict(
            dict(
                part=ToyBranch(num_classes, 'feat'), whole=ToyBranch(num_classes, None)
            )
        )

    def forward(self, inputs):
        return self.backbone(inputs)


NEEDED = ('backbone.weight', 'head.branches.part.neck.running_var')


@pytest.fixture
def saved(tmp_path):
    """Save weights, changed by a function; return the file and the model."""

    def save(change=lambda state: None, wrap=True, num_classes=3):
        torch.manual_seed(1)
        model = ToyReID(num_classes)
        state = copy.deepcopy(model.state_dict())
        change(state)
        path = tmp_path / 'toy.pth'
        torch.save(dict(state_dict=state) if wrap else state, path)
        return path, model

    return save


@pytest.mark.parametrize('place', ['state_dict', 'model'])
def test_a_word_beside_bare_weights_is_no_place_of_weights(saved, place):
    path, model = saved(lambda state: state.update({place: 'osnet'}), wrap=False)
    load_weights(model, path)
    assert torch.equal(model.backbone.weight, torch.load(path)['backbone.weight'])


@pytest.mark.parametrize('wrap', [False, True])
@pytest.mark.parametrize('prefix', ['', 'module.'])
def test_what_fits_is_loaded(saved, wrap, prefix):
    def rename(state):
        for key in list(state):
            state[prefix + key] = state.pop(key)

    path, expected = saved(rename, wrap)
    torch.manual_seed(2)
    model = ToyReID()
    load_weights(model, path)
    for key, value in expected.state_dict().items():
        assert torch.equal(model.state_dict()[key], value), key


@pytest.mark.parametrize('num_classes', [3, 5])
def test_what_no_embedding_needs_becomes_zero_where_it_is_missing(saved, num_classes):
    def leave_out(state):
        for key in list(state):
            if key.startswith('head.branches.whole.'):
                del state[key]

    path, expected = saved(leave_out)
    model = ToyReID(num_classes)
    load_weights(model, path)
    for key, value in model.state_dict().items():
        if key.startswith('head.branches.whole.'):
            assert not value.any(), key
        elif num_classes == 3 or 'classifier' not in key:
            assert torch.equal(value, expected.state_dict()[key]), key
        else:  # of other identities
            assert not value.any(), key


@pytest.mark.parametrize('key', NEEDED)
@pytest.mark.parametrize('change', ['missing', '[7] instead of', 'no tensor'])
def test_what_the_embedding_lacks_is_named_and_nothing_loaded(saved, key, change):
    def spoil(state):
        if change == 'missing':
            del state[key]
        else:
            state[key] = torch.zeros(7) if '7' in change else 'word'

    path, _ = saved(spoil)
    model = ToyReID()
    before = copy.deepcopy(model.state_dict())
    with pytest.raises(MismatchedCheckpointError) as caught:
        load_weights(model, path)
    message = str(caught.value)
    assert isinstance(caught.value, CheckpointError)
    assert 'do not belong together' in message
    assert f'lacks 1: {key} (' in message
    assert change in message or change == 'no tensor'
    assert all(torch.equal(before[k], v) for k, v in model.state_dict().items())


def test_only_the_first_few_are_named(saved):
    path, _ = saved(lambda state: state.clear())
    with pytest.raises(MismatchedCheckpointError, match=r'lacks 6: .* and 3 more') as e:
        load_weights(ToyReID(), path)
    assert len(str(e.value)) < 500


def test_what_training_alone_uses_may_differ(saved):
    def spoil(state):
        for key in list(state):
            if key.startswith('head.branches.whole') or 'num_batches' in key:
                del state[key]

    path, expected = saved(spoil, num_classes=9)
    model = ToyReID(3)
    load_weights(model, path)
    assert torch.equal(model.backbone.weight, expected.backbone.weight)
    assert not model.head.branches.part.classifier.weight.any()


def test_a_surplus_is_told(saved, caplog):
    path, _ = saved(lambda state: state.update(queue=torch.zeros(2)))
    logger = MMLogger.get_current_instance()
    logger.addHandler(caplog.handler)
    try:
        load_weights(ToyReID(), path)
    finally:
        logger.removeHandler(caplog.handler)
    (record,) = [r for r in caplog.records if r.levelno == logging.WARNING]
    assert record.getMessage().startswith('1 entries')
    assert 'queue' in record.getMessage()


def test_a_file_without_names_is_explained(tmp_path):
    torch.save([1, 2], tmp_path / 'list.pth')
    with pytest.raises(MismatchedCheckpointError, match='holds a list'):
        load_weights(ToyReID(), tmp_path / 'list.pth')
