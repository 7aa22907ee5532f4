"""Time exact ranking against the bare matrix products, in one run.

    python tests/benchmarks/benchmark_ranking.py --size market --bf16
    python tests/benchmarks/benchmark_ranking.py --size msmt17 --repeat 3 --no-torch

The ratios are those to the fastest bare float32 product: NumPy's or torch's, in blocks
of 1,024 queries or as large as the ranking's own. ``--repeat 0`` measures memory only.

The features are random: a person is a point in ``--latent`` dimensions, an image a
noisy copy of it, projected to 2,048 components. The fewer latent dimensions, the more
the distances differ, as those of trained networks do; with 2,048 all distances between
persons are nearly the same, and many have to be decided in float64.

``--bf16 N`` ranks the first N queries with ``precision='bf16'`` as well (all of them
without N) and prints what becomes of mAP: nothing where the processor has no
instructions for bfloat16.
"""

import argparse
import resource
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

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
OURS = 'evaluate_ranking'


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


def bare_product(query: np.ndarray, gallery: np.ndarray, rows: int) -> None:
    """Compute all inner products in blocks by NumPy and forget them."""
    block = np.empty((rows, len(gallery)), np.float32)
    for start in range(0, len(query), rows):
        some = query[start : start + rows]
        np.matmul(some, gallery.T, out=block[: len(some)])


def bare_torch_product(query: np.ndarray, gallery: np.ndarray, rows: int) -> None:
    """Compute all inner products in blocks by torch and forget them."""
    block = torch.empty((rows, len(gallery)))
    right = torch.from_numpy(gallery).T
    for some in torch.from_numpy(query).split(rows):
        torch.mm(some, right, out=block[: len(some)])


def bare_products(
    query: np.ndarray, gallery: np.ndarray, budget: int, with_torch: bool
) -> dict[str, Callable[[], None]]:
    """Return the products to compare with, by name."""
    most = max(1, budget // (4 * len(gallery)))
    sizes = dict.fromkeys(min(rows, most, len(query)) for rows in (1024, most))
    products = {'NumPy': bare_product}
    if with_torch:
        products['torch'] = bare_torch_product
    return {
        f'{name} product, {rows} rows': partial(product, query, gallery, rows)
        for name, product in products.items()
        for rows in sizes
    }


def timed(action: Callable[[], object]) -> tuple[float, float]:
    """Return wall and CPU seconds."""
    # For some 30 ms after a product OpenBLAS's threads wait for the next one, running.
    time.sleep(0.1)
    wall, cpu = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - wall, time.process_time() - cpu


def peak_mebibytes() -> float:
    """Return the largest resident size so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def resident_mebibytes() -> float:
    """Return the present resident size; where the system does not tell, the largest."""
    file = Path('/proc/self/statm')
    if not file.exists():
        return peak_mebibytes()
    return int(file.read_text().split()[1]) * resource.getpagesize() / MEBI


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
    bare = (name for name in medians if not name.startswith(OURS))
    fastest = min(bare, key=lambda name: medians[name][0])
    print(f'{"":26}{"wall s":>9}{"CPU s":>9}{"ratio":>9}{"CPU ratio":>11}')
    for name, (wall, cpu) in medians.items():
        ratio = np.median(times[name][:, 0] / times[fastest][:, 0])
        cpu_ratio = cpu / medians[fastest][1]
        print(f'{name:26}{wall:9.2f}{cpu:9.2f}{ratio:9.2f}{cpu_ratio:11.2f}')


def compare_bf16(rank: partial, count: int | None) -> None:
    """Print what rounding to bfloat16 does to the scores of the first queries."""
    query, gallery, query_ids, gallery_ids, query_cams, gallery_cams = rank.args
    some = slice(count)
    inputs = query[some], gallery, query_ids[some], gallery_ids, query_cams[some]
    exact, rough = (
        evaluate_ranking(*inputs, gallery_cams, **rank.keywords, precision=precision)
        for precision in ('exact', 'bf16')
    )
    print(
        f'bf16 changes mAP by {rough.mAP - exact.mAP:+.6f} and R1 by '
        f'{rough.cmc[0] - exact.cmc[0]:+.6f}, {len(inputs[0])} queries'
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--size', choices=SIZES, default='small')
    parser.add_argument('--distance', default='cosine')
    parser.add_argument('--latent', type=int, default=64)
    parser.add_argument('--noise', type=float, default=1.0)
    parser.add_argument('--repeat', type=int, default=5)
    parser.add_argument(
        '--memory-budget', type=int, default=256, metavar='MIB', help='of a block'
    )
    parser.add_argument('--no-torch', action='store_true', help='NumPy product only')
    parser.add_argument('--bf16', type=int, nargs='?', const=0, metavar='N')
    args = parser.parse_args()
    inputs = make_inputs(args.size, args.latent, args.noise)
    budget = args.memory_budget * MEBI
    how = dict(distance=args.distance, memory_budget=budget)
    rank = partial(evaluate_ranking, *inputs, **how)
    before = resident_mebibytes()
    exact = rank()
    peak = peak_mebibytes()
    features = sum(values.nbytes for values in inputs[:2]) / MEBI
    print(f'{args.size}: {len(inputs[0])} x {len(inputs[1])} x {DIM}, {args.distance}')
    print(f'mAP {exact.mAP:.6f}, R1 {exact.cmc[0]:.6f}')
    print(
        f'peak memory {peak:.0f} MiB: features {features:.0f}, imports '
        f'{before - features:.0f}, ranking {peak - before:.0f}'
    )
    actions = bare_products(*inputs[:2], budget, not args.no_torch)
    actions[OURS] = rank
    if args.bf16 == 0:
        actions[f'{OURS}, bf16'] = partial(rank, precision='bf16')
    if args.repeat:
        print(f'medians of {args.repeat} runs:')
        report(interleaved(actions, args.repeat))
    if args.bf16 is not None:
        compare_bf16(rank, args.bf16 or None)


if __name__ == '__main__':
    main()
