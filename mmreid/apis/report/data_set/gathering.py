"""All that a page of a data set shows."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mmreid.apis.report.data_set.duplicates import (
    list_duplicates,
    pair_by_hash,
    pair_by_vectors,
)
from mmreid.apis.report.data_set.embeddings import PictureVectors
from mmreid.apis.report.data_set.listed_pictures import ListedPictures, ShownPictures
from mmreid.apis.report.data_set.numbers import count_parts, list_seldom
from mmreid.apis.report.data_set.qualities import list_qualities
from mmreid.apis.report.data_set.wrong_labels import METHOD, list_wrong_labels
from mmreid.datasets.checking import Report
from mmreid.datasets.checking.checked_dataset import CheckedDataset
from mmreid.report.data_set.facts import DataSetFacts
from mmreid.report.data_set.suspects import WrongLabels

#: Pictures or pairs in a list, persons in one, suspects in a half.
LARGEST = 300


def gather_data_set(
    report: Report,
    listed: ListedPictures,
    given: PictureVectors | None = None,
    *,
    largest: int = LARGEST,
    suspects_file: str = '',
    progress: Callable[[str], Callable[[int, int], None]] | None = None,
) -> DataSetFacts:
    """Gather what a data set holds and what may be wrong with it.

    Args:
        report (Report): Its check, with measures of the pictures.
        listed (ListedPictures): Its pictures.
        given (PictureVectors, optional): Their vectors, as far as they have any.
            Defaults to None: suspects of wrong labels are not looked for.
        largest (int): Number of entries that a list shows. Defaults to 300.
        suspects_file (str): Name of the table of suspects that is written.
            Defaults to ``''``: none.
        progress (Callable, optional): Makes what is called with pictures done and in
            all, of a name of the work. Defaults to None.

    Raises:
        ValueError: The report is of several data sets, or ``largest`` is less than 1.
    """
    data_set = only_data_set(report)
    if largest < 1:
        raise ValueError(f'largest must be at least 1, got {largest}.')
    bar: Any = progress or _no_bar
    shown, measures = ShownPictures(listed), report.pictures.measures
    pairs = [pair_by_hash(listed, measures, bar('comparing hashes'))]
    wrong_labels: tuple[WrongLabels, ...] = ()
    if given is not None:
        pairs.append(pair_by_vectors(listed, given, bar('comparing vectors')))
        wrong_labels = list_wrong_labels(
            listed, given, data_set.title, shown, largest, bar('comparing persons')
        )
    return DataSetFacts(
        name=data_set.title,
        root=data_set.root,
        parts=count_parts(listed),
        duplicates=list_duplicates(listed, pairs, given, shown, largest),
        duplicate_rule=' '.join(one.rule for one in pairs if one.rule),
        wrong_labels=wrong_labels,
        method=METHOD if wrong_labels else (),
        embeddings='' if given is None else given.describe(),
        quality=list_qualities(listed, measures, shown, largest),
        seldom=list_seldom(listed, shown, largest),
        faults=tuple(finding.text for finding in report.faults),
        notes=tuple(f.text for f in report.findings if not f.is_fault),
        missing=_find_missing(report, listed, given),
        corrections=data_set.corrections,
        suspects_file=suspects_file,
        # After all that has pictures shown.
        pictures=shown.pictures,
    )


def _no_bar(_: str) -> None:
    return None


def only_data_set(report: Report) -> CheckedDataset:
    """Return the data set of a report.

    Args:
        report (Report): Of one data set.

    Raises:
        ValueError: It is of several, or none of its parts could be read.
    """
    if len(report.data_sets) != 1:
        names = ', '.join(data_set.name for data_set in report.data_sets)
        raise ValueError(
            f'A page is of one data set, got {len(report.data_sets)}: {names}; name '
            'one by --type and --data-root.'
        )
    data_set = report.data_sets[0]
    if not any(data_set.records.values()):
        raise ValueError(
            f'{data_set.name}: no part can be read, so that there is nothing to show: '
            + '; '.join(fault.text for fault in report.faults)
        )
    return data_set


def _find_missing(
    report: Report, listed: ListedPictures, given: PictureVectors | None
) -> tuple[str, ...]:
    """Say what is not there, and why."""
    missing = []
    if not report.decoded:
        missing.append('Pictures were not decoded, so that none was measured.')
    elif unread := len(report.pictures.errors):
        missing.append(f'{unread:,} pictures cannot be read and were not measured.')
    if given is None:
        missing.append(
            'Without vectors (a model or a features file) wrong labels were not looked '
            'for, and near duplicates by perceptual hashes alone.'
        )
    elif len(given.indices) < len(listed):
        lacking = len(listed) - len(given.indices)
        without = np.ones(len(listed), bool)
        without[given.indices] = False
        parts = ', '.join(dict.fromkeys(listed.part[without]))
        missing.append(
            f'{lacking:,} of {len(listed):,} pictures have no vector ({parts}).'
        )
    if not listed.cameras:
        missing.append('Cameras are unknown.')
    return tuple(missing)
