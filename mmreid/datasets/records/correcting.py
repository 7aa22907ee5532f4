"""Labels of rows changed by tables of corrections."""

import os
from collections.abc import Collection, Mapping, Sequence

from mmreid.datasets.reading.file_names import locate_picture, quote_first
from mmreid.datasets.reading.labels import Meaning
from mmreid.datasets.reading.rows import Row
from mmreid.datasets.records.corrections import (
    Correction,
    Corrections,
    picture_name,
    read_corrections,
    read_person,
)
from mmreid.datasets.records.label_numbers import WORDS


def correct_labels(
    tables: str | os.PathLike | Sequence[str | os.PathLike] | None,
    parts: Mapping[str, list[Row]],
    root: str,
) -> tuple[dict[str, list[Row]], str]:
    """Change the labels of the rows of a split.

    A picture of another split is left for that one. Whoever is junk is ignored in
    ranking and not trained on. A corrected picture belongs to no tracklet any more.

    Args:
        tables (str | os.PathLike | Sequence, optional): A table of corrections, see
            :func:`mmreid.datasets.records.corrections.read_corrections`, or several,
            each for the labels as the one before has left them.
        parts (Mapping[str, list[Row]]): The rows of each part of the split.
        root (str): The data set's folder.

    Returns:
        tuple[dict[str, list[Row]], str]: The rows, and what was corrected, in a few
        words; empty without a table.

    Raises:
        FileNotFoundError: There is no such table.
        ValueError: It is broken, a picture is not there, its label is another one than
            the table says, nobody has the corrected one, or clothes would be another
            person's.
    """
    if isinstance(tables, str | os.PathLike):
        tables = [tables]
    corrected, notes = dict(parts), []
    for path in tables or ():
        table = read_corrections(path)
        corrected, changed = _correct_rows(table, corrected, root)
        notes.append(table.describe(changed))
    return corrected, '; '.join(notes)


def _correct_rows(
    table: Corrections, parts: Mapping[str, list[Row]], root: str
) -> tuple[dict[str, list[Row]], int]:
    """Change labels by one table, and count how many."""
    names = {
        part: [picture_name(row.path, root) for row in own]
        for part, own in parts.items()
    }
    persons = {read_person(row.person) for own in parts.values() for row in own}
    _refuse_unknown_pictures(table, set().union(*names.values()), root)
    changed = 0
    corrected: dict[str, list[Row]] = {}
    for part, own in parts.items():
        corrected[part] = []
        for row, name in zip(own, names[part], strict=True):
            correction = table.by_name.get(name)
            if correction is not None and read_person(row.person) != correction.correct:
                row = _correct(table, row, correction, persons)
                changed += 1
            corrected[part].append(row)
    return corrected, changed


def _refuse_unknown_pictures(
    table: Corrections, names: Collection[str], root: str
) -> None:
    """Raise where a picture is neither in the split nor a file of the data set."""
    elsewhere = [name for name in table.by_name if name not in names]
    unknown = [
        name
        for name in elsewhere
        if name.startswith('../') or not os.path.isfile(locate_picture(root, name))
    ]
    if unknown:
        raise ValueError(
            f'{table.file} must name pictures below {root!r}, but {len(unknown)} of '
            f'{len(table.by_name)} that it corrects are not there: '
            f'{quote_first(unknown)}; it was made for other data, or data_root is '
            'another folder.'
        )


def _correct(
    table: Corrections, row: Row, correction: Correction, persons: set[Meaning | None]
) -> Row:
    """Return a row with its corrected label."""
    where = f'{table.file}, {correction.where} ({row.path!r})'
    if read_person(row.person) != correction.person:
        raise ValueError(
            f'{where}: the picture must be labelled {correction.person!r} to be '
            f'corrected, but is {read_person(row.person)!r}; the table was made for '
            'other data.'
        )
    if correction.correct != 'junk' and correction.correct not in persons:
        raise ValueError(
            f'{where}: the correction must be a person of the same split, or junk, '
            f'got {correction.correct!r}, whom no picture shows.'
        )
    if row.clothes is not None and correction.correct not in WORDS:
        raise ValueError(
            f'{where}: where clothes are labelled, the correction must be junk, got '
            f'{correction.correct!r}; whether the clothes are known of that person '
            'too, no table of corrections tells.'
        )
    return row._replace(person=correction.correct, clothes=None, tracklet=None)
