"""From a model and somebody's own pictures to a model for these pictures."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.device import get_device

from mmreid.apis.adaptation import labelled, showing
from mmreid.apis.adaptation.adapted_file import write_adapted
from mmreid.apis.adaptation.clusters import find_clusters, write_clusters
from mmreid.apis.adaptation.folder import OwnPictures, read_folder
from mmreid.apis.adaptation.options import AdaptOptions
from mmreid.apis.adaptation.plan import make_plan
from mmreid.apis.adaptation.showing import ModelClusters
from mmreid.apis.adaptation.start import Start, load_start
from mmreid.apis.adaptation.training import train, training_config
from mmreid.apis.adaptation.vectors import embed_pictures
from mmreid.apis.adaptation.work_folder import (
    WorkFolder,
    training_settings,
    vector_settings,
)
from mmreid.evaluation.functional.clustering.clusters import check_clustering
from mmreid.optional import import_optional
from mmreid.report.adaptation import AdaptationFacts, Measured, write_adaptation

_KEPT = 'The model from before stays as it is.'
_NOBODY_KNOWS = (
    'Nobody has measured whether the model became better: without labelled queries '
    'nobody knows, and more or larger clusters do not show it. Label the queries of '
    'some persons and give them with --labelled.'
)


@dataclass(frozen=True)
class Adapted:
    """What came out.

    Attributes:
        facts: What the page shows: numbers, suspects, scores.
        checkpoint: The adapted model; None where nothing was trained.
        clusters: The table of clusters.
        report: The page.
    """

    facts: AdaptationFacts
    checkpoint: Path | None
    clusters: Path
    report: Path


def adapt_model(
    model: str | Path,
    folder: str | os.PathLike | None,
    work_dir: str | Path,
    options: AdaptOptions | None = None,
    *,
    checkpoint: str | Path | None = None,
    weights_file: str | Path | None = None,
    accept_licence: bool = False,
    verbose: bool = False,
    tell: Callable[[str], Any] | None = None,
    progress: Callable[[str], Callable[[int, int], None]] | None = None,
) -> Adapted:
    """Adapt a model to pictures of which nobody is named, by clusters of them.

    The model embeds the pictures, which are clustered; it trains on the clusters as if
    they were persons, is asked for clusters again, and so on. Everything is written to
    ``work_dir``: ``adapted.pth``, ``clusters.csv``, ``report.html``, vectors from
    before and after, and the training's own files. The same call goes on where an
    earlier one was stopped.

    Args:
        model (str | Path): A model's name, a config, or a checkpoint that tells its
            config.
        folder (str | os.PathLike | None): The pictures, also in folders below it; None
            for the folder of ``options.table``.
        work_dir (str | Path): Where to write.
        options (AdaptOptions, optional): Defaults to None: the defaults.
        checkpoint (str | Path, optional): Weights for a config. Defaults to None.
        weights_file (str | Path, optional): As of :func:`mmreid.apis.init_model`.
            Defaults to None.
        accept_licence (bool): As of that. Defaults to False.
        verbose (bool): Show the whole log of the training. Defaults to False.
        tell (Callable, optional): Called with sentences of what is going to be done.
            Defaults to None.
        progress (Callable, optional): Makes what is called with work done and in all,
            of a name of the work. Defaults to None.

    Returns:
        Adapted: What came out.

    Raises:
        ValueError: The pictures cannot be trained on, or ``work_dir`` is of another
            adaptation; the message says which, and the model from before stays.
        CheckpointError: The model cannot be had.
        OSError: Something cannot be read or written.
        TrainingStoppedError: A signal stopped the training; the same call goes on.
    """
    options = options or AdaptOptions()
    # The page comes last; hours of training should not find that out.
    import_optional('jinja2', 'The page of an adaptation')
    pictures = read_folder(folder, options)
    clustering = options.clustering.fitting(len(pictures))
    check_clustering(**clustering.numbers(), search='blocks')
    options = replace(options, clustering=clustering)
    start = load_start(model, checkpoint, weights_file, accept_licence)
    run = _Run(
        start,
        pictures,
        options,
        WorkFolder(work_dir),
        tell or (lambda sentence: None),
        showing.any_progress(progress),
    )
    before = run.look(start.network, 'before')
    run.refuse_hopeless(before.labels)
    if options.clusters_only:
        return run.report([before])
    run.train(verbose)
    return run.report([before, run.look(run.work.adapted, 'after')])


class _Run:
    """The steps of an adaptation, each done once."""

    def __init__(
        self,
        start: Start,
        pictures: OwnPictures,
        options: AdaptOptions,
        work: WorkFolder,
        tell: Callable[[str], Any],
        progress: Any,
    ) -> None:
        self.start, self.pictures, self.options = start, pictures, options
        self.work, self.tell, self.progress = work, tell, progress
        self.plan = None
        if not options.clusters_only:
            self.plan = make_plan(len(pictures), options)
            _check_device(options.device)
        work.hold('vectors', vector_settings(start, pictures))
        self.labelled = None
        if options.labelled is not None:
            self.labelled = labelled.find_labelled(start.cfg, options.labelled)
        self.tell(_describe(pictures))
        for note in work.notes:
            self.tell(note)
        if self.plan is not None:
            self.tell(self.plan.describe())

    def look(self, network: Any, name: str) -> ModelClusters:
        """Embed and cluster the pictures by a model, and measure it."""
        out = self.work.before if name == 'before' else self.work.after
        embedded = embed_pictures(
            self.pictures, network, out, self.options, self.progress('embedding')
        )
        cost = self.plan.estimate(embedded.seconds) if self.plan else ''
        if name == 'before' and cost:
            self.tell(cost)
        if self.labelled is not None:
            labelled.measure(
                network,
                self.labelled,
                self.work.scores(name, self.labelled.key),
                self.options.device,
                self.progress('embedding labelled pictures'),
            )
        labels = find_clusters(
            embedded.vectors,
            self.pictures,
            self.options.clustering,
            self.progress('clustering'),
        )
        return ModelClusters(name, embedded.vectors, labels)

    def refuse_hopeless(self, labels: np.ndarray) -> None:
        """Refuse to train where there are no two clusters, before anything is lost."""
        number, noise = int(labels.max(initial=-1)) + 1, int((labels < 0).sum())
        self.tell(
            f'clusters of the model as it is: {number:,}, and {noise:,} of '
            f'{len(labels):,} pictures in none'
        )
        if self.options.clusters_only or number > 1:
            return
        chosen = self.options.clustering
        remedy = 'a larger --eps or a smaller --min-samples'
        if number == 1:
            remedy = 'a smaller --eps or a larger --min-samples'
        raise ValueError(
            f'There must be at least 2 clusters to train on, got {number} of '
            f'{len(labels)} pictures ({noise} in none) with eps {chosen.eps} and '
            f'min_samples {chosen.min_samples}. Look at them with --clusters-only, and '
            f'try {remedy}, or a model that tells persons apart better. {_KEPT}'
        )

    def train(self, verbose: bool) -> None:
        """Train, unless that was done before."""
        assert self.plan is not None  # there is something to train
        chosen = {**vars(self.plan), 'lr': self.options.lr}
        self.work.hold(
            'training', training_settings(self.pictures, self.options, chosen)
        )
        if self.work.has_trained:
            self.tell(f'{self.work.adapted} is there already: nothing is trained')
            return
        cfg = training_config(self.start, self.pictures, self.options, self.plan)
        write_adapted(train(cfg, self.work.training, verbose), self.work.adapted)

    def report(self, models: list[ModelClusters]) -> Adapted:
        """Write the table and the page."""
        last = models[-1]
        table = write_clusters(self.work.clusters, self.pictures, last.labels)
        shown = showing.ShownOwnPictures(self.pictures, last.labels)
        numbers = [showing.count_clusters(self.pictures, model) for model in models]
        clusters = showing.show_clusters(shown, last)
        suspects = showing.list_suspects(shown, models, self.progress)
        noise = shown.add(np.flatnonzero(last.labels < 0)[: showing.MOST_OF_NONE])
        trained, measured = len(models) > 1, self._compare(models)
        facts = AdaptationFacts(
            model=self.start.name,
            folder=self.pictures.root,
            pictures=shown.tell(),
            numbers=tuple(numbers),
            clusters=clusters,
            noise=noise,
            suspects=suspects,
            course=showing.read_course(self.work.training) if trained else {},
            measured=measured,
            settings=self._settings(),
            notes=(() if measured is not None or not trained else (_NOBODY_KNOWS,)),
            warnings=tuple(_warn(numbers[-1], measured)),
            table=table.name,
        )
        page = write_adaptation(
            facts,
            self.work.report,
            overwrite=True,
            progress=self.progress('thumbnails'),
        )
        return Adapted(facts, self.work.adapted if trained else None, table, page)

    def _compare(self, models: list[ModelClusters]) -> Measured | None:
        if self.labelled is None:
            return None
        files = [self.work.scores(model.name, self.labelled.key) for model in models]
        after = files[1] if len(files) > 1 else None
        return labelled.compare(self.labelled.title, files[0], after)

    def _settings(self) -> dict[str, str]:
        told = {k: str(v) for k, v in vars(self.options.clustering).items()}
        if self.plan is not None:
            told |= {k: str(v) for k, v in vars(self.plan).items() if k != 'pictures'}
        return {**told, 'seed': str(self.options.seed)}


def _check_device(device: str) -> None:
    """Refuse a device that only embedding would heed."""
    found = get_device()
    if device not in ('auto', found, f'{found}:0'):
        raise ValueError(
            f'device must be {found!r} or auto for a training, which takes the first '
            f'accelerator that it sees, got {device!r}; choose it by '
            'CUDA_VISIBLE_DEVICES, which is empty for the processor.'
        )


def _describe(pictures: OwnPictures) -> str:
    """Say what there is, in a line."""
    told = [f'{len(pictures):,} pictures']
    if pictures.cam_id is None:
        told.append('no cameras told')
    else:
        number = len(np.unique(pictures.cam_id))
        told.append(f'{number} camera{"" if number == 1 else "s"}')
    if pictures.tracklet is not None:
        told.append(f'{len(np.unique(pictures.tracklet)):,} numbers of tracklets')
    if pictures.time is not None:
        told.append('times')
    return ', '.join(told)


def _warn(last: Any, measured: Measured | None) -> list[str]:
    """Say what should not be passed over."""
    warnings = []
    if measured is not None and (worse := labelled.judge_change(measured)):
        warnings.append(worse)
    if not len(last.sizes):
        warnings.append('All pictures are noise: there is no cluster.')
    elif last.across == 0:
        warnings.append(
            'No cluster has pictures of several cameras: the model tells cameras apart '
            'before persons, or nobody passed two of them.'
        )
    return warnings
