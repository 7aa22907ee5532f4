"""The same picture in several places."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import NamedTuple

from mmreid.datasets.checking.checked_dataset import CheckedDataset
from mmreid.datasets.checking.findings import Finding
from mmreid.datasets.records.making import is_query_part


class PictureUse(NamedTuple):
    """A record that shows a picture, and what for."""

    data_set: CheckedDataset
    role: str  # 'training', 'query' or 'gallery'
    record: dict

    @property
    def is_training(self) -> bool:
        """Whether it is trained on."""
        return self.role == 'training'


class EarlierUses:
    """Uses of one picture, grouped by what they have in common.

    Of each group two are kept that differ in some value: enough to find for any
    further use one that differs from it, however many there are.
    """

    def __init__(self) -> None:
        self._groups: dict[Hashable, dict[Hashable, PictureUse]] = {}

    def add(self, use: PictureUse, group: Hashable, value: Hashable = None) -> None:
        """Keep a use.

        Args:
            use (PictureUse): The use.
            group (Hashable): What it has in common with others.
            value (Hashable): In what uses of the group may differ.
        """
        kept = self._groups.setdefault(group, {})
        if len(kept) < 2:
            kept.setdefault(value, use)

    def find(self, group: Hashable) -> PictureUse | None:
        """Return a use of a group, the first of them."""
        return next(iter(self._groups.get(group, {}).values()), None)

    def find_other(self, group: Hashable, value: Hashable) -> PictureUse | None:
        """Return a use of a group that has another value."""
        kept = self._groups.get(group, {}).items()
        return next((use for own, use in kept if own != value), None)


def check_repeated_pictures(
    data_sets: Sequence[CheckedDataset], digests: Mapping[str, bytes]
) -> Iterator[Finding]:
    """Yield where the same picture is used twice, also in two data sets.

    Of each kind of finding, a use is reported with one other use only: the time that
    it takes grows with the number of uses, not with that of their pairs.

    Args:
        data_sets (Sequence[CheckedDataset]): The data sets.
        digests (Mapping[str, bytes]): What is in each picture.
    """
    pairs: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for uses in _find_repeated(data_sets, digests):
        for kind, one, other in _find_pairs(uses):
            names = dict.fromkeys((one.data_set.name, other.data_set.name))
            paths = dict.fromkeys(p.record['img_path'] for p in (one, other))
            pairs[kind, ' and '.join(names)][' = '.join(paths)] = None
    for (kind, where), examples in pairs.items():
        yield Finding(kind, where, f'{len(examples):,}', [*examples])


def _find_repeated(
    data_sets: Sequence[CheckedDataset], digests: Mapping[str, bytes]
) -> Iterator[list[PictureUse]]:
    """Yield the uses of each picture that has several."""
    uses: dict[bytes, list[PictureUse]] = defaultdict(list)
    for data_set in data_sets:
        trained = data_set.parts(training=True)
        for part, records in data_set.records.items():
            role = 'query' if is_query_part(part) else 'gallery'
            role = 'training' if part in trained else role
            for record in records:
                if digest := digests.get(record['img_path']):
                    uses[digest].append(PictureUse(data_set, role, record))
    return (group for group in uses.values() if len(group) > 1)


def _find_pairs(
    uses: Sequence[PictureUse],
) -> Iterator[tuple[str, PictureUse, PictureUse]]:
    """Yield the kinds of findings, and the two uses of one picture that make them."""
    earlier = EarlierUses()
    for use in uses:
        for kind, other in _compare_with_earlier(use, earlier):
            if other is not None:
                yield kind, other, use
        data_set, person = id(use.data_set), use.record['person_id']
        camera = use.record['cam_id']
        earlier.add(use, 'use', use.is_training)
        earlier.add(use, _group_of_persons(use), person)
        earlier.add(use, (data_set, person, use.role), camera)
        earlier.add(use, (data_set, person, use.role, camera))


def _compare_with_earlier(
    use: PictureUse, earlier: EarlierUses
) -> Iterator[tuple[str, PictureUse | None]]:
    """Yield the kinds of findings that a use may make, and with which earlier use."""
    data_set, person = id(use.data_set), use.record['person_id']
    camera = use.record['cam_id']
    yield 'in training and testing', earlier.find_other('use', use.is_training)
    yield 'different persons', earlier.find_other(_group_of_persons(use), person)
    yield 'copies', earlier.find((data_set, person, use.role))
    if not use.is_training:
        role = 'gallery' if use.role == 'query' else 'query'
        yield 'query in gallery', earlier.find((data_set, person, role, camera))
        yield 'answer copied', earlier.find_other((data_set, person, role), camera)


def _group_of_persons(use: PictureUse) -> Hashable:
    """Return what uses have in common whose persons can be compared."""
    # Where persons are numbered anew for testing, only within training and testing.
    anew = not use.data_set.shared_ids and use.is_training
    return 'persons', id(use.data_set), anew
