"""Comparisons of result files, end to end but for the command line."""

import json

import numpy as np
import pytest
import scipy.stats

from mmreid.apis import Resampling, analyze_features, compare_results, load_methods
from mmreid.apis.evaluate.comparing.comparison_text import (
    format_comparisons,
    write_comparisons,
)
from mmreid.apis.runs.evaluation_files import write_json
from mmreid.evaluation.functional import (
    Features,
    evaluate_ranking,
    load_features,
    save_features,
)
from mmreid.evaluation.rules import RankingRules

QUICK = Resampling(resamples=400)


def make(seed, root='/data/', persons=12, split=0, **meta):
    """Features of the same pictures, made by another model for each seed."""
    rng = np.random.default_rng(split)
    person = np.repeat(np.arange(1, persons + 1), 6)
    camera = np.tile([0, 0, 1, 1, 2, 2], persons)
    is_query = np.tile([True, False], 3 * persons)
    vectors = rng.standard_normal((persons + 1, 8))[person]
    noise = np.random.default_rng(100 + seed).standard_normal((len(person), 8))
    paths = [f'{root}{p}_{i}_{split}.jpg' for i, p in enumerate(person)]
    return Features(
        embedding=(vectors + 0.9 * noise).astype(np.float32),
        person_id=person,
        cam_id=camera,
        is_query=is_query,
        img_path=np.array(paths),
        meta=dict(dataset='Toy', version='1', split='test', **meta),
    )


def score(features):
    return evaluate_ranking(*features.ranking_inputs())


@pytest.fixture
def files(tmp_path):
    """A features file, the scores of another as JSON, and names for more."""
    save_features(tmp_path / 'a.npz', make(1))
    # Another folder, as on another machine.
    write_json(tmp_path / 'b.json', analyze_features(make(2, '/home/me/')))
    return [str(tmp_path / name) for name in ('a.npz', 'b.json')]


def compare(words, resampling=QUICK, **rules):
    (methods,) = load_methods(words, RankingRules(**rules)).values()
    return compare_results(methods, resampling)


def test_two_files_on_the_same_queries(files):
    found = compare(files)
    assert found.metrics == ('mAP', 'mINP', 'R1', 'R5', 'R10')
    assert (found.num_queries, found.num_persons) == (36, 12)
    assert found.disagreements == {}
    first, second = score(make(1)), score(make(2))
    for word, result in zip(files, (first, second), strict=True):
        runs = found.scores[word].runs
        values = [100 * v for v in (result.mAP, result.mINP, *result.cmc)]
        assert [spread.mean for spread in runs.values()] == pytest.approx(values)
        assert np.isnan(runs['mAP'].deviation)
        assert found.scores[word].interval.value == pytest.approx(values)
    difference = found.differences[files[1]]
    gap = second.average_precision - first.average_precision
    assert difference.value[0] == pytest.approx(100 * gap.mean())
    by_person = np.add.reduceat(gap, np.arange(0, 36, 3))
    theirs = scipy.stats.permutation_test(
        (by_person, 0 * by_person),
        lambda a, b: np.mean(a - b),
        permutation_type='samples',
        n_resamples=np.inf,
    )
    assert difference.p_value[0] == pytest.approx(theirs.pvalue, abs=0.08)
    assert difference.low[0] < difference.value[0] < difference.high[0]


def test_queries_taken_for_independent_give_another_interval(files):
    alone = compare(files, Resampling(resamples=400, by_person=False))
    together = compare(files)
    low = [c.scores[files[0]].interval.low[0] for c in (alone, together)]
    assert low[0] != low[1]


def test_runs_of_one_method_are_averaged_query_by_query(files, tmp_path):
    for seed in (3, 4, 5):
        save_features(tmp_path / f'c{seed}.npz', make(seed))
    pattern = str(tmp_path / 'c*.npz')
    found = compare([files[0], pattern])
    results = [score(make(seed)) for seed in (3, 4, 5)]
    spread = found.scores[pattern].runs['mAP']
    maps = [100 * result.mAP for result in results]
    assert spread.count == 3
    assert spread.mean == pytest.approx(np.mean(maps))
    assert spread.deviation == pytest.approx(np.std(maps, ddof=1))
    mean = np.mean([result.average_precision for result in results], axis=0)
    gap = 100 * (mean - score(make(1)).average_precision).mean()
    assert found.differences[pattern].value[0] == pytest.approx(gap)
    listed = ','.join(str(tmp_path / f'c{seed}.npz') for seed in (3, 4, 5))
    assert compare([files[0], listed]).scores[listed].runs['mAP'] == spread
    text = format_comparisons({'': found})
    assert f'B = {pattern} (3 runs)' in text
    assert f'{spread.mean:.2f} ± {spread.deviation:.2f}' in text


def test_splits_are_compared_one_by_one(tmp_path):
    words = [str(tmp_path / f'{name}_*.npz') for name in 'ab']
    gaps = []
    for split in range(3):
        pair = [make(seed, split=split, split_index=split) for seed in (1, 2)]
        for name, features in zip('ab', pair, strict=True):
            save_features(tmp_path / f'{name}_{split}.npz', features)
        gaps.append(100 * (score(pair[1]).mAP - score(pair[0]).mAP))
    found = compare(words)
    assert found.scores[words[0]].interval is None
    assert found.disagreements == {}
    spread = found.differences[words[1]]['mAP']
    assert spread.mean == pytest.approx(np.mean(gaps))
    assert spread.deviation == pytest.approx(np.std(gaps, ddof=1))
    assert 'splits of one data set are not independent' in format_comparisons(
        {'': found}
    )
    with pytest.raises(ValueError, match='same number of them'):
        compare([words[0], str(tmp_path / 'b_[01].npz')])
    # Pictures that only happen to have the same names are told by the stamp.
    for name in 'ab':
        for split in range(2):
            features = make(split, split_index=split)
            save_features(tmp_path / f'{name}_{split}.npz', features)
    words = [str(tmp_path / f'{name}_[01].npz') for name in 'ab']
    assert compare(words).scores[words[0]].interval is None


def test_different_protocols_are_named_loudly(files, tmp_path):
    save_features(tmp_path / 'c.npz', make(3, flip_test=True))
    save_features(tmp_path / 'd.npz', make(4, trained_on='MSMT17 V1 train+val'))
    words = [files[0], f'{tmp_path}/c.npz,{tmp_path}/d.npz']
    found = compare(words)
    assert sorted(found.disagreements) == ['flip_test', 'trained_on']
    first, *lines = format_comparisons({'': found}).splitlines()
    assert first.startswith('!!! THE RESULTS WERE NOT MEASURED IN THE SAME WAY (')
    assert any('A: null' in line and 'B: true' in line for line in lines)
    found = compare(files, distance='euclidean')
    assert found.disagreements['distance'] == dict(
        zip(files, ('euclidean', 'cosine'), strict=True)
    )


def test_scores_of_identical_vectors_are_named(files, tmp_path):
    collapsed = make(3)
    collapsed.embedding[:] = 0.3
    save_features(tmp_path / 'c.npz', collapsed)
    text = format_comparisons({'': compare([files[0], str(tmp_path / 'c.npz')])})
    assert text.startswith('!!! B: all vectors are the same up to rounding')
    # It says nothing of the protocol.
    assert 'MEASURED IN THE SAME WAY' not in text


def test_other_queries_are_refused(files, tmp_path):
    save_features(tmp_path / 'c.npz', make(3, persons=11))
    with pytest.raises(ValueError, match='36 queries and result 2 has 33'):
        compare([files[0], str(tmp_path / 'c.npz')])


def test_several_data_sets_in_a_file(tmp_path):
    for name, seeds in (('a', (1, 2)), ('b', (3, 4))):
        blocks = {
            town: analyze_features(make(seed))
            for town, seed in zip(('Town', 'Campus'), seeds, strict=True)
        }
        blocks[f'only {name}'] = blocks['Town']
        write_json(tmp_path / f'{name}.json', blocks)
    sets = load_methods([str(tmp_path / f'{name}.json') for name in 'ab'])
    assert list(sets) == ['Town', 'Campus']
    found = {name: compare_results(methods, QUICK) for name, methods in sets.items()}
    text = format_comparisons(found)
    assert '== Town ==' in text
    assert 'a.json (Town)' in sets['Town'][str(tmp_path / 'a.json')][0].name
    write_comparisons(tmp_path / 'out' / 'c.json', found)
    written = json.loads((tmp_path / 'out' / 'c.json').read_text())
    assert list(written) == ['Town', 'Campus']
    gap = written['Town']['methods'][str(tmp_path / 'b.json')]['difference']['mAP']
    assert gap['value'] == pytest.approx(
        100 * (score(make(3)).mAP - score(make(1)).mAP)
    )
    assert 0 < gap['p_value'] <= 1


def test_the_runs_of_a_repetition_are_one_method(tmp_path):
    runs = {f'seed_{seed}': analyze_features(make(seed)) for seed in (1, 2)}
    write_json(tmp_path / 'summary.json', dict(mean={}, runs=runs))
    word = str(tmp_path / 'summary.json')
    assert compare([word]).scores[word].runs['mAP'].count == 2


def test_unfit_files_are_refused(files, tmp_path):
    (tmp_path / 'x.json').write_text('{"reid/mAP": 5.0}')
    with pytest.raises(ValueError, match=r'x\.json does not hold .*per_query'):
        load_methods([str(tmp_path / 'x.json')])
    (tmp_path / 'y.json').write_text('nonsense')
    with pytest.raises(ValueError, match=r'y\.json is not JSON'):
        load_methods([str(tmp_path / 'y.json')])
    with pytest.raises(FileNotFoundError, match=r'z\*\.json'):
        load_methods([str(tmp_path / 'z*.json')])
    with pytest.raises(FileNotFoundError, match='missing'):
        load_methods([str(tmp_path / 'missing.npz')])
    with pytest.raises(ValueError, match='once only'):
        load_methods([files[0], files[0]])
    assert load_features(files[0]).meta['dataset'] == 'Toy'
