"""Time and memory of gathering a page of MSMT17's size, from random vectors.

python tests/benchmarks/benchmark_report_facts.py
"""

import resource
import tempfile
import time
from pathlib import Path

import numpy as np

from mmreid.apis.report.results import gather_results
from mmreid.evaluation.functional import Features, save_features

QUERIES, GALLERY, PERSONS, CAMERAS, DIM = 11_659, 82_161, 3_060, 15, 256


def make(path: Path, noise: float) -> str:
    """Write vectors around a centre for each person."""
    rng = np.random.default_rng(0)
    count = QUERIES + GALLERY
    persons = rng.integers(1, PERSONS + 1, count)
    cameras = rng.integers(1, CAMERAS + 1, count)
    centres = rng.normal(size=(PERSONS + 1, DIM)).astype(np.float32)
    vectors = rng.normal(0, noise, (count, DIM)).astype(np.float32)
    paths = np.array([f'msmt17/{i:06}.jpg' for i in range(count)])
    is_query = np.arange(count) < QUERIES
    features = Features(centres[persons] + vectors, persons, cameras, is_query, paths)
    save_features(path, features)
    return str(path)


def main() -> None:
    """Print how long it takes."""
    with tempfile.TemporaryDirectory() as folder:
        words = [make(Path(folder, f'{n}.safetensors'), n) for n in (2.0, 2.5)]
        start = time.perf_counter()
        (test,) = gather_results(words)
        seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    size = f'{len(test.queries):,} queries, {len(test.gallery):,} pictures'
    print(f'{len(words)} models, {size}: {seconds:.0f} s, peak {peak:.1f} GB')
    for model in test.models:
        value = model.scores['mAP'].value
        print(f'{model.name}: mAP {value:.2f}. {model.det.accuracy}')


if __name__ == '__main__':
    main()
