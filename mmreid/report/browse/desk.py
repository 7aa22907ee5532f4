"""A gallery and the function that makes vectors, asked by one thread."""

import asyncio
import random
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from mmreid.report.browse.facts import tell_entry, tell_point
from mmreid.report.browse.marks import Marks
from mmreid.report.browse.query import Query
from mmreid.report.browse.uploads import (
    LARGEST,
    Upload,
    Uploads,
    encode_small,
    read_entry,
    read_upload,
)
from mmreid.search import BaseGallery, Entry, Filter

#: ``(1, D)``, the vector of a picture, ``(H, W, 3)`` uint8, blue-green-red.
Embed = Callable[[np.ndarray], np.ndarray]
_SMALL, _QUERY = 192, 256
# Entries that one is drawn from; more would take long to be listed.
_TO_DRAW = 10_000


class Desk:
    """Answers what the page asks, one question after the other.

    A gallery's file and a model belong to the thread that opened them: they are opened
    and asked in one thread, and the page waits without blocking others.

    Args:
        open_gallery (Callable): Opens the gallery, for reading.
        make_embed (Callable): Takes the gallery, and returns the function that makes
            the vector of a picture; or raises a ValueError where the model does not
            fit.
        marks (Marks): Where marks are kept.
    """

    def __init__(
        self,
        open_gallery: Callable[[], BaseGallery],
        make_embed: Callable[[BaseGallery], Embed],
        marks: Marks,
    ) -> None:
        self.marks = marks
        self._uploads = Uploads()
        self._ids: list[int] = []
        self._thread = ThreadPoolExecutor(1)
        # Large pictures keep nobody waiting who searches.
        self._drawers = ThreadPoolExecutor(2)
        with ExitStack() as opened:
            opened.callback(self._thread.shutdown)
            opened.callback(self._drawers.shutdown, cancel_futures=True)
            self._gallery = self._wait_for(open_gallery)
            opened.callback(self._wait_for, self._gallery.close)
            self._embed = self._wait_for(make_embed, self._gallery)
            self._opened = opened.pop_all()

    def _wait_for(self, work: Callable[..., Any], *given: Any) -> Any:
        """Have the thread do some work, and wait for it."""
        return self._thread.submit(work, *given).result()

    def close(self) -> None:
        """Let go of the gallery."""
        self._opened.close()

    async def do(self, work: Callable[..., Any], *given: Any) -> Any:
        """Have the thread do some work.

        Args:
            work (Callable): One of the methods below.
            *given (Any): Its arguments.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, work, *given)

    async def _draw(self, work: Callable[..., Any], *given: Any) -> Any:
        """Have another thread read or encode a picture."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._drawers, work, *given)

    def tell(self) -> dict[str, Any]:
        """Tell what is in the gallery, and where marks are kept."""
        told, point = self._gallery.info(), self._gallery.operating_point
        return dict(
            entries=told['entries'],
            persons=told['persons'],
            cameras=[dict(name=c, entries=n) for c, n in told['cameras'].items()],
            time=told['time'],
            # Where files lie is nobody's business who has got the link.
            model=' '.join(Path(word).name for word in told['model_name'].split()),
            point=tell_point(point) if point else None,
            largest=LARGEST,
            marks=len(self.marks),
            marks_file=self.marks.path.name,
            table_file=self.marks.table.name,
        )

    def search(self, content: bytes, where: Filter | None, k: int) -> dict[str, Any]:
        """Find the nearest entries of a picture that was sent.

        Args:
            content (bytes): Its file.
            where (Filter | None): Who may answer.
            k (int): Answers at most.

        Raises:
            ValueError: It is no picture.
        """
        upload = self._uploads.find(self._uploads.name(content))
        if upload is None:
            upload = Upload(content, self._embed(read_upload(content)))
        name = self._uploads.keep(upload)
        return self._answer(self._sent(name, upload), where, k)

    def search_entry(self, number: int, where: Filter | None, k: int) -> dict[str, Any]:
        """Find the nearest entries of an entry, itself left out.

        Args:
            number (int): Its number.
            where (Filter | None): Who may answer.
            k (int): Answers at most.

        Raises:
            LookupError: There is no such entry.
        """
        return self._answer(self._kept(number), where, k)

    def any_entry(self) -> dict[str, Any]:
        """Draw an entry by lot.

        Raises:
            LookupError: There is none.
        """
        if not self._ids:
            some = islice(self._gallery.entries(), _TO_DRAW)
            self._ids = [entry.id for entry in some]
            random.shuffle(self._ids)
        while self._ids:
            with suppress(LookupError):
                return tell_entry(self._entry(self._ids.pop()))
        raise LookupError('The gallery has no entry.')

    async def picture(self, number: int) -> bytes | None:
        """Read an entry's picture, beside other work.

        Args:
            number (int): Its number.

        Raises:
            LookupError: There is no such entry.
        """
        entry = await self.do(self._entry, number)
        return await self._draw(read_entry, entry.path, _SMALL)

    async def upload(self, name: str) -> bytes | None:
        """Return a picture that was sent lately, anew encoded.

        Args:
            name (str): As a search told it.
        """
        upload = self._uploads.find(name)
        if upload is None:
            return None
        return await self._draw(encode_small, upload.content, _QUERY)

    def mark(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Keep a mark, or take one back.

        Args:
            asked (Mapping[str, Any]): ``upload`` or ``entry`` of the query, ``answer``,
                the answer's number, and ``same``: True, False, or None to take it back.

        Raises:
            LookupError: There is no such query or answer any more.
            ValueError: The mark contradicts others, or a picture has no file.
        """
        answer, same = self._entry(asked.get('answer')), asked.get('same')
        if same not in (True, False, None):
            raise ValueError(f'same must be true, false or null, got {same!r}.')
        if asked.get('entry') is not None:
            query = self._kept(asked['entry'])
        else:
            name = str(asked.get('upload'))
            query = self._sent(name, self._uploads.find(name))
        vector = self._gallery.vectors([answer.id])
        self.marks.set(query.mark(answer, vector, bool(same)), same is None, query.sent)
        return dict(marks=len(self.marks))

    def _kept(self, number: Any) -> Query:
        """Look for an entry's picture."""
        entry = self._entry(number)
        return Query(entry.path, self._gallery.vectors([number]), entry)

    def _sent(self, name: str, upload: Upload | None) -> Query:
        """Look for a picture that was sent; its path is seen from the marks' table."""
        if upload is None:
            raise LookupError('This picture was sent too long ago; drop it again.')
        path = f'{self.marks.folder.name}/{name}'
        return Query(path, upload.vector, upload=name, sent=upload.content)

    def _entry(self, number: Any) -> Entry:
        """Look an entry up."""
        if not isinstance(number, int) or isinstance(number, bool):
            raise LookupError('An entry is named by its number.')
        try:
            if 0 <= number < 2**63:
                return next(self._gallery.entries(ids=[number]))
        except LookupError as error:
            raise LookupError(f'There is no entry {number} any more.') from error
        raise LookupError(f'There is no entry {number}: numbers have 64 bits.')

    def _answer(self, query: Query, where: Filter | None, k: int) -> dict[str, Any]:
        """Find who is nearest, and what was marked of them before; paths stay here."""
        own = None if query.entry is None else query.entry.id
        key, most = self._gallery.model_key, k if own is None else k + 1
        answers = self._gallery.search(query.vector, most, model_key=key, where=where)
        found = []
        for place, entry in enumerate(answers.entries[0]):
            if entry.id == own:
                continue
            facts = tell_entry(entry) | answers.numbers(0, place)
            same = None
            if query.path and entry.path:
                same = self.marks.find(query.path, entry.path)
            has_file = bool(query.path and entry.path) and entry.path != query.path
            found.append(facts | dict(same=same, has_file=has_file))
        size = len(self._gallery)
        return dict(query=query.tell(), answers=found[:k], entries=size)
