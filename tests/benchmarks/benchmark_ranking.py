"""Time exact ranking against the bare matrix products, in one run.

    python tests/benchmarks/benchmark_ranking.py --size market
    python tests/benchmarks/benchmark_ranking.py --size msmt17 --repeat 3 --bf16

The ratios are those to the faster of NumPy's and torch's float32 product.

The features are random: a person is a point in ``--latent`` dimensions, an image a
noisy copy of it, projected to 2,048 components. The fewer latent dimensions, the more
the distances differ, as those of trained networks do; with 2,048 all distances between
persons are nearly the same, and many have to be decided in float64.
"""

import argparse
import resource
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import torch

from mmreid.evaluation.functional import evaluate_ranking

# queries, gallery, persons, distractors, cameras
SIZES = {
    'small': (300, 2_000, 100, 300, 6),
    'market': (3_368, 15_913, 750, 2_798, 6),
    'msmt17': (11_659, 82_161, 3_060, 0, 15),
}
DIM = 2048
MEBI = 2**20
BARE = ('bare NumPy product', 'bare torch product')


def unit_features(
    persons: np.ndarray, centres: np.ndarray, noise: float, rng: np.random.Generator
) -> np.ndarray:
    """Make one vector ``(DIM,)`` per person, piece by piece to save memory."""
    latent = centres.shape[1]
    projection = None
    if latent < DIM:
        seeded = np.random.default_rng(0)
        projection = seeded.standard_normal((latent, DIM), np.float32)
    features = np.empty((len(persons), DIM), np.float32)
    for start in range(0, len(persons), 1024):
        some = persons[start : start + 1024]
        points = centres[some]
        strangers = some == 0
        points[strangers] = rng.standard_normal((strangers.sum(), latent))
        points += noise * rng.standard_normal(points.shape, np.float32)
        values = points if projection is None else points @ projection
        values /= np.linalg.norm(values, axis=1, keepdims=True)
        features[start : start + 1024] = values
    return features


def make_inputs(size: str, latent: int, noise: float) -> tuple[np.ndarray, ...]:
    """Make what ``evaluate_ranking`` takes."""
    num_query, num_gallery, num_persons, num_distractors, num_cameras = SIZES[size]
    rng = np.random.default_rng(1)
    centres = rng.standard_normal((num_persons + 1, latent), np.float32)
    query_ids = rng.integers(1, num_persons + 1, num_query)
    gallery_ids = rng.integers(1, num_persons + 1, num_gallery)
    gallery_ids[:num_distractors] = 0
    return (
        unit_features(query_ids, centres, noise, rng),
        unit_features(gallery_ids, centres, noise, rng),
        query_ids,
        gallery_ids,
        rng.integers(0, num_cameras, num_query),
        rng.integers(0, num_cameras, num_gallery),
    )


def block_rows(gallery: np.ndarray) -> int:
    """Return how many queries a block of the ranking holds."""
    return min(1024, max(1, (256 * MEBI) // (4 * len(gallery))))


def bare_product(query: np.ndarray, gallery: np.ndarray) -> None:
    """Compute all inner products in blocks by NumPy and forget them."""
    rows = block_rows(gallery)
    block = np.empty((rows, len(gallery)), np.float32)
    for start in range(0, len(query), rows):
        some = query[start : start + rows]
        np.matmul(some, gallery.T, out=block[: len(some)])


def bare_torch_product(query: np.ndarray, gallery: np.ndarray) -> None:
    """Compute all inner products in blocks by torch and forget them."""
    rows = block_rows(gallery)
    block = torch.empty((rows, len(gallery)))
    right = torch.from_numpy(gallery).T
    for some in torch.from_numpy(query).split(rows):
        torch.mm(some, right, out=block[: len(some)])


def timed(action: Callable[[], object]) -> tuple[float, float]:
    """Return wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - wall, time.process_time() - cpu


def peak_mebibytes() -> float:
    """Return the largest resident size so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def interleaved(
    actions: dict[str, Callable[[], object]], repeat: int
) -> dict[str, np.ndarray]:
    """Return the wall and CPU seconds ``(repeat, 2)`` of each action.

    The actions take turns, so that a busy machine slows all of them.
    """
    runs: dict[str, list] = {name: [] for name in actions}
    for _ in range(repeat):
        for name, action in actions.items():
            runs[name].append(timed(action))
    return {name: np.array(times) for name, times in runs.items()}


def report(times: dict[str, np.ndarray]) -> None:
    """Print medians, and their ratios to the fastest bare float32 product."""
    medians = {name: np.median(values, axis=0) for name, values in times.items()}
    fastest = min(BARE, key=lambda name: medians[name][0])
    print(f'{"":24}{"wall s":>9}{"CPU s":>9}{"ratio":>9}{"CPU ratio":>11}')
    for name, (wall, cpu) in medians.items():
        ratio = np.median(times[name][:, 0] / times[fastest][:, 0])
        cpu_ratio = cpu / medians[fastest][1]
        print(f'{name:24}{wall:9.2f}{cpu:9.2f}{ratio:9.2f}{cpu_ratio:11.2f}')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--size', choices=SIZES, default='small')
    parser.add_argument('--distance', default='cosine')
    parser.add_argument('--latent', type=int, default=64)
    parser.add_argument('--noise', type=float, default=1.0)
    parser.add_argument('--repeat', type=int, default=5)
    parser.add_argument('--bf16', action='store_true', help="also precision='bf16'")
    args = parser.parse_args()
    inputs = make_inputs(args.size, args.latent, args.noise)
    rank = partial(evaluate_ranking, *inputs, distance=args.distance)
    before = peak_mebibytes()
    exact = rank()
    peak = peak_mebibytes()
    actions = {
        BARE[0]: partial(bare_product, *inputs[:2]),
        BARE[1]: partial(bare_torch_product, *inputs[:2]),
        'evaluate_ranking': rank,
    }
    if args.bf16:
        actions['evaluate_ranking, bf16'] = partial(rank, precision='bf16')
    features = sum(values.nbytes for values in inputs[:2]) / MEBI
    print(f'{args.size}: {len(inputs[0])} x {len(inputs[1])} x {DIM}, {args.distance}')
    print(f'mAP {exact.mAP:.6f}, R1 {exact.cmc[0]:.6f}, {args.repeat} runs, medians')
    report(interleaved(actions, args.repeat))
    if args.bf16:
        rough = rank(precision='bf16')
        print(f'bf16 changes mAP by {rough.mAP - exact.mAP:+.6f}, ', end='')
        print(f'R1 by {rough.cmc[0] - exact.cmc[0]:+.6f}')
    print(
        f'peak memory {peak:.0f} MiB: features {features:.0f}, with the imports '
        f'{before:.0f}, ranking {peak - before:.0f} more'
    )


if __name__ == '__main__':
    main()
