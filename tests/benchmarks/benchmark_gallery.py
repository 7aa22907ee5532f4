"""Galleries beside bare faiss and NumPy: add, open, search, in one run on one core.

Run ``OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python
tests/benchmarks/benchmark_gallery.py 10000 100000``.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import faiss
import numpy as np

from mmreid.search import Filter, Gallery

KEY, DIM = 'a' * 64, 512


def best(call, repeats=3):
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def peak():
    # What getrusage tells begins with the peak of the parent.
    (line,) = (
        line
        for line in Path('/proc/self/status').read_text().splitlines()
        if line.startswith('VmHWM')
    )
    return int(line.split()[1]) / 1024


def make(path, count):
    rng = np.random.default_rng(0)
    start = time.perf_counter()
    with Gallery.create(path, DIM, model_key=KEY) as gallery:
        for first in range(0, count, 10_000):
            size = min(10_000, count - first)
            cameras = (np.arange(size) % 3).tolist()
            vectors = rng.standard_normal((size, DIM), np.float32)
            gallery.add(vectors, model_key=KEY, cameras=cameras)
    seconds = time.perf_counter() - start
    print(f'add          {seconds:9.3f} s, {count / seconds:.0f}/s', flush=True)


def measure(path, count):
    queries = np.random.default_rng(1).standard_normal((100, DIM), np.float32)
    before = peak()
    start = time.perf_counter()
    gallery = Gallery(path, read_only=True)
    opened = time.perf_counter() - start
    gallery.search(queries[:1], 10, model_key=KEY)
    first = time.perf_counter() - start
    grown = peak() - before
    vectors = count * DIM * 4 / 2**20
    print(f'open         {opened:9.3f} s, with its first search {first:.3f} s')
    print(f'peak memory  {grown:9.0f} MiB more, {grown / vectors:.2f} of the vectors')

    def search(number, where=None):
        gallery.search(queries[:number], 10, model_key=KEY, where=where)

    ours = [best(lambda n=n: search(n)) for n in (1, 100)]
    where = Filter(not_cameras=[2])
    search(1, where)
    filtered = best(lambda: search(1, where))
    gallery.close()
    matrix = np.random.default_rng(0).standard_normal((count, DIM), np.float32)
    bare = [best(lambda n=n: matrix @ queries[:n].T) for n in (1, 100)]
    index = faiss.IndexFlatIP(DIM)
    index.add(matrix)

    plain = [best(lambda n=n: index.search(queries[:n], 10)) for n in (1, 100)]
    for place, number in enumerate((1, 100)):
        mine, numpy_, faiss_ = (1e3 * x[place] for x in (ours, bare, plain))
        print(
            f'{number:3} queries  {mine:9.1f} ms; NumPy product {numpy_:.1f}, '
            f'faiss {faiss_:.1f}: {mine / numpy_:.2f} and {mine / faiss_:.2f} times'
        )
    print(f'filtered     {1e3 * filtered:9.1f} ms for a query, two thirds pass')


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('counts', type=int, nargs='+')
    parser.add_argument('--part', type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    faiss.omp_set_num_threads(1)
    if args.part:
        measure(args.part, args.counts[0])
        return
    print(f'instructions: {faiss.get_compile_options().strip()}')
    for count in args.counts:
        print(f'\n{count} x {DIM} float32')
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, 'gallery.db')
            make(path, count)
            # A process of its own, whose peak is that of searching.
            command = [sys.executable, __file__, str(count), '--part', str(path)]
            subprocess.run(command, check=True, env=os.environ)


if __name__ == '__main__':
    main()
