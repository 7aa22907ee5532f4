"""How long a study will take: what its runs took before, or what a few steps take."""

import copy
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mmreid.apis.cost.training_speed import measure_training
from mmreid.apis.study.planning import PlannedRun
from mmreid.apis.study.records import StudyRecords
from mmreid.registry import DATA_SAMPLERS, DATASETS
from mmreid.text_tables import format_table

# Steps that are timed, after as many to warm up.
_STEPS = 3


@dataclass(frozen=True)
class StudyCost:
    """What the missing runs of a study cost.

    Attributes:
        runs: How many of each method are missing, by name.
        seconds: Of one run of each method; NaN where nothing tells.
        parallel: How many run at the same time.
    """

    runs: Mapping[str, int]
    seconds: Mapping[str, float]
    parallel: int

    @property
    def total(self) -> float:
        """Seconds by the clock; methods of unknown cost count as the mean of others."""
        known = [value for value in self.seconds.values() if not math.isnan(value)]
        if not known:
            return math.nan
        guess = statistics.fmean(known)
        work = sum(
            count * (guess if math.isnan(self.seconds[name]) else self.seconds[name])
            for name, count in self.runs.items()
        )
        return work / self.parallel

    def __str__(self) -> str:
        rows = [
            [name, str(count), _minutes(self.seconds[name])]
            for name, count in self.runs.items()
        ]
        table = format_table([['', 'runs', 'minutes each'], *rows])
        total = sum(self.runs.values())
        lines = [table, '', f'{total} runs, {self.parallel} at the same time']
        if total:
            lines[-1] += f': {_hours(self.total)}'
        return '\n'.join(lines)


def estimate_cost(
    missing: Sequence[PlannedRun],
    records: StudyRecords,
    parallel: int = 1,
    measure: bool = False,
) -> StudyCost:
    """Estimate how long the missing runs will take.

    A method's finished runs tell; of the seeds before, their median.

    Args:
        missing (Sequence[PlannedRun]): To be made.
        records (StudyRecords): With the seconds of finished runs.
        parallel (int): How many at the same time. Defaults to 1.
        measure (bool): Time a few steps of each method that has no finished run, some
            ten seconds each. Defaults to False.
    """
    counts: dict[str, int] = {}
    seconds: dict[str, float] = {}
    for run in missing:
        name = run.method.name
        counts[name] = counts.get(name, 0) + 1
        if name not in seconds:
            known = _known_seconds(name, records)
            if math.isnan(known) and measure:
                known = time_steps(run)
            seconds[name] = known
    return StudyCost(counts, seconds, max(1, parallel))


def time_steps(run: PlannedRun) -> float:
    """Time a few steps on noise, and count those of the whole training.

    Args:
        run (PlannedRun): Of a training by epochs, whose data is there.

    Returns:
        float: Seconds of the training; tests during it and after it are not counted.
    """
    config = copy.deepcopy(run.config)
    epochs = config.train_cfg.max_epochs
    loader = config.train_dataloader
    data = DATASETS.build(copy.deepcopy(loader.dataset))
    sampler = DATA_SAMPLERS.build(
        copy.deepcopy(loader.sampler), default_args=dict(dataset=data)
    )
    speed = measure_training(config, _STEPS, repeat=1, synthetic=True)
    block = min(block.seconds for block in speed.kept)
    return block / speed.images * len(sampler) * epochs


def _known_seconds(name: str, records: StudyRecords) -> float:
    took = [run.seconds for run in records.of_method(name).values()]
    known = [seconds for seconds in took if seconds is not None]
    return statistics.median(known) if known else math.nan


def _minutes(seconds: float) -> str:
    return '?' if math.isnan(seconds) else f'{seconds / 60:.1f}'


def _hours(seconds: float) -> str:
    if math.isnan(seconds):
        return 'nothing tells how long (--measure times a few steps)'
    hours, minutes = divmod(round(seconds / 60), 60)
    return f'about {hours} h {minutes} min'
