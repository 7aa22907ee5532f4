"""Check data sets, and tell what there is and what is wrong."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from mmreid.datasets.checking.checked_dataset import (
    CheckedDataset,
    read_checked_dataset,
)
from mmreid.datasets.checking.files import (
    Pictures,
    check_archives,
    check_pictures,
    read_pictures,
)
from mmreid.datasets.checking.findings import Finding
from mmreid.datasets.checking.labels import check_labels
from mmreid.datasets.checking.repeated_pictures import check_repeated_pictures
from mmreid.datasets.records.published_counts import count_records
from mmreid.datasets.reid_dataset import ReIDDataset
from mmreid.text_tables import format_table

COLUMNS = {
    'images': 'images',
    'ids': 'identities',
    'cams': 'cameras',
    'least': 'min',
    'median': 'median',
    'most': 'max',
    'distractors': 'distractors',
    'junk': 'junk',
}


@dataclass(frozen=True)
class Report:
    """What data sets hold, and what is wrong with them.

    Attributes:
        data_sets: The data sets.
        findings: Faults and notes.
        decoded: Whether every picture was decoded.
        pictures: What is in the pictures.
    """

    data_sets: Sequence[CheckedDataset]
    findings: Sequence[Finding]
    decoded: bool
    pictures: Pictures

    @property
    def faults(self) -> list[Finding]:
        """The findings that are faults."""
        return [finding for finding in self.findings if finding.is_fault]

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as values that JSON has."""
        return dict(
            clean=not self.faults,
            decoded=self.decoded,
            data_sets=[
                dict(
                    name=data_set.name,
                    root=data_set.root,
                    parts={p: describe(r) for p, r in data_set.records.items()},
                )
                for data_set in self.data_sets
            ],
            findings=[
                dict(
                    kind=finding.kind,
                    fault=finding.is_fault,
                    data_set=finding.where,
                    text=finding.text,
                    examples=[*finding.examples],
                )
                for finding in self.findings
            ],
        )

    def __str__(self) -> str:
        tables = [_tabulate(data_set) for data_set in self.data_sets]
        notes = [finding for finding in self.findings if not finding.is_fault]
        lines = [f'FAULT {fault}' for fault in self.faults]
        lines += [f'note  {note}' for note in notes]
        end = f'{_count(self.faults, "fault")}, {_count(notes, "note")}'
        if not self.decoded:
            end += '; pictures were not decoded'
        return '\n\n'.join([*tables, '\n'.join([*lines, end])])


def _count(findings: Sequence, noun: str) -> str:
    return f'{len(findings)} {noun}' + ('' if len(findings) == 1 else 's')


def check_datasets(
    groups: Sequence[Sequence[ReIDDataset]],
    protocol: str = 'market',
    decode: bool = True,
    partial: bool = False,
    progress: Callable[[int, int], None] | None = None,
    only_training: bool = False,
    measure: bool = False,
) -> Report:
    """Check data sets, one by one and against each other.

    Args:
        groups (Sequence[Sequence[ReIDDataset]]): For each data set its splits, not yet
            initialised.
        protocol (str): The rule of ranking, as in ``ReIDMetric``.
        decode (bool): Decode every picture; without, they are only read and compared.
        partial (bool): Accept other numbers than the published ones.
        progress (Callable, optional): Called with the numbers of pictures done and of
            all.
        only_training (bool): Accept tables without a row for testing: a note tells it.
        measure (bool): Measure what the pictures look like, too. Defaults to False.

    Raises:
        FileNotFoundError: When nothing of a data set is there.
    """
    findings: list[Finding] = []
    data_sets: list[CheckedDataset] = []
    for group in groups:
        for dataset in group:
            dataset.check &= not partial
        data_set, unreadable = read_checked_dataset(group, only_training)
        data_sets.append(data_set)
        findings += [*unreadable, *check_labels(data_set, protocol)]
        findings += check_archives(data_set)
    paths = dict.fromkeys(
        record['img_path']
        for data_set in data_sets
        for records in data_set.records.values()
        for record in records
    )
    pictures = read_pictures([*paths], decode, progress, measure)
    for data_set in data_sets:
        findings += check_pictures(data_set, pictures)
    findings += check_repeated_pictures(data_sets, pictures.digests)
    return Report(data_sets, findings, decode, pictures)


def describe(records: Sequence[dict]) -> dict[str, float]:
    """Count images, identities and cameras, and the images of each identity.

    Args:
        records (Sequence[dict]): Of one part.
    """
    pictures = Counter(record['person_id'] for record in records)
    strangers = dict(distractors=pictures.pop(0, 0), junk=pictures.pop(-1, 0))
    numbers = [*pictures.values()] or [0]
    spread = dict(least=min(numbers), median=median(numbers), most=max(numbers))
    return {**count_records(records), **spread, **strangers}


def _tabulate(data_set: CheckedDataset) -> str:
    """Lay out the numbers of all parts."""
    rows = [['', *COLUMNS.values()]]
    for part, records in data_set.records.items():
        numbers = describe(records)
        cells = [f'{numbers[column]:,g}' for column in COLUMNS]
        if not data_set.cameras:
            cells[[*COLUMNS].index('cams')] = 'unknown'
        rows.append([part, *cells])
    title = (
        f'{data_set.name} in {data_set.root} (min, median, max: images per identity)'
    )
    return f'{title}\n{format_table(rows)}'
