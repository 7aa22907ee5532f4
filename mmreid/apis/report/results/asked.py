"""What is asked of results."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mmreid.apis.evaluate.intervals import Resampling
from mmreid.apis.report.results.points import Threshold
from mmreid.evaluation.rules import RankingRules


@dataclass(frozen=True)
class Asked:
    """What is asked of the results.

    Attributes:
        rules: How features are ranked.
        resampling: How intervals are computed.
        topk: Answers of a query that count.
        threshold: A threshold to show; None: one that is found by ``rate``.
        rate: False positive rate of pairs at which a threshold is found, a fraction;
            None: the threshold that the features tell, else one found at 0.01.
        pictures: The folder that the pictures lie in now; None: they lie where the
            features say.
        names: Of the models; empty: those of their files.
        progress: Called with the work done and in all while re-ranking.
    """

    rules: RankingRules = field(default_factory=RankingRules)
    resampling: Resampling = field(default_factory=Resampling)
    topk: int = 20
    threshold: Threshold | None = None
    rate: float | None = None
    pictures: str | Path | None = None
    names: Sequence[str] = ()
    progress: Callable[[int, int], None] | None = None
