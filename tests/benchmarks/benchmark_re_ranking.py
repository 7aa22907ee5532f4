"""Time k-reciprocal re-ranking and measure its memory.

    python tests/benchmarks/benchmark_re_ranking.py --size market --published

Every run is a process of its own, on the features of ``benchmark_ranking.py``. With
``--published`` the same number of runs of a dense program is added, alternating: the
published algorithm written plainly in NumPy, with its matrices of all pairs of images
(at Market size 80 s and 9 GB, at MSMT17 size 200 GB), and the results are compared.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from benchmark_ranking import DIM, SIZES, make_inputs, peak_mebibytes, timed

from mmreid.evaluation.functional import re_rank, re_rank_blocks

K1, K2, LAMBDA = 20, 6, 0.3


def dense_re_rank(query: np.ndarray, gallery: np.ndarray) -> np.ndarray:
    """Re-rank as published: everything for all pairs, in float32.

    The steps and the layout of the matrices are those of the published program, which
    is given Euclidean distances, squares them, divides by the maxima of the columns
    and transposes.
    """
    vectors = np.concatenate((query, gallery))
    squares = np.square(vectors).sum(axis=1)
    original = squares[:, None] + squares - 2 * (vectors @ vectors.T)
    original = np.sqrt(np.maximum(original, 0, out=original), out=original)
    original = np.power(original, 2)
    original = (original / original.max(axis=0)).T
    ranks = original.argsort(axis=1).astype(np.int32)
    encodings = np.zeros_like(original)
    for image in range(len(vectors)):
        long = reciprocal(ranks, image, K1)
        members = [long]
        for other in long:
            short = reciprocal(ranks, other, round(K1 / 2))
            if len(np.intersect1d(short, long)) > 2 / 3 * len(short):
                members.append(short)
        members = np.unique(np.concatenate(members))
        weights = np.exp(-original[image, members])
        encodings[image, members] = weights / weights.sum()
    original = original[: len(query)]
    averaged = np.empty_like(encodings)
    for image, row in enumerate(ranks):
        averaged[image] = encodings[row[:K2]].mean(axis=0)
    distances = np.empty_like(original)
    holders = [np.flatnonzero(column) for column in averaged.T]
    for index in range(len(query)):
        minima = np.zeros(len(vectors), np.float32)
        for column in np.flatnonzero(averaged[index]):
            rows = holders[column]
            minima[rows] += np.minimum(averaged[index, column], averaged[rows, column])
        distances[index] = 1 - minima / (2 - minima)
    return ((1 - LAMBDA) * distances + LAMBDA * original)[:, len(query) :]


def reciprocal(ranks: np.ndarray, image: int, length: int) -> np.ndarray:
    """Return the neighbours of an image that have it among theirs."""
    forward = ranks[image, : length + 1]
    backward = ranks[forward, : length + 1]
    return forward[(backward == image).any(axis=1)]


def run_one(program: str, args: argparse.Namespace) -> None:
    """Run one program in this process and print what it took."""
    query, gallery, *_ = make_inputs(args.size, args.latent, args.noise)
    before = peak_mebibytes()
    results = []

    def action() -> None:
        if program == 'published':
            results.append(dense_re_rank(query, gallery))
        elif program == 'blocks':
            for _ in re_rank_blocks(query, gallery, K1, K2, LAMBDA, search=args.search):
                pass
        else:
            options = dict(search=args.search)
            results.append(re_rank(query, gallery, K1, K2, LAMBDA, **options))

    wall, cpu = timed(action)
    measured = dict(wall=wall, cpu=cpu, before=before, peak=peak_mebibytes())
    if args.keep:
        np.save(args.keep, results[0])
    print(json.dumps(measured))


def measure(program: str, keep: Path | None) -> dict[str, float]:
    """Run a program in a process of its own, with the same options."""
    command = [sys.executable, __file__, *sys.argv[1:], '--only', program]
    if keep is not None:
        command += ['--keep', str(keep)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def compare(ours: Path, published: Path) -> None:
    """Print how far two results are apart."""
    first, second = np.load(ours, mmap_mode='r'), np.load(published, mmap_mode='r')
    largest, different = 0.0, 0
    for row, other in zip(first, second, strict=True):
        largest = max(largest, float(np.abs(row - other).max()))
        different += not np.array_equal(row.argsort()[:100], other.argsort()[:100])
    print(
        f'largest difference of {first.size:,} distances {largest:.1e}; the first 100 '
        f'answers are the same for {len(first) - different} of {len(first)} queries'
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--size', choices=SIZES, default='small')
    parser.add_argument('--published', action='store_true')
    parser.add_argument('--blocks', action='store_true', help='stream, keep no matrix')
    parser.add_argument('--search', default='blocks')
    parser.add_argument('--latent', type=int, default=64)
    parser.add_argument('--noise', type=float, default=1.0)
    parser.add_argument('--repeat', type=int, default=3)
    parser.add_argument('--only', help=argparse.SUPPRESS)
    parser.add_argument('--keep', type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.only:
        run_one(args.only, args)
        return
    names = ['blocks' if args.blocks else 're_rank']
    names += ['published'] * args.published
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    num_query, num_gallery, *_ = SIZES[args.size]
    print(f'{args.size}: {num_query} + {num_gallery} images, {DIM} components')
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder, f'{name}.npy') for name in names}
        for _ in range(args.repeat):
            for name in names:
                keep = files[name] if args.published and not args.blocks else None
                runs[name].append(measure(name, keep))
        for name in names:
            report(name, runs[name])
        if args.published:
            ratios = {
                unit: statistics.median(
                    theirs[unit] / ours[unit]
                    for ours, theirs in zip(*runs.values(), strict=True)
                )
                for unit in ('wall', 'cpu')
            }
            print(f'ratio {ratios["wall"]:.1f} wall, {ratios["cpu"]:.1f} CPU')
            if not args.blocks:
                compare(*files.values())


def report(name: str, runs: list[dict[str, float]]) -> None:
    """Print the medians of a program's runs."""
    wall, cpu, before, peak = (
        statistics.median(run[key] for run in runs)
        for key in ('wall', 'cpu', 'before', 'peak')
    )
    print(
        f'{name:10} {wall:7.2f} s wall {cpu:7.2f} s CPU, peak {peak:.0f} MiB, of which '
        f'features and imports {before:.0f} ({len(runs)} runs, medians)'
    )


if __name__ == '__main__':
    main()
