"""SONA-Net's configs: the README's ablations and sizes, and the paper's recipe."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.registry import PARAM_SCHEDULERS, init_default_scope

from mmreid.apis import count_config
from mmreid.engine import fill_num_classes, read_config
from mmreid.models.necks import SONA, DropBlock2d
from mmreid.registry import MODELS, TRANSFORMS

FOLDER = Path(__file__).parents[2] / 'configs' / 'sonanet'
MARKET = 'sonanet_r50_market.py'
OTHERS = ('duke', 'cuhk03-labeled', 'cuhk03-detected', 'synth')
README = (FOLDER / 'README.md').read_text('utf-8')
WORDS = {
    '$plugins': 'model.backbone.plugins',
    '$drop': 'model.head.branches.drop.stage.1',
    '$whole': 'model.head.branches.whole',
}
BFE = (None, (0.33, 1.0), True, False)
DB = (0.1, (7, 7), False, True)
PLUS = (0.1, (5, 8), False, True)
# By row: where SONA is, and what drops.
EXPECTED = {
    'BL': ([], None),
    'BL+DB': ([], DB),
    'BL+DB+': ([], PLUS),
    'BL+BFE': ([], BFE),
    'BL+SONA^2': (['layer2'], None),
    'BL+BFE+SONA^2': (['layer2'], BFE),
    'SONA^2-Net': (['layer2'], PLUS),
    'SONA^3-Net': (['layer3'], PLUS),
    'SONA^2+3-Net': (['layer2', 'layer3'], PLUS),
    'on the global branch': (['whole'], PLUS),
    'on the local branch': (['drop.stage.0'], PLUS),
    'on both branches, one for each': (['whole', 'drop.stage.0'], PLUS),
    'on both branches, one for both': (['layer4'], PLUS),
}
ROWS = [
    (row, config or MARKET, options)
    for row, config, _, options in re.findall(
        r'^\| (.+?) \|(?: `(\S+\.py)` \|)? (`(.+)`|as it is) \|$',
        README.partition('## Ablations')[2],
        re.M,
    )
]


def read(name=MARKET, options=''):
    for word, path in WORDS.items():
        options = options.replace(word, path)
    cfg = read_config(str(FOLDER / name), shlex.split(options))
    init_default_scope(cfg.default_scope)
    return cfg


def test_the_words_are_the_readmes():
    line = next(line for line in README.splitlines() if line.startswith('plugins='))
    told = dict(word.split('=') for word in line.split())
    assert {f'${word}': path for word, path in told.items()} == WORDS


def test_all_rows_are_read():
    assert [row for row, *_ in ROWS] == [*EXPECTED]


@pytest.mark.parametrize(('row', 'config', 'options'), ROWS)
def test_row(row, config, options):
    cfg = read(config, options)
    # Only the structure matters here: a quarter of the width is built sooner.
    thin = dict(base_channels=16, stem_channels=16, init_cfg=None)
    cfg.model.backbone.update(thin)
    cfg.model.head.in_channels = 512
    model = MODELS.build(cfg.model)
    places, dropping = EXPECTED[row]
    found = [name for name, module in model.named_modules() if isinstance(module, SONA)]
    assert len(found) == len(places)
    assert all(place in name for place, name in zip(places, found, strict=True))
    (drop,) = [m for m in model.modules() if isinstance(m, DropBlock2d)]
    assert drop is model.head.branches['drop'].stage[-1]
    if dropping is None:
        assert drop.drop_ratio == 0
    else:
        chosen = (drop.drop_ratio, drop.block_size, drop.batchwise, drop.rescale)
        assert chosen == dropping


def test_sizes():
    """The table of the README is what is counted; increments are SPEC 5.5's."""
    pattern = r'\| ([\d.]+) M \| ([\d.]+) G \| (?:`(.+)`|as it is) \|'
    rows = re.findall(pattern, README)
    totals = [count_config(read(options=options))['total'] for *_, options in rows]
    assert [row[0] for row in rows] == [f'{t.params / 1e6:.3f}' for t in totals]
    assert [row[1] for row in rows] == [f'{t.macs / 1e9:.3f}' for t in totals]
    plain, *grown = totals
    assert plain.params / 1e6 == pytest.approx(32.28, abs=5e-3)
    assert plain.macs / 1e9 == pytest.approx(22.11, abs=5e-3)
    added = [
        (f'{(t.params - plain.params) / 1e6:.3f}', f'{(t.macs - plain.macs) / 1e9:.3f}')
        for t in grown
    ]
    assert added == [('0.395', '0.604'), ('1.576', '1.812'), ('1.971', '2.416')]


def test_map_and_vector():
    """48 x 16 from stage 2 on, and 1,536 numbers."""
    cfg = read()
    cfg.model.backbone.update(base_channels=16, stem_channels=16, init_cfg=None)
    cfg.model.head.in_channels = 512
    cfg.model.backbone.out_indices = (1, 2, 3)
    cfg.model.head.branches.whole.in_index = 2
    cfg.model.head.branches.drop.in_index = 2
    model = MODELS.build(cfg.model).eval()
    x = torch.randn(1, 3, 384, 128)
    with torch.no_grad():
        assert {m.shape[2:] for m in model.backbone(x)} == {(48, 16)}
        vector = model(x)
        assert vector.shape == (1, 1536)
        assert torch.allclose(vector, model(x.flip(3)), atol=1e-5)


def test_schedule():
    """The learning rate of each of the 400 epochs, counted from 1."""
    cfg = read()
    assert cfg.train_cfg.max_epochs == 400
    assert cfg.optim_wrapper.optimizer.type == 'Adam'
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.Adam([parameter], lr=cfg.optim_wrapper.optimizer.lr)
    schedulers = [
        PARAM_SCHEDULERS.build(dict(each, optimizer=optimizer))
        for each in cfg.param_scheduler
    ]
    rates = []
    for _ in range(400):
        rates.append(optimizer.param_groups[0]['lr'])
        optimizer.step()
        for scheduler in schedulers:
            scheduler.step()
    expected = [
        1e-4 * (epoch // 5 + 1)
        if epoch < 50
        else 1e-3
        if epoch < 200
        else 1e-4
        if epoch < 300
        else 1e-5
        for epoch in range(1, 401)
    ]
    assert np.allclose(rates, expected, rtol=1e-12, atol=0)


def test_batches():
    loader = read().train_dataloader
    assert loader.sampler.epoch == 'identities'
    assert (loader.sampler.num_ids, loader.sampler.num_instances) == (32, 4)
    assert loader.batch_size == 128


def test_cutout():
    """64 x 64 of the mean colour, wholly inside, for half of the pictures."""
    pipeline = read().train_dataloader.dataset.pipeline
    (cfg,) = [t for t in pipeline if t.type == 'RandomErasing']
    cutout = TRANSFORMS.build(cfg)
    changed = 0
    for _ in range(400):
        picture = np.full((384, 128, 3), 255, np.uint8)
        rows, columns, _ = np.nonzero(cutout(dict(img=picture))['img'] != 255)
        if len(rows):
            changed += 1
            assert np.ptp(rows) == np.ptp(columns) == 63
            assert len(rows) == 3 * 64 * 64
    assert 150 < changed < 250


@pytest.mark.parametrize('data', OTHERS)
def test_data_sets_differ_in_the_data_alone(data):
    """So that the options of a row mean the same with each."""
    cfg, market = read(f'sonanet_r50_{data}.py'), read()
    ids = {'duke': 702, 'synth': 751}.get(data, 767)
    assert fill_num_classes(cfg) == ids
    cfg.model.head.pop('num_classes')
    for loader in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        pipelines = [c[loader].dataset.pipeline for c in (cfg, market)]
        assert pipelines[0] == pipelines[1]
        assert cfg[loader].dataset.data_root != market[loader].dataset.data_root
        cfg[loader].pop('dataset'), market[loader].pop('dataset')
    for key in ('model', 'train_dataloader', 'test_dataloader', 'param_scheduler'):
        assert cfg[key] == market[key]
    for evaluator in (cfg.val_evaluator, cfg.test_evaluator):
        assert evaluator.distance == 'euclidean'
