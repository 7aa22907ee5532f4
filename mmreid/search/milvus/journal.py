"""The gallery's own records: what it is, and which ids are whose.

Milvus has no transactions and no compare-and-swap, but reads at the level "Strong" see
every write that has returned before. That is enough to hand out ids: a writer writes
down which range it claims, then looks whether another claim reaches as far; of two
writers that claim the same range at least one sees the other, and one who sees another
withdraws. A claim stays open until all its rows are there. A reader asks first for the
claims, and then for rows up to the highest claimed id, but for the open ranges: it
sees a batch as a whole or not at all.
"""

import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmreid.search.milvus.schema import MAX_TEXT

_ATTEMPTS = 50
_FIELDS = ['key', 'kind', 'state', 'first', 'last', 'started', 'text']


@dataclass(frozen=True)
class Snapshot:
    """Which ids may be seen.

    Attributes:
        high: The highest id of any claim.
        hidden: Ranges, both ends included, that are being filled or were given up.
    """

    high: int
    hidden: tuple[tuple[int, int], ...]

    def visible(self, ids: np.ndarray) -> np.ndarray:
        """Tell of ids whether their rows may be seen.

        Args:
            ids (np.ndarray): ``(N,)``.

        Returns:
            np.ndarray: ``(N,)`` bool.
        """
        seen = (ids >= 1) & (ids <= self.high)
        for first, last in self.hidden:
            seen &= (ids < first) | (ids > last)
        return seen

    def expression(self, first: int = 1, last: int | None = None) -> str:
        """Express the same for a range of ids.

        Args:
            first (int): Its first id. Defaults to 1.
            last (int, optional): Its last one. Defaults to None: the highest.

        Returns:
            str: In Milvus' language.
        """
        end = self.high if last is None else min(last, self.high)
        parts = [f'id >= {first} and id <= {end}']
        parts += [
            f'not (id >= {low} and id <= {high})'
            for low, high in self.hidden
            if low <= end and high >= first
        ]
        return ' and '.join(parts)


@dataclass(frozen=True)
class Claim:
    """A range of ids that belongs to one batch of one writer."""

    key: str
    first: int
    last: int


class Journal:
    """Records in a collection of their own.

    Args:
        client (Any): A ``MilvusClient``.
        name (str): Of the collection.
        text (str): Address of the gallery, for errors.
        timeout (float): Seconds for each request.
    """

    def __init__(self, client: Any, name: str, text: str, timeout: float) -> None:
        self._client, self._name, self._text = client, name, text
        self._timeout = timeout

    def _records(self, condition: str) -> list[dict[str, Any]]:
        return self._client.query(
            self._name,
            filter=condition,
            output_fields=_FIELDS,
            consistency_level='Strong',
            timeout=self._timeout,
        )

    def _write(self, records: list[dict[str, Any]]) -> None:
        filled = dict(kind='', state='', first=0, last=0, started=0.0, text='')
        rows = [{**filled, **record, 'unused': [0.0, 1.0]} for record in records]
        self._client.upsert(self._name, rows, timeout=self._timeout)

    def _delete(self, keys: list[str]) -> None:
        if keys:
            self._client.delete(self._name, ids=keys, timeout=self._timeout)

    def read(self, kind: str) -> str | None:
        """Read one of the gallery's own texts, None where it was never written."""
        parts = sorted(self._records(f'kind == "{kind}"'), key=lambda row: row['first'])
        if not parts:
            return None
        # A shorter text leaves parts of the longer one before it.
        return ''.join(part['text'] for part in parts[: parts[0]['last']])

    def write(self, kind: str, text: str) -> None:
        """Write one, in one request: whole or not.

        Args:
            kind (str): Its name.
            text (str): ASCII, of any length.
        """
        pieces = range(0, max(1, len(text)), MAX_TEXT)
        self._write(
            [
                dict(
                    key=f'{kind}/{number}',
                    kind=kind,
                    first=number,
                    last=len(pieces),
                    text=text[start : start + MAX_TEXT],
                )
                for number, start in enumerate(pieces)
            ]
        )

    def snapshot(self) -> Snapshot:
        """Ask for the claims."""
        batches = self._batches()
        hidden = [
            (row['first'], row['last']) for row in batches if row['state'] != 'done'
        ]
        return Snapshot(_highest(batches), tuple(sorted(hidden)))

    def _batches(self) -> list[dict[str, Any]]:
        return self._records('kind == "batch"')

    def claim(self, count: int) -> Claim:
        """Reserve ids, hidden until :meth:`finish`.

        Args:
            count (int): How many.

        Returns:
            Claim: The range.

        Raises:
            TimeoutError: Others were always faster.
        """
        for attempt in range(_ATTEMPTS):
            first = _highest(self._batches()) + 1
            claim = Claim(uuid.uuid4().hex, first, first + count - 1)
            self._write([_record(claim, 'open')])
            rivals = [
                row
                for row in self._batches()
                if row['last'] >= first and row['key'] != claim.key
            ]
            if not rivals:
                return claim
            self._delete([claim.key])
            time.sleep(random.uniform(0, min(0.02 * 2**attempt, 2)))
        raise TimeoutError(
            f'{self._text}: {_ATTEMPTS} times another writer took the same ids; '
            'nothing was added. Let fewer processes write at once.'
        )

    def finish(self, claim: Claim) -> None:
        """Show a batch, all rows of which are there.

        Args:
            claim (Claim): Of :meth:`claim`.

        Raises:
            OSError: Somebody has taken it for abandoned, and removed it.
        """
        mine = [row for row in self._batches() if row['key'] == claim.key]
        if not mine or mine[0]['state'] != 'open':
            raise OSError(
                f'{self._text}: compact has taken this batch for one of a dead writer; '
                'nothing was added. Compact with a longer abandoned_after.'
            )
        self._write([_record(claim, 'done')])

    def tidy(self) -> None:
        """Forget finished batches but the last: no id is given twice."""
        # An open one may yet be withdrawn: it does not stand for those below it.
        done = [row for row in self._batches() if row['state'] == 'done']
        highest = _highest(done)
        self._delete([row['key'] for row in done if row['last'] < highest])

    def give_up(self, claim: Claim) -> None:
        """Leave a batch hidden for :meth:`clean`."""
        self._write([_record(claim, 'void')])

    def clean(self, age: float, remove: Callable[[int, int], None]) -> int:
        """Remove what dead writers have left.

        Args:
            age (float): Seconds after which an open batch is a dead writer's.
            remove (Callable): Removes all rows of a range of ids.

        Returns:
            int: How many batches were removed.
        """
        now, removed = time.time(), 0
        for row in self._batches():
            old = now - row['started'] >= age
            if row['state'] == 'done' or not (old or row['state'] == 'void'):
                continue
            # First void, so that a writer that still lives cannot finish; the record
            # stays, hiding what that writer may yet add, until it is old again.
            claim = Claim(row['key'], row['first'], row['last'])
            if row['state'] == 'open':
                self._write([_record(claim, 'void')])
                removed += 1
            remove(claim.first, claim.last)
            if row['state'] == 'void' and old:
                self._write([_record(claim, 'done')])
        return removed


def _record(claim: Claim, state: str) -> dict[str, Any]:
    return dict(
        key=claim.key,
        kind='batch',
        state=state,
        first=claim.first,
        last=claim.last,
        started=time.time(),
    )


def _highest(batches: list[dict[str, Any]]) -> int:
    return max((row['last'] for row in batches), default=0)
