"""Time exact ranking against the bare matrix product, in one run.

    python tests/benchmarks/benchmark_ranking.py --size market

The features are random: a person is a point in ``--latent`` dimensions, an image a
noisy copy of it, projected to 2,048 components. The fewer latent dimensions, the more
the distances differ, as those of trained networks do; with 2,048 all distances between
persons are nearly the same, and many have to be decided in float64.
"""

import argparse
import resource
import statistics
import time
from collections.abc import Callable

import numpy as np

from mmreid.evaluation.functional import evaluate_ranking

# queries, gallery, persons, distractors, cameras
SIZES = {
    'small': (300, 2_000, 100, 300, 6),
    'market': (3_368, 15_913, 750, 2_798, 6),
    'msmt17': (11_659, 82_161, 3_060, 0, 15),
}
DIM = 2048
MEBI = 2**20


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


def bare_product(query: np.ndarray, gallery: np.ndarray, rows: int = 1024) -> None:
    """Compute all inner products in blocks and forget them."""
    rows = min(rows, max(1, (256 * MEBI) // (4 * len(gallery))))
    block = np.empty((rows, len(gallery)), np.float32)
    for start in range(0, len(query), rows):
        some = query[start : start + rows]
        np.matmul(some, gallery.T, out=block[: len(some)])


def timed(action: Callable[[], object]) -> tuple[float, float]:
    """Return wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - wall, time.process_time() - cpu


def peak_mebibytes() -> float:
    """Return the largest resident size so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--size', choices=SIZES, default='small')
    parser.add_argument('--distance', default='cosine')
    parser.add_argument('--latent', type=int, default=64)
    parser.add_argument('--noise', type=float, default=1.0)
    parser.add_argument('--repeat', type=int, default=5)
    args = parser.parse_args()
    inputs = make_inputs(args.size, args.latent, args.noise)
    before = peak_mebibytes()
    result = evaluate_ranking(*inputs, distance=args.distance)
    peak = peak_mebibytes()
    # Alternating, so that a busy machine slows both.
    runs = [
        (
            timed(lambda: bare_product(*inputs[:2])),
            timed(lambda: evaluate_ranking(*inputs, distance=args.distance)),
        )
        for _ in range(args.repeat)
    ]
    (bare, bare_cpu), (ours, ours_cpu) = (
        tuple(statistics.median(values) for values in zip(*side, strict=True))
        for side in zip(*runs, strict=True)
    )
    ratio = statistics.median(o[0] / b[0] for b, o in runs)
    features = sum(values.nbytes for values in inputs[:2]) / MEBI
    print(f'{args.size}: {len(inputs[0])} x {len(inputs[1])} x {DIM}, {args.distance}')
    print(f'mAP {result.mAP:.4f}, R1 {result.cmc[0]:.4f}, {args.repeat} runs, medians')
    print(f'bare NumPy product  {bare:8.2f} s wall  {bare_cpu:8.2f} s CPU')
    print(f'evaluate_ranking    {ours:8.2f} s wall  {ours_cpu:8.2f} s CPU')
    print(f'ratio               {ratio:8.2f} wall    {ours_cpu / bare_cpu:8.2f} CPU')
    print(
        f'peak memory {peak:.0f} MiB: features {features:.0f}, with the imports '
        f'{before:.0f}, ranking {peak - before:.0f} more'
    )


if __name__ == '__main__':
    main()
