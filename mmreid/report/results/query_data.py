"""What the script of a page of results asks for: queries, answers, drawings."""

import os
from typing import Any

import numpy as np

from mmreid.report.bundles import Bundle
from mmreid.report.results.facts import ReportedImages, ReportedModel, ReportedTest

# Queries whose answers lie in one file: neighbours by the first model's precision, in
# which order the page shows them at first.
_TOGETHER = 16


def add_queries(
    bundle: Bundle, number: int, test: ReportedTest, names: dict[str, str]
) -> None:
    """Add what the list of queries shows, and their answers in parts.

    Args:
        bundle (Bundle): The page.
        number (int): Of the test.
        test (ReportedTest): The test.
        names (dict[str, str]): Of :func:`mmreid.report.thumbnails.write_thumbnails`.
    """
    order = np.argsort(test.models[0].average_precision, kind='stable')  # NaN last
    place = np.empty(len(order), int)
    place[order] = np.arange(len(order)) // _TOGETHER
    root = _common_folder(test)
    bundle.add_data(
        f't{number}/queries',
        dict(
            name=test.name,
            # Scores of different protocols are shown beside each other, no more.
            comparable=bool(test.differences) or not test.disagreements,
            paths=[p.removeprefix(root) for p in test.queries.path.tolist()],
            persons=test.queries.person_id,
            cameras=test.queries.cam_id,
            pictures=[names.get(p, '') for p in test.queries.path.tolist()],
            chunks=place,
            explained=sorted({explained.query for explained in test.explanations}),
            models=[_columns(model) for model in test.models],
        ),
    )
    for chunk in range(-(-len(order) // _TOGETHER)):
        rows = order[chunk * _TOGETHER : (chunk + 1) * _TOGETHER]
        content = _answers_of(test, rows, root, names)
        bundle.add_data(f't{number}/answers/{chunk}', content)


def _columns(model: ReportedModel) -> dict[str, Any]:
    """Tell what the list of queries is sorted by."""
    return dict(
        name=model.name,
        precision=np.round(model.average_precision, 4),
        rank=np.round(model.first_rank, 1),
        answers=model.answers is not None,
        missing=list(model.missing),
        threshold=None if (p := model.operating_point) is None else p.threshold,
    )


def _answers_of(
    test: ReportedTest, rows: np.ndarray, root: str, names: dict[str, str]
) -> dict[str, Any]:
    """Gather the answers of some queries, and the pictures that they name."""
    used: set[int] = set()
    answers: dict[str, list[Any]] = {str(row): [] for row in rows}
    for row in rows:
        for model in test.models:
            if (known := model.answers) is None:
                answers[str(row)].append(None)
                continue
            there = known.indices[row] >= 0
            indices = known.indices[row][there].tolist()
            used.update(indices)
            answers[str(row)].append(
                dict(
                    pictures=indices,
                    distances=np.round(known.distances[row][there], 4),
                    verdicts=known.verdicts[row][there],
                )
            )
    return dict(answers=answers, pictures=_labels(test.gallery, used, root, names))


def _labels(
    images: ReportedImages, used: set[int], root: str, names: dict[str, str]
) -> dict[str, list[Any]]:
    """Tell of pictures: person, camera, path, the small picture's name."""
    rows = sorted(used)
    paths = images.path[rows].tolist()
    columns = zip(
        rows,
        images.person_id[rows].tolist(),
        images.cam_id[rows].tolist(),
        paths,
        strict=True,
    )
    return {
        str(row): [person, camera, path.removeprefix(root), names.get(path, '')]
        for row, person, camera, path in columns
    }


def add_explanations(bundle: Bundle, number: int, test: ReportedTest) -> None:
    """Add the drawings of what models look at, and which query has which.

    Args:
        bundle (Bundle): The page.
        number (int): Of the test.
        test (ReportedTest): The test.
    """
    listed: dict[str, list[dict[str, str]]] = {}
    for count, explanation in enumerate(test.explanations):
        name = f'looks/{number}/{count}.jpg'
        bundle.add_picture(name, explanation.picture)
        listed.setdefault(str(explanation.query), []).append(
            dict(
                model=explanation.model,
                title=explanation.title,
                text=explanation.description,
                picture=name,
            )
        )
    bundle.add_data(f't{number}/explanations', listed)


def _common_folder(test: ReportedTest) -> str:
    """Tell the beginning that the paths of all pictures share, up to a ``/``."""
    paths = [
        p for half in (test.queries, test.gallery) for p in half.path.tolist() if p
    ]
    # By characters, since paths may be relative and absolute; cut after a slash.
    shared = os.path.commonprefix(paths) if paths else ''  # noqa: RUF071
    return shared[: shared.rfind('/') + 1]
