"""From a model and somebody's own pictures to a model for these pictures."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from mmreid.apis.adaptation.folder import read_folder
from mmreid.apis.adaptation.options import AdaptOptions
from mmreid.apis.adaptation.sentences import describe_clusters, refuse_hopeless
from mmreid.apis.adaptation.start import load_start
from mmreid.apis.adaptation.steps import Adapted, Steps
from mmreid.apis.adaptation.work_folder import WorkFolder
from mmreid.evaluation.functional.clustering.clusters import check_clustering
from mmreid.optional import import_optional


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
    say = tell or (lambda sentence: None)
    steps = Steps(
        start,
        pictures,
        options,
        WorkFolder(work_dir),
        say,
        progress or (lambda title: lambda done, total: None),
    )
    before = steps.look(start.network, 'before')
    say(describe_clusters(before.labels))
    if options.clusters_only:
        return steps.report([before])
    refuse_hopeless(before.labels, clustering)
    steps.train(verbose)
    return steps.report([before, steps.look(steps.work.adapted, 'after')])
