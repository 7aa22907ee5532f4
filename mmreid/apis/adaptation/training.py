"""Training a model on the clusters that it makes of pictures."""

import copy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.logging import print_log

from mmreid import engine
from mmreid.apis.adaptation.clusters import find_links
from mmreid.apis.adaptation.folder import OwnPictures
from mmreid.apis.adaptation.options import AdaptOptions
from mmreid.apis.adaptation.plan import Plan
from mmreid.apis.adaptation.start import Start
from mmreid.apis.test_pipeline import first_test_set, input_size
from mmreid.processors import count_processors

# Cluster Contrast's, but for the rate, where a config has no training.
_OPTIMIZER = dict(
    type='OptimWrapper', optimizer=dict(type='Adam', lr=1e-3, weight_decay=5e-4)
)
_MOST_WORKERS = 4
_UNUSED = ('val_cfg', 'val_dataloader', 'val_evaluator')


def training_config(
    start: Start, pictures: OwnPictures, options: AdaptOptions, plan: Plan
) -> Config:
    """Make the config of a training on clusters of a model's own config.

    Picture size, transforms, network and optimizer are the model's. A config that a
    checkpoint carries has no training: its pictures are flipped, shifted and erased as
    those of the strong baseline, and Adam optimizes.

    Args:
        start (Start): The model.
        pictures (OwnPictures): The pictures.
        options (AdaptOptions): The options.
        plan (Plan): The numbers.

    Returns:
        Config: A whole config but for ``work_dir``.

    Raises:
        ValueError: The model cannot be trained on clusters.
    """
    cfg = copy.deepcopy(start.cfg)
    workers = options.workers
    if workers is None:
        workers = min(_MOST_WORKERS, count_processors())
    cfg['train_dataloader'] = dict(
        num_workers=workers,
        persistent_workers=workers > 0,
        collate_fn=dict(type='default_collate'),
        dataset=dict(pictures.settings, pipeline=_training_steps(cfg)),
    )
    cfg.setdefault('optim_wrapper', copy.deepcopy(_OPTIMIZER))
    links = find_links(pictures, options.clustering) is not None
    engine.cluster_training(
        cfg,
        num_ids=plan.persons,
        num_instances=plan.instances,
        num_batches=plan.batches,
        epochs=plan.epochs,
        instances='other-cameras' if _has_cameras(pictures) else 'any',
        links=links,
        normalize_cameras=options.clustering.normalize_cameras
        and pictures.cam_id is not None,
        batch_size=options.batch_size,
        num_workers=workers,
        **options.clustering.numbers(),
    )
    optimizer = cfg.optim_wrapper.optimizer
    # What the model has learned shall stay.
    optimizer.lr = 0.1 * optimizer.lr if options.lr is None else options.lr
    _set_schedule(cfg, plan.epochs)
    cfg['load_from'], cfg['resume'] = start.weights, False
    cfg['randomness'] = dict(seed=options.seed)
    return cfg


def check_device(device: str) -> None:
    """Refuse a device that only embedding would heed.

    Args:
        device (str): As of ``AdaptOptions``.

    Raises:
        ValueError: A training would take another one.
    """
    found = get_device()
    if device not in ('auto', found, f'{found}:0'):
        raise ValueError(
            f'device must be {found!r} or auto for a training, which takes the first '
            f'accelerator that it sees, got {device!r}; choose it by '
            'CUDA_VISIBLE_DEVICES, which is empty for the processor.'
        )


def _set_schedule(cfg: Config, epochs: int) -> None:
    """Set how the learning rate falls, when to save, and that nothing is measured."""
    cfg['param_scheduler'] = [
        dict(
            type='CosineAnnealingLR',
            T_max=epochs,
            eta_min_ratio=0.01,
            convert_to_iter_based=True,
        )
    ]
    hooks = cfg.get('default_hooks') or {}
    hooks['checkpoint'] = dict(
        type='AtomicCheckpointHook', interval=1, max_keep_ckpts=1
    )
    cfg['default_hooks'] = hooks
    # Nothing is measured on the way: who has labels, has them for before and after.
    cfg.update(dict.fromkeys(_UNUSED))
    cfg['train_cfg'] = dict(by_epoch=True, max_epochs=epochs, val_interval=10**9)


def train(cfg: Config, folder: Path, verbose: bool = False) -> Path:
    """Train, or go on where the training of a folder was stopped.

    Args:
        cfg (Config): Of :func:`training_config`.
        folder (Path): For logs and checkpoints.
        verbose (bool): Show the whole log. Defaults to False.

    Returns:
        Path: The last checkpoint.

    Raises:
        TrainingStoppedError: A signal stopped it; it can go on.
        ClusteringError: The pictures cannot be trained on.
        ValueError: The config cannot be trained.
    """
    cfg = engine.read_config(cfg, None, str(folder))
    notes = []
    if any(folder.glob('*.pth')):
        notes = engine.use_checkpoint(cfg, 'auto')
    engine.set_up_processes(cfg, 'none')
    runner = engine.build_runner(cfg, verbose)
    for note in notes:
        print_log(note, 'current')
    runner.train()
    checkpoint, _ = engine.find_resumable(str(folder), str(folder))
    assert checkpoint is not None  # an epoch was saved
    return Path(checkpoint)


def _has_cameras(pictures: OwnPictures) -> bool:
    """Whether there is a second camera to draw pictures from."""
    return pictures.cam_id is not None and len(np.unique(pictures.cam_id)) > 1


def _training_steps(cfg: Config) -> list[Any]:
    """Return what a config's training does to a picture, or what is usual."""
    found = next(_pipelines((cfg.get('train_dataloader') or {}).get('dataset')), None)
    if found:
        return found
    height, width = input_size(cfg)
    steps = [*first_test_set(cfg).pipeline]
    told = cfg.get('data_preprocessor') or (cfg.model.get('data_preprocessor') or {})
    # The mean; pictures are blue-green-red still.
    mean = [float(value) for value in reversed(told.get('mean', [128.0] * 3))]
    usual = [
        dict(type='RandomFlip', prob=0.5),
        dict(type='RandomCrop', crop_size=(height, width), padding=10),
        dict(
            type='RandomErasing',
            erase_prob=0.5,
            min_area_ratio=0.02,
            max_area_ratio=0.4,
            aspect_range=(0.3, 3.33),
            fill_color=tuple(mean),
        ),
    ]
    return [*steps[:-1], *usual, steps[-1]]


def _pipelines(dataset: Any) -> Iterator[list[Any]]:
    """List the pipelines of a data set and of what it wraps."""
    if not isinstance(dataset, Mapping):
        return
    if dataset.get('pipeline'):
        yield [*dataset['pipeline']]
    yield from _pipelines(dataset.get('dataset'))
    for part in dataset.get('datasets') or ():
        yield from _pipelines(part)
