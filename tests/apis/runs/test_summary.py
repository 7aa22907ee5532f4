"""Mean and deviation of runs, and refusing to mix protocols."""

import numpy as np
import pytest

from mmreid.apis import format_summary, summarize
from mmreid.evaluation import ReIDMetric
from mmreid.evaluation.functional import Features


def result(score: float, **stamp) -> dict:
    protocol = {'dataset': 'VIPeR', 'split_index': 0, 'num_query': 10, **stamp}
    return {'reid/mAP': score, 'reid/R1': score / 2, 'toy/protocol': protocol}


def test_mean_and_sample_deviation() -> None:
    scores = np.random.default_rng().uniform(0, 100, 7)
    runs = {
        f'split_{i:02d}': result(score, split_index=i, num_query=i)
        for i, score in enumerate(scores.tolist())
    }
    summary = summarize(runs)
    assert summary['num_runs'] == 7
    assert summary['mean'] == pytest.approx(
        {'reid/mAP': scores.mean(), 'reid/R1': scores.mean() / 2}
    )
    assert summary['std']['reid/mAP'] == pytest.approx(scores.std(ddof=1))
    assert summary['runs'] == runs
    lines = format_summary(summary).splitlines()
    assert lines[0].split() == ['reid/mAP', 'reid/R1']
    assert lines[1].split() == [
        'split_00',
        f'{scores[0]:.2f}',
        f'{scores[0] / 2:.2f}',
    ]
    assert lines[-2].split() == [
        'mean',
        f'{scores.mean():.2f}',
        f'{scores.mean() / 2:.2f}',
    ]
    assert f'{scores.std(ddof=1):.2f}' in lines[-1]


def test_several_test_sets() -> None:
    runs = {f'seed_{i}': {'A': result(float(i)), 'B': result(9.0)} for i in range(3)}
    summary = summarize(runs)
    assert summary['mean']['A/reid/mAP'] == 1
    assert summary['std']['A/reid/mAP'] == 1
    assert summary['std']['B/reid/mAP'] == 0
    runs['seed_1'] = {'A': result(1.0), 'B': result(9.0, dataset='GRID')}
    with pytest.raises(ValueError, match="B/toy/protocol differs in 'dataset'"):
        summarize(runs)


def test_one_run_has_no_deviation() -> None:
    summary = summarize({'seed_00': result(3.0)})
    assert summary['std'] == {'reid/mAP': None, 'reid/R1': None}
    assert format_summary(summary).splitlines()[-1].split()[-2:] == ['-', '-']


@pytest.mark.parametrize(
    ('other', 'message'),
    [
        (result(1.0, dataset='GRID'), r"protocol differs in 'dataset' \('VIPeR' and"),
        (result(1.0, flip_test=True), r"in 'flip_test' \(None and True\)"),
        ({'reid/mAP': 1.0}, 'R1 differs'),
        ({**result(1.0), 'reid/R5': 1.0}, 'R5 differs'),
    ],
)
def test_different_protocols_are_not_averaged(other: dict, message: str) -> None:
    with pytest.raises(ValueError, match=f'(?s)a and b cannot be averaged.*{message}'):
        summarize({'a': result(1.0), 'b': other})


def test_a_score_that_does_not_exist_is_not_hidden() -> None:
    summary = summarize({'a': result(1.0), 'b': {**result(1.0), 'reid/mAP': None}})
    assert np.isnan(summary['mean']['reid/mAP'])


def test_runs_trained_on_their_own_split_are_averaged() -> None:
    runs = {
        f'split_{i}': result(1.0, trained_on=f'VIPeR v1.0 train (split {i})')
        for i in range(3)
    }
    assert summarize(runs)['num_runs'] == 3
    runs['split_1']['toy/protocol']['trained_on'] = 'VIPeR v1.0 train+val (split 1)'
    with pytest.raises(ValueError, match="differs in 'trained_on'"):
        summarize(runs)


def test_the_table_tells_the_protocol() -> None:
    draw = np.random.default_rng(0)
    features = Features(
        embedding=draw.normal(size=(9, 4)).astype(np.float32),
        person_id=np.arange(9) % 3 + 1,
        cam_id=np.arange(9),
        is_query=np.arange(9) < 3,
        img_path=np.array([f'{i}.jpg' for i in range(9)]),
        meta=dict(flip_test=False, normalize='none'),
    )
    metric = ReIDMetric()
    metric.dataset_meta = dict(dataset='CUHK03', version='classic', split='test')
    scores = metric.compute_metrics(features)
    run = {f'reid/{name}': value for name, value in scores.items()}
    text = format_summary(summarize({'split_00': run, 'split_01': run}))
    assert 'split_00, CUHK03 classic test' in text
    assert 'cosine distance, no re-ranking' in text
