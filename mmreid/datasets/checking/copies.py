"""The same picture in several places."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from mmreid.datasets.checking.finding import Finding
from mmreid.datasets.checking.subject import Subject
from mmreid.datasets.numbering import is_query_part


class Place(NamedTuple):
    """Where a picture is used."""

    subject: Subject
    role: str  # 'training', 'query' or 'gallery'
    record: dict

    def looks_like(self) -> tuple:
        """Return all that a judgement of two places depends on."""
        record = self.record
        return id(self.subject), self.role, record['person_id'], record['cam_id']


def check_copies(
    subjects: Sequence[Subject], digests: Mapping[str, bytes]
) -> Iterator[Finding]:
    """Yield where the same picture is used twice, also in two data sets.

    Args:
        subjects: The data sets.
        digests: What is in each picture.
    """
    found: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for places in _find_places(subjects, digests):
        for one, other in _pairs(places):
            for kind in _judge(one, other):
                names = dict.fromkeys((one.subject.name, other.subject.name))
                paths = dict.fromkeys(p.record['img_path'] for p in (one, other))
                found[kind, ' and '.join(names)][' = '.join(paths)] = None
    for (kind, where), examples in found.items():
        yield Finding(kind, where, f'{len(examples):,}', [*examples])


def _find_places(
    subjects: Sequence[Subject], digests: Mapping[str, bytes]
) -> Iterator[list[Place]]:
    """Yield the places of each picture that is in several."""
    places: dict[bytes, list[Place]] = defaultdict(list)
    for subject in subjects:
        trained = subject.parts(training=True)
        for part, records in subject.records.items():
            role = 'query' if is_query_part(part) else 'gallery'
            role = 'training' if part in trained else role
            for record in records:
                if digest := digests.get(record['img_path']):
                    places[digest].append(Place(subject, role, record))
    return (found for found in places.values() if len(found) > 1)


def _pairs(places: Sequence[Place]) -> Iterator[tuple[Place, Place]]:
    """Yield the pairs to judge; of many alike, each with the first of them only."""
    first: dict[tuple, Place] = {}
    for place in places:
        if (known := first.setdefault(place.looks_like(), place)) is not place:
            yield known, place
    yield from combinations(first.values(), 2)


def _judge(one: Place, other: Place) -> Iterator[str]:
    """Yield the kinds of findings that two places of one picture make."""
    roles = {one.role, other.role}
    if 'training' in roles and len(roles) == 2:
        yield 'in training and testing'
    if one.subject is not other.subject:
        return
    a, b = one.record, other.record
    if a['person_id'] != b['person_id']:
        # Where persons are numbered anew for testing, they cannot be compared.
        if one.subject.shared_ids or 'training' not in roles or len(roles) == 1:
            yield 'different persons'
    elif roles == {'query', 'gallery'}:
        yield 'query in gallery' if a['cam_id'] == b['cam_id'] else 'answer copied'
    elif len(roles) == 1:
        yield 'copies'
