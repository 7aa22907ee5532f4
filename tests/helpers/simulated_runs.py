"""Runs of two methods whose true difference is known."""

from dataclasses import dataclass

import numpy as np

from mmreid.evaluation.functional.uncertainty import (
    RepeatedDifference,
    compare_repeated,
)


@dataclass(frozen=True)
class RunModel:
    """What makes the values of queries; all are standard deviations but two.

    Attributes:
        persons: Number of persons.
        queries: Of each person.
        hardness: Of persons, the same for both methods.
        affinity: Of what a person's difference between the methods is beyond the
            effect: methods interact with persons.
        seeds: Of what a training's seed changes for all persons, by method.
        answers: Of what a person's value in one run is beyond that.
        noise: Of a query in one run.
        effect: The true difference.
    """

    persons: int = 30
    queries: int = 2
    hardness: float = 1.0
    affinity: float = 1.0
    seeds: tuple[float, float] = (0.2, 0.2)
    answers: float = 0.1
    noise: float = 0.1
    effect: float = 0.0

    def draw(
        self, runs: tuple[int, int], rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return values ``(S1, n)`` and ``(S2, n)``, and the queries' persons."""
        hardness = self.hardness * rng.standard_normal(self.persons)
        affinity = self.affinity * rng.standard_normal(self.persons) / 2
        tables = []
        for count, seeds, side in zip(runs, self.seeds, (-1, 1), strict=True):
            values = hardness + side * (affinity + self.effect / 2)
            values = values + seeds * rng.standard_normal((count, 1))
            values = values + self.answers * rng.standard_normal(values.shape)
            values = np.repeat(values, self.queries, axis=1)
            tables.append(values + self.noise * rng.standard_normal(values.shape))
        return *tables, np.repeat(np.arange(self.persons), self.queries)

    def standard_error(self, runs: tuple[int, int]) -> float:
        """Return the true standard error of the difference between the means."""
        noise = (self.answers**2 + self.noise**2 / self.queries) / self.persons
        seeds = sum(
            (one**2 + noise) / count
            for one, count in zip(self.seeds, runs, strict=True)
        )
        return float(np.sqrt(self.affinity**2 / self.persons + seeds))

    def draw_family(
        self, methods: int, metrics: int, runs: int, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return values ``(methods, metrics, runs, n)`` of equal methods, and persons.

        The first method's seeds and affinities are in every comparison with it, and
        the metrics are alike by half.
        """
        shape = methods, metrics, runs, self.persons
        seeds, affinity, answers = (
            rng.standard_normal((shape[0], 1, *shape[2:]))[:, :, :many, :few]
            + rng.standard_normal(shape)[:, :, :many, :few]
            for many, few in ((runs, 1), (1, self.persons), (runs, self.persons))
        )
        values = self.seeds[0] * seeds + self.affinity * affinity / 2
        values = np.repeat(
            (values + self.answers * answers) / np.sqrt(2), self.queries, axis=-1
        )
        values += self.noise * rng.standard_normal(values.shape)
        return values, np.repeat(np.arange(self.persons), self.queries)

    def compare(
        self, runs: tuple[int, int], trials: int, resamples: int, seed: int = 0
    ) -> list[RepeatedDifference]:
        """Draw and compare again and again."""
        rng = np.random.default_rng(seed)
        return [
            compare_repeated(*self.draw(runs, rng), resamples=resamples, seed=trial)
            for trial in range(trials)
        ]


# By what sets methods apart: the ratio of the persons' error to the seeds', seeds that
# spread unlike, and runs that differ mostly in the persons whom they do well.
CASES = {
    'persons': RunModel(affinity=2.0, seeds=(0.02, 0.02)),
    'both': RunModel(affinity=1.0, seeds=(0.2, 0.2)),
    'seeds': RunModel(affinity=0.1, seeds=(0.5, 0.5)),
    'unlike seeds': RunModel(affinity=0.3, seeds=(0.1, 0.5)),
    'answers': RunModel(affinity=0.2, seeds=(0.05, 0.05), answers=1.0),
}


def some_runs(
    runs: tuple[int, int] = (3, 4), queries: int = 30, persons: int = 7, seed: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return values of runs, and the queries' persons, who have unlike many queries."""
    rng = np.random.default_rng(seed)
    more = rng.integers(persons, size=queries - persons)
    owners = np.concatenate([np.arange(persons), more])
    base = rng.random(queries)
    first, second = (
        base + 0.1 * rng.random((count, 1)) + 0.3 * rng.random((count, queries))
        for count in runs
    )
    return first, second + 0.05, owners * 11 - 3
