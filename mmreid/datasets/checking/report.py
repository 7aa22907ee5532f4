"""Check data sets, and tell what there is and what is wrong."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from mmreid.datasets.checking.checked_dataset import Subject, read_subject
from mmreid.datasets.checking.files import (
    Progress,
    check_archives,
    check_pictures,
    read_pictures,
)
from mmreid.datasets.checking.findings import Finding
from mmreid.datasets.checking.labels import check_labels
from mmreid.datasets.checking.repeated_pictures import check_copies
from mmreid.datasets.records.counts import count
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
        subjects: The data sets.
        findings: Faults and notes.
        decoded: Whether every picture was decoded.
    """

    subjects: Sequence[Subject]
    findings: Sequence[Finding]
    decoded: bool

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
                    name=subject.name,
                    root=subject.root,
                    parts={p: describe(r) for p, r in subject.records.items()},
                )
                for subject in self.subjects
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
        tables = [_tabulate(subject) for subject in self.subjects]
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
    progress: Progress | None = None,
) -> Report:
    """Check data sets, one by one and against each other.

    Args:
        groups: For each data set its splits, not yet initialised.
        protocol: The rule of ranking, as in ``ReIDMetric``.
        decode: Decode every picture; without, they are only read and compared.
        partial: Accept other numbers than the published ones.
        progress: Called with the numbers of pictures done and of all.

    Raises:
        FileNotFoundError: When nothing of a data set is there.
    """
    findings: list[Finding] = []
    subjects: list[Subject] = []
    for group in groups:
        for dataset in group:
            dataset.check &= not partial
        subject, unreadable = read_subject(group)
        subjects.append(subject)
        findings += [*unreadable, *check_labels(subject, protocol)]
        findings += check_archives(subject)
    paths = dict.fromkeys(
        record['img_path']
        for subject in subjects
        for records in subject.records.values()
        for record in records
    )
    pictures = read_pictures([*paths], decode, progress)
    for subject in subjects:
        findings += check_pictures(subject, pictures)
    findings += check_copies(subjects, pictures.digests)
    return Report(subjects, findings, decode)


def describe(records: Sequence[dict]) -> dict[str, float]:
    """Count images, identities and cameras, and the images of each identity.

    Args:
        records: Of one part.
    """
    pictures = Counter(record['person_id'] for record in records)
    strangers = dict(distractors=pictures.pop(0, 0), junk=pictures.pop(-1, 0))
    numbers = [*pictures.values()] or [0]
    spread = dict(least=min(numbers), median=median(numbers), most=max(numbers))
    return {**count(records), **spread, **strangers}


def _tabulate(subject: Subject) -> str:
    """Lay out the numbers of all parts."""
    rows = [['', *COLUMNS.values()]]
    for part, records in subject.records.items():
        numbers = describe(records)
        cells = [f'{numbers[column]:,g}' for column in COLUMNS]
        if not subject.cameras:
            cells[[*COLUMNS].index('cams')] = 'unknown'
        rows.append([part, *cells])
    title = f'{subject.name} in {subject.root} (min, median, max: images per identity)'
    return f'{title}\n{format_table(rows)}'
