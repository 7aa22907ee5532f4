"""Which pictures and clusters the page of an adaptation shows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from mmreid.apis.adaptation.folder import OwnPictures
from mmreid.apis.adaptation.page.suspects import members, unit_vectors
from mmreid.apis.runs.training_logs import read_log
from mmreid.evaluation.functional import describe_clusters
from mmreid.report.adaptation import (
    ClusterNumbers,
    ShownCluster,
    ShownPicture,
)
from mmreid.visualization import Curve

# Pictures of clusters on a page, of one of them, and of none.
MOST_SHOWN, MOST_OF_ONE, MOST_OF_NONE = 2400, 24, 120
# What a training logs, and what a page calls it.
_COURSE = {
    'clusters': 'number of clusters',
    'cluster_noise': 'share of pictures in none',
    'cluster_smallest': 'pictures in the smallest cluster',
    'cluster_median': 'pictures in a cluster, median',
    'cluster_largest': 'pictures in the largest cluster',
    'cluster_adjusted_rand': 'adjusted Rand index',
    'loss': 'loss',
}


@dataclass(frozen=True, eq=False)
class ModelClusters:
    """The clusters of one model.

    Attributes:
        name: ``'before'`` or ``'after'``.
        vectors: ``(N, D)``.
        labels: ``(N,)`` int64, -1 noise, the largest cluster 0.
    """

    name: str
    vectors: np.ndarray
    labels: np.ndarray


@dataclass
class ShownOwnPictures:
    """The pictures that a page shows, each once.

    Attributes:
        pictures: All pictures.
        labels: ``(N,)`` their clusters.
    """

    pictures: OwnPictures
    labels: np.ndarray
    _numbers: dict[int, int] = field(default_factory=dict)

    def add(self, indices: Iterable[int]) -> tuple[int, ...]:
        """Have pictures shown, and return their indices among the shown ones.

        Args:
            indices (Iterable[int]): Of all pictures.
        """
        numbers = self._numbers
        return tuple(numbers.setdefault(int(i), len(numbers)) for i in indices)

    def tell(self) -> tuple[ShownPicture, ...]:
        """Return what a page tells of them."""
        own = self.pictures
        return tuple(
            ShownPicture(
                str(own.path[index]),
                str(own.name[index]),
                name_cluster(self.labels[index]),
                str(own.camera[index]),
            )
            for index in self._numbers
        )


def name_cluster(label: int) -> str:
    """Name a cluster as the table of clusters does.

    Args:
        label (int): From 0; below, in none.
    """
    return 'noise' if label < 0 else str(int(label) + 1)


def count_clusters(pictures: OwnPictures, model: ModelClusters) -> ClusterNumbers:
    """Count what the clusters of a model are like.

    Args:
        pictures (OwnPictures): The pictures.
        model (ModelClusters): The clusters.
    """
    labels, across = model.labels, None
    if pictures.cam_id is not None and len(np.unique(pictures.cam_id)) > 1:
        seen = np.unique(np.stack([labels, pictures.cam_id])[:, labels >= 0], axis=1)
        across = int((np.unique(seen[0], return_counts=True)[1] > 1).sum())
    told = describe_clusters(labels, pictures.person)
    return ClusterNumbers(
        name=model.name,
        pictures=len(labels),
        noise=int((labels < 0).sum()),
        sizes=np.bincount(labels[labels >= 0]),
        across=across,
        agreement=float(told.get('adjusted_rand', np.nan)),
    )


def show_clusters(
    shown: ShownOwnPictures, model: ModelClusters
) -> tuple[ShownCluster, ...]:
    """Choose clusters, the largest first, and pictures of each.

    Of a large cluster they are drawn from all distances to its centre, the farthest
    among them, where mistakes are.

    Args:
        shown (ShownOwnPictures): Is given the pictures.
        model (ModelClusters): The clusters.
    """
    pictures, left, sheets = shown.pictures, MOST_SHOWN, []
    for number, rows in enumerate(members(model.labels)):
        chosen = _spread(rows, model.vectors, min(MOST_OF_ONE, len(rows)))
        if len(chosen) > left:
            break
        left -= len(chosen)
        cameras: dict[str, int] = {}
        if pictures.cam_id is not None:
            names, counts = np.unique(pictures.camera[rows], return_counts=True)
            cameras = dict(zip(names.tolist(), counts.tolist(), strict=True))
            chosen = chosen[np.argsort(pictures.camera[chosen], kind='stable')]
        sheets.append(
            ShownCluster(name_cluster(number), len(rows), shown.add(chosen), cameras)
        )
    return tuple(sheets)


def read_course(folder: Path) -> dict[str, Curve]:
    """Read what a training has logged of its clusters, by epoch.

    Args:
        folder (Path): Its folder.
    """
    try:
        curves: Mapping[str, Curve] = read_log(folder).curves
    except (FileNotFoundError, ValueError):
        return {}
    return {title: curves[name] for name, title in _COURSE.items() if name in curves}


def _spread(rows: np.ndarray, vectors: np.ndarray, number: int) -> np.ndarray:
    """Draw pictures of a cluster from the nearest to its centre to the farthest."""
    own = unit_vectors(vectors[rows])
    order = np.argsort(-(own @ own.mean(axis=0)), kind='stable')
    places = np.unique(np.linspace(0, len(rows) - 1, number).round().astype(int))
    return rows[order[places]]
