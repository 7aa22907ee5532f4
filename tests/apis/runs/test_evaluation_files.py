"""Files of a test: valid JSON, embeddings, drawings by the measured rules."""

import json
import os
from dataclasses import replace

import cv2
import numpy as np
import pytest
from mmengine.config import Config

from mmreid.apis import Outputs, evaluate_features
from mmreid.apis.runs.evaluation_files import hash_settings
from mmreid.evaluation.features.time_prior_file import save_time_prior
from mmreid.evaluation.functional import (
    Features,
    RankingRules,
    RankLists,
    learn_time_prior,
    save_features,
)
from mmreid.visualization import write_rank_sheet


@pytest.fixture
def cfg(tmp_path):
    content = dict(test_evaluator=dict(type='ReIDMetric'), work_dir=str(tmp_path / 'w'))
    return Config(content)


def test_embeddings_are_dumped_by_the_evaluator(cfg, tmp_path):
    for names in (['a.npz', 'm.json', 'b.npz'], ['c.npz']):
        Outputs(cfg, [tmp_path / name for name in names]).prepare()
    assert [e.type for e in cfg.test_evaluator] == ['ReIDMetric'] + 3 * [
        'DumpEmbeddings'
    ]
    dumped = [e.out_file for e in cfg.test_evaluator[1:]]
    assert dumped == [str(tmp_path / name) for name in ('a.npz', 'b.npz', 'c.npz')]


def test_both_formats_of_embeddings_are_written(cfg, tmp_path):
    Outputs(cfg, [tmp_path / 'a.safetensors', tmp_path / 'b.npz']).prepare()
    endings = [e.out_file[-4:] for e in cfg.test_evaluator[1:]]
    assert endings == ['sors', '.npz']


def test_single_queries_are_kept_where_metrics_are(cfg, tmp_path):
    cfg.test_evaluator = [dict(type='ReIDMetric'), dict(type='Other')]
    Outputs(cfg, [tmp_path / 'a.npz']).prepare()
    assert 'per_query' not in cfg.test_evaluator[0]
    Outputs(cfg, [tmp_path / 'a.json']).prepare()
    assert cfg.test_evaluator[0].per_query is True
    assert 'per_query' not in cfg.test_evaluator[1]


def test_settings_are_what_decides_the_embeddings():
    cfg = Config(dict(model=dict(depth=50), work_dir='a', test_cfg=dict()))
    loader = dict(batch_size=3, dataset=dict(pipeline=[dict(type='Resize', scale=3)]))
    known = hash_settings(cfg, loader)
    cfg.work_dir, cfg.test_cfg = 'b', dict(type='MultiTestLoop')
    assert hash_settings(cfg, dict(loader, batch_size=9)) == known
    told = [dict(type='Resize', scale=3, meta_keys=('person_id', 'tracklet_id'))]
    assert hash_settings(cfg, dict(dataset=dict(pipeline=told))) == known
    assert hash_settings(cfg, dict(dataset=dict(pipeline=[]))) != known
    cfg.test_cfg.fp16 = True
    assert hash_settings(cfg, loader) != known
    cfg.test_cfg, cfg.model.depth = dict(), 18
    assert hash_settings(cfg, loader) != known


def refuse(name):
    raise AssertionError(f'{name} is not JSON')


def test_a_number_that_does_not_exist_is_null(cfg, tmp_path):
    metrics = {
        'reid/mAP': float('nan'),
        'reid/R1': np.float32('nan'),
        'R5': np.float64(2.5),
        'R10': float('inf'),
        'reid/protocol': dict(n=np.int64(3), ranks=(1, np.nan), flip=True, rerank=None),
    }
    file = tmp_path / 'new' / 'metrics.json'
    outputs = Outputs(cfg, [file])
    outputs.prepare()
    outputs.write(metrics)
    assert json.loads(file.read_text(), parse_constant=refuse) == {
        'reid/mAP': None,
        'reid/R1': None,
        'R5': 2.5,
        'R10': None,
        'reid/protocol': dict(n=3, ranks=[1, None], flip=True, rerank=None),
    }


@pytest.fixture
def drawn(monkeypatch):
    """What is drawn, noted instead."""
    calls = []
    monkeypatch.setattr(
        'mmreid.apis.runs.evaluation_files.draw_rank_lists',
        lambda *call: calls.append(call),
    )
    return calls


STAMPED = [
    dict(),
    dict(distance='euclidean', rerank=dict(k1=4, lambda_value=0.5)),
    dict(protocol='single-shot', impostors='both', average_precision='trapezoid'),
    dict(protocol='cloth-changing', multi_query='max'),
    dict(rerank=dict(type='query-expansion', k=3)),
    dict(neighbour_centralisation='both'),
]


@pytest.mark.parametrize('own', [None, 'mine.npz'])
@pytest.mark.parametrize('options', STAMPED, ids=str)
def test_rank_lists_are_drawn_by_the_rules_that_were_measured(
    cfg, tmp_path, drawn, own, options
):
    files = [] if own is None else [tmp_path / own]
    outputs = Outputs(cfg, files, tmp_path / 'show')
    outputs.prepare()
    features = tmp_path / (own or 'w/features.npz')
    assert features.parent.is_dir()
    assert cfg.test_evaluator[-1].out_file == str(features)
    rules = RankingRules(**options)
    stamp = evaluate_features(toy_features(), rules)['reid/protocol']
    outputs.write({'mine/mAP': 3.0, 'mine/protocol': stamp})
    assert drawn == [(features, tmp_path / 'show', rules)]


def test_rank_lists_without_a_stamp_are_those_of_the_defaults(cfg, tmp_path, drawn):
    outputs = Outputs(cfg, [], tmp_path / 'show')
    outputs.prepare()
    outputs.write({'other/score': 1.0})
    assert [rules for *_, rules in drawn] == [RankingRules()]


def toy_features(folder=None):
    rng = np.random.default_rng(0)
    paths = np.array([f'{folder}/{i}.png' for i in range(24)])
    if folder is not None:
        for i, path in enumerate(paths):
            cv2.imwrite(path, np.full((16, 8, 3), 10 * i, np.uint8))
    return Features(
        embedding=rng.standard_normal((24, 5)).astype(np.float32),
        person_id=rng.integers(1, 4, 24),
        cam_id=rng.integers(1, 4, 24),
        is_query=np.arange(24) < 6,
        img_path=paths,
        clothes_id=rng.integers(0, 2, 24),
    )


@pytest.mark.parametrize('options', STAMPED, ids=str)
def test_drawings_show_the_ranking(cfg, tmp_path, options):
    features, rules = toy_features(tmp_path), RankingRules(**options)
    outputs = Outputs(cfg, [tmp_path / 'f.npz'], tmp_path / 'show')
    outputs.prepare()
    save_features(tmp_path / 'f.npz', features)
    outputs.write(evaluate_features(features, rules))
    expected = write_rank_sheet(RankLists(features, rules), tmp_path / 'expected.jpg')
    ranks = (tmp_path / 'show' / 'ranks.jpg').read_bytes()
    assert ranks == expected.read_bytes()
    plain = write_rank_sheet(RankLists(features, RankingRules()), tmp_path / 'p.jpg')
    assert (ranks == plain.read_bytes()) == (not options)
    assert (tmp_path / 'show' / 'first_queries.jpg').is_file()


def test_drawings_know_the_prior_of_times(cfg, tmp_path):
    features = toy_features(tmp_path)
    features = replace(features, time=np.arange(24) + 30.0 * features.cam_id)
    file = tmp_path / 'prior.json'
    labels = (features.person_id, features.cam_id, features.time)
    save_time_prior(file, learn_time_prior(*labels, bin_width=4, sigma=2))
    cfg.test_evaluator.time_prior = str(file)
    outputs = Outputs(cfg, [tmp_path / 'f.npz'], tmp_path / 'show')
    outputs.prepare()
    save_features(tmp_path / 'f.npz', features)
    rules = RankingRules(time_prior=file)
    outputs.write(evaluate_features(features, rules))
    expected = write_rank_sheet(RankLists(features, rules), tmp_path / 'expected.jpg')
    ranks = (tmp_path / 'show' / 'ranks.jpg').read_bytes()
    assert ranks == expected.read_bytes()
    plain = write_rank_sheet(RankLists(features, RankingRules()), tmp_path / 'p.jpg')
    assert ranks != plain.read_bytes()


def test_several_data_sets_have_a_block_a_file_and_a_folder_each(cfg, tmp_path, drawn):
    cfg.test_dataloader = [dict(batch_size=1), dict(batch_size=2)]
    file = tmp_path / 'metrics.json'
    outputs = Outputs(cfg, [file, tmp_path / 'f.npz'], tmp_path / 'show')
    outputs.prepare()
    outputs.write(
        {
            'Town/reid/mAP': 5.0,
            'Town/reid/protocol': dict(distance='euclidean'),
            'Campus-2/reid/mAP': float('nan'),
        }
    )
    blocks = json.loads(file.read_text(), parse_constant=refuse)
    assert list(blocks.items()) == [
        ('Town', {'reid/mAP': 5.0, 'reid/protocol': dict(distance='euclidean')}),
        ('Campus-2', {'reid/mAP': None}),
    ]
    show = tmp_path / 'show'
    assert drawn == [
        (tmp_path / 'f_Town.npz', show / 'Town', RankingRules(distance='euclidean')),
        (tmp_path / 'f_Campus-2.npz', show / 'Campus-2', RankingRules()),
    ]


def test_a_protected_folder_fails_first(cfg, tmp_path, monkeypatch):
    monkeypatch.setattr(os, 'access', lambda path, mode: False)
    with pytest.raises(PermissionError, match='write-protected'):
        Outputs(cfg, [tmp_path / 'new' / 'metrics.json']).prepare()


def test_other_processes_write_nothing(cfg, tmp_path, monkeypatch):
    monkeypatch.setattr(
        'mmreid.apis.runs.evaluation_files.is_main_process', lambda: False
    )
    Outputs(cfg, [tmp_path / 'metrics.json'], tmp_path / 'show').write({})
    assert not list(tmp_path.iterdir())
