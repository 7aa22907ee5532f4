"""Distances of pairs that somebody has labelled, of pictures or of features."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mmreid.apis.inferencer import ReIDInferencer
from mmreid.evaluation.features.file import load_features
from mmreid.evaluation.test_set import Features
from mmreid.search import LabelledPairs
from mmreid.search.decisions.evidence.pair_table import PairTable, read_pairs


@dataclass(frozen=True, eq=False)
class MeasuredPairs:
    """Labelled pairs with their distances.

    Attributes:
        pairs: Those that could be measured.
        model_key: Key of the model; None where unknown.
        failures: Pictures that gave no vector: what they are called, and why.
    """

    pairs: LabelledPairs
    model_key: str | None
    failures: tuple[tuple[str, str], ...]


def measure_pictures(
    inferencer: ReIDInferencer,
    table: str | os.PathLike,
    progress: Callable[[int, int], Any] | None = None,
) -> MeasuredPairs:
    """Measure the pairs of a table of pictures.

    Args:
        inferencer (ReIDInferencer): Makes the vectors.
        table (str | os.PathLike): As of :func:`read_pairs`. Pictures lie where their
            names say, seen from here or from the table's folder.
        progress (Callable, optional): As of the inferencer. Defaults to None.

    Returns:
        MeasuredPairs: Pairs of pictures that cannot be read are left out and told.

    Raises:
        ValueError: The table is wrong, or none of its pairs can be measured.
    """
    pairs = read_pairs(table)
    folder = Path(table).parent
    paths = [_find_picture(picture, folder) for picture in pairs.pictures]
    found = inferencer(paths, progress=progress)
    known = np.zeros(len(paths), bool)
    known[[source.index for source in found.sources]] = True
    failures = tuple(
        (pairs.pictures[failure.index], failure.reason) for failure in found.failures
    )
    measured = _measure(pairs.only(known), found.vectors, table, failures)
    return MeasuredPairs(measured, inferencer.model_key, failures)


def measure_features(
    features: Features | str | os.PathLike, table: str | os.PathLike
) -> MeasuredPairs:
    """Measure the pairs of a table with vectors that are there.

    Args:
        features (Features | str | os.PathLike): Vectors with ``img_path``, or their
            file.
        table (str | os.PathLike): As of :func:`read_pairs`; pictures are named by
            ``img_path``, or by their row, from 0.

    Returns:
        MeasuredPairs: Pairs of pictures without a vector are left out and told.

    Raises:
        ValueError: A wrong table or file, or no pair can be measured.
    """
    if not isinstance(features, Features):
        features = load_features(features, partial=True)
    pairs = read_pairs(table)
    rows = {str(row): row for row in range(len(features.person_id))}
    rows.update((path, row) for row, path in enumerate(features.img_path.tolist()))
    places = np.array([rows.get(picture, -1) for picture in pairs.pictures])
    failures = tuple(
        (picture, 'no img_path and no row of the features has this name')
        for picture, place in zip(pairs.pictures, places, strict=True)
        if place < 0
    )
    known = places >= 0
    # A picture may be named by its path and by its row.
    used, place = np.unique(places[known], return_inverse=True)
    kept = pairs.only(known)
    kept = replace(kept, first=place[kept.first], second=place[kept.second])
    measured = _measure(kept, features.embedding[used], table, failures)
    made_by = (features.meta.get('features_key') or {}).get('model')
    return MeasuredPairs(measured, made_by, failures)


def _find_picture(name: str, folder: Path) -> str:
    beside = folder / name
    return str(beside) if not Path(name).exists() and beside.exists() else name


def _measure(
    pairs: PairTable,
    vectors: np.ndarray,
    table: str | os.PathLike,
    failures: tuple[tuple[str, str], ...],
) -> LabelledPairs:
    """Measure pairs, if any are left."""
    if not len(pairs):
        first = f', the first of which is {failures[0][0]}: {failures[0][1]}'
        raise ValueError(
            f'{os.fspath(table)} has no pair whose pictures both have vectors; '
            f'{len(failures)} pictures have none{first if failures else ""}.'
        )
    return LabelledPairs.from_vectors(vectors, pairs.first, pairs.second, pairs.same)
