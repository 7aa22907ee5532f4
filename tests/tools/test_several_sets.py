"""Training on a union and testing on a list of data sets, as users do it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from free_port import free_port
from mmengine.config import Config
from patience import PATIENCE
from tiny_market import make_market

from mmreid.evaluation.functional import load_features

ROOT = Path(__file__).resolve().parents[2]
NAMES = dict(town='Town', campus='Campus 2')
LABELS = ['Town', 'Campus-2']


@pytest.fixture(scope='module')
def sets(tmp_path_factory) -> list[dict]:
    """Two data sets, as configs without split and pipeline."""
    root = tmp_path_factory.mktemp('sets')
    rng = np.random.default_rng(0)
    for folder, persons in zip(NAMES, (6, 5), strict=True):
        make_market(root / folder, persons, rng)
    return [
        dict(
            type='Market1501',
            data_root=str(root / folder),
            check=False,
            metainfo=dict(dataset=name, version='1'),
        )
        for folder, name in NAMES.items()
    ]


@pytest.fixture
def config(tmp_path, sets) -> Path:
    """Train a small network on both, validate and test on each."""
    cfg = Config.fromfile(ROOT / 'configs/bot/bot_r18_synthmini.py')
    cfg.model.backbone.update(base_channels=8, stem_channels=8)
    cfg.model.head.in_channels = 64
    steps = [cfg._load, dict(type='Resize', scale=(32, 64)), cfg._pack]
    cfg.train_dataloader.update(batch_size=8, num_workers=0, persistent_workers=False)
    cfg.train_dataloader.sampler.update(num_ids=4, num_instances=2)
    cfg.train_dataloader.dataset = dict(
        type='ReIDUnion',
        datasets=[dict(part, split='train') for part in sets],
        pipeline=steps,
    )
    loader = dict(cfg.test_dataloader, num_workers=0, persistent_workers=False)
    loaders = [
        dict(loader, dataset=dict(part, split='test', pipeline=steps)) for part in sets
    ]
    cfg.val_dataloader = cfg.test_dataloader = loaders
    cfg.val_cfg, cfg.test_cfg = dict(type='MultiValLoop'), dict(type='MultiTestLoop')
    cfg.train_cfg.update(max_epochs=1, val_interval=1)
    cfg.optim_wrapper = dict(optimizer=dict(type='Adam', lr=1e-3))
    cfg.param_scheduler = []
    cfg.default_hooks.checkpoint.update(interval=1, save_best='Campus-2/reid/mAP')
    cfg.work_dir = str(tmp_path / 'work')
    path = tmp_path / 'both.py'
    cfg.dump(path)
    return path


def one_of(config: Path, index: int) -> Path:
    """The config that tests on one of the data sets only."""
    cfg = Config.fromfile(config)
    cfg.test_dataloader, cfg.test_cfg = cfg.test_dataloader[index], dict()
    path = config.with_name(f'only_{index}.py')
    cfg.dump(path)
    return path


def test_trained_on_a_union_and_tested_on_a_list(run_tool, config, tmp_path):
    work_dir = tmp_path / 'work'
    run_tool('train', config)
    saved = torch.load(work_dir / 'epoch_1.pth', weights_only=True)
    assert saved['meta']['dataset_meta']['dataset'] == 'Town + Campus 2'
    assert saved['meta']['dataset_meta']['num_ids'] == 11
    classifier = saved['state_dict']['head.branches.whole.classifier.weight']
    assert classifier.shape[1] == 11
    assert Config.fromfile(work_dir / 'both.py').model.head.num_classes == 11
    assert list(work_dir.glob('best_Campus-2_reid_mAP_epoch_1.pth'))
    log = next(work_dir.glob('*/*.log')).read_text()
    numbers = r'reid/mAP: [\d.]+  reid/mINP: [\d.]+  .*\n'
    assert re.search(rf'\[2/2\].*\n +Town      {numbers} +Campus-2  {numbers}', log)

    out, features = tmp_path / 'out' / 'metrics.json', tmp_path / 'out' / 'f.npz'
    checkpoint = work_dir / 'epoch_1.pth'
    show = ['--show-dir', tmp_path / 'show']
    outputs = ['--out', out, '--out', features, *show]
    run_tool('test', config, checkpoint, *outputs, '--work-dir', tmp_path / 'test')
    blocks = json.loads(out.read_text())
    assert list(blocks) == LABELS
    keys = []
    for index, name in enumerate(LABELS):
        single, alone = tmp_path / 'single.json', tmp_path / 'single.safetensors'
        files = ['--out', single, '--out', alone]
        run_tool('test', one_of(config, index), checkpoint, *files)
        assert blocks[name] == json.loads(single.read_text())
        assert blocks[name]['reid/protocol']['dataset'] == [*NAMES.values()][index]
        found = load_features(tmp_path / 'out' / f'f_{name}.npz')
        assert found.meta['num_query'] == (12, 10)[index]
        assert found.meta == load_features(alone).meta
        keys.append(found.meta['features_key'])
        assert len(blocks[name]['reid/per_query']['path']) == (12, 10)[index]
        assert {Path(p).parts[-3] for p in found.img_path} == {[*NAMES][index]}
        assert (tmp_path / 'show' / name / 'ranks.jpg').is_file()
    assert keys[0]['model'] == keys[1]['model']
    assert keys[0]['features'] != keys[1]['features']
    written = {path.name for path in (tmp_path / 'out').iterdir()}
    assert written == {'metrics.json', 'f_Town.npz', 'f_Campus-2.npz'}


def test_options_reach_one_of_the_sets(run_tool, config, tmp_path, capsys):
    missing = ['--cfg-options', 'test_dataloader.1.dataset.data_root=/no/such']
    with pytest.raises(SystemExit):
        run_tool('test', config, *missing)
    shown = capsys.readouterr().err
    assert '/no/such' in shown
    assert 'Traceback' not in shown


def test_a_choice_of_no_set_ends_before_training(run_tool, config, capsys):
    choice = ['--cfg-options', 'default_hooks.checkpoint.save_best=reid/mAP']
    with pytest.raises(SystemExit):
        run_tool('train', config, *choice)
    assert 'save_best=Town/reid/mAP' in capsys.readouterr().err


@pytest.mark.slow
def test_two_processes_train_and_measure_the_same(run_tool, config, tmp_path):
    work_dir = tmp_path / 'two'
    environment = os.environ | dict(PYTHON=sys.executable, OMP_NUM_THREADS='1')
    for script, arguments in (
        ('dist_train', [2, '--work-dir', work_dir]),
        ('dist_test', [work_dir / 'epoch_1.pth', 2, '--work-dir', work_dir]),
    ):
        out = ['--out', tmp_path / 'two.json', '--out', tmp_path / 'two.npz']
        words = [config, *arguments, *(out if script == 'dist_test' else ())]
        words += ['--cfg-options', 'train_dataloader.sampler.num_ids=2']
        words += ['train_dataloader.batch_size=4']
        done = subprocess.run(
            [ROOT / f'tools/{script}.sh', *map(str, words)],
            env=environment | dict(PORT=free_port()),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stderr[-3000:]
    outputs = ['--out', tmp_path / 'one.json', '--out', tmp_path / 'one.npz']
    run_tool('test', config, work_dir / 'epoch_1.pth', *outputs)
    one, two = (
        json.loads((tmp_path / f'{n}.json').read_text()) for n in ('one', 'two')
    )
    assert one == two
    for name in LABELS:
        a, b = (load_features(tmp_path / f'{n}_{name}.npz') for n in ('one', 'two'))
        assert np.array_equal(a.img_path, b.img_path)
        assert np.allclose(a.embedding, b.embedding, atol=1e-5)
