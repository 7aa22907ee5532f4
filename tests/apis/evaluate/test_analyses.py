"""Analyses of features: the parts fit together and JSON can hold them."""

import json

import numpy as np
import pytest

from mmreid.apis import Analyses, Resampling, analyze_features
from mmreid.apis.evaluate.analyses import format_analysis
from mmreid.apis.evaluate.identification import score_identification
from mmreid.apis.evaluate.thresholds import choose_threshold
from mmreid.apis.runs.evaluation_files import write_json
from mmreid.evaluation import ReIDMetric
from mmreid.evaluation.features.key import features_key
from mmreid.evaluation.functional import (
    Features,
    bootstrap_interval,
    evaluate_camera_pairs,
    evaluate_identification,
    evaluate_ranking,
    evaluate_verification,
)
from mmreid.evaluation.rules import RankingRules


def make(absent=True, key='k', **changes):
    rng = np.random.default_rng(0)
    person = np.repeat(np.arange(1, 16), 6)
    camera = np.tile([0, 0, 1, 1, 2, 2], 15)
    is_query = np.tile([True, False], 45)
    if absent:  # Persons 14 and 15 are asked for, but not in the gallery.
        person[(person > 13) & ~is_query] = 0
    vectors = rng.standard_normal((16, 8))[np.repeat(np.arange(1, 16), 6)]
    values = dict(
        embedding=(vectors + 0.8 * rng.standard_normal((90, 8))).astype(np.float32),
        person_id=person,
        cam_id=camera,
        is_query=is_query,
        img_path=np.array([f'{i}.jpg' for i in range(90)]),
        meta=dict(dataset='Toy', features_key=features_key(key, 'c', 'd')),
    )
    return Features(**{**values, **changes})


def test_everything_at_once(tmp_path):
    features = make()
    inputs = features.ranking_inputs()
    how = Resampling(resamples=300, confidence=0.9, seed=3)
    asked = Analyses(how, by_camera=True, hardest=4, rates=(0.1, 0.5))
    options = dict(distance='euclidean', ranks=(1, 2))
    report = analyze_features(features, RankingRules(**options), asked)
    result = evaluate_ranking(*inputs, **options)
    assert report['reid/mAP'] == pytest.approx(100 * result.mAP)
    assert report['reid/R2'] == pytest.approx(100 * result.cmc[1])
    assert report['reid/features_key'] == features.meta['features_key']

    persons = features.person_id[features.is_query][result.valid]
    values = 100 * result.average_precision[result.valid]
    bounds = bootstrap_interval(values, persons, resamples=300, confidence=0.9, seed=3)
    assert report['reid/intervals']['mAP'] == pytest.approx(
        dict(low=bounds.low, high=bounds.high)
    )
    assert report['reid/intervals']['num_persons'] == 13

    hardest = report['reid/hardest']
    lowest = np.sort(result.average_precision[result.valid])[:4]
    found = [query['average_precision'] for query in hardest]
    assert found == pytest.approx(100 * lowest)
    paths = features.img_path[features.is_query].tolist()
    assert (
        result.first_match_rank[paths.index(hardest[0]['path'])] == (hardest[0]['rank'])
    )

    pairs = evaluate_camera_pairs(*inputs, distance='euclidean', ranks=(1,))
    assert report['reid/camera_pairs']['gallery_cameras'] == [0, 1, 2]
    assert report['reid/camera_pairs']['mAP'][0][1] == 100 * pairs.mAP[0, 1]

    one = evaluate_identification(*inputs, rates=(0.1, 0.5), **options)
    scores = report['reid/identification']
    assert scores['R2'] == [100 * rate for rate in one.detection_rates[:, 1]]
    assert (scores['unmated'], scores['num_unmated']) == ('absent', 6)
    two = evaluate_verification(*inputs, rates=(0.1, 0.5), distance='euclidean')
    scores = report['reid/verification']
    assert scores['true_positive_rates'] == [100 * r for r in two.true_positive_rates]

    write_json(tmp_path / 'report.json', report)
    assert 'NaN' not in (tmp_path / 'report.json').read_text()
    text = format_analysis(report)
    for told in (
        f' {100 * result.mAP:.2f}',
        '90 % interval',
        'over the 13 persons, 300 resamples, seed 3',
        f'{100 * pairs.mAP[0, 1]:.2f}',
        hardest[0]['path'],
        '39 queries with a right answer, 6 queries without one',
        f'{one.thresholds[1]:.6f}',
        'pairs of one person',
        'euclidean',
    ):
        assert told in text


def test_little_is_computed_unless_asked_for():
    report = analyze_features(make())
    assert sorted(report) == [
        *('reid/R1', 'reid/R10', 'reid/R5', 'reid/features_key', 'reid/mAP'),
        *('reid/mINP', 'reid/per_query', 'reid/protocol', 'reid/warnings'),
    ]
    assert json.loads(json.dumps(report['reid/per_query'])) == report['reid/per_query']
    text = format_analysis(report)
    assert 'interval' not in text


def test_closed_sets_ask_again_without_the_person():
    scores = score_identification(make(absent=False), rates=(0.1,))
    assert (scores['unmated'], scores['num_unmated']) == ('left-out', 45)
    with pytest.raises(ValueError, match='left-out'):
        score_identification(make(absent=False), unmated='absent')


@pytest.mark.parametrize('task', ['identification', 'verification'])
def test_a_threshold_gives_the_rates_that_it_was_chosen_for(task):
    features = make()
    report = analyze_features(features, None, Analyses(rates=(0.2,)))
    first = report[f'reid/{task}']
    threshold = choose_threshold(features, task, first)
    assert threshold.rate == pytest.approx(0.2)
    assert (threshold.dataset, threshold.task) == ('Toy', task)
    again = analyze_features(features, None, Analyses(threshold=threshold))
    assert again['reid/warnings'] == []
    assert again[f'reid/{task}'] == {**first, 'rates': None}
    assert f'{threshold.threshold:.6f}' in format_analysis(again)
    other = analyze_features(make(key='x'), None, Analyses(threshold=threshold))
    assert 'another model' in other['reid/warnings'][0]
    assert format_analysis(other).startswith('!!! The threshold was set with another')
    with pytest.raises(ValueError, match='cosine'):
        analyze_features(
            features, RankingRules('euclidean'), Analyses(threshold=threshold)
        )


@pytest.mark.parametrize(
    'options',
    [dict(rerank={}), dict(multi_query='max'), dict(protocol='single-shot')],
)
@pytest.mark.parametrize('asked', [Analyses(by_camera=True), Analyses(rates=(0.1,))])
def test_what_needs_plain_distances_is_refused_without_them(options, asked):
    with pytest.raises(ValueError, match='plain distances'):
        analyze_features(make(), RankingRules(**options), asked)


def test_without_cameras_there_are_no_pairs_of_them():
    features = make(meta=dict(cameras=False))
    with pytest.raises(ValueError, match='does not know its cameras'):
        analyze_features(features, None, Analyses(by_camera=True))


def test_without_right_answers_there_are_no_intervals():
    features = make(cam_id=np.zeros(90, np.int64))
    report = analyze_features(features, None, Analyses(Resampling(), hardest=3))
    assert np.isnan(report['reid/mAP'])
    assert report['reid/hardest'] == []
    assert 'reid/intervals' not in report
    assert 'None of the 45 queries has a right answer' in format_analysis(report)


def test_scores_are_those_of_the_metric():
    features = make()
    metric = ReIDMetric(multi_query='max', protocol='single-shot', per_query=True)
    metric.dataset_meta = features.meta
    expected = metric.compute_metrics(features)
    rules = RankingRules(multi_query='max', protocol='single-shot')
    report = analyze_features(features, rules)
    found = {key: report[f'reid/{key}'] for key in expected}
    assert found == expected
