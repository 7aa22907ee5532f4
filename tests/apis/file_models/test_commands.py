"""Commands that take a model take an exported file, or say why they do not."""

import json
import signal
import sys
from dataclasses import replace

import numpy as np
import pytest
from tiny_exported import make_facts, write_tiny_onnx

from mmreid.apis import compare_results, load_results
from mmreid.apis.export.carried_facts import collect_facts
from mmreid.apis.model import init_model
from mmreid.cli import list_models, train
from mmreid.cli import test as test_command
from mmreid.cli.analysis_tools import get_flops
from mmreid.cli.answers import embed, gallery, same, threshold
from mmreid.cli.model_converters import convert, publish_model
from mmreid.cli.visualization import attention_map, grad_cam, part_activation
from mmreid.deploy.export import stamp
from mmreid.evaluation.functional import load_features

FORMATS = ('onnx', 'openvino', 'torch')
OF_FILES = {'runtime', 'precision'}


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a command in this process: what it printed, or its errors."""

    def call(module, *words, status=0):
        monkeypatch.setattr(sys, 'argv', ['mmreid', *map(str, words)])
        before = signal.getsignal(signal.SIGTERM)
        code = 0
        try:
            module.main()
        except SystemExit as stop:
            code = stop.code
        finally:
            signal.signal(signal.SIGTERM, before)
        said = capsys.readouterr()
        assert status in (code, None), said.err
        return said.err if status == 2 else said.out

    return call


@pytest.fixture(scope='module')
def tested(small, tmp_path_factory):
    """Results and features of the checkpoint's test."""
    folder = tmp_path_factory.mktemp('tested')
    patch = pytest.MonkeyPatch()
    words = ['mmreid', str(small.checkpoint), '--work-dir', str(folder / 'work')]
    files = [folder / 'own.json', folder / 'own.npz']
    patch.setattr(sys, 'argv', [*words, *(f'--out={file}' for file in files)])
    test_command.main()
    patch.undo()
    return files


@pytest.mark.parametrize('to', FORMATS)
def test_a_test_of_the_file_is_one_of_the_checkpoint(small, tested, tmp_path, run, to):
    words = [small.files[to]] if to == 'onnx' else [small.config, small.files[to]]
    outs = [tmp_path / name for name in ('a.json', 'a.npz', 'a.safetensors')]
    run(
        *(test_command, *words, '--work-dir', tmp_path, '--show-dir', tmp_path / 's'),
        *(f'--out={out}' for out in outs),
    )
    assert [*(tmp_path / 's').glob('*.jpg')]
    own, found = (json.loads(path.read_text()) for path in (tested[0], outs[0]))
    for name in ('reid/mAP', 'reid/R1'):
        assert found[name] == pytest.approx(own[name], abs=1e-6)
    stamps = [content['reid/protocol'] for content in (own, found)]
    differing = {
        k for k in {*stamps[0], *stamps[1]} if stamps[0].get(k) != stamps[1].get(k)
    }
    assert differing == OF_FILES
    runtime = dict(onnx='onnxruntime', openvino='openvino', torch='torch')[to]
    assert stamps[1]['runtime'] == runtime
    assert stamps[1]['precision'] == 'float32'
    files = dict(own=tested[0], file=outs[0])
    results = {
        name: [run[''] for run in load_results(file)] for name, file in files.items()
    }
    comparison = compare_results(results)
    assert not comparison.disagreements
    assert comparison.differences['file'].value[0] == pytest.approx(0, abs=1e-6)
    for path in outs[1:]:
        features, mine = load_features(path), load_features(tested[1])
        assert features.meta['features_key']['model'] == small.facts.model_key
        assert mine.meta['features_key']['model'] == small.facts.model_key
        np.testing.assert_allclose(features.embedding, mine.embedding, atol=1e-5)


def test_galleries_take_vectors_of_the_same_key_alone(small, tmp_path, run):
    path = tmp_path / 'gallery'
    run(gallery, 'create', path, small.checkpoint)
    run(
        gallery, 'add', path, small.data / 'bounding_box_test', '--precision', 'float32'
    )
    words = ('search', path, small.data / 'query', '--json', '-k', '4')
    own = json.loads(run(gallery, *words, '--precision', 'float32'))
    for to in FORMATS:
        found = json.loads(run(gallery, *words, '--model', small.files[to]))
        for one, other in zip(own['queries'], found['queries'], strict=True):
            assert [a['id'] for a in one['answers']] == [
                a['id'] for a in other['answers']
            ]
            np.testing.assert_allclose(
                [a['distance'] for a in one['answers']],
                [a['distance'] for a in other['answers']],
                atol=1e-5,
            )
    key = 'b' * 64
    reduced = tmp_path / 'reduced.onnx'
    reduced.write_bytes(small.files['onnx'].read_bytes())
    stamp(reduced, replace(small.facts, precision='int8', model_key=key))
    text = run(gallery, *words, '--model', reduced, status=2)
    assert key in text
    assert small.facts.model_key in text
    run(embed, reduced, small.data / 'query', '--out', tmp_path / 'a.npz')
    text = run(gallery, 'add', path, '--features', tmp_path / 'a.npz', status=2)
    assert key in text
    assert small.facts.model_key in text


def test_a_threshold_goes_with_the_file(small, tested, tmp_path, run):
    point = tmp_path / 'point.json'
    run(threshold, tested[1], '--rate', '0.2', '--out', point)
    pictures = sorted((small.data / 'query').glob('*.jpg'))[:2]
    words = (*pictures, '--json', '--precision', 'float32', '--threshold', point)
    own = json.loads(run(same, small.checkpoint, *words, status=None))
    for to in FORMATS:
        status = 0 if own['same'] else 1
        found = json.loads(run(same, small.files[to], *words, status=status))
        assert found['distance'] == pytest.approx(own['distance'], abs=1e-5)
        assert found['threshold'] == own['threshold']
    reduced = tmp_path / 'reduced.onnx'
    reduced.write_bytes(small.files['onnx'].read_bytes())
    stamp(reduced, replace(small.facts, model_key='b' * 64))
    assert 'b' * 64 in run(same, reduced, *words, status=2)


@pytest.mark.parametrize(
    ('module', 'words'),
    [
        (train, ('FILE',)),
        (train, ('bot/bot_r18_synthmini.py', '--resume', 'FILE')),
        (train, ('bot/bot_r18_synthmini.py', '--cfg-options', 'load_from=FILE')),
        (convert, ('FILE',)),
        (publish_model, ('FILE', 'OUT')),
        (get_flops, ('FILE',)),
        (attention_map, ('FILE',)),
        (attention_map, ('bot/bot_r18_synthmini.py', 'FILE')),
        (grad_cam, ('FILE',)),
        (part_activation, ('FILE',)),
    ],
)
def test_what_needs_parameters_says_what_to_give(tmp_path, run, module, words):
    write_tiny_onnx(path := tmp_path / 'a.onnx', make_facts(config=''))
    places = dict(FILE=str(path), OUT=str(tmp_path / 'out.pth'))
    given = []
    for word in words:
        for name, place in places.items():
            word = word.replace(name, place)
        given.append(word)
    text = run(module, *given, status=2)
    assert str(path) in text
    assert 'the checkpoint that it was made of' in ' '.join(text.split()).replace(
        'Give', 'give'
    )


def test_other_words_for_a_file(small, tmp_path, run):
    write_tiny_onnx(path := tmp_path / 'a.onnx', make_facts(config=''))
    assert 'a MODEL' in run(list_models, path, status=2)
    assert 'tells of no test' in run(test_command, path, status=2)
    words = (small.files['onnx'], '--work-dir', tmp_path, '--cfg-options')
    text = run(test_command, *words, 'model.flip_test=True', status=2)
    assert "no argument 'flip_test'" in text
    key = 'test_dataloader.dataset.pipeline.1.scale'
    text = run(test_command, *words, f'{key}=(8,16)', status=2)
    assert '32 x 16 pixels' in text
    assert '16 x 8 pixels' in text
    text = run(test_command, *words, 'test_cfg.fp16=True', status=2)
    assert "precision is the file's" in text
    text = run(
        *(embed, path, small.data, '--out', tmp_path / 'a.npz', '--precision'),
        *('bfloat16',),
        status=2,
    )
    assert "precision is the file's" in text
    assert 'did you mean' in run(test_command, tmp_path / 'b.onnx', status=2)


def test_facts_tell_what_a_network_was_trained_on(small):
    network = init_model(checkpoint=small.checkpoint)
    large = dict(dataset='A', split='train', num_ids=3, palette=np.zeros(3))
    network.trained_on = dict(parts=[large, dict(version=1)], started_from=large)
    facts = collect_facts(network, 'a', 'bgr', 'float32')
    kept = dict(dataset='A', split='train')
    assert facts.trained_on == dict(parts=[kept, dict(version=1)], started_from=kept)
