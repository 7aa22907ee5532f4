"""The steps of an adaptation, and what comes out of them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mmreid.apis.adaptation import labelled
from mmreid.apis.adaptation.adapted_file import write_adapted
from mmreid.apis.adaptation.clusters import find_clusters, write_clusters
from mmreid.apis.adaptation.folder import OwnPictures
from mmreid.apis.adaptation.options import AdaptOptions
from mmreid.apis.adaptation.page import showing
from mmreid.apis.adaptation.page.showing import ModelClusters
from mmreid.apis.adaptation.page.suspect_lists import Progress, list_suspects
from mmreid.apis.adaptation.plan import make_plan
from mmreid.apis.adaptation.sentences import (
    NOBODY_KNOWS,
    describe_pictures,
    list_warnings,
)
from mmreid.apis.adaptation.start import Start
from mmreid.apis.adaptation.training import check_device, train, training_config
from mmreid.apis.adaptation.vectors import embed_pictures
from mmreid.apis.adaptation.work_folder import (
    WorkFolder,
    training_settings,
    vector_settings,
)
from mmreid.report.adaptation import AdaptationFacts, Measured, write_adaptation


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


class Steps:
    """The steps of an adaptation, each done once."""

    def __init__(
        self,
        start: Start,
        pictures: OwnPictures,
        options: AdaptOptions,
        work: WorkFolder,
        tell: Callable[[str], Any],
        progress: Progress,
    ) -> None:
        self.start, self.pictures, self.options = start, pictures, options
        self.work, self.tell, self.progress = work, tell, progress
        self.plan = None
        if not options.clusters_only:
            self.plan = make_plan(len(pictures), options)
            check_device(options.device)
        work.hold('vectors', vector_settings(start, pictures))
        self.labelled = None
        if options.labelled is not None:
            self.labelled = labelled.find_labelled(start.cfg, options.labelled)
        self.tell(describe_pictures(pictures))
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
        self.work.forget_adapted()
        cfg = training_config(self.start, self.pictures, self.options, self.plan)
        write_adapted(train(cfg, self.work.training, verbose), self.work.adapted)

    def report(self, models: list[ModelClusters]) -> Adapted:
        """Write the table and the page."""
        last = models[-1]
        table = write_clusters(self.work.clusters, self.pictures, last.labels)
        shown = showing.ShownOwnPictures(self.pictures, last.labels)
        numbers = [showing.count_clusters(self.pictures, model) for model in models]
        clusters = showing.show_clusters(shown, last)
        suspects = list_suspects(shown, models, self.progress)
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
            notes=(() if measured is not None or not trained else (NOBODY_KNOWS,)),
            warnings=list_warnings(numbers[-1], measured),
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
