"""Time what is done to a ranking without training, and measure its memory.

    python tests/benchmarks/benchmark_boosters.py --size market

Neighbour feature centralisation of the gallery, joint distances of vectors and times,
and re-ranking by these, each in a process of its own, on the features of
``benchmark_ranking.py`` with cameras and times drawn at random; no distances are kept.
"""

import argparse
import json
import subprocess
import sys

import numpy as np
from benchmark_ranking import DIM, SIZES, make_inputs, peak_mebibytes, timed

from mmreid.evaluation.functional import (
    Images,
    TestSet,
    centralise_features,
    joint_distance_blocks,
    learn_time_prior,
    re_rank_joint_blocks,
)

PROGRAMS = ('centralisation', 'joint', 'joint-re-ranking')
CAMERAS, FRAMES = 6, 300_000


def with_times(vectors: np.ndarray, rng: np.random.Generator) -> Images:
    """Draw cameras and times for vectors."""
    count = len(vectors)
    return Images(
        vectors=vectors,
        person_id=rng.integers(1, 751, count),
        cam_id=rng.integers(1, CAMERAS + 1, count),
        time=rng.uniform(0, FRAMES, count),
    )


def run_one(program: str, args: argparse.Namespace) -> None:
    """Run one program in this process and print what it took."""
    query, gallery, *_ = make_inputs(args.size, args.latent, args.noise)
    rng = np.random.default_rng(0)
    test_set = TestSet(with_times(query, rng), with_times(gallery, rng))
    known = with_times(np.empty((12936, 0)), rng)
    prior = learn_time_prior(known.person_id, known.cam_id, known.time)
    before = peak_mebibytes()

    def action() -> None:
        if program == 'centralisation':
            centralise_features(gallery)
            return
        stream = joint_distance_blocks if program == 'joint' else re_rank_joint_blocks
        for _ in stream(test_set, prior):
            pass

    wall, cpu = timed(action)
    print(json.dumps(dict(wall=wall, cpu=cpu, before=before, peak=peak_mebibytes())))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--size', choices=SIZES, default='small')
    parser.add_argument('--latent', type=int, default=64)
    parser.add_argument('--noise', type=float, default=1.0)
    parser.add_argument('--only', choices=PROGRAMS, help='of the programs')
    parser.add_argument('--here', action='store_true', help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.here:
        run_one(args.only, args)
        return
    num_query, num_gallery, *_ = SIZES[args.size]
    print(f'{args.size}: {num_query} + {num_gallery} images, {DIM} components')
    for program in PROGRAMS if args.only is None else [args.only]:
        command = [sys.executable, __file__, *sys.argv[1:], '--here', '--only', program]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        took = json.loads(done.stdout.splitlines()[-1])
        print(
            f'{program:18} {took["wall"]:7.2f} s wall {took["cpu"]:7.2f} s CPU, peak '
            f'{took["peak"]:.0f} MiB, of which features and imports '
            f'{took["before"]:.0f}'
        )


if __name__ == '__main__':
    main()
