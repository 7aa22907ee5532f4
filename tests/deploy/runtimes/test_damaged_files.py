"""Files that cannot be run, and what is said of them: real ones, by real runtimes."""

import shutil
import sys

import cv2
import numpy as np
import onnx
import pytest
import torch
from tiny_exported import (
    make_facts,
    mean_colours,
    write_tiny_onnx,
    write_tiny_openvino,
)
from tiny_torch import change_entries, change_graph, write_tiny_torch

from mmreid.deploy import ExportedFileError, open_exported
from mmreid.deploy.export import stamp

ENDINGS = ('.onnx', '.xml', '.pt2')
PNG = cv2.imencode('.png', np.zeros((9, 9, 3), np.uint8))[1].tobytes()


@pytest.fixture(scope='module')
def whole(tmp_path_factory):
    """A file of every kind, by its ending."""
    folder = tmp_path_factory.mktemp('whole')
    write_tiny_openvino(folder / 'a.xml')
    write_tiny_onnx(folder / 'a.onnx')
    write_tiny_torch(folder / 'a.pt2')
    return {ending: folder / f'a{ending}' for ending in ENDINGS}


def copy(source, folder):
    """Copy a file, and what lies beside it."""
    for path in source.parent.glob(f'{source.stem}.*'):
        if path.suffix in (source.suffix, '.bin'):
            shutil.copy(path, folder / path.name)
    return folder / source.name


def refuse(path, *words):
    with pytest.raises(ExportedFileError) as caught:
        open_exported(path)
    text = str(caught.value)
    assert text.startswith(str(path)), text
    for word in words:
        assert word in text, text
    assert text.endswith('.'), text
    return text


@pytest.mark.parametrize('ending', ENDINGS)
def test_the_whole_files_are_run(whole, ending):
    pictures = np.random.default_rng(0).integers(0, 256, (2, 8, 4, 3), np.uint8)
    found = open_exported(whole[ending])(pictures)
    np.testing.assert_allclose(found, mean_colours(pictures), rtol=1e-5)


@pytest.mark.parametrize('ending', ENDINGS)
@pytest.mark.parametrize('damage', ['empty', 'half', 'end', 'png', 'text'])
def test_damaged_and_other_files(whole, tmp_path, ending, damage, capfd):
    path = copy(whole[ending], tmp_path)
    content = path.read_bytes()
    path.write_bytes(
        dict(
            empty=b'',
            half=content[: len(content) // 2],
            end=content[:-20],
            png=PNG,
            text=b'no model at all\n',
        )[damage]
    )
    refuse(path, 'damaged', 'export')
    assert capfd.readouterr().err == ''


@pytest.mark.parametrize('ending', ENDINGS)
def test_no_file(tmp_path, ending):
    with pytest.raises(FileNotFoundError, match=f'none{ending}'):
        open_exported(tmp_path / f'none{ending}')


def change_onnx(source, folder, change):
    model = onnx.load(source)
    change(model)
    onnx.save(model, folder / source.name)
    return folder / source.name


def put_facts(text):
    def change(model):
        onnx.helper.set_model_props(model, {} if text is None else {'mmreid': text})

    return change


@pytest.mark.parametrize(
    ('text', 'words'),
    [
        (None, ('not exported by mmreid', 'mmreid export')),
        ('{"version": 2, "name": "a"}', ('another version of mmreid', 'update mmreid')),
        ('{"name": "a"}', ('nothing that mmreid has written',)),
        ('no JSON', ('no JSON', 'export it again')),
        ('{"version": 1, "name": "a"}', ('what no file has',)),
    ],
)
def test_facts_of_others(whole, tmp_path, text, words):
    refuse(change_onnx(whole['.onnx'], tmp_path, put_facts(text)), *words)


def test_later_versions_of_onnx(whole, tmp_path):
    def raise_opset(model):
        model.opset_import[0].version = 99

    path = change_onnx(whole['.onnx'], tmp_path, raise_opset)
    refuse(path, 'opset', 'later version; update onnxruntime')

    def raise_version(model):
        model.ir_version = 99

    path = change_onnx(whole['.onnx'], tmp_path, raise_version)
    refuse(path, 'IR version: 99', 'later version; update onnxruntime')


def test_a_later_version_of_openvino(whole, tmp_path):
    path = copy(whole['.xml'], tmp_path)
    path.write_text(path.read_text().replace('version="11"', 'version="99"'))
    refuse(path, 'version 99', 'update')


def test_later_versions_of_torch(whole, tmp_path):
    def raise_archive(entries):
        entries['archive_version'] = b'99'

    path = change_entries(whole['.pt2'], tmp_path / 'a.pt2', raise_archive)
    refuse(path, 'version 99', 'update torch')

    def raise_schema(model):
        model['schema_version']['major'] = 99

    path = change_graph(whole['.pt2'], tmp_path / 'b.pt2', raise_schema)
    refuse(path, 'major=99', 'update torch')

    def put_operator(model):
        node = model['graph_module']['graph']['nodes'][0]
        node['target'] = 'torch.ops.aten.of_2030.default'

    path = change_graph(whole['.pt2'], tmp_path / 'c.pt2', put_operator)
    refuse(path, 'of_2030', 'update torch')


def test_files_of_other_programs(whole, tmp_path):
    (tmp_path / 'a.xml').write_text('<?xml version="1.0"?><svg version="1.1"/>')
    refuse(tmp_path / 'a.xml', 'no file of OpenVINO')
    torch.save(dict(a=torch.zeros(3)), tmp_path / 'a.pt2')
    refuse(tmp_path / 'a.pt2', 'not exported by mmreid')


def test_weights_beside(whole, tmp_path):
    path = copy(whole['.xml'], tmp_path)
    weights = path.with_suffix('.bin')
    content = weights.read_bytes()
    weights.unlink()
    refuse(path, 'a.bin', 'missing')
    weights.write_bytes(content[:-4])
    refuse(path, 'a.bin')
    # Of another model, of the same size: nothing but the digest tells.
    weights.write_bytes(bytes(len(content)))
    refuse(path, 'a.bin', 'do not belong together')
    weights.write_bytes(content)
    stamp(path, make_facts(name='stamped'))
    assert open_exported(path).facts.name == 'stamped'


@pytest.mark.parametrize(
    ('ending', 'package'),
    [('.onnx', 'onnxruntime'), ('.xml', 'openvino'), ('.pt2', 'torch')],
)
def test_a_missing_runtime_is_named(whole, monkeypatch, ending, package):
    # As Python finds a package that is not installed.
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=rf'a\{ending} needs .*pip install') as caught:
        open_exported(whole[ending])
    assert package in str(caught.value)
