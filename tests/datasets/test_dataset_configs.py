"""The data sets' base configs build and feed what the other parts expect."""

from collections.abc import Callable, Iterator
from pathlib import Path

import layouts
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope
from mmengine.runner import Runner

FOLDER = Path(__file__).parents[2] / 'configs' / '_base_' / 'datasets'
NAMES = sorted(path.stem for path in FOLDER.glob('*.py'))
WHOLE = ('market', 'synthmini')  # the others say only where their data lies
# Height and width that the methods' configs have.
SIZES = [(256, 128), (384, 128), (384, 192), (256, 256), (192, 96)]


@pytest.fixture(autouse=True)
def scope() -> Iterator[None]:
    with DefaultScope.overwrite_default_scope('mmreid'):
        yield


@pytest.fixture
def read(tmp_path: Path) -> Callable:
    """Read a data set's base config, as another config inherits it."""

    def read_config(name: str, height: int = 0, width: int = 0) -> Config:
        text = f"_base_ = ['{FOLDER}/{name}.py']\n"
        if name not in WHOLE:
            (variable,) = Config.fromfile(FOLDER / f'{name}.py')
            text = f"_base_ = ['{FOLDER}/market.py', '{FOLDER}/{name}.py']\n"
            text += 'train_dataloader = val_dataloader = test_dataloader = '
            text += f'dict(dataset=_base_.{variable})\n'
        if height:
            text += 'from mmreid.engine import set_picture_size\n'
            text += f'set_picture_size(_base_, height={height}, width={width})\n'
        (tmp_path / 'own.py').write_text(text)
        return Config.fromfile(tmp_path / 'own.py')

    return read_config


@pytest.fixture
def load(read: Callable, request: pytest.FixtureRequest, tmp_path: Path) -> Callable:
    """Read a base config on a tiny data set, in this process."""

    def load_config(*arguments: object) -> Config:
        config = read(*arguments)
        kind = config.train_dataloader.dataset.type
        if kind == 'Market1501':
            return on(config, request.getfixturevalue('market_root'))
        return on(config, layouts.write(tmp_path / kind, kind))

    return load_config


def on(config: Config, root: Path) -> Config:
    """Let a config read a data set of few pictures."""
    for split in ('train', 'val', 'test'):
        dataloader = config[f'{split}_dataloader']
        dataloader.dataset.update(data_root=str(root), check=False)
        dataloader.update(num_workers=0, persistent_workers=False)
    config.train_dataloader.update(batch_size=4)
    config.train_dataloader.sampler.update(num_ids=2, num_instances=2)
    return config


def test_every_data_set_has_a_leaf() -> None:
    leaves = FOLDER.parents[1].glob('*/[!_]*.py')
    text = ' '.join(leaf.read_text('utf-8') for leaf in leaves)
    assert [name for name in NAMES if f'datasets/{name}.py' not in text] == []


@pytest.mark.parametrize('name', NAMES)
def test_batches(name: str, load: Callable) -> None:
    check_batches(load(name), (192, 96) if name == 'synthmini' else (256, 128))


@pytest.mark.parametrize('size', SIZES)
def test_batches_of_a_size(size: tuple[int, int], load: Callable) -> None:
    check_batches(load('market', *size), size)


def check_batches(config: Config, size: tuple[int, int]) -> None:
    """Compare what the loaders give with the records."""
    train = Runner.build_dataloader(config.train_dataloader, seed=0)
    batch = next(iter(train))
    assert batch['inputs'].shape == (4, 3, *size)
    assert batch['inputs'].dtype == torch.uint8
    labels = torch.cat([sample.gt_label for sample in batch['data_samples']])
    assert labels[0] == labels[1] != labels[2] == labels[3]

    test = Runner.build_dataloader(config.test_dataloader, seed=0)
    (batch,) = test
    records = [test.dataset.get_data_info(i) for i in range(len(test.dataset))]
    assert batch['inputs'].shape == (len(records), 3, *size)
    for key in ('is_query', 'person_id', 'cam_id', 'clothes_id', 'img_path'):
        packed = [sample.get(key) for sample in batch['data_samples']]
        assert packed == [record.get(key) for record in records]
    indices = [sample.sample_idx for sample in batch['data_samples']]
    assert indices == list(range(len(records)))


@pytest.mark.parametrize('name', NAMES)
def test_values(name: str, read: Callable) -> None:
    config = read(name)
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
        'mmreid synthreid' in str(loader.dataset.get('source')) for loader in loaders
    ]
    assert sources == [name.startswith('synth')] * 2


@pytest.mark.parametrize('size', SIZES)
def test_the_padded_crop_keeps_the_size(size: tuple[int, int], load: Callable) -> None:
    config = load('market', *size)
    crop = [config._load, config._resize, config._flip, config._crop, config._pack]
    config.train_dataloader.dataset.pipeline = crop
    batch = next(iter(Runner.build_dataloader(config.train_dataloader, seed=0)))
    assert batch['inputs'].shape == (4, 3, *size)


def test_check_can_be_switched_off_as_the_error_says(market_root: Path) -> None:
    config = Config.fromfile(FOLDER / 'market.py')
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


def test_workers_read_a_batch(load: Callable) -> None:
    config = load('market')
    config.train_dataloader.update(num_workers=1, persistent_workers=True)
    (batch,) = Runner.build_dataloader(config.train_dataloader, seed=0)
    assert batch['inputs'].shape == (4, 3, 256, 128)
