"""What persons and what seeds add to the error of a difference.

Runs of two methods, on the same queries, are a crossed design: every run answers every
person. A run's mean then errs by its seed (all its persons are better or worse), by the
persons who happen to be in the test set (whom all runs of both methods share), and by
what is between them: the persons whom just this run does well. The variances here are
those of the analysis of variance, by the means of runs and the sums over persons.
"""

from dataclasses import dataclass

import numpy as np
import scipy.special

from mmreid.evaluation.functional.uncertainty.clusters import ClusterSums

# So many runs are no answer; a difference on the edge itself might ask for any number.
_ENDLESS = 1 << 40


@dataclass(frozen=True)
class ErrorLevels:
    """Variances of the difference between two methods with several runs each.

    Attributes:
        runs: Number of runs of the two, ``(S1, S2)``.
        persons: Variance of the difference by the persons, for just these runs.
        seeds: Of each method the variance between the means of its runs.
        interaction: Of each method the part of ``seeds`` that comes from persons whom
            just this run does well or badly.
    """

    runs: tuple[int, int]
    persons: float
    seeds: tuple[float, float]
    interaction: tuple[float, float]

    @property
    def person_error(self) -> float:
        """Standard error by the persons; its square and the seeds' add up.

        What no number of runs removes; with a single run, the error of these networks.
        """
        known = min(self.runs) > 1
        return float(np.sqrt(self.endless_persons if known else self.persons))

    @property
    def seed_error(self) -> float:
        """Standard error of the difference by the seeds; NaN of single runs."""
        parts = [s / count for s, count in zip(self.seeds, self.runs, strict=True)]
        return float(np.sqrt(sum(parts)))

    def degrees_of_freedom(self, runs: tuple[int, int] | None = None) -> float:
        """Tell how well the seeds' error is known (Welch 1947).

        Args:
            runs (tuple[int, int], optional): Number of runs of the two. Defaults to
                None: those that there are.
        """
        runs = runs or self.runs
        parts = [s / count for s, count in zip(self.seeds, runs, strict=True)]
        if sum(parts) == 0:
            return float(sum(runs) - 2)
        weak = sum(p**2 / (n - 1) for p, n in zip(parts, runs, strict=True))
        return float(sum(parts) ** 2 / weak)

    @property
    def endless_persons(self) -> float:
        """Variance by the persons that no number of runs removes."""
        pairs = zip(self.interaction, self.runs, strict=True)
        return max(0.0, self.persons - sum(one / count for one, count in pairs))

    @property
    def person_share(self) -> float:
        """Tell what leaves the runs' part out of resampled persons, as a factor."""
        return float(np.sqrt(_ratio(self.endless_persons, self.persons)))

    @property
    def seed_shares(self) -> tuple[float, float]:
        """Tell the same of resampled runs, which resampled persons set apart."""
        one, two = (
            float(np.sqrt(_ratio(seeds, seeds + apart)))
            for seeds, apart in zip(self.seeds, self.interaction, strict=True)
        )
        return one, two

    def half_width(self, runs: int, confidence: float) -> float:
        """Predict half the width of the interval of ``compare_repeated``.

        Args:
            runs (int): Of each method, at least 2.
            confidence (float): Level of the interval.
        """
        normal, student = quantiles(confidence, self.degrees_of_freedom((runs, runs)))
        seeds = sum(self.seeds) / runs
        return float(np.sqrt(normal**2 * self.endless_persons + student**2 * seeds))

    def needed_runs(self, value: float, confidence: float) -> int | None:
        """Find how many runs of each method would tell a difference from zero.

        Args:
            value (float): The difference, taken for true.
            confidence (float): Level of the interval.

        Returns:
            int | None: The smallest number, from 2 on, with which the predicted
            interval would exclude zero; None where none would, as the persons' error
            alone is too large.
        """
        normal, _ = quantiles(confidence, 1.0)
        if abs(value) <= normal * np.sqrt(self.endless_persons):
            return None
        low, high = 1, 2
        while self.half_width(high, confidence) >= abs(value):
            low, high = high, 2 * high
            if high > _ENDLESS:
                return None
        while high - low > 1:
            middle = (low + high) // 2
            if self.half_width(middle, confidence) >= abs(value):
                low = middle
            else:
                high = middle
        return high


def error_levels(groups: ClusterSums, runs: tuple[int, int]) -> ErrorLevels:
    """Estimate what persons and seeds add.

    Args:
        groups (ClusterSums): C persons, at least 2; columns are the runs of the first
            method and then those of the second.
        runs (tuple[int, int]): How many columns each has. Of a single run the variance
            between runs, and the interaction, are NaN.
    """
    # What a person adds to a run's mean; a mean of queries is a ratio of two sums.
    shares = groups.sums - groups.sizes[:, None] * groups.mean
    shares /= groups.sizes.sum()
    correction = len(shares) / (len(shares) - 1)
    one, two = np.split(shares, [runs[0]], axis=1)
    difference = two.mean(axis=1) - one.mean(axis=1)
    means = np.split(groups.mean, [runs[0]])
    return ErrorLevels(
        runs=runs,
        persons=float(correction * (difference**2).sum()),
        seeds=(_variance(means[0]), _variance(means[1])),
        interaction=(
            correction * _variance(one),
            correction * _variance(two),
        ),
    )


def quantiles(confidence: float, degrees_of_freedom: float) -> tuple[float, float]:
    """Return the normal's and Student's quantile at a two-sided level.

    Args:
        confidence (float): The level.
        degrees_of_freedom (float): Of Student's t.
    """
    upper = (1 + confidence) / 2
    student = scipy.special.stdtrit(degrees_of_freedom, upper)
    return float(scipy.special.ndtri(upper)), float(student)


def _variance(values: np.ndarray) -> float:
    """Return the sample variance over runs ``(..., S)``, summed over the rest."""
    if values.shape[-1] == 1:
        return float('nan')
    return float(values.var(axis=-1, ddof=1).sum())


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
