"""A supervised config becomes one that trains on clusters, without labels."""

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from mmreid.engine.config_files.pipeline_steps import kind_of, steps_of
from mmreid.registry import MODELS

# What of a branch, or of all, is about losses on persons.
_ABOUT_PERSONS = ('id_loss', 'alignment_loss', 'classifier')
_ABOUT_METRICS = ('metric_loss', 'metric_over', 'metric_vectors')
# Hooks for a memory of persons, and for classifiers that are random at first.
_DROPPED_HOOKS = ('ClassCentroidsHook', 'FreezeHook', 'ClusterHook')


def cluster_training(
    config: Any,
    num_ids: int = 16,
    num_instances: int = 16,
    num_batches: int = 200,
    epochs: int = 50,
    step: int = 20,
    instances: str = 'other-cameras',
    keep_metric_losses: bool = False,
    memory: Mapping[str, Any] | None = None,
    **clustering: Any,
) -> None:
    """Let a config train on clusters of its training pictures, not on their labels.

    A config file that inherits a supervised one says with it what it needs::

        _base_ = '../bot/bot_r50_market.py'
        from mmreid.engine import cluster_training

        cluster_training(_base_)

    - The training set is wrapped into a ``ClusteredDataset``, batches are drawn by
      ``ClusterSampler``, and ``ClusterHook`` finds the clusters before every epoch.
    - The model loses what is for a number of persons: classifiers, the losses on them,
      and losses with centres of persons; branches and layers that nothing but these
      trained; pooled vectors for deep supervision. What is compared in a test stays,
      but is scaled to unit length. It gets a ``ClusterMemoryLoss`` on that whole
      vector. Biases of BN necks stay as they are.
    - Epochs and the schedule of the learning rate are those of Cluster Contrast:
      a tenth every ``step`` epochs. Optimizer and learning rate stay.

    Training sets of known size may then be replaced as ``train_dataloader.dataset.
    dataset``.

    Args:
        config (Any): A config, or the ``_base_`` of one; changed in place.
        num_ids (int): Clusters in a process's batch. Defaults to 16.
        num_instances (int): Pictures of each of them. Defaults to 16.
        num_batches (int): Batches of an epoch. Defaults to 200.
        epochs (int): Epochs to train. Defaults to 50.
        step (int): Epochs between two decays of the learning rate. Defaults to 20.
        instances (str): Pictures of a cluster, see ``ClusterSampler``. Defaults to
            ``'other-cameras'``.
        keep_metric_losses (bool): Keep losses that compare the pictures of a batch,
            with clusters for persons. Defaults to False.
        memory (Mapping, optional): Arguments of ``ClusterMemoryLoss``. Defaults to
            None: ``momentum=0.1, update='each'``, those of Cluster Contrast.
        **clustering (Any): Arguments of ``ClusterHook``.

    Raises:
        ValueError: The config has no branches, or no training data.
    """
    head = (config.get('model') or {}).get('head') or {}
    loader = config.get('train_dataloader') or {}
    if 'branches' not in head or 'dataset' not in loader:
        raise ValueError(
            'cluster_training needs a config with model.head.branches and '
            'train_dataloader.dataset, got one without.'
        )
    _change_head(head, keep_metric_losses)
    head['embedding_loss'] = dict(
        type='ClusterMemoryLoss',
        num_classes=0,  # until there are clusters
        **(memory or dict(momentum=0.1, update='each')),
    )
    if loader['dataset'].get('type') != 'ClusteredDataset':
        loader['dataset'] = dict(type='ClusteredDataset', dataset=loader['dataset'])
    loader['batch_size'] = num_ids * num_instances
    loader['sampler'] = dict(
        type='ClusterSampler',
        num_ids=num_ids,
        num_instances=num_instances,
        num_batches=num_batches,
        instances=instances,
    )
    hooks = config.get('custom_hooks') or []
    hooks = [hook for hook in hooks if kind_of(hook) not in _DROPPED_HOOKS]
    config['custom_hooks'] = [*hooks, dict(type='ClusterHook', **clustering)]
    config['train_cfg'] = dict(by_epoch=True, max_epochs=epochs, val_interval=10)
    config['param_scheduler'] = [
        dict(type='StepLR', step_size=step, gamma=0.1, by_epoch=True)
    ]


def _change_head(head: Any, keep_metrics: bool) -> None:
    """Leave out what is for a number of persons, and what is then of no use."""
    head['num_classes'] = None
    if head.get('normalize', 'none') == 'none':
        head['normalize'] = 'whole'
    dropped = [*_ABOUT_PERSONS, *(() if keep_metrics else _ABOUT_METRICS)]
    branches = {name: own for name, own in head['branches'].items() if own is not None}
    for part in (head, *branches.values()):
        for name in dropped:
            part.pop(name, None)
        if part.get('metric_loss'):
            part['metric_loss'] = [*_without_centres(part['metric_loss'])]
    for pool in steps_of(head):
        if pool.get('deep_supervision'):
            pool['deep_supervision'] = False
    for name, branch in branches.items():
        told = {**head, **branch}
        if told.get('test', 'feat') is None and not told.get('metric_loss'):
            head['branches'][name] = None
        else:
            _shorten_branch(branch, told)


def _without_centres(losses: Any) -> Iterator[Any]:
    """List the losses without weights for each person."""
    for loss in [losses] if isinstance(losses, Mapping) else losses:
        kind = MODELS.get(loss['type'])
        if kind is None or 'num_classes' not in inspect.signature(kind).parameters:
            yield loss


def _shorten_branch(branch: Any, told: Mapping[str, Any]) -> None:
    """End a branch where its vectors are compared, or trained."""
    ends = {told.get('test', 'feat')}
    if told.get('metric_loss'):
        ends.add(told.get('metric_vectors', 'feat'))
    if 'bn_feat' in ends:
        branch['neck_bias'] = False
        return
    branch.update(bn_neck=False, neck_bias=True)
    if 'feat' not in ends:
        branch.update(channels=None, reduction='unit')
