"""A picture that is looked for: somebody sent it, or an entry of the gallery has it."""

from typing import Any, NamedTuple

import numpy as np

from mmreid.report.browse.facts import tell_entry
from mmreid.report.browse.mark import Mark
from mmreid.search import Entry
from mmreid.search.scan.ordering import exact_distances


class Query(NamedTuple):
    """A picture that is looked for.

    Attributes:
        path: Its file, as marks name it; None of an entry without one.
        vector: ``(1, D)``.
        entry: That has it; None if it was sent.
        upload: What it is called if it was sent.
        sent: Its file's content then.
    """

    path: str | None
    vector: np.ndarray
    entry: Entry | None = None
    upload: str | None = None
    sent: bytes | None = None

    def tell(self) -> dict[str, Any]:
        """Tell the page which one it is."""
        if self.entry is None:
            return dict(upload=self.upload)
        return dict(entry=tell_entry(self.entry))

    def mark(self, answer: Entry, vector: np.ndarray, same: bool) -> Mark:
        """Make a mark of it and an answer.

        Args:
            answer (Entry): The answer.
            vector (np.ndarray): ``(1, D)``, the answer's.
            same (bool): Whether both show one person.

        Raises:
            ValueError: One of both has no file, or one that no table can name.
        """
        if not answer.path or not self.path:
            raise ValueError('An entry without a picture cannot be marked.')
        return Mark.of(
            a=self.path,
            b=answer.path,
            same=same,
            distance=f'{exact_distances(self.vector[0], vector)[0]:.6f}',
            entry=answer.id,
            person=answer.person,
            camera=answer.camera,
            query_entry=self.entry and self.entry.id,
            query_person=self.entry and self.entry.person,
            query_camera=self.entry and self.entry.camera,
        )
