"""Print whether intervals over seeds and persons cover, and tests keep their level.

    python tests/benchmarks/benchmark_intervals.py
    python tests/benchmarks/benchmark_intervals.py --trials 4000 --cases both seeds
    python tests/benchmarks/benchmark_intervals.py --families 2000

Runs of two methods are drawn whose true difference is known, again and again. For each
case and number of runs: how often the interval of 95 % covers the truth, how wide it is
beside that of Student's kind with the true errors, how often p is at most 0.05 and at
most 0.01 where nothing differs; where the difference is four of its standard errors,
how often the interval excludes zero and p is at most 0.05; and the least p that so many
runs allow. The second p of each is Student's, which has no such bound. Single runs are
compared over persons alone, which covers where seeds do next to nothing. ``--families``
draws comparisons of five methods with a common baseline, by two metrics, all alike,
and prints how often any of the eight p values is at most 0.05, before and after Holm's
correction. The last line says how long one comparison of 5 + 5 runs of 500 queries
takes with 10,000 resamples.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / 'helpers'))
from simulated_runs import CASES, RunModel

from mmreid.evaluation.functional import compare_repeated, correct_holm

RUNS = ((1, 1), (2, 2), (3, 3), (5, 5), (10, 10), (2, 5), (3, 10))


def report_case(
    name: str, model: RunModel, runs: tuple[int, int], trials: int, resamples: int
) -> None:
    """Print a line about the interval and the p values of a case."""
    null = model.compare(runs, trials, resamples)
    error = model.standard_error(runs)
    shifted = replace(model, effect=4 * error)
    other = shifted.compare(runs, trials, resamples, seed=1)
    covered = np.mean([one.low <= 0 <= one.high for one in null])
    width = np.mean([one.high - one.low for one in null]) / (2 * 1.96 * error)
    excluded = np.mean([one.low > 0 for one in other])
    cells = []
    for key in ('p_value', 'student_p_value'):
        p_values = np.array([getattr(one, key) for one in null])
        power = np.mean([getattr(one, key) <= 0.05 for one in other])
        cells.append((np.mean(p_values <= 0.05), np.mean(p_values <= 0.01), power))
    percent = ''.join(
        f'{f"{100 * one:.1f} {100 * two:.1f}":>12}'
        for one, two in zip(*cells, strict=True)
    )
    print(
        f'{name:14}{runs[0]:3d} + {runs[1]:<3d}{100 * covered:8.1f}{width:8.2f}'
        f'{100 * excluded:10.1f}{percent}{null[0].least_p_value:9.4f}',
        flush=True,
    )


def report_families(model: RunModel, runs: int, trials: int, resamples: int) -> None:
    """Print how often any of eight comparisons under the null is claimed."""
    rng = np.random.default_rng(2)
    claimed = np.zeros(3)
    for trial in range(trials):
        values, persons = model.draw_family(5, 2, runs, rng)
        found = [
            compare_repeated(
                values[0, metric],
                values[method, metric],
                persons,
                resamples=resamples,
                seed=trial,
            )
            for method in range(1, 5)
            for metric in range(2)
        ]
        p_values, student = (
            np.array([getattr(one, key) for one in found])
            for key in ('p_value', 'student_p_value')
        )
        families = (student, correct_holm(student), correct_holm(p_values))
        claimed += [family.min() <= 0.05 for family in families]
    raw, holm, exchanged = 100 * claimed / trials
    print(
        f"{runs:3d} runs each, {trials} families: any of 8 of Student's p <= 0.05 in "
        f"{raw:.1f} %, after Holm's correction in {holm:.1f} %, of p by exchanged runs "
        f'in {exchanged:.1f} %',
        flush=True,
    )


def report_time() -> None:
    """Print how long a comparison takes."""
    first, second, persons = RunModel(persons=100, queries=5).draw(
        (5, 5), np.random.default_rng(0)
    )
    for kind, clusters in (('100 persons', persons), ('500 clusters', None)):
        times = []
        for _ in range(5):
            start = time.perf_counter()
            compare_repeated(first, second, clusters)
            times.append(time.perf_counter() - start)
        print(f'5 + 5 runs of 500 queries, {kind}: {np.median(times):.3f} s')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--cases', nargs='+', choices=CASES, default=list(CASES))
    parser.add_argument('--trials', type=int, default=1000)
    parser.add_argument('--resamples', type=int, default=1000)
    parser.add_argument('--families', type=int, default=200)
    args = parser.parse_args()
    band = 100 * 1.96 * math.sqrt(0.05 * 0.95 / args.trials)
    print(f'percent of {args.trials} draws; chance moves 5 % and 95 % by {band:.1f}')
    print(
        f'{"":14}{"runs":9}{"covers":>8}{"width":>8}{"excludes":>10}'
        f'{"p<=.05":>12}{"p<=.01":>12}{"power":>12}{"least p":>9}'
    )
    for name in args.cases:
        for runs in RUNS:
            report_case(name, CASES[name], runs, args.trials, args.resamples)
    for runs in (1, 5, 10):
        report_families(CASES['both'], runs, args.families, args.resamples)
    report_time()


if __name__ == '__main__':
    main()
