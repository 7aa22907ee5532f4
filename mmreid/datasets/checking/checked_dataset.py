"""A data set as it is checked: all its parts, with labels that fit together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mmreid.datasets.checking.findings import Finding
from mmreid.datasets.checking.unread import check_unread
from mmreid.datasets.reading.labels import read_label
from mmreid.datasets.reading.rows import Row
from mmreid.datasets.reading.tables import read_table
from mmreid.datasets.records.correcting import correct_labels
from mmreid.datasets.records.making import is_query_part, make_records
from mmreid.datasets.records.published_counts import Counts, read_manifest
from mmreid.datasets.reid_dataset import ReIDDataset


@dataclass
class CheckedDataset:
    """A data set with all its parts.

    Attributes:
        name: Its name.
        root: Its folder.
        splits: The parts of each split that is checked.
        records: The records of each part that could be read. Persons, cameras and
            clothes are numbered over all parts.
        published: Published counts of the parts.
        archives: Published checksums of archives.
        shared_ids: Whether a person's number means the same in all splits.
        cameras: Whether cameras are known.
        own: Whether these are the user's own pictures, not a known data set.
        partial: Whether other numbers than the published ones are accepted.
        title: The name by which results tell it.
        labels: The label of each record's person, as it is written, by part.
        corrections: What was corrected in the labels, a few words; empty for nothing.
    """

    name: str
    root: str
    splits: Mapping[str, Sequence[str]]
    records: Mapping[str, list[dict]]
    published: Counts
    archives: Mapping[str, str]
    shared_ids: bool
    cameras: bool
    own: bool
    partial: bool
    title: str = ''
    labels: Mapping[str, list[str]] = field(default_factory=dict)
    corrections: str = ''

    def parts(self, training: bool) -> list[str]:
        """Return the parts that are trained, or tested, on.

        Args:
            training (bool): Those that are trained on, not those for testing.
        """
        parts_in_use = [
            part
            for parts in self.splits.values()
            for part in parts
            if any(map(is_query_part, parts)) != training and part in self.records
        ]
        return list(dict.fromkeys(parts_in_use))


def read_checked_dataset(
    datasets: Sequence[ReIDDataset], only_training: bool = False
) -> tuple[CheckedDataset, list[Finding]]:
    """Read a data set, and say what of it cannot be read.

    Args:
        datasets (Sequence[ReIDDataset]): One for each split, not yet initialised,
            otherwise alike.
        only_training (bool): Accept a table without a row for testing.

    Raises:
        FileNotFoundError: When nothing of it is there.
    """
    first = datasets[0]
    manifest = read_manifest(first.data_root, first.folders)
    described = {**first.metainfo, **(manifest[0] if manifest else {})}
    name = f'{described["dataset"]} ({type(first).__name__})'
    # Of the labels before any correction.
    counts = first.COUNTS if manifest is None else manifest[1]
    errors: dict[str, Exception] = {}
    rows = _read_parts(datasets, errors)
    if not rows and all(isinstance(e, FileNotFoundError) for e in errors.values()):
        reasons = dict.fromkeys(str(e).rstrip('.') for e in errors.values())
        raise FileNotFoundError(
            f'{name}: {"; ".join(reasons)}. To get the data: {first.source}.'
        )
    try:
        rows, corrections = _correct(datasets, rows)
        records = make_records(rows, first.person_offset)
    except (OSError, ValueError) as error:
        records, errors['labels'], corrections = {}, error, ''
    data_set = CheckedDataset(
        name=name,
        root=str(first.data_root),
        splits={dataset.split: dataset.parts for dataset in datasets},
        records=records,
        published={} if corrections else counts,
        archives=first.ARCHIVES,
        shared_ids=first.SHARED_IDS,
        cameras=any(row.camera is not None for part in rows.values() for row in part)
        or not rows,
        own=first.pattern is None or not first.COUNTS,
        partial=not all(dataset.check for dataset in datasets),
        title=described['dataset'],
        labels=_as_written(rows, records),
        corrections=corrections,
    )
    notes = [Finding('corrections', name, corrections)] if corrections else []
    if only_training and _only_trains(datasets, errors):
        errors.clear()
        notes.append(Finding('only training', name))
    unread = _explain_unread(name, errors)
    return data_set, [*unread, *notes, *check_unread(name, datasets)]


def _as_written(
    rows: Mapping[str, list[Row]], parts: Iterable[str]
) -> dict[str, list[str]]:
    """Return the persons' labels of parts, as the data set writes them."""
    return {part: [str(read_label(row.person)) for row in rows[part]] for part in parts}


def _explain_unread(name: str, errors: Mapping[str, Exception]) -> list[Finding]:
    """Say which parts cannot be read; what is wrong for several is said once."""
    faulty: dict[str, list[str]] = {}
    for part, fault in errors.items():
        faulty.setdefault(str(fault), []).append(part)
    return [
        Finding('unreadable part', name, f'{", ".join(parts)}: {reason}')
        for reason, parts in faulty.items()
    ]


def _read_parts(
    datasets: Sequence[ReIDDataset], errors: dict[str, Exception]
) -> dict[str, list[Row]]:
    """Read the rows of all parts; what is wrong goes into ``errors``, by part."""
    rows: dict[str, list[Row]] = {}
    for dataset in datasets:
        for part in dataset.parts:
            for check in (dataset.check, False):  # strictly, then as far as possible
                if part in rows:
                    break
                wanted, dataset.check = dataset.check, check
                try:
                    rows[part] = dataset.read_part(part)
                except (OSError, ValueError) as error:
                    errors.setdefault(part, error)
                finally:
                    dataset.check = wanted
    return rows


def _correct(
    datasets: Sequence[ReIDDataset], rows: Mapping[str, list[Row]]
) -> tuple[dict[str, list[Row]], str]:
    """Correct the labels of all splits, and say in a few words what was changed."""
    corrected, notes = dict(rows), []
    for dataset in datasets:
        own = {part: rows[part] for part in dataset.parts if part in rows}
        changed, note = correct_labels(dataset.corrections, own, dataset.data_root)
        corrected.update(changed)
        notes += [f'{dataset.split}: {note}'] if note else []
    return corrected, '; '.join(notes)


def _only_trains(
    datasets: Sequence[ReIDDataset], errors: Mapping[str, Exception]
) -> bool:
    """Return whether a table has rows for training and no others, and these are right.

    Rows whose split is of some other name may be meant for testing.
    """
    table = datasets[0].table
    trained = {part for one in datasets if one.is_training for part in one.parts}
    if table is None or not errors or trained & errors.keys():
        return False
    return {*read_table(table, strict=False)} <= trained
