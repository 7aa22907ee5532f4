"""Files of a test: valid JSON, embeddings, drawings by the measured distance."""

import json
import os

import numpy as np
import pytest
from mmengine.config import Config

from mmreid.apis import Outputs
from mmreid.apis.outputs import hash_settings


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


@pytest.mark.parametrize('own', [None, 'mine.npz'])
@pytest.mark.parametrize('distance', ['cosine', 'euclidean', None])
def test_rank_lists_are_drawn_by_the_measured_distance(
    cfg, tmp_path, monkeypatch, own, distance
):
    drawn = []
    monkeypatch.setattr(
        'mmreid.apis.outputs.draw_rank_lists',
        lambda features, folder, distance: drawn.append((features, folder, distance)),
    )
    files = [] if own is None else [tmp_path / own]
    outputs = Outputs(cfg, files, tmp_path / 'show')
    outputs.prepare()
    features = tmp_path / (own or 'w/features.npz')
    assert features.parent.is_dir()
    assert cfg.test_evaluator[-1].out_file == str(features)
    outputs.write({'reid/protocol': dict(distance=distance)} if distance else {})
    assert drawn == [(features, tmp_path / 'show', distance or 'cosine')]


def test_several_data_sets_have_a_block_a_file_and_a_folder_each(
    cfg, tmp_path, monkeypatch
):
    drawn = []
    monkeypatch.setattr(
        'mmreid.apis.outputs.draw_rank_lists',
        lambda features, folder, distance: drawn.append((features, folder, distance)),
    )
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
        (tmp_path / 'f_Town.npz', show / 'Town', 'euclidean'),
        (tmp_path / 'f_Campus-2.npz', show / 'Campus-2', 'cosine'),
    ]


def test_a_protected_folder_fails_first(cfg, tmp_path, monkeypatch):
    monkeypatch.setattr(os, 'access', lambda path, mode: False)
    with pytest.raises(PermissionError, match='write-protected'):
        Outputs(cfg, [tmp_path / 'new' / 'metrics.json']).prepare()


def test_other_processes_write_nothing(cfg, tmp_path, monkeypatch):
    monkeypatch.setattr('mmreid.apis.outputs.is_main_process', lambda: False)
    Outputs(cfg, [tmp_path / 'metrics.json'], tmp_path / 'show').write({})
    assert not list(tmp_path.iterdir())
