"""Whether thresholds keep their rates on persons that they were not fitted on.

    python tests/benchmarks/benchmark_thresholds.py FEATURES.npz --rate 0.01
    python tests/benchmarks/benchmark_thresholds.py --simulate

The first halves the persons of a file of features several times, fits a threshold on
one half and counts on the other. An interval over persons says where the rate of the
whole population lies; the other half is a sample too, so what its rate must be within
is the difference of both: two intervals that overlap, or the nominal rate within the
other half's own. The second draws pairs of known rate with effects of persons, and
counts how often intervals over persons and over pairs (Clopper and Pearson's, of
independent pairs) hold it.
"""

import argparse

import numpy as np
from scipy.special import logit
from scipy.stats import beta, norm

from mmreid.evaluation.functional import load_features
from mmreid.evaluation.functional.open_set.identification import identify_queries
from mmreid.evaluation.functional.open_set.verification import verify_pairs
from mmreid.evaluation.test_set import TestSet
from mmreid.search import fit_operating_point
from mmreid.search.decisions.person_jackknife import (
    all_pairs,
    listed_pairs,
    person_interval,
)


def halve(data: TestSet, rng: np.random.Generator) -> list[TestSet]:
    """Split queries and gallery by persons."""
    persons = rng.permutation(np.unique(data.queries.person_id))
    others = rng.permutation(
        np.setdiff1d(np.unique(data.gallery.person_id), [*persons, -1])
    )
    halves = []
    for side in range(2):
        wanted = np.concatenate([persons[side::2], others[side::2]])
        parts = (
            half.take(np.isin(half.person_id, wanted))
            for half in (data.queries, data.gallery)
        )
        halves.append(TestSet(*parts, data.meta))
    return halves


def measure(data: TestSet, task: str, threshold: float) -> tuple[float, float]:
    """Return false and true accept rate of a threshold."""
    if task == 'verification':
        found = verify_pairs(data, thresholds=(threshold,))
        return found.false_positive_rates[0], found.true_positive_rates[0]
    found = identify_queries(
        data, thresholds=(threshold,), ranks=(1,), unmated='left-out'
    )
    return found.false_accept_rates[0], float(found.detection_rates[0, 0])


def count_halves(
    data: TestSet, task: str, rate: float, splits: int, guarantee: float | None
) -> None:
    """Print what thresholds of one half do on the other."""
    rng = np.random.default_rng(0)
    rows: list[tuple[float, ...]] = []
    covered = agree = kept = 0
    for split in range(splits):
        # Where one half's threshold is too permissive for the other, that one's is too
        # strict for it: both ways, or the draw of the first decides the mean.
        if split % 2 == 0:
            halves = halve(data, rng)
        first, second = halves[split % 2], halves[1 - split % 2]
        try:
            fitted = fit_operating_point(first, rate, task=task, guarantee=guarantee)
        except ValueError as error:
            print(f'{task}: {error}')
            return
        other = fit_operating_point(second, rate, task=task)
        wrong, right = measure(second, task, fitted.threshold)
        low, high = fitted.interval
        covered += low <= wrong <= high
        kept += wrong <= rate
        # Both halves are samples of equal size: the difference has both variances.
        if low > 0 and 0 < wrong < 1:
            reach = (logit(high) - logit(low)) / 2
            gap = abs(logit(wrong) - logit(fitted.achieved_rate))
            agree += gap <= np.sqrt(2) * reach
        else:
            agree += wrong <= high + (other.interval[1] - other.achieved_rate)
        rows.append(
            (fitted.threshold, wrong, right, fitted.true_accept_rate, low, high)
        )
    means = np.mean(rows, axis=0)
    spread = np.std([row[1] for row in rows])
    print(
        f'{task}, asked {rate:.2%}: on the other half {means[1]:.3%} on average '
        f'(spread {spread:.3%}, from {min(r[1] for r in rows):.3%} to '
        f'{max(r[1] for r in rows):.3%}); true accepts {means[2]:.2%} '
        f'(on the half itself {means[3]:.2%}); mean interval [{means[4]:.3%}, '
        f"{means[5]:.3%}] holds the other half's rate in {covered} of {splits} trials, "
        f'within the interval of a difference in {agree}; it keeps the rate in {kept}; '
        f'median {np.median([r[1] for r in rows]):.3%}'
    )


def simulate(persons: int, rate: float, effect: float, repeats: int) -> None:
    """Print the coverage of both intervals where the rate is known."""
    rng = np.random.default_rng(0)
    first, second = np.triu_indices(persons, 1)
    limit = norm.ppf(rate) * np.sqrt(2 * effect**2 + 0.3**2 + 1)
    held, widths = np.zeros(2), [[], []]
    for _ in range(repeats):
        each = rng.normal(0, effect, persons)
        base = each[first] + each[second] + rng.normal(0, 0.3, len(first))
        count = rng.binomial(16, norm.cdf(limit - base))
        total, wrong = 16 * len(first), int(count.sum())
        ends = person_interval(
            listed_pairs(first.repeat(count), second.repeat(count), persons),
            all_pairs(np.full(persons, 4), np.full(persons, 4) / 2),
            persons // 2,
        )
        naive = (
            beta.ppf(0.025, wrong, total - wrong + 1) if wrong else 0.0,
            beta.ppf(0.975, wrong + 1, total - wrong),
        )
        for place, (low, high) in enumerate((ends, naive)):
            held[place] += low <= rate <= high
            widths[place].append(high - low)
    shares = held / repeats
    print(
        f'{persons:4} persons, {total:7} pairs, rate {rate:.1%}, effect {effect:.2f}: '
        f'over persons {shares[0]:.1%} (width {np.median(widths[0]):.3%}), '
        f'over pairs {shares[1]:.1%} (width {np.median(widths[1]):.3%})'
    )


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('features', nargs='?')
    parser.add_argument('--rate', type=float, default=0.01)
    parser.add_argument('--guarantee', type=float)
    parser.add_argument('--splits', type=int, default=40)
    parser.add_argument('--simulate', action='store_true')
    parser.add_argument('--repeats', type=int, default=200)
    args = parser.parse_args()
    if args.features:
        data = load_features(args.features)
        for task in ('verification', 'identification'):
            count_halves(data, task, args.rate, args.splits, args.guarantee)
    if args.simulate:
        for persons in (20, 50, 200):
            for rate in (0.01, 0.001):
                for effect in (0.0, 0.25, 0.5):
                    simulate(persons, rate, effect, args.repeats)


if __name__ == '__main__':
    main()
