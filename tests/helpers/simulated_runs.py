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

    def compare(
        self, runs: tuple[int, int], trials: int, resamples: int, seed: int = 0
    ) -> list[RepeatedDifference]:
        """Draw and compare again and again."""
        rng = np.random.default_rng(seed)
        return [
            compare_repeated(*self.draw(runs, rng), resamples=resamples, seed=trial)
            for trial in range(trials)
        ]
