"""What an adaptation says: what there is, what is hopeless, what to beware of."""

import numpy as np

from mmreid.apis.adaptation.folder import OwnPictures
from mmreid.apis.adaptation.labelled import judge_change
from mmreid.apis.adaptation.options import Clustering
from mmreid.report.adaptation import ClusterNumbers, Measured

#: A note where a model was trained and not measured.
NOBODY_KNOWS = (
    'Nobody has measured whether the model became better: without labelled queries '
    'nobody knows, and more or larger clusters do not show it. Label the queries of '
    'some persons and give them with --labelled.'
)
_KEPT = 'The model from before stays as it is.'


def describe_pictures(pictures: OwnPictures) -> str:
    """Say what there is, in a line.

    Args:
        pictures (OwnPictures): The pictures.
    """
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


def describe_clusters(labels: np.ndarray) -> str:
    """Say how many clusters the model from before makes.

    Args:
        labels (np.ndarray): ``(N,)`` clusters, -1 noise.
    """
    number, noise = _count(labels)
    return (
        f'clusters of the model as it is: {number:,}, and {noise:,} of '
        f'{len(labels):,} pictures in none'
    )


def refuse_hopeless(labels: np.ndarray, chosen: Clustering) -> None:
    """Refuse to train where there are no two clusters, before anything is lost.

    Args:
        labels (np.ndarray): ``(N,)`` clusters, -1 noise.
        chosen (Clustering): How they were found.

    Raises:
        ValueError: There is no cluster, or one; the message says what to try.
    """
    number, noise = _count(labels)
    if number > 1:
        return
    remedy = 'a larger --eps or a smaller --min-samples'
    if number == 1:
        remedy = 'a smaller --eps or a larger --min-samples'
    raise ValueError(
        f'There must be at least 2 clusters to train on, got {number} of '
        f'{len(labels)} pictures ({noise} in none) with eps {chosen.eps} and '
        f'min_samples {chosen.min_samples}. Look at them with --clusters-only, and '
        f'try {remedy}, or a model that tells persons apart better. {_KEPT}'
    )


def list_warnings(last: ClusterNumbers, measured: Measured | None) -> tuple[str, ...]:
    """Say what should not be passed over.

    Args:
        last (ClusterNumbers): Of the last model.
        measured (Measured | None): Scores before and after, if there are any.
    """
    warnings = []
    if measured is not None and (worse := judge_change(measured)):
        warnings.append(worse)
    if not len(last.sizes):
        warnings.append('All pictures are noise: there is no cluster.')
    elif last.across == 0:
        warnings.append(
            'No cluster has pictures of several cameras: the model tells cameras apart '
            'before persons, or nobody passed two of them.'
        )
    return tuple(warnings)


def _count(labels: np.ndarray) -> tuple[int, int]:
    """Count clusters, and pictures in none."""
    return int(labels.max(initial=-1)) + 1, int((labels < 0).sum())
