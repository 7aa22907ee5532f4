"""A data set as it is checked: all its parts, with labels that fit together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mmreid.datasets.checking.findings import Finding
from mmreid.datasets.checking.unread import check_unread
from mmreid.datasets.reading.rows import Row
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
    datasets: Sequence[ReIDDataset],
) -> tuple[CheckedDataset, list[Finding]]:
    """Read a data set, and say what of it cannot be read.

    Args:
        datasets (Sequence[ReIDDataset]): One for each split, not yet initialised,
            otherwise alike.

    Raises:
        FileNotFoundError: When nothing of it is there.
    """
    first = datasets[0]
    manifest = read_manifest(first.data_root, first.folders)
    described = {**first.metainfo, **(manifest[0] if manifest else {})}
    name = f'{described["dataset"]} ({type(first).__name__})'
    errors: dict[str, Exception] = {}
    rows = _read_parts(datasets, errors)
    if not rows and all(isinstance(e, FileNotFoundError) for e in errors.values()):
        reasons = dict.fromkeys(str(e).rstrip('.') for e in errors.values())
        raise FileNotFoundError(
            f'{name}: {"; ".join(reasons)}. To get the data: {first.source}.'
        )
    try:
        records = make_records(rows, first.person_offset)
    except ValueError as error:
        records, errors['labels'] = {}, error
    data_set = CheckedDataset(
        name=name,
        root=str(first.data_root),
        splits={dataset.split: dataset.parts for dataset in datasets},
        records=records,
        published=first.COUNTS if manifest is None else manifest[1],
        archives=first.ARCHIVES,
        shared_ids=first.SHARED_IDS,
        cameras=any(row.camera is not None for part in rows.values() for row in part)
        or not rows,
        own=first.pattern is None or not first.COUNTS,
        partial=not all(dataset.check for dataset in datasets),
    )
    faulty: dict[str, list[str]] = {}  # a table is wrong for all parts
    for part, fault in errors.items():
        faulty.setdefault(str(fault), []).append(part)
    findings = [
        Finding('unreadable part', name, f'{", ".join(parts)}: {reason}')
        for reason, parts in faulty.items()
    ]
    return data_set, [*findings, *check_unread(name, datasets)]


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
