"""What a page of an adaptation shows: plain numbers and texts, whoever computed them.

Pictures are told by their index into :attr:`AdaptationFacts.pictures`, which holds
those that are shown and no others. A cluster is a guess that nobody has checked; lists
are ranked and may be shorter than what was found, which each of them tells.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from mmreid.report.results import Difference, Score
from mmreid.visualization import Curve

_LEVEL = 0.05


@dataclass(frozen=True)
class ShownPicture:
    """A picture that the page shows.

    Attributes:
        path: Where it is to be read.
        name: Its path below the folder, with ``/``.
        cluster: The number of its cluster, or ``'noise'``.
        camera: Its camera; empty where unknown.
    """

    path: str
    name: str
    cluster: str
    camera: str = ''


@dataclass(frozen=True)
class ShownCluster:
    """A cluster, of which some pictures are shown.

    Attributes:
        number: As the table of clusters names it.
        size: How many pictures it has.
        pictures: Indices of those shown.
        cameras: Pictures of each of its cameras; empty where cameras are unknown.
    """

    number: str
    size: int
    pictures: tuple[int, ...]
    cameras: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class ClusterNumbers:
    """What the clusters of one model are like.

    Attributes:
        name: Whose clusters, such as ``'before'``.
        pictures: Number of pictures that were clustered.
        noise: How many of them are in no cluster.
        sizes: ``(clusters,)`` int64 pictures of each cluster, the most first.
        across: Number of clusters with pictures of several cameras; None where cameras
            are unknown, or there is one.
        agreement: Adjusted Rand index with the persons that are told; NaN where none
            is.
    """

    name: str
    pictures: int
    noise: int
    sizes: np.ndarray
    across: int | None = None
    agreement: float = np.nan


@dataclass(frozen=True)
class SuspectPair:
    """Two pictures that speak against the clusters, or for joining two.

    Attributes:
        first: Index of a picture.
        second: Index of another.
        text: What is odd about them, a few words or a number.
    """

    first: int
    second: int
    text: str


@dataclass(frozen=True)
class SuspectList:
    """Suspects of one kind, the oddest first.

    Attributes:
        kind: What they are called, such as ``'clusters that look like one'``.
        rule: How they were found, a sentence.
        pairs: Those shown.
        found: How many there are.
    """

    kind: str
    rule: str
    pairs: tuple[SuspectPair, ...]
    found: int


@dataclass(frozen=True)
class Measured:
    """The models from before and after, on queries whose persons are known.

    Attributes:
        data: Which test set.
        before: Scores in percent, with intervals, by metric.
        after: Likewise; empty where nothing was trained.
        differences: By metric, what the model from after has more.
        intervals: How intervals were computed, a sentence.
    """

    data: str
    before: Mapping[str, Score]
    after: Mapping[str, Score] = field(default_factory=dict)
    differences: Mapping[str, Difference] = field(default_factory=dict)
    intervals: str = ''

    @property
    def is_worse(self) -> bool:
        """Whether the mAP has fallen, at a significance level of 5 %."""
        change = self.differences.get('mAP')
        return change is not None and change.value < 0 and change.p_value < _LEVEL


@dataclass(frozen=True)
class AdaptationFacts:
    """All that the page shows.

    Attributes:
        model: The model from before.
        folder: The pictures that it was adapted to.
        pictures: The pictures that are shown.
        numbers: What the clusters of each model are like, the model from before first.
        clusters: Clusters of the last of these models, the largest first.
        noise: Indices of some pictures that are in no cluster.
        suspects: Lists of suspects.
        course: Values by epoch, by name, such as ``'clusters'``.
        measured: Scores on labelled queries; None where there are none.
        settings: What the clusters depend on, by name.
        notes: What is worth knowing, sentences.
        warnings: What should not be passed over, sentences.
        table: Name of the table of clusters that was written; empty where none was.
    """

    model: str
    folder: str
    pictures: tuple[ShownPicture, ...]
    numbers: tuple[ClusterNumbers, ...]
    clusters: tuple[ShownCluster, ...] = ()
    noise: tuple[int, ...] = ()
    suspects: tuple[SuspectList, ...] = ()
    course: Mapping[str, Curve] = field(default_factory=dict)
    measured: Measured | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    table: str = ''
