from collections import Counter

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper
from tiny_embedder import (
    FACTS,
    TinyPictures,
    embed_onnx,
    quantize_tiny,
    spoil_scale,
    write_tiny,
)

from mmreid.deploy.precision import quantize_onnx
from mmreid.deploy.precision.onnx_layers import split_layers

PICTURES = TinyPictures()


def kinds(path):
    return Counter(node.op_type for node in onnx.load(path).graph.node)


@pytest.fixture(scope='module')
def sturdy(tmp_path_factory):
    """A network that int8 does no harm."""
    folder = tmp_path_factory.mktemp('sturdy')
    source = write_tiny(folder / 'float.onnx')
    return quantize_tiny(quantize_onnx, source, folder / 'int8.onnx', PICTURES)


@pytest.fixture(scope='module')
def fragile(tmp_path_factory):
    """A network that int8 spoils."""
    folder = tmp_path_factory.mktemp('fragile')
    source = write_tiny(folder / 'float.onnx', fragile=True)
    return quantize_tiny(quantize_onnx, source, folder / 'int8.onnx', PICTURES)


def test_a_network_that_keeps_its_map_is_quantized_whole(sturdy):
    source, target, report, told = sturdy
    assert [a.how for a in report.attempts] == ['float32', 'ranges by MinMax']
    assert report.int8_layers == ('conv1', 'conv2', 'conv3', 'fc')
    assert report.float_layers == report.fell_back == ()
    assert report.exact == PICTURES.validate(embed_onnx(source))
    assert report.reached == PICTURES.validate(embed_onnx(target))
    assert report.drop <= 2
    assert told[0] == (15, 60)
    assert told[-1] == (60, 60)
    assert '4 of 4 layers' in report.explain()


def test_weights_are_rounded_channel_by_channel(sturdy):
    source, target, _, _ = sturdy
    assert kinds(target)['QuantizeLinear'] >= 5
    floats, small = (
        {
            tensor.name: numpy_helper.to_array(tensor)
            for tensor in onnx.load(path).graph.initializer
        }
        for path in (source, target)
    )
    for name in ('conv1.w', 'conv2.w', 'conv3.w'):
        weight = small[f'{name}_quantized']
        assert weight.dtype == np.int8
        scale = small[f'{name}_scale']
        assert scale.shape == (16,)
        largest = np.abs(floats[name]).max(axis=(1, 2, 3))
        assert scale == pytest.approx(largest / 127, rel=0.01)
        back = weight * scale[:, None, None, None]
        assert np.abs(back - floats[name]).max() <= scale.max() * 0.501


def test_the_runtime_has_kernels_for_int8(sturdy, fragile, tmp_path):
    found = []
    for target in (sturdy.target, fragile.target):
        options = onnxruntime.SessionOptions()
        level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
        options.graph_optimization_level = level
        options.optimized_model_filepath = str(tmp_path / 'run.onnx')
        embed_onnx(target, options)
        found.append(kinds(tmp_path / 'run.onnx'))
    assert found[0]['QLinearConv'] == 3
    assert found[0]['Conv'] == found[0]['FusedConv'] == 0
    assert found[1]['QLinearConv'] == 1


def test_nodes_fall_back_where_the_map_demands_it(fragile):
    _, target, report, _ = fragile
    by_method = [a for a in report.attempts if a.how.count(' ') == 2]
    methods = ['MinMax', 'Percentile', 'Entropy']
    assert [a.how for a in by_method] == [f'ranges by {m}' for m in methods]
    assert all(report.exact - attempt.score > 10 for attempt in by_method)
    assert report.drop <= 2
    assert report.reached == PICTURES.validate(embed_onnx(target))
    # The map between these has the channel that hides the others.
    assert report.fell_back == report.float_layers == ('conv2', 'conv3')
    assert 'float32 to keep the mAP: conv2, conv3' in report.explain()


def test_layers_that_fell_back_are_float_in_the_file(fragile):
    source, target, report, _ = fragile
    model = onnx.load(target)
    makers = {name: node for node in model.graph.node for name in node.output}
    nodes = {node.name: node for node in model.graph.node}
    weights = {t.name: t for t in model.graph.initializer}
    exact = {t.name: t for t in onnx.load(source).graph.initializer}
    for name in report.fell_back:
        weight = weights[nodes[name].input[1]]
        assert np.array_equal(
            numpy_helper.to_array(weight), numpy_helper.to_array(exact[f'{name}.w'])
        )
    assert makers[nodes['conv3'].input[0]].op_type == 'Relu'
    assert makers[nodes['conv1'].input[0]].op_type == 'DequantizeLinear'
    assert split_layers(model) == (report.int8_layers, report.float_layers)


def test_facts_survive_and_the_file_is_sound(sturdy, fragile):
    for target in (sturdy.target, fragile.target):
        model = onnx.load(target)
        onnx.checker.check_model(model)
        props = {entry.key: entry.value for entry in model.metadata_props}
        assert props == {'mmreid': FACTS}
        assert [(entry.domain, entry.version) for entry in model.opset_import] == [
            ('', 18)
        ]


def test_a_spoilt_scale_changes_vectors_drastically(sturdy, tmp_path):
    source, target, _, _ = sturdy
    spoil_scale(target, tmp_path / 'spoilt.onnx')
    exact, sound, spoilt = (
        embed_onnx(path)(PICTURES.pictures)
        for path in (source, target, tmp_path / 'spoilt.onnx')
    )
    assert (exact * sound).sum(1).min() > 0.98
    assert (exact * spoilt).sum(1).max() < 0.9
