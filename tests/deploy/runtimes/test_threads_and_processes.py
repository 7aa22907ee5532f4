"""One opened file, called from several threads and from other processes."""

import multiprocessing
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from small_exports import HEIGHT, WIDTH, make_small_exports

from mmreid.deploy import open_exported


@pytest.fixture(scope='module')
def files(tmp_path_factory):
    return make_small_exports(tmp_path_factory.mktemp('small')).files


@pytest.fixture(params=['onnx', 'openvino', 'torch'])
def path(request, files):
    return files[request.param]


@pytest.fixture
def pictures():
    return np.random.default_rng(0).integers(0, 256, (12, HEIGHT, WIDTH, 3), np.uint8)


def test_threads_get_their_own_answers(path, pictures):
    model = open_exported(path, threads=1)
    expected, before = model(pictures), torch.get_num_threads()

    def call(start):
        given = [model(pictures[start : start + n + 1]) for n in range(6)]
        wanted = [expected[start : start + n + 1] for n in range(6)]
        return all(map(np.allclose, given, wanted))

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(call, range(6)))
    assert torch.get_num_threads() == before


def test_a_model_is_sent_to_another_process_by_its_path(path, pictures):
    model = open_exported(path, threads=1)
    sent = pickle.dumps(model)
    assert len(sent) < 1000
    again = pickle.loads(sent)
    assert again.threads == 1
    assert np.array_equal(again(pictures), model(pictures))


# A process of its own: what other tests have imported has threads of its own.
_PROGRAM = """
import multiprocessing, sys
import numpy as np, torch
from mmreid.deploy import open_exported

def send(model, pictures, queue):
    queue.put(model(pictures))

if __name__ == '__main__':
    torch.set_num_threads(2)
    model, pictures = open_exported(sys.argv[1]), np.load(sys.argv[2])
    expected = model(pictures)
    context = multiprocessing.get_context('fork')
    queue = context.Queue()
    process = context.Process(target=send, args=(model, pictures, queue))
    process.start()
    try:
        assert np.allclose(queue.get(timeout=300), expected, atol=1e-5)
        print('equal')
    finally:
        process.kill()
        process.join()
"""


@pytest.mark.skipif(
    'fork' not in multiprocessing.get_all_start_methods(), reason='no fork'
)
def test_a_process_that_was_forked_off_gets_vectors(path, pictures, tmp_path):
    # Enough for OpenMP to start its threads, which a fork leaves behind.
    np.save(tmp_path / 'many.npy', np.concatenate([pictures] * 8))
    done = subprocess.run(
        [sys.executable, '-c', _PROGRAM, path, tmp_path / 'many.npy'],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == 'equal\n', done.stderr


@pytest.mark.filterwarnings('error')
def test_arrays_of_every_layout_are_taken(path, pictures):
    model = open_exported(path)
    expected = model(pictures)
    locked = pictures.copy()
    locked.flags.writeable = False
    assert np.allclose(model(locked), expected, atol=1e-5)
    assert np.allclose(model(pictures[::-1]), expected[::-1], atol=1e-5)
    assert np.allclose(model(np.asfortranarray(pictures)), expected, atol=1e-5)
    assert model(pictures[:0]).shape == (0, model.dim)
