"""Model repositories for Triton, read by protobuf and run by the files' runtimes."""

import json
from importlib import util
from pathlib import Path

import numpy as np
import pytest
from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    message_factory,
    text_format,
)
from tiny_exported import (
    make_facts,
    mean_colours,
    write_tiny_onnx,
    write_tiny_openvino,
)

from mmreid.deploy import ExportedFacts, open_exported
from mmreid.deploy.export.triton import find_triton_place, write_triton

# What protobuf/model_config.proto of triton-inference-server/common has of the fields
# below: name -> number and type, * for repeated ones.
FIELDS = dict(
    ModelConfig=dict(
        name='1 string',
        max_batch_size='4 int32',
        input='5 *ModelInput',
        output='6 *ModelOutput',
        instance_group='7 *ModelInstanceGroup',
        dynamic_batching='11 ModelDynamicBatching',
        parameters='14 *ParametersEntry',
        backend='17 string',
    ),
    ModelInput=dict(
        name='1 string', data_type='2 DataType', format='3 Format', dims='4 *int64'
    ),
    ModelOutput=dict(name='1 string', data_type='2 DataType', dims='3 *int64'),
    ModelInstanceGroup=dict(count='2 int32', kind='4 Kind'),
    ModelDynamicBatching=dict(preferred_batch_size='1 *int32'),
    # A map of strings to ModelParameter, written out.
    ParametersEntry=dict(key='1 string', value='2 ModelParameter'),
    ModelParameter=dict(string_value='1 string'),
)
ENUMS = dict(
    DataType=dict(TYPE_INVALID=0, TYPE_UINT8=2, TYPE_FP32=11),
    Format=dict(FORMAT_NONE=0, FORMAT_NHWC=1, FORMAT_NCHW=2),
    Kind=dict(KIND_AUTO=0, KIND_GPU=1, KIND_CPU=2, KIND_MODEL=3),
)


def known_fields() -> type:
    """The message with the fields that are written, for where Triton's is not."""
    file = descriptor_pb2.FileDescriptorProto(name='known.proto', package='known')
    field = descriptor_pb2.FieldDescriptorProto
    for message, fields in FIELDS.items():
        written = file.message_type.add(name=message)
        for name, text in fields.items():
            number, _, kind = text.partition(' ')
            entry = written.field.add(name=name, number=int(number))
            entry.label = entry.LABEL_REPEATED if '*' in kind else entry.LABEL_OPTIONAL
            kind = kind.strip('*')
            if kind.islower():
                entry.type = getattr(field, f'TYPE_{kind.upper()}')
            else:
                entry.type = field.TYPE_ENUM if kind in ENUMS else field.TYPE_MESSAGE
                entry.type_name = f'.known.{kind}'
    for enum, values in ENUMS.items():
        written = file.enum_type.add(name=enum)
        for name, number in values.items():
            written.value.add(name=name, number=number)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(
        pool.FindMessageTypeByName('known.ModelConfig')
    )


def tritons_message() -> type:
    """Triton's own message; its package wants other versions than ours."""
    found = util.find_spec('tritonclient')
    if found is None or not found.submodule_search_locations:
        pytest.skip('tritonclient is not installed')
    path = Path(found.submodule_search_locations[0], 'grpc', 'model_config_pb2.py')
    spec = util.spec_from_file_location('model_config_pb2', path)
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.ModelConfig


@pytest.fixture(params=[known_fields, tritons_message])
def read(request):
    """Read a configuration as strictly as the server does."""
    message = request.param()
    return lambda place: text_format.Parse(
        (place / 'config.pbtxt').read_text('utf-8'), message()
    )


def parameters(config) -> dict[str, str]:
    entries = config.parameters
    if hasattr(entries, 'items'):
        return {key: value.string_value for key, value in entries.items()}
    return {entry.key: entry.value.string_value for entry in entries}


def test_an_onnx_file_is_served_in_batches(tmp_path, read):
    facts = write_tiny_onnx(tmp_path / 'm.onnx')
    place = write_triton(tmp_path / 'm.onnx', tmp_path / 'repository', facts)
    assert place == tmp_path / 'repository' / 'mean_colour'
    config = read(place)
    assert (config.name, config.backend) == ('mean_colour', 'onnxruntime')
    assert config.max_batch_size == 64
    assert config.HasField('dynamic_batching')
    (group,) = config.instance_group
    assert (group.count, group.kind) == (1, ENUMS['Kind']['KIND_AUTO'])
    assert ExportedFacts.from_json(parameters(config)['mmreid'], 'it') == facts
    assert list(parameters(config)) == ['mmreid']

    model = open_exported(place / '1' / 'model.onnx')
    (given,), (answer,) = model._session.get_inputs(), model._session.get_outputs()
    (first,), (last,) = config.input, config.output
    assert (first.name, last.name) == (given.name, answer.name)
    # The batch comes before what is written.
    assert [*first.dims] == given.shape[1:] == [8, 4, 3]
    assert [*last.dims] == answer.shape[1:] == [3]
    assert (given.type, answer.type) == ('tensor(uint8)', 'tensor(float)')
    assert first.data_type == ENUMS['DataType']['TYPE_UINT8']
    assert last.data_type == ENUMS['DataType']['TYPE_FP32']
    assert first.format == ENUMS['Format']['FORMAT_NHWC']
    pictures = np.random.default_rng(0).integers(0, 256, (5, 8, 4, 3), np.uint8)
    np.testing.assert_allclose(model(pictures), mean_colours(pictures), rtol=1e-6)


def test_an_openvino_file_computes_requests_as_they_come(tmp_path, read):
    """Its backend would fill up each to the largest batch, or refuse it."""
    facts = write_tiny_openvino(tmp_path / 'm.xml')
    place = write_triton(tmp_path / 'm.xml', tmp_path, facts, instances=3)
    config = read(place)
    assert (config.backend, config.max_batch_size) == ('openvino', 0)
    assert not config.HasField('dynamic_batching')
    (first,), (last,), (group,) = config.input, config.output, config.instance_group
    assert ([*first.dims], [*last.dims]) == ([-1, 8, 4, 3], [-1, 3])
    # Of three sizes alone.
    assert first.format == ENUMS['Format']['FORMAT_NONE']
    # On others the backend refuses to load.
    assert (group.count, group.kind) == (3, ENUMS['Kind']['KIND_CPU'])
    assert list(parameters(config)) == ['mmreid']

    model = open_exported(place / '1' / 'model.xml')
    names = [*model._compiled.inputs[0].names, *model._compiled.outputs[0].names]
    assert {first.name, last.name} <= {*names}
    pictures = np.random.default_rng(0).integers(0, 256, (5, 8, 4, 3), np.uint8)
    np.testing.assert_allclose(model(pictures), mean_colours(pictures), rtol=1e-6)


def test_openvino_fills_up_batches_where_they_are_asked_for(tmp_path, read):
    facts = write_tiny_openvino(tmp_path / 'm.xml', make_facts(precision='bfloat16'))
    config = read(write_triton(tmp_path / 'm.xml', tmp_path, facts, max_batch_size=8))
    assert config.max_batch_size == 8
    assert config.HasField('dynamic_batching')
    assert [*config.input[0].dims] == [8, 4, 3]
    kept = parameters(config)
    assert json.loads(kept.pop('mmreid'))['precision'] == 'bfloat16'
    assert kept == dict(ENABLE_BATCH_PADDING='YES', HINT_BF16='YES')


def test_onnx_without_batches(tmp_path, read):
    facts = write_tiny_onnx(tmp_path / 'm.onnx')
    config = read(write_triton(tmp_path / 'm.onnx', tmp_path, facts, max_batch_size=0))
    assert config.max_batch_size == 0
    assert not config.HasField('dynamic_batching')
    assert [*config.input[0].dims] == [-1, 8, 4, 3]


@pytest.mark.parametrize(
    ('name', 'folder'),
    [('a b/c.pth', 'a_b_c.pth'), ('übung', '_bung'), ('..', '_'), ('r18', 'r18')],
)
def test_names_fit_an_address(tmp_path, name, folder):
    assert find_triton_place(tmp_path, name) == tmp_path / folder


def test_a_model_that_is_there_is_left(tmp_path):
    facts = write_tiny_onnx(tmp_path / 'm.onnx')
    place = write_triton(tmp_path / 'm.onnx', tmp_path / 'r', facts)
    (place / 'config.pbtxt').write_text('mine')
    with pytest.raises(FileExistsError, match=r'overwrite it.*or give another folder'):
        write_triton(tmp_path / 'm.onnx', tmp_path / 'r', facts)
    assert (place / 'config.pbtxt').read_text() == 'mine'
    write_triton(tmp_path / 'm.onnx', tmp_path / 'r', facts, overwrite=True)
    assert (place / 'config.pbtxt').read_text().startswith('# Pictures are uint8')


def test_a_model_that_is_replaced_leaves_no_files_of_another_backend(tmp_path):
    facts = write_tiny_openvino(tmp_path / 'm.xml')
    write_triton(tmp_path / 'm.xml', tmp_path / 'r', facts)
    facts = write_tiny_onnx(tmp_path / 'm.onnx')
    place = write_triton(tmp_path / 'm.onnx', tmp_path / 'r', facts, overwrite=True)
    assert [file.name for file in (place / '1').iterdir()] == ['model.onnx']


def test_what_cannot_be_served_is_refused(tmp_path):
    facts = write_tiny_openvino(tmp_path / 'm.xml')
    with pytest.raises(ValueError, match=r'end in \.onnx or \.xml.*--to onnx'):
        write_triton(tmp_path / 'm.pt2', tmp_path / 'r', facts)
    with pytest.raises(ValueError, match='instances must be at least 1, got 0'):
        write_triton(tmp_path / 'm.xml', tmp_path / 'r', facts, instances=0)
    with pytest.raises(ValueError, match='max_batch_size must be at least 0, got -1'):
        write_triton(tmp_path / 'm.xml', tmp_path / 'r', facts, max_batch_size=-1)
    (tmp_path / 'm.bin').unlink()
    with pytest.raises(FileNotFoundError, match=r'm\.bin'):
        write_triton(tmp_path / 'm.xml', tmp_path / 'r', facts)
    assert not (tmp_path / 'r').exists()
