"""Cameras at one place, which the rule of ranking takes for one."""

from collections.abc import Iterable, Mapping, Sequence

from mmreid.datasets.reading.labels import Meaning, read_label
from mmreid.datasets.reading.rows import Label, Row


def join_cameras(
    records: Mapping[str, Sequence[dict]],
    rows: Mapping[str, Sequence[Row]],
    places: Sequence[Sequence[Label]],
) -> None:
    """Give cameras at one place the number of the first of them.

    Args:
        records (Mapping): Records by part of the data set, changed in place.
        rows (Mapping): The rows that they were made of, in the same order.
        places (Sequence): For each place its cameras, as the data names them.

    Raises:
        ValueError: A camera is at two places, or no picture is of it.
    """
    joined = [[read_label(camera) for camera in place] for place in places]
    flat = [camera for place in joined for camera in place]
    numbers: dict[Meaning | None, int] = {
        read_label(row.camera): record['cam_id']
        for part, own in records.items()
        for row, record in zip(rows[part], own, strict=True)
    }
    if twice := {camera for camera in flat if flat.count(camera) > 1}:
        raise ValueError(f'same_place names {_list(twice)} more than once.')
    if unknown := set(flat) - numbers.keys() | ({None} & set(flat)):
        raise ValueError(
            f'same_place names {_list(unknown)}, but the cameras are {_list(numbers)}.'
        )
    first = {numbers[c]: numbers[place[0]] for place in joined for c in place}
    for own in records.values():
        for record in own:
            record['cam_id'] = first.get(record['cam_id'], record['cam_id'])


def require_groups(places: Sequence[Sequence[Label]]) -> None:
    """Raise when places are not groups of cameras.

    Args:
        places (Sequence[Sequence[Label]]): What was given.

    Raises:
        ValueError: They are cameras themselves.
    """
    if isinstance(places, str) or any(
        isinstance(place, str) or not isinstance(place, Iterable) for place in places
    ):
        raise ValueError(
            'same_place must be a list with a list of cameras for each place, such as '
            f'[(2, 3)], got {places!r}.'
        )


def describe_places(places: Sequence[Sequence[Label]]) -> str:
    """Tell in a few words which cameras count as one: ``'cameras 2 = 3'``.

    Args:
        places (Sequence): For each place its cameras.
    """
    return 'cameras ' + ', '.join(' = '.join(map(str, place)) for place in places)


def _list(cameras: Iterable) -> str:
    return ', '.join(sorted(map(repr, cameras)))
