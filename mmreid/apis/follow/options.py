"""What a user may choose of following."""

from collections.abc import Mapping
from dataclasses import dataclass

from mmreid.apis.follow.tracklets import WEIGHTS
from mmreid.arguments import check_choice, check_number
from mmreid.search.tracklets import LINKAGES, POOLINGS


@dataclass(frozen=True)
class FollowOptions:
    """How persons are followed.

    Attributes:
        per_track: Boxes of a track that are embedded at most, spread evenly; None for
            all.
        weights: What boxes count: ``'none'``, ``'score'``, ``'visibility'``,
            ``'size'``.
        pooling: ``'mean'`` or ``'median'`` of a tracklet's vectors.
        hidden: Share of a box behind another above which it is left out; None for none.
        split: Cosine distance from which on a track is cut; None not to cut.
        linkage: ``'average'``, ``'complete'`` or ``'single'``.
        constraints: Tracklets in one frame of one camera are two persons.
        transitions: Pairs of cameras that do not overlap -> least seconds between.
    """

    per_track: int | None = 16
    weights: str = 'none'
    pooling: str = 'mean'
    hidden: float | None = 0.3
    split: float | None = None
    linkage: str = 'average'
    constraints: bool = True
    transitions: Mapping[tuple[str, str], float] | None = None

    def __post_init__(self) -> None:
        check_choice('weights', self.weights, WEIGHTS)
        check_choice('pooling', self.pooling, POOLINGS)
        check_choice('linkage', self.linkage, LINKAGES)
        if self.per_track is not None:
            check_number('per_track', self.per_track, above=0)
        if self.hidden is not None:
            check_number('hidden', self.hidden)
        if self.split is not None:
            check_number('split', self.split, above=0)
