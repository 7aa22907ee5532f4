"""What the configs that can be trained or tested say of themselves."""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mmengine.config import Config

from mmreid.engine.config_files.sources import Source, read_sources
from mmreid.registry import DATASETS

ROOT = Path(__file__).resolve().parents[2]
# Folders in which what is not a data set of its own is read.
_RENDERED = {
    'data/synthreid': 'SynthReID',
    'data/synthreid_mini': 'SynthReID-mini',
}
#: What follows a data set's name where clusters are trained on, and no labels.
WITHOUT_LABELS = ', without labels'


class LeafConfig(NamedTuple):
    """A config that a command takes.

    Attributes:
        path (str): Its file, from the repository's root.
        method (str): Title of its folder.
        trunk (str): The backbone, such as ``'ResNet-50'``.
        picture (str): Height x width, ``''`` where it is not told.
        trained_on (str): Data set, ``''`` where nothing is trained.
        train_root (str): Where it is read, ``''`` where nothing is trained.
        tested_on (tuple[str, ...]): Data sets.
        epochs (int): 0 where nothing is trained.
        batch (tuple[int, int]): Pictures of a step, and persons among them, 0 where
            they are drawn at random.
        bases (tuple[str, ...]): The files it inherits, from the repository's root.
    """

    path: str
    method: str
    trunk: str
    picture: str
    trained_on: str
    train_root: str
    tested_on: tuple[str, ...]
    epochs: int
    batch: tuple[int, int]
    bases: tuple[str, ...]

    @property
    def name(self) -> str:
        """What commands call it."""
        return Path(self.path).stem


@functools.cache
def leaf_configs() -> tuple[LeafConfig, ...]:
    """Read every config of ``configs/`` that is not a part of others.

    Returns:
        tuple[LeafConfig, ...]: By folder and name.
    """
    paths = sorted((ROOT / 'configs').glob('*/*.py'))
    sources = (read_sources(path)[-1] for path in paths)
    return tuple(_read(source) for source in sources if not source.is_to_inherit)


def title_of(folder: Path) -> str:
    """The title of a method: that of its README.

    Args:
        folder (Path): Below ``configs/``.
    """
    first = (folder / 'README.md').read_text('utf-8').split('\n', 1)[0]
    return first.removeprefix('# ').strip()


def _read(source: Source) -> LeafConfig:
    path = Path(source.path)
    cfg = Config.fromfile(path)
    train = cfg.get('train_dataloader')
    tests = cfg.get('test_dataloader') or []
    tests = tests if isinstance(tests, list) else [tests]
    return LeafConfig(
        path=_place(path),
        method=title_of(path.parent),
        trunk=_trunk(cfg.model.backbone),
        picture=_picture(tests[0].dataset.pipeline),
        trained_on=_data_set(train.dataset) if train else '',
        train_root=_folder(train.dataset) if train else '',
        tested_on=tuple(_data_set(loader.dataset) for loader in tests),
        epochs=(cfg.get('train_cfg') or {}).get('max_epochs', 0) if train else 0,
        batch=_batch(train) if train else (0, 0),
        bases=tuple(_place(path.parent / base) for base in source.bases),
    )


def _trunk(backbone: Mapping[str, Any]) -> str:
    """A backbone by the name that papers use."""
    kind = backbone['type']
    if kind == 'TimmBackbone':
        return f'timm: {backbone["model_name"]}'
    kind = kind.removeprefix('Plugin').replace('ResNet', 'ResNet-')
    if 'depth' in backbone:
        ibn = f'-IBN-{backbone["ibn"]}' if backbone.get('ibn') else ''
        return f'{kind}{backbone["depth"]}{ibn}'
    arch = backbone.get('arch')
    kind = kind.removesuffix('-')
    return f'{kind}, {arch}' if isinstance(arch, str) else kind


def _picture(pipeline: list[Mapping[str, Any]]) -> str:
    """Height x width, as the last step of a size makes them."""
    size = ''
    for step in pipeline:
        if step['type'].endswith('Resize') and 'scale' in step:
            width, height = step['scale']
            size = f'{height} x {width}'
    return size


def _data_set(dataset: Mapping[str, Any]) -> str:
    """A data set by its published name, with what of it is meant."""
    if 'datasets' in dataset:
        return ' + '.join(_data_set(part) for part in dataset['datasets'])
    if 'dataset' in dataset:  # a ClusteredDataset
        return f'{_data_set(dataset["dataset"])}{WITHOUT_LABELS}'
    if (root := dataset.get('data_root')) in _RENDERED:
        return _RENDERED[root]
    name = DATASETS.get(dataset['type']).METAINFO['dataset']
    words = [dataset[key] for key in ('boxes', 'protocol') if key in dataset]
    if dataset.get('split') not in (None, 'train', 'test'):
        words.append(dataset['split'])
    return f'{name} ({", ".join(words)})' if words else name


def _folder(dataset: Mapping[str, Any]) -> str:
    if 'datasets' in dataset:
        return ', '.join(_folder(part) for part in dataset['datasets'])
    if 'dataset' in dataset:
        return _folder(dataset['dataset'])
    return dataset.get('data_root') or ''


def _batch(loader: Mapping[str, Any]) -> tuple[int, int]:
    return loader['batch_size'], loader['sampler'].get('num_ids') or 0


def _place(path: Path) -> str:
    """A file from the repository's root."""
    return path.resolve().relative_to(ROOT).as_posix()
