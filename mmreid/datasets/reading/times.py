"""When a picture was taken, and by which clock."""

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from mmreid.datasets.reading.labels import read_label

#: What names and tables call a time, and which clock it is then of: ``time`` is one for
#: all cameras, ``frame`` counts in each camera by itself.
CLOCKS = dict(time='shared', frame='camera')


def read_clock(told: Mapping[str, Any]) -> dict[str, Any]:
    """Read when a picture was taken from what a name or a line of a table tells.

    Args:
        told (Mapping[str, Any]): Values by name; ``time`` or else ``frame`` is read,
            others are not looked at.

    Returns:
        dict[str, Any]: ``time`` and ``clock`` of a row; nothing where no time is told.

    Raises:
        ValueError: It is no time.
    """
    for name, clock in CLOCKS.items():
        if (time := read_time(told.get(name), name)) is not None:
            return dict(time=time, clock=clock)
    return {}


def read_time(value: Any, name: str = 'time') -> float | None:
    """Read a time by itself.

    Args:
        value (Any): A number in any unit, such as seconds or frames, or a date with the
            time of day in ISO 8601 (``2024-05-01T13:45:10.5``), which becomes seconds
            since 1970; UTC where it names no zone.
        name (str): What errors call it. Defaults to 'time'.

    Returns:
        float | None: An int where it is a whole number; None where it is missing, as of
        :func:`mmreid.datasets.reading.labels.read_label`.

    Raises:
        ValueError: It is something else.
    """
    label = read_label(value)
    if label is None or isinstance(label, int):
        return label
    try:
        number = float(label.replace(',', '.'))
    except ValueError:
        number = _read_date(label, name)
    if not math.isfinite(number):
        raise ValueError(f'{name} must be a finite number, got {value!r}.')
    return number


def find_clock(clocks: Iterable[str | None]) -> str | None:
    """Return the clock that all times of a data set are of; None without any time.

    Args:
        clocks (Iterable[str | None]): Of each row.

    Raises:
        ValueError: Some are of another clock than others.
    """
    known = {*clocks} - {None}
    if len(known) > 1:
        raise ValueError(
            'All pictures must tell their time in one way, but some tell "time" (one '
            'clock for all cameras) and some only "frame" (a clock of each camera); '
            'remove one of the two.'
        )
    return known.pop() if known else None


def _read_date(text: str, name: str) -> float:
    try:
        date = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f'{name} must be a number or a date and time such as 2024-05-01T13:45:10, '
            f'got {text!r}; if it is no time, give it another name.'
        ) from None
    zoned = date if date.tzinfo else date.replace(tzinfo=UTC)
    return zoned.timestamp()
