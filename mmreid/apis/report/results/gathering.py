"""From files of results to all that their page shows."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from mmreid.apis.evaluate.comparing.comparison import Comparison, compare_results
from mmreid.apis.evaluate.result_files import load_methods
from mmreid.apis.report.compared import (
    differences_of,
    explain_intervals,
)
from mmreid.apis.report.results.asked import Asked
from mmreid.apis.report.results.galleries import SharedGallery
from mmreid.apis.report.results.models import gather_model
from mmreid.apis.report.results.moved_pictures import move_pictures
from mmreid.apis.report.results.reading import Reader
from mmreid.evaluation.result import Result
from mmreid.evaluation.stamp_words import describe_data
from mmreid.report.results import (
    PairedDifference,
    ReportedImages,
    ReportedTest,
)


def gather_results(
    words: Sequence[str], asked: Asked | None = None
) -> list[ReportedTest]:
    """Gather what models do on test sets.

    Args:
        words (Sequence[str]): As of
            :func:`mmreid.apis.evaluate.result_files.load_methods`, one a model.
        asked (Asked, optional): Defaults to None: the defaults.

    Returns:
        list[ReportedTest]: One a data set that all have.

    Raises:
        OSError: A file cannot be read, or no picture is found in another folder.
        ValueError: Results of other queries, or names that are not one a model.
    """
    asked = asked or Asked()
    names = name_models(words, asked.names)
    reader = Reader(asked.topk, asked.progress)
    sets = load_methods(words, asked.rules, reader)
    return [
        _gather_test(
            name, dict(zip(names, methods.values(), strict=True)), reader, asked
        )
        for name, methods in sets.items()
    ]


def name_models(words: Sequence[str], names: Sequence[str] = ()) -> list[str]:
    """Name models by what tells their files apart.

    Args:
        words (Sequence[str]): Their files.
        names (Sequence[str]): Names that were given. Defaults to none.

    Returns:
        list[str]: One a word, all different.

    Raises:
        ValueError: Not one name a model, or one twice.
    """
    if names:
        if len(names) != len(words) or len(set(names)) < len(names):
            raise ValueError(
                f'names must be {len(words)} different ones, got {[*names]}.'
            )
        return [*names]
    for shorten in (lambda p: p.stem, lambda p: f'{p.parent.name}/{p.stem}', str):
        found = [shorten(Path(word)) for word in words]
        if len(set(found)) == len(found):
            return found
    return [*words]


def _gather_test(
    name: str, methods: Mapping[str, Sequence[Result]], reader: Reader, asked: Asked
) -> ReportedTest:
    """Gather what models do on one test set."""
    comparison = compare_results(methods, asked.resampling)
    everything = [runs[0] for runs in methods.values()]
    # Scores of other programs may not tell what the queries are.
    first = next((run for run in everything if all(run.table.path)), everything[0])
    gallery = SharedGallery()
    models = [
        gather_model(method, runs, first.table, comparison, gallery, reader, asked)
        for method, runs in methods.items()
    ]
    disagreements = tuple(
        f'Not measured in the same way, so that nothing is compared: {key} is '
        + ', '.join(f'{json.dumps(value)} ({who})' for who, value in values.items())
        for key, values in comparison.disagreements.items()
    )
    test = ReportedTest(
        name=name
        or (describe_data(first.protocol) if first.protocol else 'a test set'),
        queries=_queries(first),
        gallery=gallery.images,
        models=tuple(models),
        differences=() if disagreements else _differences(comparison),
        disagreements=disagreements,
        intervals=explain_intervals(comparison),
    )
    return test if asked.pictures is None else move_pictures(test, asked.pictures)


def _differences(comparison: Comparison) -> tuple[PairedDifference, ...]:
    """Tell how methods differ from the first."""
    first = next(iter(comparison.scores))
    return tuple(
        PairedDifference(first, name, differences_of(comparison, name))
        for name in comparison.differences
    )


def _queries(result: Result) -> ReportedImages:
    """Tell the queries; their cameras are -1 where the data have none."""
    table, cameras = result.table, result.table.cam_id
    if result.protocol.get('cameras') is False:
        cameras = np.full(len(table), -1)
    return ReportedImages(table.path, table.person_id, cameras)
