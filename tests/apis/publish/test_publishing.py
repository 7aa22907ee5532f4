"""What a published file holds, and what it does not."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.runner import Runner
from toy_training import ToyModel, toy_config

from mmreid.apis import publish_checkpoint
from mmreid.engine import CheckpointError, load_weights, read_safetensors
from mmreid.version import __version__

SUFFIXES = ('.pth', '.safetensors')


def read(path: Path) -> dict:
    if path.suffix == '.safetensors':
        return read_safetensors(path)
    return torch.load(path, weights_only=True)


@pytest.fixture(scope='module')
def trained(tmp_path_factory) -> Path:
    """The checkpoint of a training with moving averages."""
    folder = tmp_path_factory.mktemp('work')
    hooks = [dict(type='EMAHook', momentum=0.3), dict(type='PlainCheckpointHook')]
    Runner.from_cfg(toy_config(folder, max_epochs=1, custom_hooks=hooks)).train()
    return folder / 'epoch_1.pth'


@pytest.fixture
def results(tmp_path):
    """Write results as tools/test.py does."""

    def write(content) -> Path:
        path = tmp_path / 'results.json'
        path.write_text(json.dumps(content))
        return path

    return write


@pytest.mark.parametrize('suffix', SUFFIXES)
def test_weights_and_what_they_are(trained, tmp_path, suffix):
    published = publish_checkpoint(trained, tmp_path / 'new' / f'toy{suffix}')
    digits = hashlib.sha256(published.path.read_bytes()).hexdigest()[:8]
    assert published.path == tmp_path / 'new' / f'toy-{digits}{suffix}'
    assert [path.name for path in (tmp_path / 'new').iterdir()] == [published.path.name]
    checkpoint, found = torch.load(trained, weights_only=True), read(published.path)
    assert found.keys() == {'state_dict', 'meta'}
    assert found['state_dict'].keys() == checkpoint['state_dict'].keys()
    for key, value in checkpoint['state_dict'].items():
        assert torch.equal(found['state_dict'][key], value)
    meta = found['meta']
    assert (meta['epoch'], meta['iter'], meta['seed']) == (1, 3, 3)
    assert meta['dataset_meta'] == dict(dataset='toy', ids=[0, 1, 2])
    assert meta['published_with']['mmreid'] == __version__
    assert "type='ToyModel'" in meta['cfg']
    assert 'work_dir' in checkpoint['meta']['cfg']
    assert str(trained.parent) not in meta['cfg']
    assert set(published.left_out) == {
        'ema_state_dict',
        'message_hub',
        'optimizer',
        'param_schedulers',
    }
    assert 'optimizer' in published.explain()


def test_averages_are_the_weights(trained, tmp_path):
    found = read(publish_checkpoint(trained, tmp_path / 'toy.pth').path)
    checkpoint = torch.load(trained, weights_only=True)
    own, averaged = checkpoint['ema_state_dict'], found['state_dict']
    assert found['meta']['averaged'] is True
    assert not torch.equal(own['module.head.weight'], averaged['head.weight'])
    # What a test of the training's own checkpoint loads.
    model, expected = ToyModel(), ToyModel()
    load_weights(model, publish_checkpoint(trained, tmp_path / 'b.safetensors').path)
    load_weights(expected, trained)
    for key, value in expected.state_dict().items():
        assert torch.equal(model.state_dict()[key], value)
    assert model.trained_on['dataset'] == expected.trained_on['dataset']


def test_the_config_is_read_and_not_run(tmp_path):
    trace = tmp_path / 'trace'
    text = (
        f"open({str(trace)!r}, 'w')\nresume = True\nmodel = dict(\n    a=1)\n"
        "work_dir = (\n    '/home/me')\nload_from = None  # nothing\nlast = 2\n"
    )
    source = tmp_path / 'a.pth'
    state = dict(state_dict=dict(w=torch.ones(1)))
    for cfg, kept in [(text, None), ('model: yaml\n  work_dir: x', True)]:
        torch.save(dict(state, meta=dict(cfg=cfg, secret=1)), source)
        meta = publish_checkpoint(source, tmp_path / 'b.pth').meta
        expected = f"open({str(trace)!r}, 'w')\nmodel = dict(\n    a=1)\nlast = 2\n"
        assert meta['cfg'] == (cfg if kept else expected)
        assert 'secret' not in meta
    assert not trace.exists()


def test_parts_of_larger_tensors_leave_the_rest(tmp_path):
    large = torch.randn(1000, 100)
    layered = torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last)
    torch.save(dict(row=large[3], column=large[:, 3], map=layered), tmp_path / 'a.pth')
    for suffix in SUFFIXES:
        published = publish_checkpoint(tmp_path / 'a.pth', tmp_path / f'b{suffix}')
        found = read(published.path)['state_dict']
        assert torch.equal(found['row'], large[3])
        assert torch.equal(found['column'], large[:, 3])
        assert torch.equal(found['map'], layered)
        assert published.path.stat().st_size < 20_000
        assert published.num_values == 100 + 1000 + 120


def test_the_same_content_has_the_same_name_and_stays(trained, tmp_path):
    for suffix in SUFFIXES:
        path = publish_checkpoint(trained, tmp_path / f'a{suffix}').path
        path.write_bytes(b'mine')
        with pytest.raises(FileExistsError, match='nothing was written'):
            publish_checkpoint(trained, tmp_path / f'a{suffix}')
        assert path.read_bytes() == b'mine'


def test_a_published_file_can_be_published_again(trained, tmp_path, results):
    file = results({'toy/mean': 1.5, 'toy/protocol': {}})
    first = publish_checkpoint(trained, tmp_path / 'a.pth', file)
    second = publish_checkpoint(first.path, tmp_path / 'a.safetensors')
    third = publish_checkpoint(second.path, tmp_path / 'b.pth')
    assert first.meta == second.meta == third.meta


@pytest.mark.parametrize('suffix', SUFFIXES)
def test_results_come_along_with_their_protocol(trained, tmp_path, results, suffix):
    stamp = dict(distance='cosine', trained_on='toy', num_junk=3, rerank=None)
    block = {'reid/mAP': 62.4, 'reid/R1': None, 'reid/protocol': stamp}
    table = {'reid/per_query': dict(img_path=['/home/me/1.jpg'], ap=[0.5])}
    for content, kept in [
        ({**block, **table}, block),
        (dict(a={**block, **table}, b=block), dict(a=block, b=block)),
    ]:
        target = tmp_path / f'a{suffix}'
        published = publish_checkpoint(trained, target, results(content))
        assert read(published.path)['meta']['results'] == kept
        assert b'/home/me' not in published.path.read_bytes()


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ({'reid/mAP': 1.0}, 'no results with their protocol'),
        (dict(runs=dict(a={'reid/protocol': {}})), 'no results with their protocol'),
        ([1], 'no results with their protocol'),
        ({'reid/protocol': dict(trained_on='MSMT17 V1')}, 'trained on MSMT17 V1, but'),
        ({'reid/protocol': dict(trained_on=None)}, 'trained on nothing known, but'),
    ],
)
def test_results_of_something_else_are_refused(
    trained, tmp_path, results, content, message
):
    with pytest.raises(ValueError, match=message):
        publish_checkpoint(trained, tmp_path / 'a.pth', results(content))
    assert not list(tmp_path.glob('a*'))


def test_what_is_no_checkpoint_is_refused(trained, tmp_path):
    with pytest.raises(ValueError, match=r'ends in \.pth or \.safetensors'):
        publish_checkpoint(trained, tmp_path / 'a.onnx')
    (tmp_path / 'a.json').write_text('{')
    with pytest.raises(ValueError, match='is not JSON'):
        publish_checkpoint(trained, tmp_path / 'a.pth', tmp_path / 'a.json')
    for content, message in [
        (dict(epoch=3, weights=dict(w=torch.ones(1))), "'epoch' is no tensor"),
        (dict(state_dict={}), 'holds no tensors'),
        ([torch.ones(1)], 'holds a list'),
    ]:
        torch.save(content, tmp_path / 'b.pth')
        with pytest.raises(CheckpointError, match=message):
            publish_checkpoint(tmp_path / 'b.pth', tmp_path / 'a.pth')


def test_files_of_plain_mmengine_are_published(tmp_path):
    cfg = toy_config(tmp_path, max_epochs=1)
    Runner.from_cfg(cfg).train()
    published = publish_checkpoint(tmp_path / 'epoch_1.pth', tmp_path / 'a.pth')
    meta = read(published.path)['meta']
    assert meta['dataset_meta']['ids'] == np.arange(3).tolist()
    assert 'averaged' not in meta
