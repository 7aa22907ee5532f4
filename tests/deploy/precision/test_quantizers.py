"""What both ways to int8 refuse, and how they say it."""

import sys
import tempfile

import pytest
from tiny_embedder import TinyPictures, write_tiny

from mmreid.deploy.precision import QUANTIZERS, PrecisionError

CALIBRATION = TinyPictures().calibration
ENDINGS = dict(onnx='.onnx', openvino='.xml')
each_kind = pytest.mark.parametrize('to', QUANTIZERS)


def quantize(to, folder, calibration=CALIBRATION, validate=len, max_drop=1.0):
    return QUANTIZERS[to](
        folder / 'float.onnx',
        folder / f'int8{ENDINGS[to]}',
        calibration,
        validate=validate,
        max_drop=max_drop,
    )


@pytest.mark.parametrize(
    ('to', 'words'),
    [
        ('onnx', ('ranges by Entropy', 'nodes in float32')),
        ('openvino', ('all layers that NNCF can',)),
    ],
)
def test_what_nothing_in_float32_keeps_is_refused_with_what_was_tried(
    to, words, tmp_path, monkeypatch, capsys, caplog
):
    elsewhere = tmp_path / 'temporary'
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, 'tempdir', str(elsewhere))
    write_tiny(tmp_path / 'float.onnx')
    scores = iter([80.0, *[50.0] * 100])
    with pytest.raises(PrecisionError, match='loses more than max_drop=1') as refusal:
        quantize(to, tmp_path, validate=lambda embed: next(scores))
    for word in ('float.onnx', *words, '+30.00'):
        assert word in str(refusal.value)
    assert sorted(p.name for p in tmp_path.iterdir()) == ['float.onnx', 'temporary']
    assert not [*elsewhere.iterdir()]
    assert capsys.readouterr().out == ''
    assert not caplog.records


@each_kind
def test_an_error_of_the_validation_is_not_swallowed(to, tmp_path):
    def fail(embed):
        raise OSError('the test set is gone')

    write_tiny(tmp_path / 'float.onnx')
    with pytest.raises(OSError, match='the test set is gone'):
        quantize(to, tmp_path, validate=fail)


@pytest.mark.parametrize(
    ('to', 'module', 'package'),
    [
        ('onnx', 'onnxruntime.quantization', 'onnxruntime'),
        ('openvino', 'nncf', 'nncf'),
    ],
)
def test_a_missing_package_is_named(to, module, package, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    message = rf"package {package}: pip install 'mmreid\[export\]'"
    with pytest.raises(ImportError, match=message):
        quantize(to, tmp_path)


@each_kind
@pytest.mark.parametrize(
    ('max_drop', 'error'),
    [(-0.1, 'be at least 0'), (float('nan'), 'be a number'), ('1', 'be a number')],
)
def test_a_loss_that_nothing_can_keep_is_refused(to, max_drop, error, tmp_path):
    with pytest.raises(ValueError, match=f'max_drop must {error}'):
        quantize(to, tmp_path, max_drop=max_drop)


@each_kind
def test_no_calibration_picture_is_refused(to, tmp_path):
    write_tiny(tmp_path / 'float.onnx')
    with pytest.raises(ValueError, match='calibration must have at least one picture'):
        quantize(to, tmp_path, calibration=[])
