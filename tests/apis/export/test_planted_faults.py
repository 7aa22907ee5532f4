"""Files with the usual mistakes, run by their runtime: the gate refuses each."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from mmreid.apis.export.carried_facts import collect_facts
from mmreid.deploy.export import write
from mmreid.deploy.export.program import PictureProgram


class Twice(nn.Module):
    """Normalises what is normalised already."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, data, training=False):
        data = self.inner(data, training)
        mean, std = self.inner.mean, self.inner.std
        return dict(data, inputs=(data['inputs'] - mean) / std)


class Constant(nn.Module):
    """Gives one vector for all pictures."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, pictures):
        vectors = self.inner(pictures)
        return 0 * vectors + vectors.new_ones(vectors.shape[1])


def swapped(network):
    network.data_preprocessor.to_rgb = False
    return PictureProgram(network, 'bgr')


def normalised_twice(network):
    network.data_preprocessor = Twice(network.data_preprocessor)
    return PictureProgram(network, 'bgr')


def without_flip(network):
    network.flip_test = False
    return PictureProgram(network, 'bgr')


def constant(network):
    return Constant(PictureProgram(network, 'bgr'))


FAULTS = {
    'swapped': (swapped, 'channels'),
    'twice': (normalised_twice, 'normal'),
    'no flip': (without_flip, 'flip'),
    'constant': (constant, 'constant vectors'),
}


@pytest.mark.parametrize(
    ('fault', 'to', 'ending'),
    [
        ('swapped', 'onnx', '.onnx'),
        ('twice', 'openvino', '.xml'),
        ('no flip', 'onnx', '.onnx'),
        ('constant', 'openvino', '.xml'),
    ],
)
def test_a_faulty_file_is_refused(fault, to, ending, network, bench, tmp_path):
    plant, cause = FAULTS[fault]
    program = plant(copy.deepcopy(network)).eval()
    example = torch.zeros((2, 64, 32, 3), dtype=torch.uint8)
    sizes = ({0: torch.export.Dim('batch', min=1, max=64)},)
    with torch.no_grad():
        captured = torch.export.export(program, (example,), dynamic_shapes=sizes)
    path = tmp_path / f'faulty{ending}'
    write(captured, to, path, collect_facts(network, 'faulty', 'bgr', 'float32'))
    judgement = bench.judge(bench.run(path), 'float32')
    assert not judgement.passed
    assert cause in judgement.cause
    assert judgement.advice


def test_an_int8_file_with_one_spoilt_scale_is_refused(network, bench, tmp_path):
    import onnx

    from mmreid.apis import ExportOptions
    from mmreid.apis.export.reducing import reduce_to_int8
    from mmreid.deploy.export import capture

    whole, path = tmp_path / 'float32.onnx', tmp_path / 'int8.onnx'
    facts = collect_facts(network, 'int8', 'bgr', 'int8')
    write(capture(network, 64, 32), 'onnx', whole, facts)
    options = ExportOptions(precision='int8', num_calibration=32, tolerance=10)
    report = reduce_to_int8(whole, path, bench, options)
    assert report.int8_layers
    given = bench.run(path)
    assert bench.judge(given, 'int8', tolerance=10).passed
    model = onnx.load(path)
    scales = {
        node.input[1] for node in model.graph.node if node.op_type == 'DequantizeLinear'
    }
    weights = [
        entry
        for entry in model.graph.initializer
        if entry.name in scales and 'conv' in entry.name and entry.dims
    ]
    spoilt = max(weights, key=lambda entry: entry.dims[0])
    values = onnx.numpy_helper.to_array(spoilt) * np.float32(30)
    spoilt.CopyFrom(onnx.numpy_helper.from_array(values, spoilt.name))
    onnx.save(model, path)
    judgement = bench.judge(bench.run(path), 'int8', tolerance=10)
    assert not judgement.passed
    assert judgement.cause
