"""Results of runs with drawn values, as comparisons take them."""

import numpy as np

from mmreid.evaluation.result import QueryTable, Result

METRICS = ('mAP', 'R1')


def draw_result(
    seed: int, shift: float = 0.0, persons: int = 8, queries: int = 3
) -> Result:
    """Return values of the same queries in every call, by another run for each seed."""
    owners = np.repeat(np.arange(1, persons + 1), queries)
    size = len(owners)
    shared = np.random.default_rng(0).random((len(METRICS), size))
    rng = np.random.default_rng(100 + seed)
    values = 0.4 * shared + shift + 0.1 * rng.random() + 0.1 * rng.random(shared.shape)
    table = QueryTable(
        path=np.array([f'{i}.jpg' for i in range(size)]),
        person_id=owners,
        cam_id=np.zeros(size, np.int64),
        rank=np.ones(size),
        scores=dict(zip(METRICS, values, strict=True)),
    )
    return Result(f'run {seed}', {}, table)


def draw_runs(count: int, first_seed: int, shift: float = 0.0) -> list[Result]:
    """Return several runs of a method."""
    return [draw_result(first_seed + run, shift) for run in range(count)]
