"""The configs of the other data sets differ from Market-1501's in what they must."""

from pathlib import Path

import pytest
from mmengine.config import Config, ConfigDict

import mmreid.datasets
from mmreid.engine import fill_num_classes
from mmreid.registry import DATASETS

ROOT = Path(__file__).parents[2] / 'configs'
LEAVES = sorted(
    path.relative_to(ROOT).as_posix()
    for method in ('aanet', 'agw', 'bot', 'mgn', 'pcb', 'sbs')
    for path in (ROOT / method).glob('[!_]*_r50_*.py')
    if path.stem.split('_')[2] != 'synth'
)
EPOCHS = dict(market=100, duke=120, cuhk03=80)  # of AANet, section IV of its paper
# Of another size, or tested in another way; see below.
OTHERS = ('ltcc', 'prcc', 'veri776')
ASKED = [
    *(f'{m}_r50_{d}' for m in ('aanet', 'bot', 'pcb') for d in ('market', 'duke')),
    *(
        f'{m}_r50_cuhk03-{boxes}'
        for m in ('aanet', 'bot', 'pcb')
        for boxes in ('labeled', 'detected')
    ),
    *(f'{m}_r50_msmt17' for m in ('bot', 'pcb')),
    *(f'bot_r50_{data}' for data in ('viper', 'occluded-duke', *OTHERS)),
]


def count_ids(dataset: ConfigDict) -> int:
    """Persons to train on, as published."""
    if parts := dataset.get('datasets'):
        return sum(map(count_ids, parts))
    declared = DATASETS.get(dataset.type)
    arguments = {k: v for k, v in dataset.items() if k not in ('type', 'pipeline')}
    counts = declared(**arguments, lazy_init=True).COUNTS
    return counts['train']['ids']


def test_the_leaves_exist() -> None:
    assert {Path(path).stem for path in LEAVES} >= set(ASKED)
    assert mmreid.datasets  # registers them


@pytest.mark.parametrize('path', LEAVES)
def test_classes_are_the_persons_to_train_on(path: str) -> None:
    config = Config.fromfile(ROOT / path)
    assert 'num_classes' not in config.model.head
    assert fill_num_classes(config) == count_ids(config.train_dataloader.dataset)


@pytest.mark.parametrize(
    'path',
    [
        path
        for path in LEAVES
        if not any(word in path for word in ('-to-', '+', '16', *OTHERS))
    ],
)
def test_only_the_data_differs_from_market(path: str) -> None:
    config = Config.fromfile(ROOT / path)
    method, _, data = Path(path).stem.split('_')
    market = Config.fromfile((ROOT / path).with_stem(f'{method}_r50_market'))
    datasets = [
        config[f'{loader}_dataloader'].pop('dataset')
        for loader in ('train', 'val', 'test')
    ]
    expected = [
        market[f'{loader}_dataloader'].pop('dataset')
        for loader in ('train', 'val', 'test')
    ]
    words = {'type', 'data_root', 'boxes', 'protocol', 'split_index'}
    for dataset, base in zip(datasets, expected, strict=True):
        own = {k: v for k, v in dataset.items() if k not in words}
        assert own == {k: v for k, v in base.items() if k not in words}
    assert len({(d.type, d.data_root, d.get('boxes')) for d in datasets}) == 1
    if method == 'aanet':
        assert config.train_cfg.max_epochs == EPOCHS[data.split('-')[0]]
    for key in ('model', 'train_dataloader', 'test_dataloader', 'param_scheduler'):
        assert config[key] == market[key]


@pytest.mark.parametrize(
    ('data', 'size', 'protocol', 'splits'),
    [
        ('ltcc', (192, 384), 'cloth-changing', ['test']),
        ('prcc', (192, 384), 'single-shot', ['test', 'test-same-clothes']),
        ('veri776', (256, 256), None, ['test']),
    ],
)
def test_size_and_protocol_are_the_data_sets(
    data: str, size: tuple[int, int], protocol: str | None, splits: list[str]
) -> None:
    config = Config.fromfile(ROOT / 'bot' / f'bot_r50_{data}.py')
    market = Config.fromfile(ROOT / 'bot' / 'bot_r50_market.py')
    assert config.val_evaluator == config.test_evaluator
    assert config.test_evaluator.get('protocol') == protocol
    loaders = config.test_dataloader
    tested = loaders if isinstance(loaders, list) else [loaders]
    assert [loader.dataset.split for loader in tested] == splits
    training, validation = config.train_dataloader.dataset, config.val_dataloader
    datasets = [training, validation.dataset, *(loader.dataset for loader in tested)]
    assert len({(d.type, d.data_root) for d in datasets}) == 1
    for dataset in datasets:
        assert [t.scale for t in dataset.pipeline if t.type == 'Resize'] == [size]
    (crop,) = (t for t in training.pipeline if t.type == 'RandomCrop')
    assert crop.crop_size == size[::-1]
    kinds = [t.type for t in training.pipeline]
    assert kinds == [t.type for t in market.train_dataloader.dataset.pipeline]
    for key in ('model', 'param_scheduler', 'optim_wrapper', 'train_cfg'):
        assert config[key] == market[key]
