"""Files of a test: valid JSON, embeddings, drawings by the measured distance."""

import json
import os

import numpy as np
import pytest
from mmengine.config import Config

from mmreid.apis import Outputs


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


def test_a_protected_folder_fails_first(cfg, tmp_path, monkeypatch):
    monkeypatch.setattr(os, 'access', lambda path, mode: False)
    with pytest.raises(PermissionError, match='write-protected'):
        Outputs(cfg, [tmp_path / 'new' / 'metrics.json']).prepare()


def test_other_processes_write_nothing(cfg, tmp_path, monkeypatch):
    monkeypatch.setattr('mmreid.apis.outputs.is_main_process', lambda: False)
    Outputs(cfg, [tmp_path / 'metrics.json'], tmp_path / 'show').write({})
    assert not list(tmp_path.iterdir())
