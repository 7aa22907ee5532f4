"""Weights in .safetensors files, wherever a checkpoint is named."""

import sys

import pytest
import torch
from mmengine.model import BaseModule
from mmengine.runner import CheckpointLoader, Runner
from safetensors.torch import save_file
from torch import nn
from toy_training import ToyModel, toy_config

from mmreid.engine import (
    MissingPackageError,
    UnreadableCheckpointError,
    load_weights,
    read_safetensors,
    read_weights,
    safetensors_bytes,
)


@pytest.fixture
def weights(tmp_path):
    """The file, and the weights in it."""
    torch.manual_seed(5)
    state = ToyModel().state_dict()
    state['backbone.1.running_mean'] += 3
    path = tmp_path / 'toy.safetensors'
    path.write_bytes(safetensors_bytes(state, dict(dataset_meta=dict(dataset='toy'))))
    return path, state


def same(model: nn.Module, state: dict, prefix: str = '') -> bool:
    found = model.state_dict()
    return all(torch.equal(found[key], state[prefix + key]) for key in found)


def test_what_was_written_is_read(tmp_path):
    tensors = dict(
        half=torch.randn(3, 4).half(), count=torch.tensor(7), empty=torch.zeros(0, 2)
    )
    meta = dict(cfg='ä = "1"\n', epoch=12, seed=None, data=dict(parts=[{'ö': 1.5}]))
    path = tmp_path / 'a.safetensors'
    path.write_bytes(safetensors_bytes(tensors, meta))
    # The package writes its metadata in an order of chance.
    contents = {safetensors_bytes(tensors, meta) for _ in range(5)}
    assert contents == {path.read_bytes()}
    found = read_safetensors(path)
    assert found['meta'] == dict(meta, format='pt')
    assert found['state_dict'].keys() == tensors.keys()
    for key, value in tensors.items():
        assert torch.equal(found['state_dict'][key], value)
        assert found['state_dict'][key].dtype == value.dtype


def test_files_of_other_programs_are_read(tmp_path):
    path = tmp_path / 'theirs.safetensors'
    save_file({'w': torch.ones(2)}, path, metadata={'author': 'A. B.', 'epoch': '3'})
    found = CheckpointLoader.load_checkpoint(str(path), torch.device('cpu'))
    assert found['meta'] == dict(author='A. B.', epoch=3)
    assert torch.equal(found['state_dict']['w'], torch.ones(2))


def test_load_from(weights, tmp_path):
    path, state = weights
    runner = Runner.from_cfg(toy_config(tmp_path / 'work', load_from=str(path)))
    assert not same(runner.model, state)
    runner.load_or_resume()
    assert same(runner.model, state)


@pytest.mark.parametrize('part', ['', 'backbone'])
def test_init_cfg(weights, part):
    path, state = weights
    init_cfg = dict(type='Pretrained', checkpoint=str(path))
    module = BaseModule(dict(init_cfg, prefix=part) if part else init_cfg)
    for name, child in ToyModel().get_submodule(part).named_children():
        module.add_module(name, child)
    module.init_weights()
    assert same(module, state, f'{part}.' if part else '')


def test_a_test_and_a_converter(weights):
    path, state = weights
    model = ToyModel()
    load_weights(model, path)
    assert same(model, state)
    assert model.trained_on == dict(dataset='toy')
    assert read_weights(path).tensors.keys() == state.keys()


@pytest.mark.parametrize('damage', ['cut', 'pickle'])
@pytest.mark.parametrize('read', [read_safetensors, read_weights])
def test_damage_is_told(weights, damage, read):
    path, state = weights
    if damage == 'cut':
        path.write_bytes(path.read_bytes()[:-9])
    else:
        torch.save(state, path)
    with pytest.raises(UnreadableCheckpointError, match=r'toy\.safetensors cannot be'):
        read(path)


def test_a_missing_package_is_named(weights, monkeypatch, tmp_path):
    path, state = weights
    monkeypatch.setitem(sys.modules, 'safetensors', None)
    monkeypatch.setitem(sys.modules, 'safetensors.torch', None)
    for use in (
        lambda: CheckpointLoader.load_checkpoint(str(path)),
        lambda: read_weights(path),
        lambda: safetensors_bytes(state, {}),
    ):
        with pytest.raises(MissingPackageError, match='pip install safetensors'):
            use()
    with pytest.raises(ImportError):
        load_weights(ToyModel(), path)
