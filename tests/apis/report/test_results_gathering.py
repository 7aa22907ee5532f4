import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mmreid.apis.evaluate.analyses import evaluate_features
from mmreid.apis.report.results import Asked, Threshold, gather_results
from mmreid.apis.report.results.galleries import SharedGallery
from mmreid.apis.report.results.gathering import name_models
from mmreid.apis.report.results.looking import choose_queries
from mmreid.apis.report.results.pairs import coarser, count_pairs, det_curve
from mmreid.evaluation.functional import (
    Features,
    OperatingThreshold,
    load_features,
    save_features,
    save_threshold,
)
from mmreid.evaluation.rules import RankingRules
from mmreid.files import write_json
from mmreid.report.results import Verdict

SIGNS = {v.name: v.value for v in Verdict}


def make(path, seed=0, order=None, num_query=12, num_gallery=60, dim=8, scale=1.0):
    """Features of six persons, three cameras, with junk and distractors."""
    rng = np.random.default_rng(7)
    total = num_query + num_gallery
    persons = rng.integers(1, 7, total)
    persons[num_query : num_query + 5], persons[num_query + 5 : num_query + 9] = -1, 0
    cameras = rng.integers(1, 4, total)
    centres = np.random.default_rng(99).normal(size=(9, dim))
    noise = np.random.default_rng(seed).normal(0, scale, (total, dim))
    vectors = (centres[persons] + noise).astype('f4')
    is_query = np.arange(total) < num_query
    paths = np.array(
        [f'{"query" if q else "gallery"}/{i:04}.jpg' for i, q in enumerate(is_query)]
    )
    meta = dict(dataset='made', split='test')
    rows = np.arange(total) if order is None else order
    columns = (vectors, persons, cameras, is_query, paths)
    save_features(path, Features(*(column[rows] for column in columns), meta))
    return path


@pytest.fixture
def files(tmp_path):
    order = np.random.default_rng(3).permutation(72)
    return [
        str(make(tmp_path / 'one.npz', 0)),
        str(make(tmp_path / 'two.npz', 1, order, scale=1.5)),
    ]


def judge_slowly(features, distance, topk):
    """By a loop: every gallery picture of a query, sorted and judged one by one."""
    vectors = np.asarray(features.embedding, np.float64)
    if distance == 'cosine':
        vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    queries, gallery = (
        np.flatnonzero(features.is_query),
        np.flatnonzero(~features.is_query),
    )
    found = {}
    for q in queries:
        rows = []
        for g in gallery:
            length = np.linalg.norm(vectors[q] - vectors[g])
            if distance == 'cosine':
                length = 1 - vectors[q] @ vectors[g]
            same = features.person_id[g] == features.person_id[q]
            verdict = 'RIGHT' if same else 'WRONG'
            if same and features.cam_id[g] == features.cam_id[q]:
                verdict = 'IGNORED'
            if features.person_id[g] == -1:
                verdict = 'JUNK'
            rows.append((length, features.img_path[g], SIGNS[verdict]))
        found[features.img_path[q]] = shorten(sorted(rows), topk)
    return found


def shorten(rows, topk):
    """All that count, up to topk, and the nearest ten of the others before the last."""
    counted = [r for r in rows if r[2] in (Verdict.RIGHT, Verdict.WRONG)]
    others = [r for r in rows if r not in counted][:10]
    last = counted[topk - 1][0] if len(counted) >= topk else np.inf
    return sorted(counted[:topk] + [r for r in others if r[0] <= last])


@pytest.mark.parametrize('distance', ['cosine', 'euclidean'])
@pytest.mark.parametrize('topk', [7, 100])
def test_answers_are_judged_as_by_a_loop(files, distance, topk):
    asked = Asked(rules=RankingRules(distance), topk=topk)
    (test,) = gather_results(files, asked)
    for file, model in zip(files, test.models, strict=True):
        wanted = judge_slowly(load_features(file), distance, topk)
        for row, path in enumerate(test.queries.path):
            there = model.answers.verdicts[row] != Verdict.NOTHING
            shown = model.answers.indices[row][there]
            assert test.gallery.path[shown].tolist() == [w[1] for w in wanted[path]]
            assert model.answers.verdicts[row][there].tolist() == [
                w[2] for w in wanted[path]
            ]
            assert np.allclose(
                model.answers.distances[row][there], [w[0] for w in wanted[path]]
            )
            assert (model.answers.indices[row][~there] == -1).all()
    assert len(test.gallery) == 60


def test_scores_are_those_of_the_evaluation(files):
    (test,) = gather_results(files)
    for file, model in zip(files, test.models, strict=True):
        scores = evaluate_features(load_features(file))
        for name, score in model.scores.items():
            assert score.value == pytest.approx(scores[f'reid/{name}'])
            assert score.low <= score.value <= score.high
        valid = np.isfinite(model.first_rank)
        assert 100 * model.average_precision[valid].mean() == pytest.approx(
            model.scores['mAP'].value
        )
        assert 100 * model.cmc[0] == pytest.approx(model.scores['R1'].value)
        assert 100 * model.cmc[4] == pytest.approx(model.scores['R5'].value)
    (pair,) = test.differences
    change = test.models[1].scores['mAP'].value - test.models[0].scores['mAP'].value
    assert pair.differences['mAP'].value == pytest.approx(change)
    assert test.name == 'made test'


@pytest.mark.parametrize('distance', ['cosine', 'euclidean'])
def test_pairs_are_counted_as_by_a_loop(files, distance):
    features = load_features(files[0])
    counted = count_pairs(features, distance)
    pairs = counted.pairs
    one, two = [], []
    for rows in judge_slowly(features, distance, 1000).values():
        one += [r[0] for r in rows if r[2] == Verdict.RIGHT]
        two += [r[0] for r in rows if r[2] == Verdict.WRONG]
    assert pairs.one_person.sum() == len(one)
    assert pairs.two_persons.sum() == len(two)
    det = det_curve(counted)
    for place in range(len(det.thresholds)):
        limit = det.thresholds[place]
        if np.abs(np.array(one + two) - limit).min() < counted.error:
            continue  # on which side of the limit it falls is up to rounding
        assert det.false_positive_rates[place] == np.mean(np.array(two) < limit)
        assert det.false_negative_rates[place] == pytest.approx(
            np.mean(np.array(one) >= limit)
        )
    joined = coarser(counted)
    assert joined.one_person.sum() == len(one)
    assert joined.two_persons.sum() == len(two)
    assert len(joined.edges) == len(joined.one_person) + 1 <= 129
    assert joined.edges[0] <= min(one + two)
    assert max(one + two) <= joined.edges[-1]


def test_the_threshold_keeps_its_rate(files):
    (test,) = gather_results(files, Asked(rate=0.1))
    for file, model in zip(files, test.models, strict=True):
        rows = judge_slowly(load_features(file), 'cosine', 1000).values()
        two = [r[0] for found in rows for r in found if r[2] == Verdict.WRONG]
        point = model.operating_point
        assert np.mean(np.array(two) < point.threshold) <= 0.1
        assert point.false_positive_rate == pytest.approx(
            100 * np.mean(np.array(two) < point.threshold)
        )
    (test,) = gather_results(files[:1])
    assert test.models[0].operating_point.source == '1 % false accepts'


def test_scores_alone_have_no_answers(files, tmp_path):
    report = evaluate_features(load_features(files[1]))
    write_json(tmp_path / 'two.json', report)
    (test,) = gather_results([files[0], str(tmp_path / 'two.json')])
    first, second = test.models
    assert first.answers is not None
    assert second.answers is None
    assert 'scores alone' in second.missing[0]
    assert second.scores['mAP'].value == pytest.approx(report['reid/mAP'])
    (only,) = gather_results([str(tmp_path / 'two.json')])
    assert len(only.gallery) == 0


def test_re_ranked_answers_are_those_of_the_ranking(files):
    rules = RankingRules(rerank=dict(k1=5, k2=2))
    (test,) = gather_results(files[:1], Asked(rules=rules))
    model = test.models[0]
    scores = evaluate_features(load_features(files[0]), rules)
    assert model.scores['mAP'].value == pytest.approx(scores['reid/mAP'])
    assert model.cameras is model.det is model.pair_distances is None
    assert 'plain distances' in model.missing[0]
    assert set(np.unique(model.answers.verdicts)) <= {0, 1, 2}
    best = np.where(
        (model.answers.verdicts == Verdict.RIGHT).any(axis=1),
        (model.answers.verdicts == Verdict.RIGHT).argmax(axis=1) + 1,
        np.nan,
    )
    near = np.isfinite(best)
    assert (best[near] == model.first_rank[near]).all()


def test_runs_of_one_model_are_averaged(files, tmp_path):
    other = str(make(tmp_path / 'three.npz', 5))
    (test,) = gather_results([f'{files[0]},{other}', files[1]], Asked(names=['a', 'b']))
    first = test.models[0]
    assert first.files == (files[0], other)
    singles = [gather_results([f])[0].models[0] for f in (files[0], other)]
    mean = np.mean([m.average_precision for m in singles], axis=0)
    assert np.allclose(first.average_precision, mean, equal_nan=True)
    assert 'means of 2 runs' in first.notes[0]
    assert files[0] in first.notes[1]


def test_numbers_of_different_protocols_are_not_compared(files, tmp_path):
    report = evaluate_features(load_features(files[1]), RankingRules('euclidean'))
    write_json(tmp_path / 'two.json', json.loads(json.dumps(report)))
    (test,) = gather_results([files[0], str(tmp_path / 'two.json')])
    assert test.differences == ()
    assert any('distance' in text for text in test.disagreements)


def test_models_are_named_by_what_tells_them_apart():
    assert name_models(['a/one.npz', 'b/two.npz']) == ['one', 'two']
    assert name_models(['a/f.npz', 'b/f.npz']) == ['a/f', 'b/f']
    assert name_models(['x/a/f.npz', 'y/a/f.npz']) == ['x/a/f.npz', 'y/a/f.npz']
    for names in (['a'], ['a', 'a']):
        with pytest.raises(ValueError, match='names must be 2 different ones'):
            name_models(['one', 'two'], names)


def test_queries_to_look_at_are_the_worst_and_those_that_differ(files):
    (test,) = gather_results(files)
    first, second = (m.average_precision for m in test.models)
    chosen = choose_queries(test, 4)
    assert len(set(chosen)) == 4
    assert chosen[:2] == np.argsort(first, kind='stable')[:2].tolist()
    assert int(np.nanargmax(np.abs(second - first))) in chosen
    assert len(choose_queries(test, 100)) == np.isfinite(first).sum()


def keep(path, features, **changes):
    save_features(path, replace(features, **changes))
    return str(path)


def test_a_gallery_read_from_another_folder_is_the_same(files, tmp_path):
    second = load_features(files[1])
    moved = np.array([f'/elsewhere/data/{path}' for path in second.img_path])
    word = keep(tmp_path / 'moved.npz', second, img_path=moved)
    (test,) = gather_results([files[0], word])
    (plain,) = gather_results(files)
    assert len(test.gallery) == 60
    for one, other in zip(test.models, plain.models, strict=True):
        assert (one.answers.indices == other.answers.indices).all()
        assert (one.answers.verdicts == other.answers.verdicts).all()


def test_galleries_are_joined_where_they_differ(files):
    first, second = map(load_features, files)
    names = np.array([f'{path[:-4]}_new.jpg' for path in second.img_path])
    half = second.gallery.img_path[:30]
    other = replace(
        second,
        img_path=np.where(np.isin(second.img_path, half), second.img_path, names),
    )
    shared = SharedGallery()
    assert (shared.places(first) == np.arange(60)).all()
    places = shared.places(other)
    assert len(shared.images) == 90
    assert (shared.images.path[places] == other.gallery.img_path).all()
    assert (shared.images.person_id[places] == other.gallery.person_id).all()


@pytest.mark.parametrize('same', [True, False])
def test_galleries_without_paths_are_told_by_their_labels(files, same):
    first, second = map(load_features, files)
    nothing = np.full(72, '')
    shared = SharedGallery()
    shared.places(replace(first, img_path=nothing))
    other = first if same else second
    places = shared.places(replace(other, img_path=nothing))
    assert len(shared.images) == (60 if same else 120)
    assert (shared.images.person_id[places] == other.gallery.person_id).all()


def test_pictures_are_found_where_they_lie_now(files, tmp_path):
    features = load_features(files[0])
    old = np.array([f'/gone/market/{path}' for path in features.img_path])
    word = keep(tmp_path / 'old.npz', features, img_path=old)
    with pytest.raises(FileNotFoundError, match='must hold the pictures'):
        gather_results([word], Asked(pictures=tmp_path))
    Path(tmp_path, 'query').mkdir()
    Path(tmp_path, features.queries.img_path[0]).write_bytes(b'')
    (test,) = gather_results([word], Asked(pictures=tmp_path))
    wanted = [f'{tmp_path}/{path}' for path in features.gallery.img_path]
    assert test.gallery.path.tolist() == wanted
    assert test.queries.path[1] == f'{tmp_path}/{features.queries.img_path[1]}'


def test_a_threshold_of_a_file_or_of_the_features_is_measured(files, tmp_path):
    features = load_features(files[0])
    point = OperatingThreshold(0.4, 'cosine', 'verification', 0.01, 0.01, 100)
    save_threshold(tmp_path / 'point.json', point)
    given = Threshold.of_file(tmp_path / 'point.json')
    stored = dict(vars(point), num_negative=100)
    word = keep(
        tmp_path / 'kept.npz',
        features,
        meta=dict(features.meta, operating_point=stored),
    )
    rows = judge_slowly(features, 'cosine', 1000).values()
    near = [r for found in rows for r in found if r[2] == Verdict.WRONG]
    rate = 100 * np.mean([r[0] < 0.4 for r in near])
    for words, asked, source in (
        (files[:1], Asked(threshold=given), 'point.json'),
        ([word], Asked(), 'kept with the features'),
    ):
        (test,) = gather_results(words, asked)
        found = test.models[0].operating_point
        assert (found.threshold, found.source) == (0.4, source)
        assert found.false_positive_rate == pytest.approx(rate)
        assert 'It is not known' in found.note
    asked = Asked(rules=RankingRules('euclidean'), threshold=given)
    (test,) = gather_results(files[:1], asked)
    assert test.models[0].operating_point is None
    assert 'is of cosine distances' in test.models[0].missing[0]


def test_unknown_cameras_are_not_shown(files, tmp_path):
    features = load_features(files[0])
    meta = dict(features.meta, cameras=False)
    word = keep(tmp_path / 'none.npz', features, cam_id=np.arange(72), meta=meta)
    (test,) = gather_results([word])
    assert (test.queries.cam_id == -1).all()
    assert (test.gallery.cam_id == -1).all()
    assert test.models[0].cameras is None
    assert any('does not know its cameras' in m for m in test.models[0].missing)


def test_ranks_of_drawn_galleries_give_no_curve_but_their_scores(files, tmp_path):
    rules = RankingRules(protocol='single-shot')
    report = evaluate_features(load_features(files[0]), rules)
    write_json(tmp_path / 'drawn.json', report)
    (test,) = gather_results([str(tmp_path / 'drawn.json')])
    model = test.models[0]
    assert model.cmc_ranks.tolist() == [1, 5, 10]
    wanted = [report[f'reid/R{rank}'] / 100 for rank in (1, 5, 10)]
    assert model.cmc.tolist() == pytest.approx(wanted)


def test_runs_of_scores_and_features_show_the_answers_of_the_features(files, tmp_path):
    write_json(tmp_path / 'a.json', evaluate_features(load_features(files[1])))
    (test,) = gather_results([f'{tmp_path}/a.json,{files[0]}'], Asked(names=['both']))
    (alone,) = gather_results(files[:1])
    paths = [t.gallery.path[t.models[0].answers.indices[:, 0]] for t in (test, alone)]
    place = [alone.queries.path.tolist().index(p) for p in test.queries.path]
    assert (paths[0] == paths[1][place]).all()
    assert files[0] in test.models[0].notes[1]


def test_runs_on_other_queries_show_those_of_the_first(files, tmp_path):
    features = load_features(files[0])
    words = []
    for split in range(2):
        paths = np.array([f'{split}/{path}' for path in features.img_path])
        meta = dict(features.meta, split_index=split)
        words.append(
            keep(tmp_path / f's{split}.npz', features, img_path=paths, meta=meta)
        )
    (test,) = gather_results([','.join(words)], Asked(names=['splits']))
    model = test.models[0]
    assert 'different queries' in model.notes[1]
    assert test.queries.path[0].startswith('0/')
    assert np.isnan(model.scores['mAP'].low)
