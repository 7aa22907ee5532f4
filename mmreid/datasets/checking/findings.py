"""What a check has to say."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from mmreid.datasets.reading.file_names import quote_first

# What makes a data set faulty, and what is only worth knowing, by the name of a
# finding.
FAULTS = {
    'unreadable part': 'a part of the data set cannot be read',
    'counts': 'other numbers than the published ones',
    'missing': 'pictures that are not there',
    'no file': 'pipes, sockets or devices in place of pictures',
    'corrupt': 'pictures that are cut short or cannot be decoded',
    'listed twice': 'pictures listed more than once in one part',
    'in training and testing': 'the same picture for training and testing',
    'different persons': 'the same picture of different persons',
    'answer copied': "queries' copies in the gallery that count as right answers",
    'shared identities': 'persons for both training and testing',
    'no right answers': 'no query has a right answer in the gallery',
    'no clothes': 'clothes are not known, but the protocol needs them',
    'archive': 'an archive with a wrong checksum',
}
NOTES = {
    'corrections': 'labels changed by a table (published numbers are not compared)',
    'partial copy': 'other numbers than the published ones (accepted)',
    'only training': 'no row of the table is for testing: it can be trained on alone',
    'not used': 'rows of the table that belong to no part',
    'not read': 'columns of the table that nobody reads',
    'passed over': 'files that may be pictures and are not read',
    'query in gallery': 'queries also in the gallery, by the same camera (ignored)',
    'copies': 'the same picture more than once',
    'queries without answer': 'queries without right answer in the gallery (left out)',
    'one picture': 'persons for training with one picture',
    'one camera': 'persons for training with several pictures, all by one camera',
    'distractors and junk': 'persons 0 (distractor) and -1 (junk) in your own data; '
    'where 0 is a person, set person_offset=1 (--cfg-options person_offset=1)',
    'few bits': 'files of 16 bits whose pictures need at most 14; each is read with '
    'the least of 8, 12 and 16 that it needs, with depth=N of LoadImage all alike',
    'no cameras': 'no camera is known: ranking ignores only the very picture',
}


@dataclass(frozen=True)
class Finding:
    """Something that a check found.

    Attributes:
        kind: A key of ``FAULTS`` or ``NOTES``.
        where: The data set.
        detail: How many, or what exactly.
        examples: All pictures that it is about.
    """

    kind: str
    where: str
    detail: str = ''
    examples: Sequence[str] = field(default=())

    @property
    def is_fault(self) -> bool:
        """Whether the data set should not be used like this."""
        return self.kind in FAULTS

    @property
    def text(self) -> str:
        """What it means, with its detail."""
        meaning = (FAULTS | NOTES)[self.kind]
        return f'{meaning}: {self.detail}' if self.detail else meaning

    def __str__(self) -> str:
        examples = f': {quote_first(self.examples)}' if self.examples else ''
        return f'{self.where}: {self.text}{examples}'
