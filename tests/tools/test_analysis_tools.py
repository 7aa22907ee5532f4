"""evaluate_features.py and compare_results.py, as users call them."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.io

from mmreid.evaluation.functional import Features, evaluate_ranking, save_features

EVALUATE = 'analysis_tools/evaluate_features'
COMPARE = 'analysis_tools/compare_results'


def make(seed=0):
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(1, 11), 6)
    vectors = np.random.default_rng(9).standard_normal((11, 8))[person]
    return Features(
        embedding=(vectors + 0.8 * rng.standard_normal((60, 8))).astype(np.float32),
        person_id=person,
        cam_id=np.tile([0, 0, 1, 1, 2, 2], 10),
        is_query=np.tile([True, False], 30),
        img_path=np.array([f'{i}.jpg' for i in range(60)]),
        meta=dict(dataset='Toy', version='1', split='test'),
    )


@pytest.fixture
def run(load_tool, monkeypatch, capsys):
    """Run a tool and return what it printed."""

    def start(name, *words):
        monkeypatch.setattr(sys, 'argv', [f'{name}.py', *map(str, words)])
        monkeypatch.setattr(sys, 'path', list(sys.path))
        load_tool(name).main()
        return capsys.readouterr().out

    return start


def test_features_are_evaluated_without_a_model(run, tmp_path):
    save_features(tmp_path / 'f.npz', make())
    words = ['--distance', 'euclidean', '--by-camera', '--hardest', 2, '--ranks', 1, 3]
    more = ['--open-set', 0.05, '--save-threshold', tmp_path / 'new' / 't.json']
    words += ['--bootstrap', 200, '--out', tmp_path / 'out' / 'r.json', *more]
    shown = run(EVALUATE, tmp_path / 'f.npz', *words)
    result = evaluate_ranking(*make().ranking_inputs(), distance='euclidean')
    assert f'mAP   {100 * result.mAP:.2f}' in shown
    for told in ('200 resamples', '-> 2', 'hardest queries', 'DIR@R3', 'TPR', 'Toy'):
        assert told in shown
    report = json.loads((tmp_path / 'out' / 'r.json').read_text())
    assert report['reid/mAP'] == pytest.approx(100 * result.mAP)
    assert report['reid/protocol']['distance'] == 'euclidean'
    assert len(report['reid/per_query']['path']) == 30
    threshold = json.loads((tmp_path / 'new' / 't.json').read_text())
    assert (threshold['task'], threshold['rate']) == ('identification', 0.05)
    words = ['--threshold', tmp_path / 'new' / 't.json', '--distance', 'euclidean']
    shown = run(EVALUATE, tmp_path / 'f.npz', '--bootstrap', 0, *words)
    assert f'{threshold["threshold"]:.6f}' in shown
    assert 'not known whether the model' in shown
    assert 'resamples' not in shown


@pytest.mark.parametrize('turned', [False, True])
def test_identical_vectors_are_warned_of_in_any_order(run, tmp_path, turned):
    features = make()
    features.embedding[:] = 0.3
    arrays = features.arrays()
    if turned:
        arrays = {name: array[::-1] for name, array in arrays.items()}
    save_features(tmp_path / 'f.npz', Features(**arrays))
    out = tmp_path / 'r.json'
    shown = run(EVALUATE, tmp_path / 'f.npz', '--bootstrap', 0, '--out', out)
    assert shown.startswith('!!! All 60 vectors are the same up to rounding')
    stamp = json.loads(out.read_text())['reid/protocol']
    assert stamp['identical_vectors'] is True
    assert stamp['num_query_tied'] == 30
    assert stamp['num_constant_components'] == 8


def test_re_ranking_changes_the_scores_and_the_stamp(run, tmp_path):
    save_features(tmp_path / 'f.npz', make())
    reports = []
    options = ([], ['--rerank'], ['--rerank', 7, 2, 0.5], ['--expand-queries', 3])
    options += (['--rerank', '--rerank-squared'],)
    for number, words in enumerate(options):
        out = tmp_path / f'{number}.json'
        run(EVALUATE, tmp_path / 'f.npz', '--out', out, *words)
        reports.append(json.loads(out.read_text()))
    assert len({report['reid/mAP'] for report in reports}) == 5
    stamps = [report['reid/protocol']['rerank'] for report in reports]
    assert stamps[0] is None
    kind = 'k-reciprocal'
    assert stamps[1] == dict(type=kind, k1=20, k2=6, lambda_value=0.3, squared=False)
    assert stamps[2] == dict(type=kind, k1=7, k2=2, lambda_value=0.5, squared=False)
    assert stamps[3] == dict(type='query-expansion', k=3, alpha=0.0)
    assert stamps[4] == dict(stamps[1], squared=True)


def test_arrays_of_another_program(run, tmp_path):
    features = make()
    names = ('query_f', 'gallery_f', 'query_label', 'gallery_label')
    names += ('query_cam', 'gallery_cam')
    arrays = dict(zip(names, features.ranking_inputs(), strict=True))
    scipy.io.savemat(tmp_path / 'f.mat', arrays)
    shown = run(EVALUATE, tmp_path / 'f.mat', '--bootstrap', 0, '--hardest', 1)
    score = 100 * evaluate_ranking(*features.ranking_inputs()).mAP
    assert f'mAP   {score:.2f}' in shown
    assert 'no path in the file' in shown
    order = np.argsort(~features.is_query, kind='stable')
    plain = dict(feat=features.embedding, pids=features.person_id)
    plain['camids'] = features.cam_id
    np.savez(tmp_path / 'f.npz', **{k: v[order] for k, v in plain.items()})
    shown = run(EVALUATE, tmp_path / 'f.npz', '--num-query', 30, '--bootstrap', 0)
    assert f'mAP   {score:.2f}' in shown


def test_one_file_an_array_and_no_cameras(run, tmp_path):
    features = make()
    order = np.argsort(~features.is_query, kind='stable')
    np.save(tmp_path / 'f.npy', features.embedding[order])
    np.save(tmp_path / 'p.npy', features.person_id[order])
    np.savez(tmp_path / 'rest.npz', camids=features.cam_id[order])
    files = [f'features={tmp_path / "f.npy"}', f'pids={tmp_path / "p.npy"}']
    words = ['--num-query', 30, '--bootstrap', 0, '--map', *files]
    shown = run(EVALUATE, tmp_path / 'rest.npz', *words)
    score = 100 * evaluate_ranking(*features.ranking_inputs()).mAP
    assert f'mAP   {score:.2f}' in shown
    shown = run(EVALUATE, '--no-cameras', *words)
    cameras = np.arange(30), np.arange(30, 60)
    score = evaluate_ranking(*features.ranking_inputs()[:4], *cameras).mAP
    assert f'mAP    {100 * score:.2f}' in shown
    assert 'no cameras are known' in shown


def test_two_results_are_compared(run, tmp_path):
    for seed, name in enumerate(('a.npz', 'b.safetensors')):
        save_features(tmp_path / name, make(seed))
    run(EVALUATE, tmp_path / 'a.npz', '--out', tmp_path / 'a.json')
    words = ['--resamples', 300, '--out', tmp_path / 'c.json']
    names = ('a.json', 'b.safetensors')
    files = [str(tmp_path / name) for name in names]
    shown = run(COMPARE, *files, *words)
    assert 'B - A' in shown
    assert '300 flips' in shown
    assert '!!!' not in shown
    written = json.loads((tmp_path / 'c.json').read_text())
    maps = [
        100 * evaluate_ranking(*make(seed).ranking_inputs()).mAP for seed in range(2)
    ]
    found = [written['methods'][file]['runs']['mAP']['mean'] for file in files]
    assert found == pytest.approx(maps)
    shown = run(COMPARE, *files, '--distance', 'euclidean', '--by-query', *words)
    assert 'MEASURED IN THE SAME WAY (distance)' in shown
    assert 'single queries' in shown


def test_p_values_are_corrected_for_what_is_printed(run, tmp_path):
    for seed in range(4):
        save_features(tmp_path / f'{"ab"[seed % 2]}{seed}.npz', make(seed))
    methods = [tmp_path / 'a*.npz', tmp_path / 'b*.npz']
    words = ['--resamples', 200, '--out', tmp_path / 'c.json']
    shown = run(COMPARE, *methods, *words, '--correction', 'holm')
    assert 'over 2 + 2 runs and 10 persons' in shown
    assert 'a family of 5' in shown
    words += ['--metrics', 'mAP', 'R1']
    shown = run(COMPARE, *methods, '--correction', 'holm', *words)
    assert 'a family of 2' in shown
    assert 'mINP' not in shown
    written = json.loads((tmp_path / 'c.json').read_text())
    assert written['correction'] == dict(kind='holm', family=2)
    assert '(Holm)' not in run(COMPARE, *methods, *words)


@pytest.mark.parametrize(
    ('tool', 'words', 'message'),
    [
        (EVALUATE, ['missing.npz'], 'missing.npz'),
        (EVALUATE, ['f.npz', '--open-set', 2], 'below 1'),
        (EVALUATE, ['f.npz', '--by-camera', '--rerank'], 'plain distances'),
        (EVALUATE, ['f.npz', '--save-threshold', 't.json'], '--open-set RATE'),
        (EVALUATE, ['f.npz.bin'], '.safetensors'),
        (EVALUATE, [], 'give a FILE'),
        (EVALUATE, ['--map', 'features'], 'must be NAME=FILE'),
        (EVALUATE, ['--map', 'a=f.npz', 'a=g.npz'], 'every NAME once'),
        (EVALUATE, ['damaged.npz'], 'damaged.npz: query vector 0 holds NaN'),
        (COMPARE, ['f.npz', 'damaged.npz'], 'damaged.npz: query vector 0 holds NaN'),
        (EVALUATE, ['f.npz', '--rerank', '--expand-queries'], 'not go together'),
        (EVALUATE, ['f.npz', '--rerank-squared'], 'goes with --rerank'),
        (COMPARE, ['f.npz', '--rerank-squared'], 'goes with --rerank'),
        (COMPARE, ['f.npz', 'other*.npz'], 'No file fits'),
        (COMPARE, ['f.npz', 'f.npz'], 'once only'),
        (COMPARE, ['f.npz', '--metrics', 'R3'], 'Not all results have R3'),
        (COMPARE, ['f.npz', '--correction', 'bonferroni'], 'invalid choice'),
    ],
)
def test_errors_are_short(run, tmp_path, monkeypatch, capsys, tool, words, message):
    monkeypatch.chdir(tmp_path)
    save_features('f.npz', make())
    damaged = make()
    damaged.embedding[:] = np.nan
    save_features('damaged.npz', damaged)
    Path('f.npz.bin').touch()
    with pytest.raises(SystemExit) as ended:
        run(tool, *words)
    assert ended.value.code == 2
    shown = capsys.readouterr().err
    assert message in shown
    assert 'Traceback' not in shown


def test_times_and_mutual_neighbours(run, tmp_path):
    rng = np.random.default_rng(1)
    features = make()
    times = 1000.0 * features.cam_id + rng.normal(0, 50, 60)
    features = Features(**{**vars(features), 'time': times})
    save_features(tmp_path / 'f.npz', features)
    prior = tmp_path / 'new' / 'prior.json'
    shown = run('analysis_tools/time_prior', tmp_path / 'f.npz', '--out', prior)
    assert '10 persons of Toy 1 test: 30 differences' in shown
    words = ['--bootstrap', 0, '--rerank', 5, '--out', tmp_path / 'r.json']
    words += ['--neighbour-centralisation', 'both', '--time-prior', prior]
    shown = run(EVALUATE, tmp_path / 'f.npz', *words)
    assert "a query's answers depend on the other queries" in shown
    assert 'learned from labels of the same cameras: Toy 1 test, 10 persons' in shown
    stamp = json.loads((tmp_path / 'r.json').read_text())['reid/protocol']
    assert stamp['neighbour_centralisation']['sides'] == 'both'
    # Beside a result of the same features without them, compare tells the difference.
    run(EVALUATE, tmp_path / 'f.npz', '--bootstrap', 0, '--out', tmp_path / 'p.json')
    shown = run(COMPARE, tmp_path / 'p.json', tmp_path / 'r.json')
    assert 'time_prior' in shown
    assert 'neighbour_centralisation' in shown


def test_a_prior_is_written_as_json(run, tmp_path, capsys):
    with pytest.raises(SystemExit):
        run('analysis_tools/time_prior', 'f.npz', '--out', tmp_path / 'prior.npz')
    assert '--out is a .json file' in capsys.readouterr().err
