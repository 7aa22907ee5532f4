"""What can be chosen of an adaptation."""

import math
import os
from dataclasses import dataclass, field, replace
from typing import Any

from mmreid.arguments import check_number

# Of neighbours in a list.
_FEWEST, _MOST = 8, 30


@dataclass(frozen=True)
class Clustering:
    """How pictures are clustered, see ``mmreid.evaluation.functional.cluster_vectors``.

    Attributes:
        method: Name of a method.
        eps: Largest distance of two near pictures.
        min_samples: Least number of near pictures.
        k1: Length of lists of neighbours. None: half the root of the number of
            pictures, from 8 to the 30 of the papers; where a person has four pictures,
            lists of thirty run many persons together.
        k2: Neighbours whose encodings are averaged. None: a fifth of ``k1``.
        links: Pictures of one tracklet are one person, two tracklets that one camera
            has at one time are two, where these are told.
        normalize_cameras: Vectors are standardised within each camera before they are
            clustered, where cameras are told.
    """

    method: str = 'dbscan'
    eps: float = 0.6
    min_samples: int = 4
    k1: int | None = None
    k2: int | None = None
    links: bool = True
    normalize_cameras: bool = True

    def fitting(self, pictures: int) -> 'Clustering':
        """Choose what nobody has chosen.

        Args:
            pictures (int): How many there are.
        """
        k1 = self.k1
        if k1 is None:
            k1 = min(max(round(math.sqrt(pictures) / 2), _FEWEST), _MOST)
        k2 = max(1, round(k1 / 5)) if self.k2 is None else self.k2
        return replace(self, k1=k1, k2=k2)

    def numbers(self) -> dict[str, Any]:
        """Return the arguments of ``cluster_vectors``."""
        return dict(
            method=self.method,
            eps=self.eps,
            min_samples=self.min_samples,
            k1=self.k1,
            k2=self.k2,
        )


@dataclass(frozen=True)
class AdaptOptions:
    """How a model is adapted.

    Attributes:
        clustering: How pictures are clustered.
        epochs: Clusterings with a training after each.
        batches: Batches after each clustering. None: as many as show each picture
            about once, from 20 to 400.
        persons: Clusters in a batch. None: 16, fewer where there are few pictures.
        instances: Pictures of each of them. None: 4, or 16 from 5,000 pictures on.
        lr: Learning rate at the start. None: a tenth of that of the model's config,
            which was for a network that knew no person yet, or 0.0001.
        pattern: What file names tell, as of ``UnlabelledFolder``.
        table: A table of the pictures, as of that.
        camera_from: As of that.
        labelled: A labelled test set to measure on: a config, a table, or a folder in
            the layout of the model's test set or of Market-1501.
        clusters_only: Cluster and report; train nothing.
        device: Where to compute, ``'auto'`` for an accelerator where there is one.
        batch_size: Pictures that are embedded at once.
        workers: Processes that read pictures for the training. None: as many as
            processors, 4 at most.
        seed: Of the training.

    Raises:
        ValueError: A number is out of range.
    """

    clustering: Clustering = field(default_factory=Clustering)
    epochs: int = 20
    batches: int | None = None
    persons: int | None = None
    instances: int | None = None
    lr: float | None = None
    pattern: str | None = None
    table: str | os.PathLike | None = None
    camera_from: str | None = None
    labelled: str | os.PathLike | None = None
    clusters_only: bool = False
    device: str = 'auto'
    batch_size: int = 64
    workers: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        least = dict(epochs=1, batches=1, persons=2, instances=2, batch_size=1)
        least |= dict(workers=0)
        for name, number in least.items():
            value = getattr(self, name)
            if value is not None and value < number:
                raise ValueError(f'{name} must be at least {number}, got {value}.')
        if self.lr is not None:
            check_number('lr', self.lr, above=0)
