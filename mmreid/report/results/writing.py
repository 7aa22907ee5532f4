"""The page of results: its head as HTML, its queries as data for its script."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mmreid.report.bundles import Bundle, open_bundle
from mmreid.report.results.charts import draw_cmc, draw_det, draw_distances
from mmreid.report.results.facts import (
    CameraTable,
    ReportedTest,
)
from mmreid.report.results.query_data import add_explanations, add_queries
from mmreid.report.results.sentences import (
    describe_differences,
    describe_point,
    score_rows,
)
from mmreid.report.thumbnails import write_thumbnails
from mmreid.report.vector_charts import MOST_LINES

_SCRIPTS = (
    'results_state.js',
    'results_choice.js',
    'results_list.js',
    'results_query.js',
    'results.js',
)


def write_results(
    tests: Sequence[ReportedTest],
    path: str | os.PathLike,
    *,
    overwrite: bool = False,
    thumbnails: bool = True,
    pictures_root: str | os.PathLike | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Write a page that shows what models do on test sets.

    Args:
        tests (Sequence[ReportedTest]): The test sets.
        path (str | os.PathLike): A folder, or a file that ends in ``.html``.
        overwrite (bool): Whether an earlier page there is replaced. Defaults to False.
        thumbnails (bool): Whether pictures are shown. Defaults to True.
        pictures_root (str | os.PathLike, optional): Folder that relative paths of
            pictures start from. Defaults to None: the current one.
        progress (Callable, optional): Called with the pictures done and in all.
            Defaults to None.

    Returns:
        Path: ``path``.

    Raises:
        FileExistsError: Something else lies there.
        ImportError: jinja2 is not installed.
        ValueError: There is no test, or one file would be too large.
    """
    if not tests:
        raise ValueError('A page of results must show at least one test set, got none.')
    with open_bundle(path, overwrite) as bundle:
        shown = (
            [path for test in tests for path in _paths_of(test)] if thumbnails else []
        )
        names, unread = write_thumbnails(
            bundle, shown, root=pictures_root, progress=progress
        )
        views = [_add_test(bundle, i, t, names) for i, t in enumerate(tests)]
        title = ', '.join(dict.fromkeys(test.name for test in tests))
        bundle.finish(
            'results.html',
            _SCRIPTS,
            title=title,
            tests=views,
            unread=unread,
            num_pictures=len(names) + len(unread),
        )
    return Path(path)


def _paths_of(test: ReportedTest) -> list[str]:
    """Tell the pictures that a test shows: all queries, and all that answers any."""
    shown = [m.answers.indices.ravel() for m in test.models if m.answers is not None]
    used = np.unique(np.concatenate(shown)) if shown else np.empty(0, int)
    return [*test.queries.path.tolist(), *test.gallery.path[used[used >= 0]].tolist()]


def _add_test(
    bundle: Bundle, number: int, test: ReportedTest, names: dict[str, str]
) -> dict[str, Any]:
    """Add the data of a test; return what its head shows."""
    add_queries(bundle, number, test, names)
    add_explanations(bundle, number, test)
    drawn = test.models[:MOST_LINES]
    return dict(
        name=test.name,
        models=test.models,
        scores=score_rows(test.models),
        intervals=test.intervals,
        disagreements=test.disagreements,
        differences=describe_differences(test),
        notes=test.notes,
        points=[describe_point(model) for model in test.models],
        num_drawn=len(drawn),
        charts=[c for c in (draw_cmc(drawn), draw_det(drawn)) if c],
        histograms=[h for m in drawn if (h := draw_distances(m))],
        cameras=_camera_views(test),
        num_queries=len(test.queries),
        num_gallery=len(test.gallery),
    )


def _camera_views(test: ReportedTest) -> list[dict[str, Any]]:
    """Lay tables of cameras out, each cell with how strongly it is coloured."""
    tables = [(m.name, m.cameras) for m in test.models if m.cameras is not None]
    known = [table.mAP[~np.isnan(table.mAP)] for _, table in tables]
    values = np.concatenate(known) if known else np.empty(0)
    low, high = values.min(initial=100), values.max(initial=0)
    views = []
    for name, table in tables:
        # To 45 %: the text on it keeps its contrast.
        strengths = np.nan_to_num(3 + 42 * (table.mAP - low) / max(high - low, 1e-9))
        rows = [
            dict(camera=camera, cells=_cells(table, i, strengths[i]))
            for i, camera in enumerate(table.query_cameras.tolist())
        ]
        views.append(dict(name=name, columns=table.gallery_cameras.tolist(), rows=rows))
    return views


def _cells(
    table: CameraTable, row: int, strengths: np.ndarray
) -> list[dict[str, Any] | None]:
    """Tell the cells of a row; None where no query has a right answer."""
    columns = zip(
        table.mAP[row], table.rank1[row], table.num_queries[row], strengths, strict=True
    )
    return [
        None
        if np.isnan(precision)
        else dict(
            value=f'{precision:.1f}',
            strength=round(float(strength)),
            text=f'R1 {rank1:.1f}, {count:,} {"query" if count == 1 else "queries"}',
        )
        for precision, rank1, count, strength in columns
    ]
