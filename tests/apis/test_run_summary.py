"""Mean and deviation of runs, and refusing to mix protocols."""

import numpy as np
import pytest

from mmreid.apis import format_summary, summarize


def result(score: float, **stamp) -> dict:
    protocol = {'dataset': 'VIPeR', 'split_index': 0, 'num_query': 10, **stamp}
    return {'reid/mAP': score, 'reid/R1': score / 2, 'reid/protocol': protocol}


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
    with pytest.raises(ValueError, match="B/reid/protocol differs in 'dataset'"):
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
