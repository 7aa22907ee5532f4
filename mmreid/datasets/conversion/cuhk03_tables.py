"""Who is where in each split of CUHK03."""

from collections.abc import Mapping, Sequence

from mmreid.datasets.conversion.cuhk03_files import (
    IDS,
    IMAGES,
    NUM_SPLITS,
    published_counts,
)
from mmreid.datasets.conversion.cuhk03_release import (
    Entry,
    Slot,
    read_test_sets,
)
from mmreid.datasets.conversion.mat_file import MatFile
from mmreid.datasets.reading.file_names import quote_first
from mmreid.datasets.reading.rows import Row
from mmreid.datasets.records.making import make_records
from mmreid.datasets.records.published_counts import describe_difference

Person = tuple[int, int]
Table = dict[str, list[Row]]


def classic_tables(
    slots: Mapping[Slot, str], numbers: Mapping[Person, int], mat: MatFile
) -> list[Table]:
    """Divide all pictures into those of the tested persons and the others.

    All pictures of the tested persons are both queries and gallery; how many of them
    are shown at once is up to the metric. A person has the same number in all splits.

    Args:
        slots (Mapping[Slot, str]): Where the pictures are.
        numbers (Mapping[Person, int]): The number of each person.
        mat (MatFile): ``cuhk-03.mat``, which tells the tested persons of each split.

    Raises:
        ValueError: A tested person is not among the numbered ones.
    """
    tables = []
    for tested in read_test_sets(mat):
        if strangers := sorted(tested - set(numbers)):
            raise ValueError(
                f'testsets name {len(strangers)} persons that are not in cuhk-03.mat: '
                f'{quote_first([*map(str, strangers)])}; is it the published file?'
            )
        parts: Table = dict(train=[], query=[])
        for slot, path in slots.items():
            person = (slot.pair, slot.person)
            part = 'query' if person in tested else 'train'
            parts[part].append(Row(path, numbers[person], slot.view))
        tables.append(dict(**parts, gallery=parts['query']))
    return tables


def new_table(
    slots: Mapping[Slot, str], division: Mapping[str, Sequence[Entry]], config: str
) -> Table:
    """Divide the pictures as the new protocol's file says.

    Args:
        slots (Mapping[Slot, str]): Where the pictures are.
        division (Mapping[str, Sequence[Entry]]): The pictures of each part.
        config (str): The file that says so, for error messages.

    Raises:
        ValueError: It names a picture that there is not.
    """
    paths = {slot.file_name: path for slot, path in slots.items()}
    names = [entry.file_name for part in division.values() for entry in part]
    if unknown := [name for name in names if name not in paths]:
        raise ValueError(
            f'{config!r} names {len(unknown)} pictures that cuhk-03.mat does not have: '
            f'{quote_first(unknown)}; do both belong to the same kind of boxes?'
        )
    return {
        part: [Row(paths[e.file_name], e.person, e.camera) for e in entries]
        for part, entries in division.items()
    }


def check_pictures(slots: Mapping[Slot, str], boxes: str) -> None:
    """Raise when there are not as many pictures and persons as were published.

    Args:
        slots (Mapping[Slot, str]): Where the pictures are.
        boxes (str): The kind of boxes.
    """
    persons = {(slot.pair, slot.person) for slot in slots}
    if (len(slots), len(persons)) != (IMAGES[boxes], IDS):
        raise ValueError(
            f'CUHK03, {boxes} boxes: expected {IMAGES[boxes]:,} images of {IDS:,} '
            f'identities, found {len(slots):,} of {len(persons):,}. Is cuhk-03.mat '
            'the published one, and does the folder hold nothing else? --no-check '
            'converts an excerpt.'
        )


def check_tables(tables: Sequence[Table], boxes: str, protocol: str) -> None:
    """Raise when a split does not hold what was published.

    Args:
        tables (Sequence[Table]): The splits of one protocol.
        boxes (str): The kind of boxes.
        protocol (str): The protocol.
    """
    if len(tables) != NUM_SPLITS[protocol]:
        raise ValueError(
            f'CUHK03, {protocol} protocol: expected {NUM_SPLITS[protocol]} splits, '
            f'found {len(tables)}; is it the published file?'
        )
    published = published_counts(boxes, protocol)
    for index, table in enumerate(tables):
        for part, records in make_records(table).items():
            if wrong := describe_difference(records, published[part]):
                raise ValueError(
                    f'CUHK03, {boxes} boxes, {protocol} protocol, split {index}, '
                    f'{part}: {wrong}; is it the published file?'
                )
