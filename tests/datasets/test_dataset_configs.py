"""The data sets' base configs build and feed what the other parts expect."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope
from mmengine.runner import Runner

FOLDER = Path(__file__).parents[2] / 'configs' / '_base_' / 'datasets'
# A file is named after its size, height x width.
SIZES = {
    path.stem: tuple(map(int, path.stem.split('_')[1].split('x')))
    for path in sorted(FOLDER.glob('[!_]*.py'))
}


@pytest.fixture(autouse=True)
def scope() -> Iterator[None]:
    with DefaultScope.overwrite_default_scope('mmreid'):
        yield


def load(name: str, root: Path) -> Config:
    """A base config on the fixture's data, in this process."""
    config = Config.fromfile(FOLDER / f'{name}.py')
    for split in ('train', 'val', 'test'):
        dataloader = config[f'{split}_dataloader']
        dataloader.dataset.update(data_root=str(root), check=False)
        dataloader.update(num_workers=0, persistent_workers=False)
    config.train_dataloader.update(batch_size=4)
    config.train_dataloader.sampler.update(num_ids=2, num_instances=2)
    return config


def test_the_sizes_of_the_methods_exist() -> None:
    assert set(SIZES.values()) >= {(256, 128), (384, 192), (192, 96)}


@pytest.mark.parametrize('name', SIZES)
def test_batches(name: str, market_root: Path) -> None:
    config = load(name, market_root)
    train = Runner.build_dataloader(config.train_dataloader, seed=0)
    assert len(train) == 1
    (batch,) = train
    assert batch['inputs'].shape == (4, 3, *SIZES[name])
    assert batch['inputs'].dtype == torch.uint8
    labels = torch.cat([sample.gt_label for sample in batch['data_samples']])
    assert labels[0] == labels[1] != labels[2] == labels[3]

    test = Runner.build_dataloader(config.test_dataloader, seed=0)
    (batch,) = test
    assert batch['inputs'].shape == (7, 3, *SIZES[name])
    samples = batch['data_samples']
    assert [sample.is_query for sample in samples] == [True] * 2 + [False] * 5
    assert [sample.person_id for sample in samples] == [1, 10, -1, 0, 1, 10, 10]
    assert [sample.cam_id for sample in samples] == [1, 2, 3, 1, 2, 1, 4]
    assert [sample.sample_idx for sample in samples] == list(range(7))


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


@pytest.mark.parametrize('name', SIZES)
def test_the_padded_crop_keeps_the_size(name: str, market_root: Path) -> None:
    config = load(name, market_root)
    crop = [config.load, config.resize, config.flip, config.crop, config.pack]
    config.train_dataloader.dataset.pipeline = crop
    (batch,) = Runner.build_dataloader(config.train_dataloader, seed=0)
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
