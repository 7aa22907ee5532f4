"""Metrics on several processes: the same result, and no process left waiting."""

import os
import pickle
import subprocess
import sys
from datetime import timedelta

import numpy as np
import pytest
import torch
import torch.distributed as dist

from mmreid.evaluation import DumpEmbeddings, ReIDMetric
from mmreid.evaluation.functional import load_features
from mmreid.evaluation.metrics import collecting, gather

SIZE = 41  # two processes see 21 samples each: one is repeated


def sample(index):
    rng = np.random.default_rng(index)
    return dict(
        embedding=torch.from_numpy(rng.standard_normal(8).astype(np.float32)),
        sample_idx=index,
        person_id=int(rng.integers(-1, 5)),
        cam_id=int(rng.integers(0, 3)),
        is_query=index % 4 == 2,
        img_path=f'images/{"long" * (index % 3)}{index}.jpg',
        flip_test=False,
        normalize='none',
    )


def evaluate(metric, rank, world, batch_size=4, **changes):
    padded = [i % SIZE for i in range(-(-SIZE // world) * world)]
    outputs = [{**sample(i), **changes} for i in padded[rank::world]]
    for start in range(0, len(outputs), batch_size):
        metric.process(None, outputs[start : start + batch_size])
    return metric.evaluate(SIZE)


def failure_of(action):
    try:
        action()
    except Exception as error:
        return f'{type(error).__name__}: {error}'
    return 'nothing'


class LonelyMetric(ReIDMetric):
    """Has seen nothing on the second process."""

    def process(self, data_batch, data_samples):
        if dist.get_rank() == 0:
            super().process(data_batch, data_samples)


def worker(rank, world, folder):
    """Everything that is tested on several processes, in one start of them."""
    torch.set_num_threads(1)
    dist.init_process_group(
        'gloo', f'file://{folder}/init', timedelta(seconds=30), world, rank
    )
    # Chunks of a few rows: several rounds, the last one not full.
    chunks = gather.gather_rows
    collecting.gather_rows = lambda *args: chunks(*args, chunk_bytes=100)
    told = dict(
        metrics=evaluate(ReIDMetric(), rank, world),
        dump=evaluate(DumpEmbeddings(f'{folder}/features.npz'), rank, world),
        nan=failure_of(
            lambda: evaluate(
                ReIDMetric(), rank, world, embedding=torch.full((8,), float('nan'))
            )
        ),
        mixed=failure_of(lambda: evaluate(ReIDMetric(), rank, world, flip_test=rank)),
        lonely=failure_of(lambda: evaluate(LonelyMetric(), rank, world)),
        again=evaluate(ReIDMetric(), rank, world, batch_size=1 + 9 * rank),
    )
    with open(os.path.join(folder, f'{rank}.pkl'), 'wb') as file:
        pickle.dump(told, file)
    dist.destroy_process_group()


@pytest.fixture(scope='module')
def two_processes(tmp_path_factory):
    folder = tmp_path_factory.mktemp('two')
    # Started as scripts: pytest's importlib mode leaves no module name to spawn.
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    started = [
        subprocess.Popen(
            [sys.executable, __file__, str(rank), '2', str(folder)], env=environment
        )
        for rank in (0, 1)
    ]
    try:
        assert [process.wait(timeout=120) for process in started] == [0, 0]
    finally:
        for process in started:
            process.kill()
    return folder, [
        pickle.loads((folder / f'{rank}.pkl').read_bytes()) for rank in (0, 1)
    ]


def test_two_processes_give_what_one_gives(two_processes):
    _, told = two_processes
    expected = evaluate(ReIDMetric(), 0, 1)
    assert expected['reid/protocol']['num_query_evaluated'] > 0
    for rank in (0, 1):
        assert told[rank]['metrics'] == expected
        assert told[rank]['again'] == expected


def test_two_processes_write_the_file_of_one(two_processes, tmp_path):
    folder, told = two_processes
    assert told[0]['dump'] == told[1]['dump'] == {}
    evaluate(DumpEmbeddings(tmp_path / 'features.npz'), 0, 1)
    one, two = (load_features(f / 'features.npz') for f in (tmp_path, folder))
    for key in ('embedding', 'person_id', 'cam_id', 'is_query', 'img_path'):
        assert np.array_equal(getattr(one, key), getattr(two, key)), key
    assert one.meta == two.meta
    first_query = one.img_path.tolist()[0]
    assert first_query == sample(2)['img_path']


def test_a_failure_of_the_main_process_is_raised_on_both(two_processes):
    _, told = two_processes
    assert told[0]['nan'].startswith('ValueError: query vector 0 holds NaN')
    assert told[1]['nan'].startswith('RuntimeError: This process stops because')
    assert 'ValueError: query vector 0 holds NaN' in told[1]['nan']


def test_a_disagreement_is_raised_on_both(two_processes):
    _, told = two_processes
    assert told[0]['mixed'] == told[1]['mixed']
    assert told[0]['mixed'].startswith('ValueError: All embeddings must be made')


def test_missing_samples_are_counted_on_both(two_processes):
    _, told = two_processes
    for rank in (0, 1):
        assert '41 samples, but 21 different sample_idx' in told[rank]['lonely']


@pytest.mark.parametrize('chunk_bytes', [1, 24, 1000])
@pytest.mark.parametrize('lengths', [[5], [1, 1, 1], [2, 0, 7, 4], []])
def test_rows_arrive_once_and_in_order(lengths, chunk_bytes):
    rows = torch.arange(3.0 * sum(lengths)).reshape(-1, 3)
    like = torch.empty(0, 3)
    gathered = gather.gather_rows(
        iter(rows.split(lengths)), [len(rows)], like, chunk_bytes
    )
    seen = 0
    for rank, start, part in gathered:
        assert (rank, start) == (0, seen)
        assert torch.equal(part, rows[seen : seen + len(part)])
        assert len(part) <= max(1, chunk_bytes // 12)
        seen += len(part)
    assert seen == len(rows)


def test_unshared_results_stay_on_the_main_process():
    assert gather.on_main_process(lambda: 5, share=False) == 5
    with pytest.raises(ZeroDivisionError):
        gather.on_main_process(lambda: 1 / 0)


if __name__ == '__main__':
    worker(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
