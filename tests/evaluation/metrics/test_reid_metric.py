"""ReIDMetric: the scores, the stamp, and what it says when nothing can be scored."""

import json
import logging
import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmengine.config import ConfigDict
from mmengine.evaluator import Evaluator
from mmengine.hooks import CheckpointHook
from mmengine.logging import MessageHub, MMLogger
from mmpretrain.structures import DataSample

from mmreid.evaluation import ReIDMetric
from mmreid.evaluation.features.time_prior_file import save_time_prior
from mmreid.evaluation.functional import (
    Features,
    RankingRules,
    evaluate_ranking,
    learn_time_prior,
)
from mmreid.registry import METRICS

META = dict(dataset='Toy', version='1', split='test')


def samples(rng, count=60, dim=8, cameras=3, **recipe):
    """Model outputs, every third one a query."""
    recipe = recipe or dict(flip_test=True, normalize='whole')
    vectors = torch.from_numpy(rng.standard_normal((count, dim)).astype(np.float32))
    return [
        dict(
            embedding=vectors[i],
            sample_idx=i,
            person_id=int(rng.integers(1, 6) if i % 3 == 0 else rng.integers(-1, 6)),
            cam_id=int(rng.integers(0, cameras)),
            is_query=i % 3 == 0,
            img_path=f'folder/{i:03d}.jpg',
            **recipe,
        )
        for i in range(count)
    ]


def run(metric, outputs, batch_size=7, size=None):
    for start in range(0, len(outputs), batch_size):
        metric.process(None, outputs[start : start + batch_size])
    return metric.evaluate(len(outputs) if size is None else size)


def direct(outputs, **options):
    """The functional result on the same samples."""
    arrays = []
    for key in ('embedding', 'person_id', 'cam_id'):
        for is_query in (True, False):
            values = [s[key] for s in outputs if s['is_query'] is is_query]
            arrays.append(np.array([np.asarray(v) for v in values]))
    return evaluate_ranking(*arrays, **options)


@pytest.mark.parametrize(
    'options',
    [
        {},
        dict(distance='euclidean', average_precision='trapezoid', ranks=(2, 20)),
    ],
)
def test_scores_are_those_of_the_function_in_percent(options):
    outputs = samples(np.random.default_rng(0))
    metrics = run(ReIDMetric(**options), outputs)
    expected = direct(outputs, **options)
    assert metrics['reid/mAP'] == 100 * expected.mAP
    assert metrics['reid/mINP'] == 100 * expected.mINP
    for rank, value in zip(expected.ranks, expected.cmc, strict=True):
        assert metrics[f'reid/R{rank}'] == 100 * value
    scores = {k: v for k, v in metrics.items() if k != 'reid/protocol'}
    assert next(iter(metrics)) == 'reid/mAP'  # what save_best='auto' takes
    assert all(type(value) is float for value in scores.values())
    assert len(scores) == 2 + len(expected.ranks)


def test_stamp_says_what_was_measured():
    outputs = samples(np.random.default_rng(1))
    metric = ReIDMetric()
    metric.dataset_meta = dict(**META, num_query=10**6)
    stamp = run(metric, outputs)['reid/protocol']
    expected = direct(outputs)
    gallery = [s['person_id'] for s in outputs if not s['is_query']]
    told = dict(
        **META,
        num_query=20,
        num_gallery=40,
        num_junk=gallery.count(-1),
        num_distractor=gallery.count(0),
        num_query_evaluated=expected.num_query_evaluated,
        num_query_without_match=expected.num_query_without_match,
        num_query_tied=0,
        num_constant_components=0,
        identical_vectors=False,
        distance='cosine',
        average_precision='hits',
        flip_test=True,
        normalize='whole',
        rerank=None,
        protocol='market',
        multi_query=None,
        num_query_pooled=None,
        impostors=None,
        embedding_dim=8,
        boxes=None,
        split_index=None,
        trained_on=None,
        cameras=True,
        junk_rule="gallery images of person -1, and the query's person in the query's "
        'camera, are ignored',
    )
    assert stamp == told
    assert json.loads(json.dumps(stamp)) == stamp


def test_stamp_says_what_else_was_asked_for():
    outputs = samples(np.random.default_rng(1))
    for i, sample in enumerate(outputs):
        sample['clothes_id'] = i % 2
    metric = ReIDMetric(
        protocol='cloth-changing',
        multi_query='max',
        rerank=ConfigDict(k1=5),
        average_precision='trapezoid',
    )
    data = dict(boxes='detected', split_index=np.int64(3), trained_on='Toy train+val')
    metric.dataset_meta = dict(**META, **data)
    stamp = run(metric, outputs)['reid/protocol']
    assert {key: stamp[key] for key in data} == data
    options = dict(k1=5, k2=6, lambda_value=0.3, squared=False)
    assert stamp['rerank'] == dict(type='k-reciprocal', **options)
    assert type(stamp['rerank']) is dict
    # Queries of one person, camera and clothes.
    queries = [s for s in outputs if s['is_query']]
    groups = {(s['person_id'], s['cam_id'], s['clothes_id']) for s in queries}
    assert stamp['num_query'] == len(queries) > stamp['num_query_pooled'] == len(groups)
    evaluated = stamp['num_query_evaluated'] + stamp['num_query_without_match']
    assert evaluated == len(groups)
    assert json.loads(json.dumps(stamp)) == stamp


@pytest.mark.parametrize(
    ('options', 'cameras', 'ignored'),
    [
        ({}, True, ["the query's person in the query's camera"]),
        ({}, False, ["the query's own picture (no cameras are known)"]),
        (
            dict(protocol='cloth-changing'),
            True,
            [
                "the query's person in the query's camera",
                "the query's person in the query's clothes",
            ],
        ),
        (
            dict(protocol='same-clothes'),
            True,
            [
                "the query's person in the query's camera",
                "the query's person in other clothes",
            ],
        ),
        (
            dict(protocol='single-shot'),
            True,
            [
                "the query's person in the query's camera",
                "everybody else in the query's camera",
            ],
        ),
        (
            dict(protocol='single-shot', impostors='both'),
            True,
            ["the query's person in the query's camera"],
        ),
    ],
)
def test_stamp_says_who_is_no_answer(options, cameras, ignored):
    outputs = [
        dict(s, clothes_id=s['sample_idx'] % 2)
        for s in samples(np.random.default_rng(1))
    ]
    metric = ReIDMetric(**options)
    metric.dataset_meta = dict(**META, cameras=cameras)
    stamp = run(metric, outputs)['reid/protocol']
    who = ['gallery images of person -1', *ignored]
    told = f'{", ".join(who[:-1])}, and {who[-1]}, are ignored'
    assert (stamp['junk_rule'], stamp['cameras']) == (told, cameras)
    assert stamp['impostors'] == (
        options.get('impostors', 'other-camera')
        if options.get('protocol') == 'single-shot'
        else None
    )


def test_clothes_reach_the_ranking_only_if_every_sample_has_them():
    outputs = [
        dict(s, clothes_id=s['sample_idx'] % 2)
        for s in samples(np.random.default_rng(1))
    ]
    changed = run(ReIDMetric(protocol='cloth-changing'), outputs)
    same = run(ReIDMetric(protocol='same-clothes'), outputs)
    assert changed['reid/mAP'] != same['reid/mAP']
    assert run(ReIDMetric(), outputs) == run(ReIDMetric(), samples_without(outputs))
    del outputs[44]['clothes_id']
    with pytest.raises(ValueError, match='not every sample has a clothes_id'):
        run(ReIDMetric(protocol='cloth-changing'), outputs)


def samples_without(outputs):
    return [{k: v for k, v in s.items() if k != 'clothes_id'} for s in outputs]


def test_the_log_has_the_result_in_words(logged):
    outputs = samples(np.random.default_rng(1))
    metric = ReIDMetric(rerank=dict(k1=5), multi_query='mean', ranks=(1, 20))
    metric.dataset_meta = dict(
        **META, boxes='labeled', split_index=7, trained_on='Toy train+val'
    )
    metrics = run(metric, outputs)
    stamp = metrics['reid/protocol']
    (report,) = (text for level, text in logged if level == logging.INFO)
    title, names, values, *rest = report.splitlines()
    assert title == 'Toy 1 test (labeled boxes) (split index 7)'
    assert names.split() == ['mAP', 'mINP', 'R1', 'R20']
    shown = [float(value) for value in values.split()]
    told = [metrics[f'reid/{name}'] for name in names.split()]
    assert shown == pytest.approx(told, abs=0.005)
    assert len(rest) == 5
    for part in (
        f'20 queries pooled to {stamp["num_query_pooled"]} (',
        f'({stamp["num_query_evaluated"]} evaluated, ',
        f'{stamp["num_query_without_match"]} left out: no right answer)',
        f'40 in the gallery ({stamp["num_junk"]} junk, {stamp["num_distractor"]} dis',
        'market, multi-query (mean), average precision: hits',
        "person -1, and the query's person in the query's camera",
        're-ranked: k-reciprocal (k1=5, k2=6, lambda_value=0.3, squared=False)',
        '8 components, flip averaged, normalize: whole; trained on: Toy train+val',
    ):
        assert part in '\n'.join(rest)


def test_what_is_not_known_is_called_unknown(logged):
    outputs = samples(np.random.default_rng(1), flip_test=None)
    run(ReIDMetric(protocol='single-shot'), outputs)
    (report,) = (text for level, text in logged if level == logging.INFO)
    assert report.startswith('unknown data set\n')
    assert 'single-shot (exact expectation), single query, impostors: oth' in report
    assert 'flip: unknown, normalize: unknown; trained on: unknown' in report
    assert 'no re-ranking' in report


def test_a_set_numbered_from_zero_has_no_distractors():
    outputs = samples(np.random.default_rng(2))
    for sample in outputs:
        sample['person_id'] = max(0, sample['person_id'] - 1)
    assert run(ReIDMetric(), outputs)['reid/protocol']['num_distractor'] == 0


@pytest.fixture
def logged(monkeypatch):
    lines = []
    monkeypatch.setattr(
        MMLogger.get_current_instance(), 'log', lambda *line: lines.append(line)
    )
    return lines


def test_unknown_recipe_is_left_open_with_one_warning(logged):
    outputs = samples(np.random.default_rng(3), flip_test=None)
    del outputs[0]['flip_test']
    metric = ReIDMetric()
    for _ in range(2):
        stamp = run(metric, outputs)['reid/protocol']
        assert (stamp['flip_test'], stamp['normalize']) == (None, None)
        assert stamp['dataset'] is None
    (warning,) = [line for _, line in logged if 'protocol stamp lacks' in line]
    assert "'dataset', 'version', 'split', 'flip_test', 'normalize'" in warning


def test_one_camera_is_explained_and_nan(logged):
    outputs = samples(np.random.default_rng(4), cameras=1)
    metric = ReIDMetric()
    metric.dataset_meta = META
    metrics = run(metric, outputs)
    scores = [metrics[f'reid/{name}'] for name in ('mAP', 'mINP', 'R1', 'R5', 'R10')]
    assert all(math.isnan(score) for score in scores)
    stamp = metrics['reid/protocol']
    assert (stamp['num_query_evaluated'], stamp['num_query_without_match']) == (0, 20)
    (text,) = (line for level, line in logged if level == logging.WARNING)
    for part in ('None of the 20 queries', 'camera(s) 0,', 'another camera', 'cam_id'):
        assert part in text


@pytest.mark.parametrize('distance', ['cosine', 'euclidean'])
@pytest.mark.parametrize('rerank', [None, dict(k1=3, k2=1)])
@pytest.mark.parametrize('change', ['none', 'rounding', 'scale'])
def test_identical_vectors_are_warned_of(logged, distance, rerank, change):
    outputs = samples(np.random.default_rng(4))
    rng = torch.Generator().manual_seed(0)
    for sample in outputs:
        sample['embedding'] = torch.full((8,), 0.3)
        if change == 'rounding':
            sample['embedding'] *= 1 + 1e-7 * torch.rand(8, generator=rng)
        if change == 'scale':
            sample['embedding'] *= 2 ** torch.randint(3, (1,), generator=rng)
    metric = ReIDMetric(distance=distance, rerank=rerank)
    metric.dataset_meta = META
    stamp = run(metric, outputs)['reid/protocol']
    alike = change != 'scale' or distance == 'cosine'
    assert stamp['identical_vectors'] is alike
    texts = [line for level, line in logged if level == logging.WARNING]
    assert any('All 60 vectors are the same' in text for text in texts) == alike
    if change == 'none' and rerank is None:
        # Every wrong answer is as far as the right ones.
        assert stamp['num_query_tied'] == stamp['num_query_evaluated'] > 0
        assert stamp['num_constant_components'] == 8


def test_ties_and_constant_components_are_warned_of(logged):
    outputs = samples(np.random.default_rng(4))
    for number, sample in enumerate(outputs):
        sample['embedding'] = torch.zeros(8)
        # Four kinds of vectors, as of a code of very few bits.
        sample['embedding'][number % 4] = 1
    metric = ReIDMetric()
    metric.dataset_meta = META
    stamp = run(metric, outputs)['reid/protocol']
    assert not stamp['identical_vectors']
    assert stamp['num_constant_components'] == 4
    assert stamp['num_query_tied'] > stamp['num_query_evaluated'] / 2
    texts = [line for level, line in logged if level == logging.WARNING]
    assert [text.startswith('For ') for text in texts] == [True]
    (report,) = (text for level, text in logged if level == logging.INFO)
    assert f'ties      of {stamp["num_query_tied"]} queries' in report
    for sample in outputs:
        sample['embedding'] = torch.cat((sample['embedding'], torch.ones(1)))
    stamp = run(metric, outputs)['reid/protocol']
    assert stamp['num_constant_components'] == 5
    assert '5 of 9 components are the same' in logged[-2][1]


def test_single_shot_galleries_have_no_count_of_ties():
    outputs = samples(np.random.default_rng(1))
    stamp = run(ReIDMetric(protocol='single-shot'), outputs)['reid/protocol']
    assert stamp['num_query_tied'] is None


@pytest.mark.parametrize(
    ('protocol', 'words'),
    [
        ('cloth-changing', "another camera than the query's and in other clothes;"),
        ('single-shot', "another camera than the query's; gallery"),
    ],
)
def test_no_match_is_explained_by_the_rules_in_force(protocol, words, logged):
    outputs = samples(np.random.default_rng(4), cameras=2)
    for sample in outputs:
        sample['clothes_id'] = 1
        if protocol == 'single-shot':
            sample['cam_id'] = 1
    metrics = run(ReIDMetric(protocol=protocol), outputs)
    assert math.isnan(metrics['reid/mAP'])
    text = next(line for _, line in logged if line.startswith('None of the 20 queries'))
    assert f'By this protocol ({protocol}) a right answer' in text
    assert words in text


def best_saving_hook(tmp_path, saved):
    """A real CheckpointHook on a runner that only notes what is saved."""
    hook = CheckpointHook(save_best='reid/mAP', interval=-1)
    runner = SimpleNamespace(
        work_dir=str(tmp_path), epoch=1, iter=1, logger=MMLogger.get_current_instance(),
        message_hub=MessageHub.get_instance(f'{tmp_path}'),
        save_checkpoint=lambda folder, filename, **_: saved.append(filename),
    )  # fmt: skip
    hook.before_train(runner)
    return hook, runner


def test_nan_never_becomes_the_best_checkpoint(tmp_path):
    saved = []
    hook, runner = best_saving_hook(tmp_path, saved)
    rng = np.random.default_rng(5)
    nothing = run(ReIDMetric(), samples(rng, cameras=1))
    something = run(ReIDMetric(), samples(rng))
    for metrics in (nothing, something, nothing):
        hook.after_val_epoch(runner, metrics)
        runner.epoch += 1
    assert saved == ['best_reid_mAP_epoch_2.pth']
    assert runner.message_hub.get_info('best_score') == something['reid/mAP']


def test_through_the_evaluator_with_data_samples():
    outputs = samples(np.random.default_rng(6))
    evaluator = Evaluator(dict(type='mmreid.ReIDMetric', prefix='other'))
    evaluator.dataset_meta = META
    packed = []
    for output in outputs:
        sample = DataSample()
        sample.embedding = output['embedding']
        meta = {k: v for k, v in output.items() if k != 'embedding'}
        sample.set_metainfo(meta)
        packed.append(sample)
    metrics = evaluator.offline_evaluate(packed, chunk_size=16)
    assert metrics['other/mAP'] == run(ReIDMetric(), outputs)['reid/mAP']


def test_registered_for_configs():
    assert isinstance(METRICS.build(dict(type='ReIDMetric')), ReIDMetric)


def test_batches_in_any_order_with_repetitions_give_the_same():
    outputs = samples(np.random.default_rng(7))
    expected = run(ReIDMetric(), outputs)
    shuffled = [outputs[i] for i in np.random.default_rng(8).permutation(60)]
    assert run(ReIDMetric(), [*shuffled, *shuffled[:5]], size=60) == expected


def test_low_precision_embeddings_are_kept_as_float32():
    outputs = samples(np.random.default_rng(9))
    rounded = [dict(s, embedding=s['embedding'].bfloat16()) for s in outputs]
    single = [dict(s, embedding=s['embedding'].float()) for s in rounded]
    assert run(ReIDMetric(), rounded) == run(ReIDMetric(), single)


def test_a_batch_keeps_no_view_of_the_network_output():
    big = torch.zeros(4, 1000)
    outputs = samples(np.random.default_rng(10), count=4)
    for i, sample in enumerate(outputs):
        sample['embedding'] = big[i, :2]
    metric = ReIDMetric()
    metric.process(None, outputs)
    assert metric.results[0].embedding.untyped_storage().nbytes() == 4 * 2 * 4


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(distance='l1'), "distance must be one of .* got 'l1'"),
        (dict(ranks=(0,)), 'ranks must be'),
        (dict(average_precision='voc'), 'average_precision must be one of'),
        (dict(rerank=dict(k=20)), r"no option \['k'\]"),
        (dict(protocol='classic'), 'protocol must be one of'),
        (dict(multi_query='sum'), 'multi_query must be one of'),
        (dict(impostors='none'), 'impostors must be one of'),
        (dict(collect_device='disk'), "collect_device must be one of .'cpu', 'gpu'"),
    ],
)
def test_bad_options_are_refused_at_construction(options, message):
    with pytest.raises(ValueError, match=message):
        ReIDMetric(**options)


def changed(index, **values):
    outputs = samples(np.random.default_rng(11))
    outputs[index] = dict(outputs[index], **values)
    return outputs


@pytest.mark.parametrize(
    ('outputs', 'size', 'message'),
    [
        (changed(14, embedding=torch.zeros(3)), 60, 'stack expects each tensor'),
        (changed(3, embedding=torch.full((8,), math.nan)), 60, 'query vector 1 holds'),
        (changed(14, normalize='part'), 60, 'made in one way'),
        (changed(14, sample_idx=3), 60, '60 samples, but 59 different sample_idx'),
        (changed(14), 61, '61 samples, but 60 different'),
        ([], 60, 'no process has seen a sample'),
        (changed(0)[::3], 20, '20 queries and 0 gallery images'),
    ],
)
def test_bad_data_is_explained(outputs, size, message):
    with pytest.raises((ValueError, RuntimeError), match=message):
        run(ReIDMetric(), outputs, size=size)


def test_embeddings_of_several_lengths_are_refused():
    short = [dict(s, embedding=s['embedding'][:5]) for s in changed(0)[30:]]
    with pytest.raises(ValueError, match=r'one length, got \[\(5,\), \(8,\)\]'):
        run(ReIDMetric(), [*changed(0)[:30], *short], batch_size=30)


@pytest.mark.parametrize('key', ['embedding', 'sample_idx', 'cam_id', 'img_path'])
def test_missing_keys_are_named_with_the_remedy(key):
    outputs = changed(0)
    del outputs[0][key]
    with pytest.raises(ValueError, match=rf"needs \['{key}'\].*PackInputs"):
        ReIDMetric().process(None, outputs)


def test_results_are_given_up_after_evaluation():
    metric = ReIDMetric()
    run(metric, changed(0))
    assert metric.results == []


def test_times_and_mutual_neighbours_reach_the_ranking(tmp_path):
    rng = np.random.default_rng(3)
    outputs = samples(rng)
    for sample in outputs:
        sample['time'] = 40 * sample['person_id'] + 10 * rng.standard_normal()
    labels = ([s[key] for s in outputs] for key in ('person_id', 'cam_id', 'time'))
    prior = learn_time_prior(*labels, bin_width=5, num_bins=90, sigma=3, clock='camera')
    save_time_prior(tmp_path / 'prior.json', prior)
    options = dict(
        neighbour_centralisation='both', time_prior=str(tmp_path / 'prior.json')
    )
    metric = ReIDMetric(**options)
    metric.dataset_meta = dict(META, clock='camera')
    metrics = run(metric, outputs)
    ordered = sorted(outputs, key=lambda s: not s['is_query'])
    keys = ('embedding', 'person_id', 'cam_id', 'is_query', 'time')
    arrays = {key: np.array([np.asarray(s[key]) for s in ordered]) for key in keys}
    arrays['embedding'] = arrays['embedding'].astype(np.float32)
    features = Features(**arrays, img_path=np.full(len(ordered), ''))
    expected = RankingRules(**options).evaluate(features).result
    assert metrics['reid/mAP'] == pytest.approx(100 * expected.mAP)
    assert metrics['reid/mAP'] != run(ReIDMetric(), outputs)['reid/mAP']
    assert metrics['reid/protocol']['time_prior']['digest'] == prior.digest
    metric = ReIDMetric(**options)
    metric.dataset_meta = dict(META, clock='shared')
    with pytest.raises(ValueError, match=r"times of clock='camera', the test set has"):
        run(metric, outputs)
