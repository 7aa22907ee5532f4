"""The table of suspects, which a person corrects and a data set is given."""

import os

from mmreid.files import write_rows
from mmreid.report.data_set.facts import DataSetFacts

COLUMNS = ('path', 'part', 'person', 'suggestion', 'score', 'correction')


def check_table(path: str | os.PathLike, overwrite: bool) -> None:
    """Refuse a place where no table of suspects may be written.

    Args:
        path (str | os.PathLike): The file.
        overwrite (bool): Whether an earlier one may be replaced.

    Raises:
        ValueError: The name does not end in ``.csv``.
        FileExistsError: There is one, which may hold a person's corrections.
    """
    if not os.fspath(path).lower().endswith('.csv'):
        raise ValueError(
            f'The table of suspects must be a .csv file, got {os.fspath(path)!r}.'
        )
    if os.path.lexists(path) and not overwrite:
        raise FileExistsError(
            f'{os.fspath(path)} exists already, and may hold corrections: overwrite it '
            '(--overwrite), or give another name.'
        )


def write_suspects(
    facts: DataSetFacts, path: str | os.PathLike, overwrite: bool = False
) -> int:
    """Write suspects of wrong labels, the most suspicious first, without corrections.

    Whoever looks at them writes into ``correction`` the person's label, ``junk``, or
    nothing to leave a label as it is, and gives the file to the data set as
    ``corrections``.

    Args:
        facts (DataSetFacts): What was found.
        path (str | os.PathLike): A CSV file.
        overwrite (bool): Whether an earlier one may be replaced. Defaults to False.

    Returns:
        int: How many there are.

    Raises:
        ValueError: The name does not end in ``.csv``.
        FileExistsError: There is one, which may hold a person's corrections.
    """
    check_table(path, overwrite)
    rows = []
    for half in facts.wrong_labels:
        for suspect in half.suspects:
            picture = facts.pictures[suspect.picture]
            score = f'{suspect.score:.6f}'
            cells = (picture.part, picture.person, suspect.suggestion, score, '')
            rows.append((picture.name, *cells))
    write_rows(path, COLUMNS, rows)
    return len(rows)
