"""The page of a data set."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mmreid.report.bundles import open_bundle
from mmreid.report.data_set.charts import draw_cameras, draw_persons, draw_quality
from mmreid.report.data_set.facts import DataSetFacts
from mmreid.report.data_set.suspects import Suspect, WrongLabels
from mmreid.report.thumbnails import write_listed

#: What the kinds of duplicates are called.
KINDS = {
    'two persons': 'of two persons: one of the labels is wrong, or both are in sight',
    'train and test': 'in training and testing: a model is tested on what it learned',
    'one person': 'of one person',
}


def write_data_set(
    facts: DataSetFacts,
    path: str | os.PathLike,
    *,
    overwrite: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Write a page that shows what a data set holds and what may be wrong with it.

    Args:
        facts (DataSetFacts): What was found.
        path (str | os.PathLike): A folder, or a file that ends in ``.html``.
        overwrite (bool): Whether an earlier page there is replaced. Defaults to False.
        progress (Callable, optional): Called with the pictures done and in all.
            Defaults to None.

    Returns:
        Path: ``path``.

    Raises:
        FileExistsError: Something else lies there.
        ImportError: jinja2 is not installed.
        ValueError: One file would be too large.
    """
    with open_bundle(path, overwrite) as bundle:
        listed = write_listed(bundle, facts.pictures, progress)
        bundle.add_data('suspects', dict(key=f'{facts.name} {facts.root}'))
        bundle.finish(
            'data_set.html',
            ('pictures.js', 'data_set.js'),
            facts=facts,
            **listed,
            kinds=KINDS,
            charts=[
                chart
                for chart in (draw_cameras(facts.parts), draw_persons(facts.parts))
                if chart
            ],
            qualities=[(found, draw_quality(found)) for found in facts.quality],
            halves=[_half(half) for half in facts.wrong_labels],
        )
    return Path(path)


def _half(half: WrongLabels) -> dict[str, Any]:
    """Lay suspects out, each with the pictures to compare it with."""
    return dict(
        facts=half,
        name=', '.join(half.parts),
        suspects=[_suspect(suspect) for suspect in half.suspects],
    )


def _suspect(suspect: Suspect) -> dict[str, Any]:
    return dict(
        facts=suspect,
        own=[*zip(suspect.own, suspect.own_cosines, strict=True)],
        others=[*zip(suspect.others, suspect.other_cosines, strict=True)],
    )
