"""Labels for pictures that have none: clusters, found anew while a model trains."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import Tensor
from torch.utils.data import DataLoader

from mmreid.arguments import check_count
from mmreid.engine.checkpoints import weights_of
from mmreid.engine.hooks.memories.clustering_checks import (
    check_config,
    check_pictures,
)
from mmreid.engine.hooks.memories.clustering_errors import ClusteringError
from mmreid.engine.hooks.memories.finding_clusters import (
    Clusters,
    find_clusters,
)
from mmreid.engine.hooks.memories.picture_labels import (
    PictureLabels,
    read_picture_labels,
)
from mmreid.engine.hooks.memories.training_pictures import (
    embed,
    find_memory,
    gather_vectors,
    load_pictures,
    set_rows,
)
from mmreid.engine.loops import RESUME_POINT
from mmreid.engine.model_wrappers import unwrap_model
from mmreid.progress import ProgressBar
from mmreid.registry import HOOKS

# Of a checkpoint.
_KEY = 'cluster_labels'


@HOOKS.register_module()
class ClusterHook(Hook):
    """Clusters the training pictures before an epoch, and trains on the clusters.

    All training pictures are embedded as in a test, by the model as it then is, and
    clustered (`Cluster Contrast <https://arxiv.org/abs/2103.11568>`_). The training
    set, a ``ClusteredDataset``, gets the clusters for labels; noise is left out by
    ``ClusterSampler``. The memory of the loss gets a row for each cluster, the mean of
    its unit vectors. Several processes embed a share each; the first one clusters.

    Labels and memory are part of a checkpoint: an epoch that is resumed goes on with
    them, so that the training is the uninterrupted one. Nothing here draws random
    numbers of the training.

    The log tells the number of clusters, the share of noise, sizes and, where the data
    set knows persons, how well the clusters agree with them (adjusted Rand index). That
    is for the log only.

    Args:
        loss (str): Name of the loss in the model; it has a ``memory`` of one row per
            cluster and ``set_rows``. Defaults to ``'head.embedding_loss'``.
        interval (int): Epochs from one clustering to the next; in between labels stay,
            and the memory goes on moving. Defaults to 1.
        method (str): Of ``mmreid.evaluation.functional.cluster_vectors``, as are
            ``eps``, ``min_samples``, ``k1``, ``k2`` and ``search``.
            Defaults to ``'dbscan'``.
        eps (float): Largest Jaccard distance of near pictures. Defaults to 0.6.
        min_samples (int): Least number of near pictures, the picture itself among them,
            that make it one of a cluster's core. Defaults to 4.
        k1 (int): Entries of a list of neighbours. Defaults to 30.
        k2 (int): Entries whose encodings are averaged. Defaults to 6.
        search (str): How neighbours are found, ``'blocks'`` or ``'faiss'``. Defaults to
            ``'blocks'``.
        links (bool): Use what the records tell beside the picture: those of one
            ``tracklet_id`` are one person; two tracklets that one camera (``cam_id``)
            has at one ``time`` are two. Defaults to False.
        normalize_cameras (bool): Cluster vectors that are standardised within each
            camera (``cam_id``; `Song et al. <https://arxiv.org/abs/2502.10195>`_).
            Where the log says that few clusters were seen by several cameras, a network
            learns to tell cameras apart, and this helps. Defaults to False.
        pipeline (Sequence[dict], optional): How the pictures are prepared. Defaults to
            None, as those of the config's (first) test data set are.
        batch_size (int): Pictures that are embedded at once. Defaults to 64.
        num_workers (int): Processes that load them. Defaults to 4.

    Raises:
        ValueError: If ``interval`` is below 1; in ``before_train``, if the model has no
            such loss, an option of the clustering is impossible, or neither pipeline
            nor test data is given.
        InconsistentConfigError: In ``before_train``, if the training set has no
            clusters, the sampler does not draw them, the model has classifiers, or
            epochs are not what is counted.
        ClusteringError: The pictures cannot be trained on. In mid training
            ``resume_point.pth`` is written before.
    """

    # Before EMAHook loads averages of a memory that has these rows.
    priority = 'ABOVE_NORMAL'

    _pictures: DataLoader
    _known: PictureLabels

    def __init__(
        self,
        loss: str = 'head.embedding_loss',
        interval: int = 1,
        method: str = 'dbscan',
        eps: float = 0.6,
        min_samples: int = 4,
        k1: int = 30,
        k2: int = 6,
        search: str = 'blocks',
        links: bool = False,
        normalize_cameras: bool = False,
        pipeline: Sequence[dict] | None = None,
        batch_size: int = 64,
        num_workers: int = 4,
    ) -> None:
        check_count('interval', interval)
        self.loss = loss
        self.interval = interval
        self.options: dict[str, Any] = dict(
            method=method, eps=eps, min_samples=min_samples, k1=k1, k2=k2, search=search
        )
        self.links = links
        self.normalize_cameras = normalize_cameras
        self.pipeline = pipeline
        self.batch_size = batch_size
        self.num_workers = num_workers

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Take the labels of a resumed training, and room for its memory."""
        labels = checkpoint.get(_KEY)
        if not runner._resume or not isinstance(labels, Tensor):
            return
        _dataset_of(runner).set_labels(labels)
        rows = weights_of(checkpoint).get(f'{self.loss}.memory')
        if isinstance(rows, Tensor):  # ResumeHook compares the shapes after this hook
            set_rows(runner, self.loss, rows)

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Save the labels."""
        checkpoint[_KEY] = torch.from_numpy(_dataset_of(runner).labels)

    def before_train(self, runner: Runner) -> None:
        """Check that there can be clusters, and read the list of the pictures."""
        from mmreid.evaluation.functional.clustering.clusters import check_clustering

        check_clustering(**self.options)
        check_config(runner)
        find_memory(runner.model, self.loss)
        check_pictures(runner.train_dataloader.sampler, _dataset_of(runner))
        self._known = read_picture_labels(_dataset_of(runner), self.links)
        if self.normalize_cameras and self._known.cameras is None:
            raise ValueError(
                'normalize_cameras=True needs the camera of every picture, which the '
                'training set does not tell; set normalize_cameras=False of the '
                'ClusterHook.'
            )
        self._pictures = load_pictures(
            runner, self.pipeline, self.batch_size, self.num_workers
        )

    def before_train_epoch(self, runner: Runner) -> None:
        """Find clusters, unless the epoch goes on with those that there are."""
        done, _ = runner.message_hub.runtime_info.get('batches_done', (0, 0))
        has_labels = (_dataset_of(runner).labels >= 0).any()
        if has_labels and (done or runner.epoch % self.interval):
            return
        clusters = self._find(runner)
        if isinstance(clusters, ClusteringError):
            raise type(clusters)(f'{clusters} {_keep(runner)}') from clusters
        _dataset_of(runner).set_labels(clusters.labels)
        set_rows(runner, self.loss, clusters.rows)
        _tell(runner, clusters.facts)

    def _find(self, runner: Runner) -> Clusters | ClusteringError:
        """Embed on all processes and cluster on the first one."""
        from mmreid.evaluation.metrics.collecting import on_main_process

        model = unwrap_model(runner.model)
        progress = ProgressBar('embedding') if is_main_process() else None
        vectors, _ = embed(model, self._pictures, progress)
        everything = gather_vectors(vectors, len(_dataset_of(runner)))
        return on_main_process(lambda: self._cluster(everything))

    def _cluster(self, vectors: Tensor) -> Clusters | ClusteringError:
        """Cluster, or return why not, so that all processes end alike."""
        options = {**self.options, 'progress': ProgressBar('clustering')}
        if self.normalize_cameras:
            options['camera'] = self._known.cameras
        try:
            return find_clusters(vectors, self._known, options)
        except ClusteringError as error:
            return error


def _dataset_of(runner: Runner) -> Any:
    return runner.train_dataloader.dataset


def _keep(runner: Runner) -> str:
    """Save the model as it is, and tell where."""
    save = getattr(runner.train_loop, 'save_resume_point', None)
    if runner.iter == 0 or save is None:
        return 'Nothing was trained since the last checkpoint.'
    save()
    point = Path(runner.work_dir) / RESUME_POINT
    return f'The training up to here is in {point}: --resume goes on from it.'


def _tell(runner: Runner, facts: dict[str, Any]) -> None:
    """Write about the clusters to the log and its scalars."""
    line = (
        f'epoch {runner.epoch + 1}, clusters: {facts["num_clusters"]} of '
        f'{facts["smallest"]} to {facts["largest"]} pictures (median '
        f'{facts["median"]:g}), {facts["noise"]:.1%} of all pictures are noise'
    )
    if 'several_cameras' in facts:
        line += (
            f', {facts["several_cameras"]:.0%} of all clusters are of several cameras'
        )
    if 'adjusted_rand' in facts:
        line += f'; adjusted Rand index {facts["adjusted_rand"]:.3f}'
    runner.logger.info(line)
    for name, value in facts.items():
        name = 'clusters' if name == 'num_clusters' else f'cluster_{name}'
        runner.message_hub.update_scalar(f'train/{name}', float(value))
