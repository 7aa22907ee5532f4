"""What was measured of a network's ways, and how that reads."""

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from mmreid.text_tables import format_table


@dataclass(frozen=True)
class Speed:
    """One way of a network, with one size of batches.

    Attributes:
        word: Its word in ``WAYS``.
        title: What it is called.
        precision: What it computes in.
        batch: Pictures at once.
        seconds: Of each turn, on the clock.
        work: Of each turn, the seconds that processors worked for this process.
        pictures: Of a turn.
        lowest_cosine: Of its vectors to those of the network in float32.
        median_cosine: Likewise.
        ready: Seconds from the file, or the network, to the vectors of a first batch.
        memory: Bytes by which the process grew at most until then; None where the
            system does not tell.
        file_size: Bytes of its file; None where it has none.
    """

    word: str
    title: str
    precision: str
    batch: int
    seconds: list[float]
    work: list[float]
    pictures: int
    lowest_cosine: float
    median_cosine: float
    ready: float
    memory: int | None = None
    file_size: int | None = None

    @property
    def rate(self) -> float:
        """Pictures per second, the median of the turns."""
        return self.pictures / statistics.median(self.seconds)

    @property
    def core_rate(self) -> float:
        """Pictures per second of one processor's work, the median of the turns."""
        return self.pictures / statistics.median(self.work)


@dataclass(frozen=True)
class RuntimeSpeeds:
    """All ways of a network.

    Attributes:
        name: What the network is called.
        size: Height and width of the pictures.
        threads: How many computed.
        processor: As of ``describe_processor``.
        versions: Of packages.
        speeds: What was measured, the ways in their order for each size of batches.
        left_out: Word -> why a way was not measured.
    """

    name: str
    size: tuple[int, int]
    threads: int
    processor: dict[str, Any]
    versions: dict[str, str]
    speeds: list[Speed] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON knows it, with rates and ratios."""
        rows = []
        for speed in self.speeds:
            first = self._first_of(speed.batch)
            rows.append(
                dict(
                    asdict(speed),
                    pictures_per_second=speed.rate,
                    ratio=_ratio(first.seconds, speed.seconds),
                    pictures_per_core_second=speed.core_rate,
                    core_ratio=_ratio(first.work, speed.work),
                )
            )
        return dict(asdict(self), speeds=rows)

    def explain(self) -> str:
        """Lay it out as a table for each size of batches."""
        processor = self.processor
        has = ', '.join(processor['instructions']) or 'no vector instructions known'
        lines = [
            f'{processor["name"]}, {processor["processors"]} processors: {has}',
            ', '.join(f'{name} {text}' for name, text in self.versions.items()),
            f'{self.name}, {self.size[0]} x {self.size[1]}, threads: {self.threads}',
        ]
        for batch in dict.fromkeys(speed.batch for speed in self.speeds):
            rows = [s for s in self.speeds if s.batch == batch]
            lines += ['', f'batches of {batch}', _format(rows)]
        if self.left_out:
            lines += ['', 'not measured:']
            lines += [f'  {word}: {why}' for word, why in self.left_out.items()]
        return '\n'.join(lines)

    def _first_of(self, batch: int) -> Speed:
        """Return what the others of a size of batches are compared to."""
        return next(speed for speed in self.speeds if speed.batch == batch)


_HEAD = (
    *('', 'precision', 'pictures/s', 'ratio', 'per core', 'ratio', 'lowest cosine'),
    *('median', 'ready (s)', 'memory (MB)', 'file (MB)'),
)


def _format(speeds: Sequence[Speed]) -> str:
    """Lay the ways of one size of batches out."""
    first = speeds[0]
    rows: list[Sequence[str]] = [_HEAD]
    for speed in speeds:
        numbers = (
            f'{speed.rate:.1f}',
            f'{_ratio(first.seconds, speed.seconds):.2f}',
            f'{speed.core_rate:.1f}',
            f'{_ratio(first.work, speed.work):.2f}',
            f'{speed.lowest_cosine:.7f}',
            f'{speed.median_cosine:.7f}',
            f'{speed.ready:.2f}',
        )
        sizes = (_megabytes(speed.memory), _megabytes(speed.file_size))
        rows.append((speed.title, speed.precision, *numbers, *sizes))
    return format_table(rows, left=(0, 1))


def _ratio(first: Sequence[float], other: Sequence[float]) -> float:
    """How many times as fast: the median of the ratios of turns."""
    return statistics.median(a / b for a, b in zip(first, other, strict=True))


def _megabytes(count: int | None) -> str:
    return '-' if count is None else f'{count / 1e6:.0f}'
