"""The data sets' base configs build and feed what the other parts expect."""

from collections.abc import Iterator
from pathlib import Path

import layouts
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope
from mmengine.runner import Runner

FOLDER = Path(__file__).parents[2] / 'configs' / '_base_' / 'datasets'
# A file is named after its size, height x width.
SIZES = {
    path.stem: tuple(map(int, path.stem.split('_')[-1].split('x')))
    for path in sorted(FOLDER.glob('[!_]*.py'))
}
# CUHK03's classic protocol reads what its converter makes, see test_cuhk03.py.
IN_FOLDERS = [name for name in SIZES if 'classic' not in name]


@pytest.fixture(autouse=True)
def scope() -> Iterator[None]:
    with DefaultScope.overwrite_default_scope('mmreid'):
        yield


@pytest.fixture
def root(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A tiny data set in the layout that the base config expects."""
    kind = Config.fromfile(FOLDER / f'{name}.py').train_dataloader.dataset.type
    if kind == 'Market1501':
        return request.getfixturevalue('market_root')
    return layouts.write(tmp_path / kind, kind)


def load(name: str, root: Path) -> Config:
    """A base config on a tiny data set, in this process."""
    config = Config.fromfile(FOLDER / f'{name}.py')
    for split in ('train', 'val', 'test'):
        dataloader = config[f'{split}_dataloader']
        dataloader.dataset.update(data_root=str(root), check=False)
        dataloader.update(num_workers=0, persistent_workers=False)
    config.train_dataloader.update(batch_size=4)
    config.train_dataloader.sampler.update(num_ids=2, num_instances=2)
    return config


def test_the_sizes_of_the_methods_exist() -> None:
    sizes = {(256, 128), (384, 128), (384, 192)}
    for data in ('market', 'duke', 'msmt17', 'cuhk03_labeled', 'cuhk03_detected'):
        assert sizes <= {
            size for name, size in SIZES.items() if name.rpartition('_')[0] == data
        }
    assert SIZES['synthmini_192x96'] == (192, 96)


@pytest.mark.parametrize('name', IN_FOLDERS)
def test_batches(name: str, root: Path) -> None:
    config = load(name, root)
    train = Runner.build_dataloader(config.train_dataloader, seed=0)
    batch = next(iter(train))
    assert batch['inputs'].shape == (4, 3, *SIZES[name])
    assert batch['inputs'].dtype == torch.uint8
    labels = torch.cat([sample.gt_label for sample in batch['data_samples']])
    assert labels[0] == labels[1] != labels[2] == labels[3]

    test = Runner.build_dataloader(config.test_dataloader, seed=0)
    (batch,) = test
    records = [test.dataset.get_data_info(i) for i in range(len(test.dataset))]
    assert batch['inputs'].shape == (len(records), 3, *SIZES[name])
    for key in ('is_query', 'person_id', 'cam_id', 'clothes_id', 'img_path'):
        packed = [sample.get(key) for sample in batch['data_samples']]
        assert packed == [record.get(key) for record in records]
    indices = [sample.sample_idx for sample in batch['data_samples']]
    assert indices == list(range(len(records)))


@pytest.mark.parametrize('name', SIZES)
def test_values(name: str) -> None:
    config = Config.fromfile(FOLDER / f'{name}.py')
    sampler = config.train_dataloader.sampler
    per_batch = sampler.num_ids * sampler.num_instances
    assert config.train_dataloader.batch_size == per_batch
    assert config.val_dataloader == config.test_dataloader
    assert config.val_evaluator == config.test_evaluator
    assert config.test_dataloader.dataset.pipeline == config.test_pipeline
    assert config.train_dataloader.dataset.pipeline == config.train_pipeline
    means = config.data_preprocessor.mean
    (erasing,) = (t for t in config.train_pipeline if 'RandomErasing' in t.type)
    assert list(erasing.fill_color) == means[::-1]
    loaders = (config.train_dataloader, config.test_dataloader)
    roots = {loader.dataset.data_root for loader in loaders}
    assert len(roots) == 1
    sources = [
        'make_synthreid' in str(loader.dataset.get('source')) for loader in loaders
    ]
    assert sources == [name.startswith('synth')] * 2


@pytest.mark.parametrize('name', IN_FOLDERS)
def test_the_padded_crop_keeps_the_size(name: str, root: Path) -> None:
    config = load(name, root)
    crop = [config._load, config._resize, config._flip, config._crop, config._pack]
    config.train_dataloader.dataset.pipeline = crop
    batch = next(iter(Runner.build_dataloader(config.train_dataloader, seed=0)))
    assert batch['inputs'].shape == (4, 3, *SIZES[name])


def test_check_can_be_switched_off_as_the_error_says(market_root: Path) -> None:
    config = Config.fromfile(FOLDER / 'market_256x128.py')
    loaders = ('train_dataloader', 'val_dataloader', 'test_dataloader')
    for loader in loaders:
        config[loader].dataset.data_root = str(market_root)
        config[loader].update(num_workers=0, persistent_workers=False)
    config.train_dataloader.sampler.update(num_ids=2)
    options: dict = {}
    for loader in loaders:
        with pytest.raises(ValueError, match='check=False') as caught:
            Runner.build_dataloader(config[loader])
        words = str(caught.value).split('--cfg-options ')[1].split()
        options |= {
            key: value == 'True' for key, value in (w.split('=') for w in words)
        }
    config.merge_from_dict(options)
    for loader in loaders:
        Runner.build_dataloader(config[loader])


def test_workers_read_a_batch(market_root: Path) -> None:
    config = load('market_256x128', market_root)
    config.train_dataloader.update(num_workers=1, persistent_workers=True)
    (batch,) = Runner.build_dataloader(config.train_dataloader, seed=0)
    assert batch['inputs'].shape == (4, 3, 256, 128)
