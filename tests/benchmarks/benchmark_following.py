"""What the options of following are worth, and what joining tracklets costs.

    python tests/benchmarks/benchmark_following.py MODEL SCENE SCENE
    python tests/benchmarks/benchmark_following.py --join 10000 --near 0.0 0.3

The first takes two folders of ``mmreid scene``: each in turn is followed with the
threshold that fits the other, and the two IDF1 are averaged. Vectors of boxes are kept
beside the scenes, so that an option costs seconds. The second joins random tracklets;
a larger ``--near`` leaves more of them near the threshold.
"""

import argparse
import itertools
import resource
import time
from pathlib import Path
from typing import Any

import numpy as np

from mmreid.apis import ReIDInferencer
from mmreid.apis.follow import (
    FollowOptions,
    find_cameras,
    fit_threshold,
    follow,
    read_truth,
    rejoin,
    score_following,
)
from mmreid.search import join_tracklets

RATE = 0.01
# What is said on the command line -> options, the rate, and a factor of the threshold.
ROWS: dict[str, tuple[dict[str, Any], float, float]] = {
    '--hidden 1': (dict(hidden=None), RATE, 0),
    '--hidden 0.3 (default)': ({}, RATE, 0),
    '--hidden 0.5': (dict(hidden=0.5), RATE, 0),
    '--no-constraints': (dict(constraints=False), RATE, 0),
    '--weights visibility': (dict(weights='visibility'), RATE, 0),
    '--weights score': (dict(weights='score'), RATE, 0),
    '--pooling median': (dict(pooling='median'), RATE, 0),
    '--per-track 1': (dict(per_track=1), RATE, 0),
    '--per-track 4': (dict(per_track=4), RATE, 0),
    '--per-track all': (dict(per_track=None), RATE, 0),
    '--linkage complete': (dict(linkage='complete'), RATE, 0),
    '--linkage single': (dict(linkage='single'), RATE, 0),
    '--linkage single --no-constraints': (
        dict(linkage='single', constraints=False),
        RATE,
        0,
    ),
    '--split at 1.5 times the threshold': ({}, RATE, 1.5),
    '--split at 4 times the threshold': ({}, RATE, 4),
    '--rate 0.003': ({}, 0.003, 0),
    '--rate 0.02': ({}, 0.02, 0),
    '--rate 0.05': ({}, 0.05, 0),
}


def score(
    model: ReIDInferencer, scenes: list[Path], row: tuple[dict, float, float]
) -> float:
    """Average IDF1 over both directions, in percent."""
    words, rate, factor = row
    values = []
    for fitted, tested in itertools.permutations(scenes):
        options = FollowOptions(**words)

        def run(scene, options=options):
            cameras = find_cameras(scene)
            return follow(cameras, model, 0.0, options, keep=f'{scene}.vectors')

        known = run(fitted)
        threshold = fit_threshold(known, read_truth(known), rate).threshold
        if factor:
            options = FollowOptions(**words, split=factor * threshold)
        found = rejoin(run(tested, options), threshold, options)
        values.append(score_following(found, read_truth(found)).joint.idf1)
    return 100 * float(np.mean(values))


def join(count: int, near: float) -> None:
    """Time the joining of random tracklets of 4 cameras."""
    rng = np.random.default_rng(0)
    persons = rng.normal(size=(count // 5, 256)) + near * rng.normal(size=256) * 4
    vectors = persons[rng.integers(len(persons), size=count)]
    vectors = vectors + 0.4 * rng.normal(size=vectors.shape)
    starts = rng.uniform(0, 3600, count)
    cameras = rng.integers(4, size=count)
    begun = time.perf_counter()
    found = join_tracklets(vectors, cameras, starts, starts + 10, 0.3)
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f'{count} tracklets, near {near}: {seconds:.1f} s, {len(np.unique(found))} '
        f'identities, peak of the process {peak:.1f} GB',
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('model', nargs='?')
    parser.add_argument('scenes', nargs='*', type=Path)
    parser.add_argument('--join', type=int, nargs='+', default=[])
    parser.add_argument('--near', type=float, nargs='+', default=[0.0])
    args = parser.parse_args()
    for count, near in itertools.product(args.join, args.near):
        join(count, near)
    if args.model:
        model = ReIDInferencer(args.model)
        for name, row in ROWS.items():
            print(f'{name:38}{score(model, args.scenes, row):6.1f}', flush=True)


if __name__ == '__main__':
    main()
