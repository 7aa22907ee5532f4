"""What a page of trainings shows: plain numbers and texts, whoever read them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from mmreid.report.results import Difference, Score
from mmreid.visualization import Curve


@dataclass(frozen=True)
class TrainingRun:
    """One training.

    Attributes:
        name: What tells it from the others.
        folder: Where it lies.
        curves: By what was logged, such as ``'loss'`` or ``'reid/mAP'``.
        settings: What its config has other than those of the other runs, by name.
        problem: Why there is nothing of it; empty where there is.
        seconds: That its iterations took, about; NaN where unknown.
    """

    name: str
    folder: str
    curves: Mapping[str, Curve] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    problem: str = ''
    seconds: float = math.nan


@dataclass(frozen=True)
class RepeatedRun:
    """One of several runs of a config: a seed, or a split.

    Attributes:
        name: Such as ``'seed0'``.
        scores: In percent, with intervals; none where it is not finished.
        problem: Why there are none; empty where there are.
    """

    name: str
    scores: Mapping[str, Score] = field(default_factory=dict)
    problem: str = ''


@dataclass(frozen=True)
class Repeated:
    """A config that was run several times.

    Attributes:
        name: What tells it from the others, such as that of an ablation.
        folder: Where it lies.
        runs: Its runs.
        means: Of the finished runs, by metric, with the interval of the mean where all
            are of the same queries.
        deviations: The sample standard deviation, by metric; NaN of one run.
        differences: By metric, how it differs from the first config; none of the first.
    """

    name: str
    folder: str
    runs: tuple[RepeatedRun, ...]
    means: Mapping[str, Score] = field(default_factory=dict)
    deviations: Mapping[str, float] = field(default_factory=dict)
    differences: Mapping[str, Difference] = field(default_factory=dict)


@dataclass(frozen=True)
class TrainingFacts:
    """All that the page shows.

    Attributes:
        runs: Trainings, with their curves.
        unit: What positions of curves count, ``'epoch'`` or ``'iteration'``.
        repeated: Configs that were run several times.
        intervals: How intervals were computed, a line; empty where there are none.
        notes: What is worth knowing, sentences.
    """

    runs: tuple[TrainingRun, ...] = ()
    unit: str = 'epoch'
    repeated: tuple[Repeated, ...] = ()
    intervals: str = ''
    notes: tuple[str, ...] = ()
