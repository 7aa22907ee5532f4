"""The examples of docs/examples, run where nothing but their imports is installed."""

import functools
import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np
import pytest
from bare_environment import ONNX_ONLY, ROOT, bare_variables, link_packages
from tiny_exported import convert_onnx, make_facts, mean_colours, write_tiny_onnx

from mmreid.apis import ReIDInferencer, init_model
from mmreid.deploy import ExportedFacts, open_exported
from mmreid.deploy.export import capture, stamp, write
from mmreid.engine import read_config

EXAMPLES = ROOT / 'docs' / 'examples'
HEIGHT, WIDTH = 64, 32
ENDINGS = dict(onnx='.onnx', openvino='.xml')
# The others need a second export.
RECIPES = [
    ('cv2', 'bicubic', 'rgb'),
    ('pillow', 'bilinear', 'rgb'),
    pytest.param('cv2', 'bilinear', 'bgr', marks=pytest.mark.slow),
    pytest.param('pillow', 'bicubic', 'bgr', marks=pytest.mark.slow),
]


def cosines(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    ours, theirs = ours.astype(np.float64), theirs.astype(np.float64)
    lengths = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1)
    return (ours * theirs).sum(1) / lengths


@pytest.fixture(scope='module')
def config():
    """A network on small pictures, for speed."""
    cfg = read_config('configs/bot/bot_r18_synthmini.py')
    cfg.test_dataloader.dataset.pipeline[1].scale = (WIDTH, HEIGHT)
    return cfg


@pytest.fixture(scope='module')
def network(config):
    return init_model(config)


@pytest.fixture(scope='module')
def pictures(tmp_path_factory):
    """Files of many kinds and sizes, none of the network's."""
    folder = tmp_path_factory.mktemp('pictures')
    rng = np.random.default_rng(1)

    def scene(height: int, width: int) -> np.ndarray:
        noise = rng.integers(0, 256, (height, width, 3), np.uint8)
        return cv2.normalize(cv2.GaussianBlur(noise, (9, 9), 3), None, 0, 255, 32)

    for name, picture in {
        'a.jpg': scene(211, 97),
        'b.png': scene(50, 120),
        'small.png': scene(9, 5),
        'grey.jpg': scene(128, 64)[:, :, 0],
        'grey.png': scene(64, 32)[:, :, 1],
        'alpha.png': np.dstack([scene(80, 40), scene(80, 40)[:, :, :1]]),
        'sixteen.png': scene(100, 50).astype(np.uint16) * 257,
        'c.webp': scene(333, 111),
    }.items():
        assert cv2.imwrite(str(folder / name), picture)
    return sorted(folder.iterdir())


@pytest.fixture(scope='module')
def exported(network, tmp_path_factory):
    """One network's file of each kind, for an order of channels."""
    folder = tmp_path_factory.mktemp('exported')

    @functools.cache
    def files(channels: str) -> Path:
        facts = facts_of('cv2', 'bilinear', channels)
        program = capture(network, HEIGHT, WIDTH, channels)
        write(program, 'onnx', folder / f'{channels}.onnx', facts)
        convert_onnx(folder / f'{channels}.onnx', folder / f'{channels}.xml', facts)
        return folder

    return files


def facts_of(backend: str, interpolation: str, channels: str) -> ExportedFacts:
    return make_facts(
        dim=256,
        height=HEIGHT,
        width=WIDTH,
        channels=channels,
        interpolation=interpolation,
        resize_backend=backend,
    )


@pytest.fixture(scope='module')
def sites(tmp_path_factory):
    """Python's packages for each example: those it imports, Pillow, no others."""
    folder = tmp_path_factory.mktemp('sites')
    return dict(
        onnx=link_packages(folder / 'onnx', (*ONNX_ONLY, 'pillow')),
        # Without openvino-telemetry, as the page says.
        openvino=link_packages(
            folder / 'openvino', ('numpy', 'opencv-python', 'openvino', 'pillow')
        ),
    )


def run_example(name: str, site: Path, *words: object) -> None:
    done = subprocess.run(
        [sys.executable, '-S', EXAMPLES / name, *map(str, words)],
        capture_output=True,
        text=True,
        env=bare_variables(site),
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(('backend', 'interpolation', 'channels'), RECIPES)
@pytest.mark.parametrize('to', ['onnx', 'openvino'])
def test_it_computes_what_the_inferencer_does(
    config,
    network,
    exported,
    pictures,
    sites,
    tmp_path,
    to,
    backend,
    interpolation,
    channels,
):
    file = exported(channels) / f'{channels}{ENDINGS[to]}'
    facts = facts_of(backend, interpolation, channels)
    stamp(file, facts)
    out = tmp_path / 'vectors.npy'
    run_example(f'{to}_vectors.py', sites[to], file, out, *pictures)
    vectors = np.load(out)

    resize = config.test_dataloader.dataset.pipeline[1]
    resize.update(interpolation=interpolation, backend=backend)
    network.cfg = config
    inferencer = ReIDInferencer(network, device='cpu', precision='float32')
    expected = inferencer(pictures)
    assert not expected.failures
    assert cosines(vectors, expected.vectors).min() >= 0.99999
    # Nor is this true of any vectors.
    assert cosines(vectors[1:], expected.vectors[:-1]).max() < 0.9999

    model = open_exported(file)
    ours = model(np.stack([model.prepare(path) for path in pictures]))
    assert cosines(ours, expected.vectors).min() >= 0.99999


def test_twenty_lines_are_enough():
    text = (EXAMPLES / 'onnx_vectors.py').read_text('utf-8').split('"""')[2]
    lines = [line for line in text.splitlines() if line.strip()]
    assert len(lines) <= 20


class KServe(BaseHTTPRequestHandler):
    """The part of KServe's protocol that both servers speak, over a real file."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
        (given,) = body['inputs']
        assert self.path == '/v2/models/mean_colour/infer'
        assert (given['name'], given['datatype']) == ('pictures', 'UINT8')
        pictures = np.array(given['data'], np.uint8).reshape(given['shape'])
        vectors = self.server.model(pictures)
        output = dict(name='vectors', datatype='FP32', shape=vectors.shape)
        output['data'] = vectors.ravel().tolist()
        answer = json.dumps(dict(model_name='mean_colour', outputs=[output])).encode()
        self.send_response(200)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args: object) -> None:
        pass


def test_a_server_is_asked(tmp_path, sites):
    write_tiny_onnx(tmp_path / 'm.onnx')
    server = ThreadingHTTPServer(('127.0.0.1', 0), KServe)
    server.model = open_exported(tmp_path / 'm.onnx')
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    pictures = np.random.default_rng(0).integers(0, 256, (3, 8, 4, 3), np.uint8)
    np.save(tmp_path / 'pictures.npy', pictures)
    try:
        address = f'http://127.0.0.1:{server.server_port}/v2/models/mean_colour'
        words = (address, tmp_path / 'pictures.npy', tmp_path / 'vectors.npy')
        run_example('ask_server.py', sites['onnx'], *words)
    finally:
        server.shutdown()
        server.server_close()
    vectors = np.load(tmp_path / 'vectors.npy')
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, mean_colours(pictures), rtol=1e-6)
