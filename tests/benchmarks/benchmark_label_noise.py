"""Print how well planted wrong labels are found: precision, recall, and the estimate.

    mmreid test MODEL --out test.npz
    mmreid embed MODEL data/bounding_box_train --out train.npz \
        --pattern '(?P<person>\\d+)_c(?P<camera>\\d).*'
    python tests/benchmarks/benchmark_label_noise.py test.npz train.npz

Labels of a share of the pictures, of persons with two or more, are changed to another
person's, drawn evenly. ``--unit sequence`` changes all pictures of a person in a camera
instead, ``--tables FOLDER`` writes what was planted as corrections, to train with, and
``--planted TABLE`` takes such a table instead of drawing: for vectors of a model that
was trained with it. ``--simulate 93820 3060`` prints how long drawn vectors of so many
pictures and persons take, 512 numbers each (as many as MSMT17's testing half), and all
126,441 hashes of its pictures.
"""

from __future__ import annotations

import argparse
import csv
import resource
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mmreid.datasets.picture_measures import find_close_pairs
from mmreid.datasets.records.corrections import read_corrections
from mmreid.evaluation.functional import load_features
from mmreid.evaluation.functional.distances.camera_bias import normalize_cameras
from mmreid.evaluation.functional.label_noise.confident_learning import (
    LikelyPersons,
    fit_sharpness,
    join_confident,
    softmax,
)
from mmreid.evaluation.functional.label_noise.finding import find_label_noise
from mmreid.evaluation.functional.label_noise.near_pairs import find_near_pairs
from mmreid.text_tables import format_table

HEAD = (
    *('', 'wrong', 'single', 'interval', 'sequences', 'interval'),
    *('precision', 'recall', 'AP', 'suggestion'),
)


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('features', nargs='*', type=Path)
    parser.add_argument('--simulate', nargs=2, type=int, metavar=('N', 'K'))
    parser.add_argument('--shares', nargs='+', type=float, default=[0, 0.02, 0.05])
    parser.add_argument('--seeds', type=int, default=3)
    parser.add_argument('--unit', choices=('picture', 'sequence'), default='picture')
    parser.add_argument('--tables', type=Path, metavar='FOLDER')
    parser.add_argument('--planted', nargs='+', type=Path, metavar='TABLE')
    parser.add_argument(
        '--compare', action='store_true', help='other ways of comparing pictures, too'
    )
    return parser.parse_args()


def plant(
    person: np.ndarray, camera: np.ndarray, share: float, seed: int, unit: str
) -> np.ndarray:
    """Change the labels of a share of the pictures."""
    rng = np.random.default_rng(seed)
    labels, ids = person.copy(), np.unique(person)
    if unit == 'picture':
        groups = [[i] for i in rng.permutation(len(person))]
    else:
        pairs = np.unique(np.stack([person, camera], 1), axis=0)
        groups = [
            np.flatnonzero((person == p) & (camera == c)).tolist()
            for p, c in rng.permutation(pairs)
        ]
    wanted = round(share * len(person))
    for group in groups:
        if (labels != person).sum() >= wanted:
            break
        labels[group] = rng.choice(ids[ids != person[group[0]]])
    return labels


def read_planted(table: Path, person: np.ndarray, paths: np.ndarray) -> np.ndarray:
    """Take the labels of a table of corrections."""
    by_end = {
        name.rpartition('/')[2]: c.correct
        for name, c in read_corrections(table).by_name.items()
    }
    return np.array(
        [
            by_end.get(str(path).rpartition('/')[2], own)
            for path, own in zip(paths, person.tolist(), strict=True)
        ]
    )


def write_table(
    path: Path, folder: str, names: np.ndarray, person: np.ndarray, labels: np.ndarray
) -> None:
    """Write planted labels as corrections."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open('w', newline='', encoding='utf-8') as file:
        writer = csv.writer(file)
        writer.writerow(('path', 'person', 'correction'))
        for i in np.flatnonzero(labels != person):
            name = str(names[i]).rpartition('/')[2]
            writer.writerow((f'{folder}/{name}', person[i], labels[i]))


def score(
    order: np.ndarray, found: int, wrong: np.ndarray
) -> tuple[float, float, float]:
    """Return precision and recall of what is suggested, and average precision."""
    hits = wrong[order]
    if not hits.any():
        return float('nan'), float('nan'), float('nan')
    ranks = np.arange(1, len(hits) + 1)
    precision = hits[:found].mean() if found else float('nan')
    average = (hits.cumsum() / ranks)[hits].mean()
    return float(precision), hits[:found].sum() / hits.sum(), float(average)


def other_ways(
    vectors: np.ndarray, labels: np.ndarray, camera: np.ndarray
) -> Iterator[tuple[str, np.ndarray, float]]:
    """Yield further ways: their name, the order and the estimate."""
    ids, own = np.unique(labels, return_inverse=True)
    rows = np.arange(len(own))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    for name, used, apart in (
        ('with the bias of cameras', unit, False),
        ('all cameras only', normalize_cameras(vectors, camera), False),
        ('other cameras only', normalize_cameras(vectors, camera), True),
    ):
        table = used @ used.T
        np.fill_diagonal(table, -np.inf)
        if apart:
            elsewhere = (own == own[:, None]) & (camera != camera[:, None])
            same = (camera == camera[:, None]) & elsewhere.any(1)[:, None]
            table[same] = -np.inf
        scores = np.full((len(own), len(ids)), -1, np.float32)
        for k in range(len(ids)):
            near = np.sort(table[:, own == k], axis=1)[:, -3:]
            known = near > -np.inf
            mean = np.where(known, near, 0).sum(1) / np.maximum(known.sum(1), 1)
            scores[:, k] = np.where(known.any(1), mean, -1)
        values = softmax(scores, fit_sharpness(scores, own))
        persons = np.argsort(-values, axis=1)
        sorted_values = np.take_along_axis(values, persons, 1)
        likely = LikelyPersons(persons, sorted_values, values[rows, own])
        joint = join_confident(likely, own)
        yield name, np.argsort(likely.own, kind='stable'), float(joint.errors.sum())


def main() -> None:
    """Print a table for each file."""
    args = parse_args()
    if args.simulate:
        simulate(*args.simulate)
    for number, file in enumerate(args.features):
        features = load_features(file, partial=True)
        known = features.person_id > 0
        person, camera = features.person_id[known], features.cam_id[known]
        paths, vectors = features.img_path[known], features.embedding[known]
        table = args.planted[number] if args.planted else None
        cases: list[tuple[str, np.ndarray]] = []
        if table:
            cases = [(table.stem, read_planted(table, person, paths))]
        else:
            for share in args.shares:
                for seed in range(args.seeds if share else 1):
                    labels = plant(person, camera, share, seed, args.unit)
                    name = f'{100 * share:g} %, seed {seed}'
                    cases.append((name, labels))
                    if args.tables and share:
                        folder = str(paths[0]).rsplit('/', 2)[-2]
                        place = args.tables / f'{file.stem}_{share}_{seed}.csv'
                        write_table(place, folder, paths, person, labels)
        print_cases(file, vectors, person, camera, cases, args.compare)


def simulate(size: int, count: int) -> None:
    """Print how long drawn vectors and hashes take."""
    rng = np.random.default_rng(0)
    person = np.sort(rng.integers(1, count + 1, size))
    camera = rng.integers(15, size=size)
    vectors = rng.normal(size=(count + 1, 512)).astype(np.float32)[person]
    vectors += rng.normal(size=vectors.shape).astype(np.float32)
    hashes = rng.integers(2**63, size=126_441)
    for name, work in (
        ('wrong labels', lambda: find_label_noise(vectors, person, camera)),
        ('near pairs', lambda: find_near_pairs(vectors, person, 0.9)),
        ('close hashes', lambda: find_close_pairs(hashes)),
    ):
        start = time.perf_counter()
        work()
        seconds = time.perf_counter() - start
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f'{name}: {seconds:.1f} s, {most:.2f} GB at most')


def print_cases(
    file: Path,
    vectors: np.ndarray,
    person: np.ndarray,
    camera: np.ndarray,
    cases: list[tuple[str, np.ndarray]],
    compare: bool,
) -> None:
    """Print what is found of each case."""
    lines: list[tuple[str, ...]] = [HEAD]
    start = time.perf_counter()
    for name, labels in cases:
        wrong = labels != person
        noise = find_label_noise(vectors, labels, camera)
        values = score(noise.order, noise.found, wrong)
        hits = wrong[noise.order]
        right = (noise.suggestions == person[noise.order])[hits]
        cells = [str(wrong.sum())]
        for one in (noise.single, noise.sequences):
            cells += [f'{one.value:.1f}', f'{one.low:.0f} to {one.high:.0f}']
        suggested = f'{right.mean():.2f}' if hits.any() else ''
        lines.append((name, *cells, *(f'{v:.3f}' for v in values), suggested))
        for way, order, estimate in (
            other_ways(vectors, labels, camera) if compare else ()
        ):
            values = score(order, round(estimate), wrong)
            further = (f'{v:.3f}' for v in values)
            lines.append((f'  {way}', '', f'{estimate:.1f}', *[''] * 3, *further, ''))
    seconds = time.perf_counter() - start
    print(f'{file}: {len(person):,} pictures, {len(np.unique(person))} persons')
    print(format_table(lines))
    print(f'{seconds:.1f} s\n')


if __name__ == '__main__':
    main()
