"""Studies whose runs have drawn values, and what papers print of their methods."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mmreid.apis.study.records import StudyRecords
from mmreid.evaluation.result import QueryTable

STAMP = dict(
    dataset='Toy',
    version='1.0',
    split='test',
    trained_on='Toy 1.0 train',
    num_query_evaluated=24,
    num_gallery=1000,
    num_distractor=0,
    junk_rule="the query's person in the query's camera, are ignored",
    distance='cosine',
    flip_test=False,
    normalize='none',
    rerank=None,
    embedding_dim=8,
)


def draw_results(
    seed: int, shift: float = 0.0, persons: int = 8, queries: int = 3, **stamp: Any
) -> dict[str, Any]:
    """Return what a test writes: of the same queries in every call.

    Args:
        seed: Of the run.
        shift: Of all values, of which 0.2 to 0.8 are drawn.
        persons: Number of persons.
        queries: Of each.
        stamp: What differs from ``STAMP``.
    """
    owners = np.repeat(np.arange(1, persons + 1), queries)
    hardness = np.random.default_rng(0).random((3, len(owners)))
    rng = np.random.default_rng(100 + seed)
    values = 0.2 + 0.4 * hardness + 0.1 * rng.random() + 0.1 * rng.random((3, 1))
    values = np.clip(values + 0.1 * rng.random(values.shape) + shift, 0, 1)
    table = QueryTable(
        path=np.array([f'/data/query/{row:03}.jpg' for row in range(len(owners))]),
        person_id=owners,
        cam_id=np.ones(len(owners), np.int64),
        rank=np.ones(len(owners)),
        scores=dict(zip(('mAP', 'mINP', 'R1'), values, strict=True)),
    )
    metrics = {
        f'reid/{name}': 100 * float(column.mean())
        for name, column in table.scores.items()
    }
    protocol = {**STAMP, **stamp}
    return {**metrics, 'reid/per_query': table.to_json(), 'reid/protocol': protocol}


def describe_run(method: str, seed: int, **changes: Any) -> dict[str, Any]:
    """Return what a record tells of a run beside its results."""
    made = dict(
        commit='c0ffee',
        source='beef',
        device='a processor',
        instructions='AVX2',
        arithmetic='float32',
        torch='2.12.0',
        date='2026-01-02',
    )
    told = dict(
        method=method,
        seed=seed,
        key='key',
        config='toy/toy_r18.py',
        options=(),
        seconds=90.0,
        made=made,
    )
    return told | changes


def draw_records(file: Path, methods: Mapping[str, tuple[int, float]]) -> StudyRecords:
    """Write records.

    Args:
        file: Where to.
        methods: How many runs each has, and their shift.
    """
    records = StudyRecords(file)
    for place, (name, (runs, shift)) in enumerate(methods.items()):
        for seed in range(runs):
            drawn = draw_results(10 * place + seed, shift)
            records.add(describe_run(name, seed), drawn)
    return records


def write_claims(file: Path, claims: Sequence[tuple]) -> str:
    """Write what papers print of differences.

    Args:
        file: Where to.
        claims: ``(method, against, mAP, mAP, R1, R1, exact)``.
    """
    names = ('mAP_method', 'mAP_against', 'R1_method', 'R1_against')
    entries = [
        dict(zip(names, scores, strict=True))
        | dict(method=method, against=against, exact=exact, note='Not quite.')
        | dict(dataset='Market-1501', protocol='single query', source='Table 1')
        for method, against, *scores, exact in claims
    ]
    file.write_text(json.dumps(dict(claims=entries)))
    return str(file)
