"""Time clustering without labels, measure its memory, compare it with matrices.

    python tests/benchmarks/benchmark_clustering.py --points 2000 12936

Each run is a process of its own, on drawn vectors: each person a centre in a space of
few dimensions, shown with noise in many, and a share of the pictures of nobody. The
dense program does what cluster-contrast's does (``faiss_rerank.py``, search option 3,
and DBSCAN on its matrix) in NumPy: lists of neighbours from faiss, encodings, their
averages and the distances as float32 matrices of all pairs. It runs up to
``--dense-up-to`` points; at 12,936 these matrices are 669 MB each, at 32,621 4.3 GB.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import faiss
import numpy as np
from benchmark_ranking import MEBI, peak_mebibytes, resident_mebibytes, timed
from sklearn.cluster import DBSCAN

from mmreid.evaluation.functional import cluster_vectors, describe_clusters
from mmreid.text_tables import format_table

HEAD = (
    *('points', 'program', 'wall s', 'CPU s', 'MiB over features', 'clusters'),
    *('noise', 'adjusted Rand', 'same labels'),
)
# What the programs are compared by.
MEASURED = ('wall', 'cpu', 'memory')
# Points whose vectors are drawn together.
_DRAWN = 1024


def make_points(args: argparse.Namespace) -> tuple[np.ndarray, np.ndarray]:
    """Draw unit vectors ``(N, D)`` float32 and their persons, -1 of nobody."""
    rng = np.random.default_rng(args.seed)
    (count,), latent = args.points, args.latent
    num_persons = max(1, count // args.pictures)
    centres = rng.standard_normal((num_persons, latent), np.float32)
    shown = rng.standard_normal((latent, args.dim), np.float32)
    persons = rng.integers(0, num_persons, count)
    persons[rng.random(count) < args.nobody] = -1
    vectors = np.empty((count, args.dim), np.float32)
    for start in range(0, count, _DRAWN):
        own = persons[start : start + _DRAWN, None]
        noise = rng.standard_normal((len(own), latent), np.float32)
        tile = np.where(own < 0, noise, centres[own[:, 0]] + args.noise * noise)
        # Features behind a ReLU.
        tile = np.maximum(tile @ shown, 0)
        vectors[start : start + _DRAWN] = tile / np.linalg.norm(tile, axis=1)[:, None]
    return vectors, persons


def dense_clusters(vectors: np.ndarray, args: argparse.Namespace) -> np.ndarray:
    """Cluster with float32 matrices of all pairs, as cluster-contrast's program."""
    index = faiss.IndexFlatL2(args.dim)
    index.add(vectors)
    ranks = index.search(vectors, args.k1)[1]
    long = reciprocal(ranks)
    short = reciprocal(ranks[:, : round(args.k1 / 2) + 1])
    encodings = np.zeros((len(vectors), len(vectors)), np.float32)
    for point, near in enumerate(long):
        members = [near]
        for other in near:
            common = np.intersect1d(short[other], near, assume_unique=True)
            if len(common) > 2 / 3 * len(short[other]):
                members.append(short[other])
        chosen = np.unique(np.concatenate(members))
        weights = np.exp(2 * (vectors[chosen] @ vectors[point]) - 2)
        encodings[point, chosen] = weights / weights.sum()
    if args.k2 > 1:
        averaged = np.empty_like(encodings)
        for point, row in enumerate(ranks):
            averaged[point] = encodings[row[: args.k2]].mean(axis=0)
        encodings = averaged
    distances = dense_jaccard(encodings)
    model = DBSCAN(
        eps=args.eps, min_samples=args.min_samples, metric='precomputed', n_jobs=-1
    )
    return model.fit(distances).labels_


def reciprocal(ranks: np.ndarray) -> list[np.ndarray]:
    """Return, of every point, the ones in its list whose lists have it."""
    return [row[(ranks[row] == point).any(axis=1)] for point, row in enumerate(ranks)]


def dense_jaccard(encodings: np.ndarray) -> np.ndarray:
    """Return distances of all pairs, through the points that hold each point."""
    holders = [np.flatnonzero(column) for column in encodings.T]
    distances = np.empty_like(encodings)
    for point, row in enumerate(encodings):
        minima = np.zeros(len(encodings), np.float32)
        for column in np.flatnonzero(row):
            rows = holders[column]
            minima[rows] += np.minimum(row[column], encodings[rows, column])
        distances[point] = 1 - minima / (2 - minima)
    return np.maximum(distances, 0, out=distances)


def run_one(args: argparse.Namespace) -> None:
    """Cluster once and print the measurements as JSON."""
    vectors, persons = make_points(args)
    before = resident_mebibytes()
    found = []

    def action() -> None:
        if args.only == 'dense':
            found.append(dense_clusters(vectors, args))
            return
        names = ('eps', 'min_samples', 'k1', 'k2', 'search')
        options = {name: getattr(args, name) for name in names}
        found.append(cluster_vectors(vectors, **options))

    wall, cpu = timed(action)
    np.save(args.keep, found[0])
    measured = dict(wall=wall, cpu=cpu, memory=peak_mebibytes() - before)
    print(json.dumps(measured | describe_clusters(found[0], persons)))


def measure(program: str, points: int, keep: Path) -> dict[str, float]:
    """Run a program in a process of its own, with the same options."""
    command = [sys.executable, __file__, *sys.argv[1:], '--points', str(points)]
    command += ['--only', program, '--keep', str(keep)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def same_labels(ours: np.ndarray, dense: np.ndarray) -> float:
    """Return the share of points in the same cluster, by the best match of clusters."""
    same = ((ours < 0) & (dense < 0)).sum()
    for label in np.unique(ours[ours >= 0]):
        others = dense[(ours == label) & (dense >= 0)]
        same += np.bincount(others).max() if len(others) else 0
    return same / len(ours)


def compare(points: int, args: argparse.Namespace) -> list[tuple[str, ...]]:
    """Return the rows of the table for a number of points."""
    programs = ['ours'] + ['dense'] * (points <= args.dense_up_to)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder, f'{name}.npy') for name in programs}
        runs = {name: measure(name, points, files[name]) for name in programs}
        labels = [np.load(file) for file in files.values()]
    for name, run in runs.items():
        agreement = f'{run["adjusted_rand"]:.3f}' if 'adjusted_rand' in run else '-'
        rows.append(
            (
                *(f'{points:,}', name, f'{run["wall"]:.1f}', f'{run["cpu"]:.1f}'),
                *(f'{run["memory"]:,.0f}', f'{run["num_clusters"]:,}'),
                *(f'{run["noise"]:.1%}', agreement, ''),
            )
        )
    if len(runs) > 1:
        ratios = [f'{runs["dense"][key] / runs["ours"][key]:.1f}' for key in MEASURED]
        share = f'{same_labels(*labels):.2%}'
        rows.append((f'{points:,}', 'dense / ours', *ratios, '', '', '', share))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--points', nargs='+', type=int, default=[2_000])
    parser.add_argument('--dim', type=int, default=2048)
    parser.add_argument('--dense-up-to', type=int, default=12_936, metavar='POINTS')
    parser.add_argument('--pictures', type=int, default=17, help='of a person')
    parser.add_argument('--nobody', type=float, default=0.05, help='share of points')
    parser.add_argument('--noise', type=float, default=1.1)
    parser.add_argument('--latent', type=int, default=64)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--search', default='blocks')
    parser.add_argument('--eps', type=float, default=0.6)
    parser.add_argument('--min-samples', type=int, default=4)
    parser.add_argument('--k1', type=int, default=30)
    parser.add_argument('--k2', type=int, default=6)
    parser.add_argument('--only', choices=('ours', 'dense'), help=argparse.SUPPRESS)
    parser.add_argument('--keep', type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.only:
        run_one(args)
        return
    rows = [row for points in args.points for row in compare(points, args)]
    features = max(args.points) * args.dim * 4 / MEBI
    print(format_table([HEAD, *rows], left=(0, 1)))
    print(f'The features of the largest size are {features:,.0f} MiB.')


if __name__ == '__main__':
    main()
