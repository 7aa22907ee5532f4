"""Which entries of a gallery may answer: conditions on labels, time and fields."""

import math
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from mmreid.search.answers import Entry
from mmreid.search.given import check_text, check_value, to_seconds, to_text


@dataclass(frozen=True)
class Filter:
    """Conditions that all hold for an entry, decided before anything is ranked.

    What is unknown (None) passes no positive condition, and every ``not_`` one.

    Attributes:
        cameras: One of these; a single name is a list of one. Numbers are text.
        not_cameras: None of these.
        persons: One of these.
        not_persons: None of these.
        time: From and to, both inclusive, in the seconds of the entries; either may
            be None.
        fields: Name to a value, or to a list of values one of which it is.

    Raises:
        ValueError: A condition that nothing could be compared with.
    """

    cameras: Any = None
    not_cameras: Any = None
    persons: Any = None
    not_persons: Any = None
    time: tuple[float | None, float | None] | None = None
    fields: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        for name in ('cameras', 'not_cameras', 'persons', 'not_persons'):
            object.__setattr__(self, name, _texts(name, getattr(self, name)))
        if self.time is not None:
            object.__setattr__(self, 'time', _times(self.time))
        if self.fields is not None:
            values = {name: _values(name, self.fields[name]) for name in self.fields}
            object.__setattr__(self, 'fields', values)

    def passes(self, entry: Entry) -> bool:
        """Decide one entry, as a database decides many.

        Args:
            entry (Entry): The entry.

        Returns:
            bool: Whether all conditions hold.
        """
        for value, wanted, unwanted in (
            (entry.camera, self.cameras, self.not_cameras),
            (entry.person, self.persons, self.not_persons),
        ):
            if wanted is not None and value not in wanted:
                return False
            if unwanted is not None and value in unwanted:
                return False
        if self.time is not None:
            start, end = (
                limit if limit is not None else other
                for limit, other in zip(self.time, (-math.inf, math.inf), strict=True)
            )
            if entry.time is None or not start <= entry.time <= end:
                return False
        known = entry.fields
        return all(
            known.get(name) is not None and known[name] in values
            for name, values in (self.fields or {}).items()
        )


def read_field(text: str) -> tuple[str, list[Any]]:
    """Read a condition on a field, as people write it.

    Args:
        text (str): ``NAME=VALUE``.

    Returns:
        tuple[str, list[Any]]: The name, and what the value may mean: the text, and the
        number or truth value that it looks like.

    Raises:
        ValueError: It is not of this form.
    """
    name, sign, value = text.partition('=')
    if not sign or not name:
        raise ValueError(f'{text!r} must be NAME=VALUE')
    readings: list[Any] = [value]
    if value in ('true', 'false'):
        readings.append(value == 'true')
    # "nan" and "inf" are text: no field holds such a number.
    with suppress(ValueError):
        if math.isfinite(number := float(value)):
            readings.append(number)
    return name, readings


def check_filter(where: Any) -> None:
    """Refuse what is no condition.

    Args:
        where (Any): A :class:`Filter`, or None for everybody.

    Raises:
        ValueError: It is something else.
    """
    if where is not None and not isinstance(where, Filter):
        raise ValueError(
            f"where must be a Filter, such as Filter(cameras=['1']), got {where!r}."
        )


def _texts(name: str, values: Any) -> tuple[str, ...] | None:
    if values is None:
        return None
    single = isinstance(values, str | bytes | int) or not isinstance(values, Iterable)
    listed = [values] if single else [*values]
    if None in listed:
        raise ValueError(f'{name} must be names or numbers, got {listed}.')
    return tuple(to_text(name, value) for value in listed)


def _times(limits: Any) -> tuple[float | None, float | None]:
    if not isinstance(limits, tuple | list) or len(limits) != 2:
        raise ValueError(f'time must be (start, end), either None, got {limits!r}.')
    start, end = (None if limit is None else to_seconds(limit) for limit in limits)
    if any(limit is not None and math.isnan(limit) for limit in (start, end)):
        raise ValueError(f'time must be numbers, got {limits!r}.')
    if start is not None and end is not None and start > end:
        raise ValueError(f'time must not end before it starts, got {limits!r}.')
    return start, end


def _values(name: str, values: Any) -> tuple[Any, ...]:
    if not isinstance(name, str) or '"' in name:
        raise ValueError(f'fields must be named by text without ", got {name!r}.')
    check_text('A name of fields', name)
    listed = values if isinstance(values, list | tuple | set) else [values]
    for value in listed:
        check_value(f'fields[{name!r}]', value)
    return tuple(listed)
