"""Ways to run a network are measured beside each other, by the real runtimes."""

import json
import sys

import cv2
import numpy as np
import pytest
import torch

from mmreid.apis import init_model
from mmreid.apis.cost.runtimes import WAYS, measure_runtimes
from mmreid.apis.cost.runtimes.eager import run_eagerly
from mmreid.apis.cost.runtimes.loading import load_measured
from mmreid.apis.cost.runtimes.pictures import draw_pictures
from mmreid.cli.analysis_tools import benchmark_runtimes
from mmreid.cli.main import main

CONFIG = 'bot_r18_synthmini'


@pytest.fixture(scope='module')
def network():
    return load_measured(CONFIG)[0]


def test_the_command_measures_real_runtimes(network, tmp_path, monkeypatch, capsys):
    ways = ['eager', 'inferencer', 'onnx', 'openvino', 'openvino-bfloat16']
    numbers = ['--repeat', 1, '--pictures', 3, '--batch-size', 2, '--threads', 1]
    out = tmp_path / 'speeds.json'
    words = ['benchmark-runtimes', CONFIG, '--ways', *ways, *numbers, '--out', out]
    monkeypatch.setattr(sys, 'argv', ['mmreid', *map(str, words), '--json'])
    main()
    told = json.loads(capsys.readouterr().out)
    assert told == json.loads(out.read_text())
    assert told['versions'].keys() >= {'torch', 'onnxruntime', 'openvino'}
    rows = {row['word']: row for row in told['speeds']}
    # bfloat16 only where the processor has it; either way the table says so.
    assert rows.keys() | told['left_out'].keys() == {*ways}
    assert told['left_out'].keys() <= {'openvino-bfloat16'}
    for word, row in rows.items():
        least = 0.9999 if row['precision'] == 'bfloat16' else 0.9999999
        assert least < row['lowest_cosine'] <= row['median_cosine'] < 1.0000001
        assert row['pictures_per_second'] == pytest.approx(3 / row['seconds'][0])
        assert (row['file_size'] is None) == (WAYS[word].file is None)
    assert rows['eager']['ratio'] == rows['eager']['core_ratio'] == 1
    weights = sum(p.nbytes for p in network.parameters())
    assert rows['onnx']['file_size'] == pytest.approx(weights, rel=0.05)
    assert rows['openvino']['file_size'] == pytest.approx(weights, rel=0.05)


def test_files_are_read_by_each_way(network, tmp_path):
    for number, picture in enumerate(draw_pictures(3, (500, 250))):
        cv2.imwrite(str(tmp_path / f'{number}.png'), picture)
    ways = ('eager', 'inferencer-float32', 'torch')
    numbers = dict(batches=(2,), threads=1, pictures=64, repeat=1)
    speeds = measure_runtimes(network, 'x', ways=ways, folder=tmp_path, **numbers)
    cosines = {speed.word: speed.lowest_cosine for speed in speeds.speeds}
    # PIL resizes otherwise than OpenCV, and ReIDInferencer as the config does.
    assert 0.99 < cosines['eager'] < 0.9999999
    assert cosines['inferencer-float32'] == pytest.approx(1, abs=1e-12)
    assert cosines['torch'] == pytest.approx(1, abs=1e-6)
    assert {speed.pictures for speed in speeds.speeds} == {3}


def test_the_yardstick_computes_what_a_test_does(network):
    pictures = draw_pictures(3, (192, 96))
    inputs = torch.from_numpy(pictures).permute(0, 3, 1, 2)
    with torch.no_grad():
        samples = network.test_step(dict(inputs=inputs))
    exact = torch.stack([sample.embedding for sample in samples])
    given = run_eagerly(network, batch=2)(pictures)
    np.testing.assert_allclose(given, exact, rtol=1e-3, atol=1e-5)


def test_what_is_missing_is_told_and_not_measured(network, monkeypatch):
    monkeypatch.setitem(sys.modules, 'torchreid', None)
    numbers = dict(batches=(1,), threads=1, pictures=1, repeat=1)
    speeds = measure_runtimes(network, 'x', ways=('eager', 'torchreid'), **numbers)
    assert [speed.word for speed in speeds.speeds] == ['eager']
    assert 'pip install torchreid' in speeds.left_out['torchreid']
    shown = speeds.explain()
    assert 'torch, as written' in shown
    assert speeds.left_out['torchreid'] in shown


def test_threads_of_torch_are_as_before(network):
    before = torch.get_num_threads()
    numbers = dict(batches=(1,), threads=1, pictures=1, repeat=1)
    torch.set_num_threads(2)
    try:
        measure_runtimes(network, 'x', ways=('eager',), **numbers)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize(
    ('wrong', 'message'),
    [
        (dict(ways=('fast',)), 'ways must be one of'),
        (dict(batches=(0,)), r'batches\[0\] must be a number above 0, got 0'),
        (dict(repeat=0), 'repeat must be a number above 0'),
        (dict(threads=-1), 'threads must be a number above 0'),
        (dict(folder='nowhere'), "There is no file 'nowhere'"),
    ],
)
def test_wrong_numbers_are_refused(network, wrong, message):
    with pytest.raises((ValueError, OSError), match=message):
        measure_runtimes(network, 'x', **wrong)


def test_the_command_knows_every_way():
    assert tuple(WAYS) == benchmark_runtimes.WAYS


def test_a_checkpoint_is_measured_with_its_weights(tmp_path):
    saved = init_model(f'bot/{CONFIG}.py')
    torch.save(dict(state_dict=saved.state_dict()), tmp_path / 'a.pth')
    network, name = load_measured(CONFIG, tmp_path / 'a.pth')
    assert name == CONFIG
    weights = network.state_dict()
    assert all(torch.equal(weights[k], v) for k, v in saved.state_dict().items())
