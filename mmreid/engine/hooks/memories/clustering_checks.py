"""What a training on clusters needs of its config and its pictures."""

from typing import Any

import numpy as np
from mmengine.runner import IterBasedTrainLoop, Runner

from mmreid.engine.hooks.checks.consistency import InconsistentConfigError
from mmreid.engine.hooks.memories.clustering_errors import (
    OneCameraError,
    TooFewPicturesError,
)
from mmreid.engine.model_wrappers import unwrap_model


def check_config(runner: Runner) -> None:
    """Refuse a data set or a model for persons that are known.

    Args:
        runner (Runner): Holds both.

    Raises:
        InconsistentConfigError: The training set has no clusters, the sampler does
            not draw them, the model has classifiers, or the training has no epochs.
    """
    dataset, sampler = runner.train_dataloader.dataset, runner.train_dataloader.sampler
    if not hasattr(dataset, 'set_labels'):
        raise InconsistentConfigError(
            'ClusterHook gives the training set labels, which '
            f'{type(dataset).__name__} does not take; wrap it: '
            "dict(type='ClusteredDataset', dataset=...)."
        )
    if not hasattr(sampler, 'ids_per_step'):
        raise InconsistentConfigError(
            'Batches must be drawn by ClusterSampler where clusters are trained on, '
            f'not by {type(sampler).__name__}, which draws pictures without a cluster, '
            "too; set train_dataloader.sampler.type='ClusterSampler'."
        )
    if isinstance(runner.train_loop, IterBasedTrainLoop):
        raise InconsistentConfigError(
            'ClusterHook finds clusters before every epoch, of which a training by '
            'iterations has one; set train_cfg=dict(by_epoch=True, max_epochs=...) and '
            'num_batches of train_dataloader.sampler, the iterations of an epoch.'
        )
    classes = getattr(unwrap_model(runner.model).head, 'num_classes', None)
    if classes is not None:
        raise InconsistentConfigError(
            f'model.head.num_classes must be None where clusters are trained on, whose '
            f'number changes; got {classes}. cluster_training of mmreid.engine makes '
            'the config.'
        )


def check_pictures(sampler: Any, dataset: Any) -> None:
    """Refuse pictures from which no batch is drawn as the sampler should.

    Args:
        sampler (Any): A ``ClusterSampler``.
        dataset (Any): The training set.

    Raises:
        TooFewPicturesError: They do not fill a batch.
        OneCameraError: The sampler asks for other cameras, and there is one.
    """
    batch = sampler.ids_per_step * sampler.num_instances
    if len(dataset) < batch:
        raise TooFewPicturesError(
            f'The training set must have as many pictures as a batch, {batch}, got '
            f'{len(dataset)}; take more pictures, or lower num_ids of '
            'train_dataloader.sampler and with it train_dataloader.batch_size.'
        )
    cameras = getattr(sampler, 'all_cameras', None)
    if cameras is not None and len(np.unique(cameras)) == 1:
        raise OneCameraError(
            "instances='other-cameras' needs pictures of at least 2 cameras, but all "
            f'{len(dataset)} are of camera {cameras[0]}; set '
            "train_dataloader.sampler.instances='any'."
        )
