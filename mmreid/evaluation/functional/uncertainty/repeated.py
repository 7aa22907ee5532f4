"""Two methods, each trained several times, on the same queries.

A difference between two trained networks is one between their methods only as far as
it would come out with other seeds, and for other persons. Both are drawn anew, see
``crossed_draws.py``.
"""

from dataclasses import dataclass

import numpy as np

from mmreid.evaluation.functional.uncertainty.clusters import (
    ClusterSums,
    percentile_ends,
)
from mmreid.evaluation.functional.uncertainty.crossed_draws import (
    least_p_value,
    mean_by_method,
    randomised_p_values,
    resampled_changes,
)
from mmreid.evaluation.functional.uncertainty.error_levels import error_levels
from mmreid.evaluation.functional.uncertainty.paired import compare_paired


@dataclass(frozen=True)
class RepeatedDifference:
    """How far two methods with several runs each differ.

    Attributes:
        value: Mean of the second method's runs minus that of the first's.
        low: Lower end of the interval.
        high: Upper end.
        confidence: The interval's level.
        p_value: Two-sided, of the randomisation over persons and runs.
        seed_error: Standard error of the value that the seeds contribute; NaN where a
            method has a single run.
        person_error: Standard error that the persons contribute, whatever the number of
            runs; where a method has a single run, for these networks.
        runs: Number of runs of the first and of the second method.
        needed_runs: Smallest number of runs of each method with which the predicted
            interval would exclude zero, were the value and the errors the true ones;
            None where no number would, the persons being too few, and where a method
            has a single run, as nothing is known of the seeds.
        covers_seeds: Whether interval and p value are over runs and persons. With one
            run in either method they are over the persons alone, and hold for these
            trained networks, not for their methods.
        least_p_value: What the p value cannot fall below by design, whatever the
            difference: ``2 / 252`` for five runs each, by ``C(10, 5)`` arrangements.
        student_p_value: As ``p_value``, but with the runs' part drawn from Student's t
            in place of exchanged runs. It takes the means of runs for normal, and has
            no such bound: for more comparisons than few runs can be corrected for.
    """

    value: float
    low: float
    high: float
    confidence: float
    p_value: float
    seed_error: float
    person_error: float
    runs: tuple[int, int]
    needed_runs: int | None
    covers_seeds: bool
    least_p_value: float
    student_p_value: float


def compare_repeated(
    first: np.ndarray,
    second: np.ndarray,
    clusters: np.ndarray | None = None,
    *,
    resamples: int = 10_000,
    confidence: float = 0.95,
    seed: int = 0,
) -> RepeatedDifference:
    """Compare two methods over their runs and the persons of the test set.

    A resample is the difference plus what it changes by other persons (the mean over
    all runs, with persons drawn with replacement, each with all its queries) plus what
    it changes by other runs (the mean of the runs drawn minus that of all, for the
    persons of the resample). With few runs the second part is too narrow: it is
    multiplied by ``sqrt(S / (S - 1))`` and by the ratio of Student's to the normal
    quantile (Hesterberg, What Teachers Should Know About the Bootstrap, The American
    Statistician 69(4), 2015), with Welch's degrees of freedom, since the two methods'
    runs may spread differently. Each part is scaled so that what is between runs and
    persons counts once. The interval is the percentiles'.

    The p value is of a randomisation at both levels: the signs of the persons'
    differences are flipped, which by itself would say whether these networks differ,
    and the runs exchange their methods, which by itself would say whether these
    persons tell the methods apart. A draw counts as extreme if the sum of the two
    reaches the difference or either of them does; so p is never below that of one
    level, which a coarse one (three runs have 20 arrangements) would otherwise cause.
    ``(1 + #) / (1 + resamples)``. Its price is that few runs never give a small p
    (``least_p_value``): three each no less than 0.1, five 0.008, six 0.002. It takes
    methods' runs to spread alike where their numbers differ.

    Args:
        first (np.ndarray): ``(S1, n)`` values of n queries by S1 runs of a method,
            trained with different seeds.
        second (np.ndarray): ``(S2, n)`` values of the same queries by another; runs
            of the two are not paired. Differences are ``second - first``.
        clusters (np.ndarray, optional): ``(n,)`` the person of each query. Defaults to
            None: every query is drawn by itself.
        resamples (int): Of the bootstrap and of the randomisation. Defaults to 10,000.
        confidence (float): Level of the interval. Defaults to 0.95.
        seed (int): Of the draws. Defaults to 0.

    Raises:
        ValueError: Values that are not of runs on the same queries, NaN or infinity
            (the run and the query are named), a single person, or what
            :func:`compare_paired` refuses.
    """
    tables = _checked_runs(first, 'first'), _checked_runs(second, 'second')
    if tables[0].shape[1] != tables[1].shape[1]:
        raise ValueError(
            'The runs of both methods need values of the same queries, but the shapes '
            f'of first and second are {tables[0].shape} and {tables[1].shape}.'
        )
    groups = ClusterSums(np.concatenate(tables).T, clusters)
    if len(groups.sizes) < 2:
        raise ValueError(
            'All queries show one person, which tells nothing of others; the interval '
            'needs at least two persons.'
        )
    runs = len(tables[0]), len(tables[1])
    levels = error_levels(groups, runs)
    if covers_seeds := min(runs) > 1:
        changes = resampled_changes(groups, levels, resamples, confidence, seed)
        value = np.diff(mean_by_method(groups.mean, runs)).item()
        low, high = value + percentile_ends(changes, confidence)
        p_value, student = randomised_p_values(groups, levels, resamples, seed)
    else:
        one, two = (table.mean(axis=0) for table in tables)
        persons = compare_paired(
            one, two, clusters, resamples=resamples, confidence=confidence, seed=seed
        )
        value, low, high = persons.value, persons.low, persons.high
        p_value = student = float(persons.p_value)
    return RepeatedDifference(
        value=float(value),
        low=float(low),
        high=float(high),
        confidence=confidence,
        p_value=p_value,
        seed_error=levels.seed_error,
        person_error=levels.person_error,
        runs=runs,
        needed_runs=levels.needed_runs(value, confidence) if covers_seeds else None,
        covers_seeds=covers_seeds,
        least_p_value=least_p_value(len(groups.sizes), runs, resamples),
        student_p_value=student,
    )


def _checked_runs(values: np.ndarray, name: str) -> np.ndarray:
    """Return the values of runs ``(S, n)`` as float64, or refuse them."""
    table = np.asarray(values, np.float64)
    if table.ndim != 2 or not table.size:
        raise ValueError(
            f'{name} must hold values of runs by queries, (S, n), but its shape is '
            f'{table.shape}; write a single run as (1, n).'
        )
    wrong = np.argwhere(~np.isfinite(table))
    if len(wrong):
        run, query = wrong[0]
        raise ValueError(
            f'{name}: the value of run {run}, query {query} is NaN or infinite '
            f'({len(wrong)} of {table.size} values are); leave out queries without a '
            'right answer, in all runs.'
        )
    return table
