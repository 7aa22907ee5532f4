import tempfile
from collections import Counter

import numpy as np
import openvino
import pytest
from tiny_embedder import (
    FACTS,
    TinyPictures,
    compile_openvino,
    embed_openvino,
    quantize_tiny,
    write_tiny,
)

from mmreid.deploy.precision import quantize_openvino
from mmreid.deploy.precision.openvino_layers import is_transformer, split_layers

PICTURES = TinyPictures()


@pytest.fixture(scope='module')
def sturdy(tmp_path_factory):
    """A network that int8 does no harm."""
    folder = tmp_path_factory.mktemp('sturdy')
    source = write_tiny(folder / 'float.onnx')
    return quantize_tiny(quantize_openvino, source, folder / 'int8.xml', PICTURES)


@pytest.fixture(scope='module')
def fragile(tmp_path_factory):
    """A network that int8 spoils, from a file of OpenVINO's."""
    folder = tmp_path_factory.mktemp('fragile')
    network = openvino.convert_model(write_tiny(folder / 'float.onnx', fragile=True))
    source = folder / 'float.xml'
    openvino.save_model(network, source, compress_to_fp16=False)
    return quantize_tiny(quantize_openvino, source, folder / 'int8.xml', PICTURES)


def test_a_network_that_keeps_its_map_is_quantized_whole(sturdy):
    source, target, report, told = sturdy
    assert [a.how for a in report.attempts] == ['float32', 'all layers that NNCF can']
    assert report.float_layers == report.fell_back == ()
    assert len(report.int8_layers) == 4
    assert report.exact == PICTURES.validate(embed_openvino(source))
    assert report.reached == pytest.approx(
        PICTURES.validate(embed_openvino(target)), abs=0.5
    )
    assert report.drop <= 2
    assert told[-1] == (60, 60)
    assert '4 of 4 layers' in report.explain()


def test_layers_of_the_report_have_int8_weights_and_quantized_maps(sturdy):
    _, target, _, _ = sturdy
    network = openvino.Core().read_model(target)
    kinds = Counter(op.get_type_name() for op in network.get_ops())
    assert kinds['FakeQuantize'] >= 4
    weights = [
        op
        for op in network.get_ops()
        if op.get_type_name() == 'Constant'
        and op.get_element_type() == openvino.Type.i8
    ]
    assert len(weights) == 4


def test_the_processor_computes_in_int8(sturdy, fragile):
    found = []
    for target in (sturdy.target, fragile.target):
        kernels = {
            op.get_friendly_name(): op.rt_info['runtimePrecision'].value
            for op in compile_openvino(target).get_runtime_model().get_ops()
            if op.rt_info['layerType'].value in ('Convolution', 'FullyConnected')
        }
        found.append(Counter(kernels.values()))
    assert found[0].total() == found[1].total() == 4
    assert set(found[0]) <= {'u8', 'i8'}
    assert found[1]['f32'] == 1


def test_layers_fall_back_where_the_map_demands_it(fragile):
    _, target, report, _ = fragile
    plain = report.attempts[1]
    assert report.exact - plain.score > 10
    assert report.drop <= 2
    assert report.reached == pytest.approx(
        PICTURES.validate(embed_openvino(target)), abs=0.5
    )
    # The map behind the second convolution has the channel that hides the others.
    assert report.fell_back == report.float_layers == ('conv3',)
    assert 'float32 to keep the mAP: conv3' in report.explain()


def test_layers_that_fell_back_are_float_in_the_file(fragile):
    _, target, report, _ = fragile
    network = openvino.Core().read_model(target)
    ops = {op.get_friendly_name(): op for op in network.get_ops()}
    layer = ops[report.fell_back[0]]
    kinds = [layer.input_value(port).get_node().get_type_name() for port in (0, 1)]
    assert kinds == ['Relu', 'Constant']
    assert layer.input_value(1).get_element_type() == openvino.Type.f32
    assert split_layers(network) == (report.int8_layers, report.float_layers)
    exact = openvino.Core().read_model(fragile.source)
    weights = [
        next(op for op in n.get_ops() if op.get_friendly_name() == 'conv3.w').data
        for n in (network, exact)
    ]
    assert np.array_equal(*weights)


def test_weights_that_stay_float_are_not_rounded_and_facts_survive(sturdy, fragile):
    for target in (sturdy.target, fragile.target):
        network = openvino.Core().read_model(target)
        assert network.get_rt_info(['mmreid']).value == FACTS
        kinds = {op.get_element_type() for op in network.get_ops()}
        assert openvino.Type.f16 not in kinds
        assert tempfile.gettempdir() not in target.read_text()


def test_int8_weights_make_the_file_smaller(sturdy):
    source, target, _, _ = sturdy
    assert target.with_suffix('.bin').stat().st_size < 0.5 * source.stat().st_size


def test_a_network_of_matrix_products_counts_as_a_transformer():
    ops = openvino.opset13
    rng = np.random.default_rng(0)

    def network(products):
        given = ops.parameter([1, 3, 4, 4], np.float32)
        node = ops.convolution(
            given,
            rng.normal(size=(4, 3, 1, 1)).astype(np.float32),
            strides=[1, 1],
            pads_begin=[0, 0],
            pads_end=[0, 0],
            dilations=[1, 1],
        )
        for _ in range(products):
            node = ops.matmul(
                node, rng.normal(size=(4, 4)).astype(np.float32), False, False
            )
        node = ops.matmul(node, node, False, True)  # no weights
        return openvino.Model([node], [given])

    assert not is_transformer(network(1))
    assert is_transformer(network(2))
