import ml_dtypes
import numpy as np
import onnx
import onnxruntime
import openvino
import pytest
from onnx import TensorProto, helper, numpy_helper
from tiny_embedder import (
    FACTS,
    TinyPictures,
    embed_onnx,
    embed_openvino,
    write_tiny,
)

from mmreid.deploy.precision import halve_onnx, halve_openvino

PICTURES = TinyPictures()


def cosines(a, b):
    """Of vectors of length 1."""
    return (a.astype(np.float64) * b).sum(1)


@pytest.fixture
def source(tmp_path):
    return write_tiny(tmp_path / 'float.onnx')


@pytest.mark.parametrize(
    ('halve', 'ending', 'embed'),
    [(halve_onnx, '.onnx', embed_onnx), (halve_openvino, '.xml', embed_openvino)],
)
def test_half_the_weights_give_nearly_the_same_vectors(
    source, tmp_path, halve, ending, embed
):
    target = tmp_path / f'half{ending}'
    halve(source, target)
    exact, given = (f(PICTURES.pictures) for f in (embed_onnx(source), embed(target)))
    assert 0.999 < cosines(exact, given).min() < 1
    assert (
        abs(PICTURES.validate(embed(target)) - PICTURES.validate(embed_onnx(source)))
        < 2
    )


def test_facts_survive(source, tmp_path):
    halve_onnx(source, tmp_path / 'half.onnx')
    halve_openvino(source, tmp_path / 'half.xml')
    model = onnx.load(tmp_path / 'half.onnx')
    assert {p.key: p.value for p in model.metadata_props} == {'mmreid': FACTS}
    network = openvino.Core().read_model(tmp_path / 'half.xml')
    assert network.get_rt_info(['mmreid']).value == FACTS


def test_openvino_stores_weights_in_half_the_space(source, tmp_path):
    network = openvino.Core().read_model(source)
    openvino.save_model(network, tmp_path / 'float.xml', compress_to_fp16=False)
    halve_openvino(source, tmp_path / 'half.xml')
    sizes = [(tmp_path / f'{name}.bin').stat().st_size for name in ('float', 'half')]
    assert sizes[1] < 0.52 * sizes[0]


def test_weights_are_rounded_as_another_library_rounds_them(tmp_path):
    rng = np.random.default_rng()
    bits = rng.integers(0, 2**32, 20_000, dtype=np.uint64).astype(np.uint32)
    values = bits.view(np.float32)
    values = values[np.abs(values) < 3e38]  # no NaN, nothing that becomes infinite
    ties = (bits[:1000] & 0x7FFF0000 | 0x8000).view(np.float32)
    values = np.concatenate([values, ties[np.abs(ties) < 3e38]])
    write_sum(tmp_path / 'float.onnx', values)
    halve_onnx(tmp_path / 'float.onnx', tmp_path / 'half.onnx')
    zeros = np.zeros(len(values), np.float32)
    session = onnxruntime.InferenceSession(tmp_path / 'half.onnx')
    given = session.run(None, {'x': zeros})[0]
    expected = values.astype(ml_dtypes.bfloat16).astype(np.float32)
    assert np.array_equal(given, expected)


def test_onnx_weights_are_bfloat16_in_the_file_and_the_rest_is_as_it_was(
    source, tmp_path
):
    halve_onnx(source, tmp_path / 'half.onnx')
    model = onnx.load(tmp_path / 'half.onnx')
    onnx.checker.check_model(model, full_check=True)
    kinds = {w.name: w.data_type for w in model.graph.initializer}
    halves = {name for name, kind in kinds.items() if kind == TensorProto.BFLOAT16}
    assert halves == {f'{n}.w_bfloat16' for n in ('conv1', 'conv2', 'conv3', 'fc')}
    before = [node.name for node in onnx.load(source).graph.node]
    assert [n.name for n in model.graph.node][4:] == before


def test_a_weight_too_large_for_bfloat16_is_named(tmp_path):
    values = np.ones(100, np.float32)
    values[42] = np.finfo(np.float32).max
    write_sum(tmp_path / 'float.onnx', values)
    with pytest.raises(
        ValueError, match=r'Weight w must be finite .* got 3\.4.* at 42'
    ):
        halve_onnx(tmp_path / 'float.onnx', tmp_path / 'half.onnx')


@pytest.mark.parametrize('kind', ['Conv', 'MatMul', 'Add'])
def test_onnx_runtime_has_no_bfloat16_on_processors(kind):
    # The reason for the casts: once this fails, they can be left out.
    shapes = dict(Conv=[(1, 3, 8, 8), (4, 3, 3, 3)]).get(kind, [(8, 8), (8, 8)])
    ends = [
        helper.make_tensor_value_info(n, TensorProto.BFLOAT16, shape)
        for n, shape in zip('xw', shapes, strict=True)
    ]
    end = helper.make_tensor_value_info('y', TensorProto.BFLOAT16, None)
    graph = helper.make_graph(
        [helper.make_node(kind, ['x', 'w'], ['y'])], 'g', ends, [end]
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid('', 22)], ir_version=10
    )
    with pytest.raises(Exception, match='NOT_IMPLEMENTED'):
        onnxruntime.InferenceSession(
            model.SerializeToString(), providers=['CPUExecutionProvider']
        )


def write_sum(path, values):
    """Write a network that adds weights to its input."""
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [len(values)])
        for name in 'xy'
    ]
    graph = helper.make_graph(
        [helper.make_node('Add', ['x', 'w'], ['y'])],
        'sum',
        ends[:1],
        ends[1:],
        [numpy_helper.from_array(values, 'w')],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid('', 18)], ir_version=10
    )
    onnx.save(model, path)
