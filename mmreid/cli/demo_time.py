"""How long the parts of the demonstration take, told before and corrected by each."""

import time
from collections.abc import Callable, Mapping

# What `measure_slowness` counts in a second on a free core, see there.
_COUNTS_PER_SECOND = 39_000_000
_CHUNK = 100_000
# Seconds of work that its measurement counts for, beside the parts that have ended.
_FIRST_WEIGHT = 30


def measure_slowness(
    seconds: float = 2.0, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Measure how much longer a program of one thread takes here, at this moment.

    It depends on the processor and on what other programs leave of it.

    Args:
        seconds (float): To measure for. Defaults to 2.
        clock (Callable[[], float]): Tells seconds. Defaults to
            ``time.perf_counter``.

    Returns:
        float: 1 for a free core of the processor on which the parts were measured
        (AMD EPYC, Zen 5); 2 where all takes twice as long.
    """
    begin = clock()
    counted = 0
    while (passed := clock() - begin) < seconds:
        for _ in range(_CHUNK):
            pass
        counted += _CHUNK
    return passed * _COUNTS_PER_SECOND / counted


class Timetable:
    """Parts that follow each other, and how long those to come will take.

    Args:
        parts (Mapping[str, float]): Name -> seconds it takes on a free core, in the
            order of the work.
        slowness (float): By which all takes longer here, see
            :func:`measure_slowness`.
        clock (Callable[[], float]): Tells seconds. Defaults to ``time.monotonic``.
    """

    def __init__(
        self,
        parts: Mapping[str, float],
        slowness: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._left = dict(parts)
        self._clock = clock
        self._begin = self._start = clock()
        # Seconds that passed, and those of a free core that they were worth.
        self._passed, self._worth = _FIRST_WEIGHT * slowness, float(_FIRST_WEIGHT)

    def finish(self, part: str) -> None:
        """Note that a part has ended; the next begins now.

        What is to come is expected to take as much longer than on a free core as all
        that has ended: a single part may have waited for a disk.

        Args:
            part (str): Its name.
        """
        now = self._clock()
        self._passed += now - self._start
        self._worth += self._left.pop(part)
        self._start = now

    def left(self, part: str | None = None) -> float:
        """Estimate what is to come.

        Args:
            part (str | None): One part alone. Defaults to None: all that have not
                ended.

        Returns:
            float: Seconds.
        """
        work = sum(self._left.values()) if part is None else self._left[part]
        return work * self._passed / self._worth

    def passed(self) -> float:
        """Tell the seconds since the beginning."""
        return self._clock() - self._begin


def in_words(seconds: float) -> str:
    """Write a time as precisely as an estimate is.

    Args:
        seconds (float): The time.

    Returns:
        str: In tens of seconds, or from ten minutes on in minutes.
    """
    if seconds < 95:
        return f'{max(10, round(seconds, -1)):.0f} s'
    if seconds < 600:
        minutes, rest = divmod(round(seconds, -1), 60)
        return f'{minutes:.0f} min {rest:.0f} s' if rest else f'{minutes:.0f} min'
    return f'{seconds / 60:.0f} min'
