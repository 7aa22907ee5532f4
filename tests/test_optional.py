"""Packages that few users need, and those that report what they are used for."""

import ast
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mmreid import optional
from mmreid.optional import import_optional

ROOT = Path(__file__).parents[1]


def test_a_package_is_imported():
    assert import_optional('json.decoder', 'Reading').JSONDecoder is not None


def test_a_missing_one_is_named_with_the_remedy():
    with pytest.raises(ImportError) as caught:
        import_optional('not_there.part', 'This', install='mmreid[x]', instead='rest')
    assert str(caught.value) == (
        'This needs the package not_there: pip install mmreid[x], or rest.'
    )


def test_reporting_packages_are_imported_in_no_other_way():
    """A statement would import them so that they report."""
    found = []
    for path in (ROOT / 'mmreid').rglob('*.py'):
        for node in ast.walk(ast.parse(path.read_text('utf-8'))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            if isinstance(node, ast.ImportFrom):
                names = [node.module or '']
            found += [
                f'{path.relative_to(ROOT)}:{node.lineno}'
                for name in names
                if name.partition('.')[0] in optional._REPORTING
            ]
    assert not found


def test_what_was_imported_before_is_left(monkeypatch):
    before = sys.modules.get('openvino_telemetry')
    monkeypatch.setitem(sys.modules, 'openvino_telemetry', sys)
    import_optional('onnxruntime', 'This')
    assert sys.modules['openvino_telemetry'] is sys
    assert before is not sys


@pytest.fixture
def reported(tmp_path, monkeypatch):
    """Run code in a home of its own; tell what it leaves there and whom it calls."""
    calls = []
    server = socket.create_server(('127.0.0.1', 0))
    proxy = f'http://127.0.0.1:{server.getsockname()[1]}'

    def listen() -> None:
        while True:
            try:
                caller, _ = server.accept()
            except OSError:
                return
            calls.append(caller.recv(200))
            caller.close()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()

    def run(code: str) -> tuple[list[str], int]:
        home = tmp_path / f'home{len(list(tmp_path.iterdir()))}'
        home.mkdir()
        names = ('CI', 'TF_BUILD', 'JENKINS_URL', 'ORT_', 'NNCF_', 'PYTEST', 'XDG_')
        kept = {k: v for k, v in os.environ.items() if not k.startswith(names)}
        for name in ('http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'):
            kept[name] = proxy
        kept.pop('no_proxy', None)
        kept.pop('NO_PROXY', None)
        kept.update(HOME=str(home), PYTHONPATH=str(ROOT))
        subprocess.run([sys.executable, '-c', code], env=kept, check=True)
        # Callers are heard one after the other: when this one is, all others were.
        with socket.create_connection(server.getsockname()) as last:
            last.sendall(b'last')
            last.recv(1)
        calls.remove(b'last')
        files = (path.relative_to(home).parts for path in home.rglob('*'))
        makers = {part for parts in files for part in parts} & {'intel', 'Microsoft'}
        return sorted(makers), len(calls)

    yield run
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


USE = (
    'ort = {onnxruntime}\nov = {openvino}\n'
    'from onnx.parser import parse_model\n'
    'model = parse_model(\'<ir_version: 9, opset_import: ["": 18]> \'\n'
    "    'g (float[1] x) => (float[1] y) {{ y = Relu(x) }}')\n"
    'ort.InferenceSession(model.SerializeToString())\n'
    'import sys, tempfile, onnx\n'
    'with tempfile.TemporaryDirectory() as folder:\n'
    "    onnx.save(model, folder + '/m.onnx')\n"
    "    ov.convert_model(folder + '/m.onnx')\n"
)


def test_runtimes_report_nothing_to_their_makers(reported):
    ours = 'from mmreid.optional import import_optional as load\n' + USE.format(
        onnxruntime="load('onnxruntime', '')", openvino="load('openvino', '')"
    )
    assert reported(ours) == ([], 0)


@pytest.mark.slow
def test_quantising_reports_nothing(reported):
    ours = (
        'from mmreid.optional import import_optional as load\n'
        "nncf = load('nncf', '')\n"
        "ov = load('openvino', '')\n"
        'import numpy as np\n'
        'from openvino import opset13 as op\n'
        "x = op.parameter([1, 3, 8, 8], np.float32, name='x')\n"
        'w = op.constant(np.ones((4, 3, 1, 1), np.float32))\n'
        'y = op.convolution(x, w, [1, 1], [0, 0], [0, 0], [1, 1])\n'
        'data = nncf.Dataset([np.ones((1, 3, 8, 8), np.float32)])\n'
        'nncf.quantize(ov.Model([y], [x]), data, subset_size=1)\n'
    )
    assert reported(ours) == ([], 0)


@pytest.mark.slow
def test_imported_by_a_statement_they_do_report(reported):
    """Otherwise the tests above would prove nothing."""
    makers, calls = reported(
        'import onnxruntime, openvino\n'
        + USE.format(onnxruntime='onnxruntime', openvino='openvino')
    )
    assert makers == ['Microsoft', 'intel']
    assert calls > 0
