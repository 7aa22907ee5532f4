"""Metrics on several processes: the same result, and no process left waiting."""

import os
import pickle
import resource
import subprocess
import sys
from datetime import timedelta

import numpy as np
import pytest
import torch
import torch.distributed as dist
from patience import PATIENCE
from preloaded import start_program

from mmreid.evaluation import DumpEmbeddings, ReIDMetric
from mmreid.evaluation.functional import load_features
from mmreid.evaluation.metrics import collecting, embedding_metric

SIZE = 41  # two processes see 21 samples each: one is repeated; of four, three are
# Everything that the metric can be asked for.
METRICS = dict(
    plain={},
    re_ranked=dict(rerank=dict(k1=5, k2=2), multi_query='mean', distance='euclidean'),
    expanded=dict(rerank=dict(type='query-expansion', k=3), protocol='same-clothes'),
    single_shot=dict(protocol='single-shot', impostors='both'),
)


def sample(index):
    rng = np.random.default_rng(index)
    return dict(
        embedding=torch.from_numpy(rng.standard_normal(8).astype(np.float32)),
        sample_idx=index,
        person_id=int(rng.integers(-1, 5)),
        cam_id=int(rng.integers(0, 3)),
        is_query=index % 4 == 2,
        clothes_id=int(rng.integers(0, 2)),
        **({} if index % 5 == 0 else dict(time=index / 2)),
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


class HalfDressed(DumpEmbeddings):
    """Knows clothes on the first process only."""

    def process(self, data_batch, data_samples):
        if dist.get_rank() > 0:
            data_samples = [undressed(sample) for sample in data_samples]
        super().process(data_batch, data_samples)


def undressed(sample):
    return {key: value for key, value in sample.items() if key != 'clothes_id'}


class LonelyMetric(ReIDMetric):
    """Has seen nothing on any but the first process."""

    def process(self, data_batch, data_samples):
        if dist.get_rank() == 0:
            super().process(data_batch, data_samples)


def worker(rank, world, folder):
    """Everything that is tested on several processes, in one start of them."""
    torch.set_num_threads(1)
    dist.init_process_group(
        'gloo', f'file://{folder}/init', timedelta(seconds=PATIENCE), world, rank
    )
    # Chunks of a few rows: several rounds, the last one not full.
    chunks = collecting.gather_rows
    collecting.gather_rows = lambda *args: chunks(*args, chunk_bytes=100)
    answers = dict(
        metrics={
            name: evaluate(ReIDMetric(**options), rank, world)
            for name, options in METRICS.items()
        },
        dump=evaluate(DumpEmbeddings(f'{folder}/features.npz'), rank, world),
        half_dressed=evaluate(HalfDressed(f'{folder}/half.npz'), rank, world),
        nan=failure_of(
            lambda: evaluate(
                ReIDMetric(), rank, world, embedding=torch.full((8,), float('nan'))
            )
        ),
        mixed=failure_of(
            lambda: evaluate(ReIDMetric(), rank, world, flip_test=rank > 0)
        ),
        lonely=failure_of(lambda: evaluate(LonelyMetric(), rank, world)),
        again=evaluate(ReIDMetric(), rank, world, batch_size=1 + 9 * rank),
    )
    with open(os.path.join(folder, f'{rank}.pkl'), 'wb') as file:
        pickle.dump(answers, file)
    dist.destroy_process_group()


@pytest.fixture(
    scope='module', params=[2, pytest.param(4, marks=pytest.mark.slow)], ids=str
)
def processes(request, tmp_path_factory):
    """The folder that several processes worked in, and what each of them returned."""
    folder, world = tmp_path_factory.mktemp('processes'), request.param
    # Started as programs: pytest's importlib mode leaves no module name to start by.
    started = [
        start_program(
            [__file__, rank, world, folder],
            folder / f'{rank}.log',
            dict(PYTHONPATH=os.pathsep.join(sys.path)),
        )
        for rank in range(world)
    ]
    try:
        for process in started:
            process.join(120)
        statuses = [process.exitcode for process in started]
        assert statuses == [0] * world, (folder / '0.log.err').read_text()[-3000:]
    finally:
        for process in started:
            process.kill()
    return folder, [
        pickle.loads((folder / f'{rank}.pkl').read_bytes()) for rank in range(world)
    ]


@pytest.mark.parametrize('name', METRICS)
def test_several_processes_give_what_one_gives(name, processes):
    _, answers = processes
    expected = evaluate(ReIDMetric(**METRICS[name]), 0, 1)
    assert expected['reid/protocol']['num_query_evaluated'] > 0
    assert [answer['metrics'][name] for answer in answers] == [expected] * len(answers)
    if name == 'plain':  # with other batches, the same
        assert [answer['again'] for answer in answers] == [expected] * len(answers)


def test_several_processes_write_the_file_of_one(processes, tmp_path):
    folder, answers = processes
    assert [answer['dump'] for answer in answers] == [{}] * len(answers)
    evaluate(DumpEmbeddings(tmp_path / 'features.npz'), 0, 1)
    one, two = (load_features(f / 'features.npz') for f in (tmp_path, folder))
    for key in ('embedding', 'person_id', 'cam_id', 'is_query', 'img_path'):
        assert np.array_equal(getattr(one, key), getattr(two, key)), key
    assert np.array_equal(one.clothes_id, two.clothes_id)
    assert one.clothes_id.tolist()[0] == sample(2)['clothes_id']
    np.testing.assert_array_equal(one.time, two.time)
    # Of the samples 2, 6 and 10, of which the last does not tell.
    np.testing.assert_array_equal(one.time[:3], [1, 3, np.nan])
    assert one.meta == two.meta
    first_query = one.img_path.tolist()[0]
    assert first_query == sample(2)['img_path']


def test_clothes_that_one_process_alone_knows_are_not_known(processes):
    # The others' would be 0, as if all of their persons wore the same.
    folder, _ = processes
    assert load_features(folder / 'half.npz').clothes_id is None
    assert load_features(folder / 'features.npz').clothes_id is not None


@pytest.mark.parametrize('place', [0, 7, SIZE - 1])
@pytest.mark.parametrize('merged_bytes', [1, 10 * 8 * 4, 1 << 20])
def test_clothes_that_one_sample_lacks_are_not_known(
    place, merged_bytes, tmp_path, monkeypatch
):
    monkeypatch.setattr(embedding_metric, 'MERGED_BYTES', merged_bytes)
    for name, missing in (('all', None), ('but one', place)):
        samples = [sample(i) for i in range(SIZE)]
        if missing is not None:
            samples[missing] = undressed(samples[missing])
        metric = DumpEmbeddings(tmp_path / f'{name}.npz')
        for start in range(0, SIZE, 4):
            metric.process(None, samples[start : start + 4])
        metric.evaluate(SIZE)
    assert load_features(tmp_path / 'all.npz').clothes_id is not None
    assert load_features(tmp_path / 'but one.npz').clothes_id is None


def test_a_failure_of_the_main_process_is_raised_on_all(processes):
    _, (main, *others) = processes
    assert main['nan'].startswith('ValueError: query vector 0 holds NaN')
    for answer in others:
        assert answer['nan'].startswith('RuntimeError: This process stops because')
        assert 'ValueError: query vector 0 holds NaN' in answer['nan']


def test_a_disagreement_is_raised_on_all(processes):
    _, answers = processes
    assert {answer['mixed'] for answer in answers} == {answers[0]['mixed']}
    assert answers[0]['mixed'].startswith('ValueError: All embeddings must be made')


def test_missing_samples_are_counted_on_all(processes):
    _, answers = processes
    seen = -(-SIZE // len(answers))
    for answer in answers:
        assert f'41 samples, but {seen} different sample_idx' in answer['lonely']


@pytest.mark.parametrize('chunk_bytes', [1, 24, 1000])
@pytest.mark.parametrize('lengths', [[5], [1, 1, 1], [2, 0, 7, 4], []])
def test_rows_arrive_once_and_in_order(lengths, chunk_bytes):
    rows = torch.arange(3.0 * sum(lengths)).reshape(-1, 3)
    like = torch.empty(0, 3)
    gathered = collecting.gather_rows(
        iter(rows.split(lengths)), [len(rows)], like, chunk_bytes
    )
    seen = 0
    for rank, start, part in gathered:
        assert (rank, start) == (0, seen)
        assert torch.equal(part, rows[seen : seen + len(part)])
        assert len(part) <= max(1, chunk_bytes // 12)
        seen += len(part)
    assert seen == len(rows)


def peak_of_collecting(size, dim):
    """Return peak memory beyond the features' size, as a part of that size."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    metric = DumpEmbeddings('nowhere.npz')
    rng = np.random.default_rng(0)
    for start in range(0, size, 64):
        batch = torch.from_numpy(rng.standard_normal((64, dim), np.float32))
        labels = dict(person_id=1, cam_id=1, is_query=start == 0, img_path='a.jpg')
        metric.process(
            None,
            [
                dict(embedding=vector, sample_idx=start + i, **labels)
                for i, vector in enumerate(batch)
            ],
        )
    features = collecting.collect_features(metric.results, size)
    assert features.embedding.shape == (size, dim)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return 1024 * peak / features.embedding.nbytes - 1


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != 'linux', reason='measures memory as Linux tells it')
def test_the_features_are_held_once():
    # In a process of its own: freed memory of other tests would hide what is needed.
    found = subprocess.run(
        [sys.executable, __file__, 'peak'],
        env=dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert float(found.stdout.split()[-1]) < 0.6


def test_many_small_batches_are_merged_and_nothing_is_lost(monkeypatch):
    monkeypatch.setattr(embedding_metric, 'MERGED_BYTES', 10 * 8 * 4)
    metric = ReIDMetric()
    for start in range(0, SIZE, 3):
        batch = [sample(i) for i in range(start, min(start + 3, SIZE))]
        if start == 15:
            batch = [dict(one, embedding=one['embedding'].double()) for one in batch]
        metric.process(None, batch)
    # Twelve at a time, and five that are not enough yet.
    assert [len(batch.embedding) for batch in metric.results] == [12, 12, 12, 3, 2]
    assert metric.evaluate(SIZE) == evaluate(ReIDMetric(), 0, 1)


def test_unshared_results_stay_on_the_main_process():
    assert collecting.on_main_process(lambda: 5, share=False) == 5
    with pytest.raises(ZeroDivisionError):
        collecting.on_main_process(lambda: 1 / 0)


if __name__ == '__main__' and sys.argv[1:] == ['peak']:
    print(peak_of_collecting(50 * 1024, 2048))
elif __name__ == '__main__':
    worker(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
