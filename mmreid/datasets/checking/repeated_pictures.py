"""The same picture in several places."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import NamedTuple

from mmreid.datasets.checking.checked_dataset import Subject
from mmreid.datasets.checking.findings import Finding
from mmreid.datasets.records.numbering import is_query_part


class Place(NamedTuple):
    """Where a picture is used."""

    subject: Subject
    role: str  # 'training', 'query' or 'gallery'
    record: dict

    @property
    def is_training(self) -> bool:
        """Whether it is trained on."""
        return self.role == 'training'


class Seen:
    """Places of one picture by what they have in common.

    Of each group two are kept, which differ in some value: enough to find for any
    further place one that differs from it, however many there are.
    """

    def __init__(self) -> None:
        self._groups: dict[Hashable, dict[Hashable, Place]] = {}

    def add(self, place: Place, group: Hashable, value: Hashable = None) -> None:
        """Keep a place.

        Args:
            place: The place.
            group: What it has in common with others.
            value: In what places of the group may differ.
        """
        kept = self._groups.setdefault(group, {})
        if len(kept) < 2:
            kept.setdefault(value, place)

    def find(self, group: Hashable) -> Place | None:
        """Return a place of a group, the first of them."""
        return next(iter(self._groups.get(group, {}).values()), None)

    def find_other(self, group: Hashable, value: Hashable) -> Place | None:
        """Return a place of a group that has another value."""
        kept = self._groups.get(group, {}).items()
        return next((place for own, place in kept if own != value), None)


def check_copies(
    subjects: Sequence[Subject], digests: Mapping[str, bytes]
) -> Iterator[Finding]:
    """Yield where the same picture is used twice, also in two data sets.

    Of each kind of finding, a place is reported with one other place only: the time
    that it takes grows with the number of places, not with that of their pairs.

    Args:
        subjects: The data sets.
        digests: What is in each picture.
    """
    found: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for places in _find_places(subjects, digests):
        for kind, one, other in _compare(places):
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


def _compare(places: Sequence[Place]) -> Iterator[tuple[str, Place, Place]]:
    """Yield the findings that places of one picture make with places before them."""
    seen = Seen()
    for place in places:
        for kind, other in _judge(place, seen):
            if other is not None:
                yield kind, other, place
        subject, person = id(place.subject), place.record['person_id']
        camera = place.record['cam_id']
        seen.add(place, 'use', place.is_training)
        seen.add(place, _comparable(place), person)
        seen.add(place, (subject, person, place.role), camera)
        seen.add(place, (subject, person, place.role, camera))


def _judge(place: Place, seen: Seen) -> Iterator[tuple[str, Place | None]]:
    """Yield the kinds of findings that a place may make, and with which other place."""
    subject, person = id(place.subject), place.record['person_id']
    camera = place.record['cam_id']
    yield 'in training and testing', seen.find_other('use', place.is_training)
    yield 'different persons', seen.find_other(_comparable(place), person)
    yield 'copies', seen.find((subject, person, place.role))
    if not place.is_training:
        role = 'gallery' if place.role == 'query' else 'query'
        yield 'query in gallery', seen.find((subject, person, role, camera))
        yield 'answer copied', seen.find_other((subject, person, role), camera)


def _comparable(place: Place) -> Hashable:
    """Return what places have in common whose persons can be compared."""
    # Where persons are numbered anew for testing, only within training and testing.
    anew = not place.subject.shared_ids and place.is_training
    return 'persons', id(place.subject), anew
