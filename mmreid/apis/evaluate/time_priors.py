"""Priors of times learned from data sets, tables and features."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mmreid.data_loaders import list_loaders
from mmreid.datasets import ReIDDataset
from mmreid.evaluation.features import READERS
from mmreid.evaluation.features.file import load_features
from mmreid.evaluation.features.time_prior_file import learn_from_features
from mmreid.evaluation.functional import TimePrior, learn_time_prior
from mmreid.evaluation.functional.time_prior.learning import name_source, told_by
from mmreid.registry import DATASETS


def learn_from(
    source: str, cfg_options: Sequence[str] = (), **options: Any
) -> TimePrior:
    """Learn a prior from whatever tells persons, cameras and times.

    Args:
        source (str): A config or the name of one, whose training data are taken; a
            ``.csv`` table of pictures, whose rows of split ``train`` are; or a features
            file, all of whose pictures are.
        cfg_options (Sequence[str]): Changes of the config, ``'KEY=VALUE'``. Defaults to
            ().
        **options (Any): Of :func:`learn_time_prior`, how to count and smooth.

    Returns:
        TimePrior: It tells its data set.

    Raises:
        ValueError: No time is known, or as :func:`learn_time_prior`.
        OSError: Something cannot be read.
    """
    ending = Path(source).suffix
    if ending == '.csv':
        table = ReIDDataset(table=source, split='train', check=False, source=source)
        return learn_from_dataset(table, **options)
    if ending in READERS:
        return learn_from_features(load_features(source, partial=True), **options)
    from mmreid.engine import read_config

    loaders = list_loaders(read_config(source, cfg_options), 'train_dataloader')
    if not loaders:
        raise ValueError(
            f'{source} has no train_dataloader, whose data tell persons; give another '
            'config, a table or features.'
        )
    settings = {**loaders[0]['dataset'], 'pipeline': [], 'cache': None}
    return learn_from_dataset(DATASETS.build(settings), **options)


def learn_from_dataset(dataset: Any, **options: Any) -> TimePrior:
    """Learn a prior from the records of a data set; no picture is read.

    Args:
        dataset (Any): Of mmengine, with records ``person_id``, ``cam_id``, ``time``.
        **options (Any): Of :func:`learn_time_prior`, how to count and smooth.

    Returns:
        TimePrior: It tells the data set.

    Raises:
        ValueError: No time is known, or as :func:`learn_time_prior`.
    """
    dataset.full_init()
    records = [dataset.get_data_info(index) for index in range(len(dataset))]
    meta: Mapping[str, Any] = dataset.metainfo
    title = meta.get('dataset', type(dataset).__name__)
    if not any('time' in record for record in records):
        raise ValueError(
            f'No picture of {title} tells its time: its names or its table must have '
            '"time" or "frame". Of the known data sets Market-1501, DukeMTMC-reID, '
            'Occluded-Duke and VeRi-776 tell it.'
        )
    return learn_time_prior(
        np.array([record['person_id'] for record in records]),
        np.array([record['cam_id'] for record in records]),
        [record.get('time') for record in records],
        **told_by(meta),
        **options,
    )


def describe_prior(prior: TimePrior) -> str:
    """Say in a few lines what was learned.

    Args:
        prior (TimePrior): The prior.
    """
    source = prior.learned_from
    pairs = int(prior.counts.any(axis=2).sum())
    clocks = {'shared': 'one clock for all cameras', 'camera': 'a clock of each camera'}
    return (
        f'{source["num_persons"]:,} persons of {name_source(source)}: '
        f'{int(prior.counts.sum()):,} differences of times between '
        f'{len(prior.cameras)} cameras, {pairs} ordered pairs of them\n'
        f'bins of {prior.bin_width:g}, {clocks.get(prior.clock or "", "clock unknown")}'
    )
