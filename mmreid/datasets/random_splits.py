"""Persons in one place, divided at random into those to train on and those to test."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from typing import Any

from mmreid.datasets.labels import read_label, sort_key
from mmreid.datasets.numbering import number_persons
from mmreid.datasets.reid_dataset import ReIDDataset
from mmreid.datasets.rows import Label, Row, read_table
from mmreid.registry import DATASETS


@DATASETS.register_module()
class RandomSplitDataset(ReIDDataset):
    """Pictures in one place, with a random part of the persons for training.

    For small data sets, whose results are means over several divisions, and for one's
    own. Who is in which part depends on ``split_index`` and the persons' labels as they
    are written, on nothing else: it is the same in every process, on every machine.

    The other persons' pictures are for testing: those of ``query_cameras`` are queries,
    the others the gallery. Distractors and junk are in the gallery of every division.

    Args:
        data_root (str | os.PathLike, optional): Folder of all pictures. Defaults to
            None: the folder of ``table``, whose column ``split`` is ignored here.
        split (str): ``'train'`` or ``'test'``. Defaults to 'train'.
        split_index (int): Which division, from 0. Defaults to 0.
        train_fraction (float): Part of the persons that is for training. Defaults to
            0.5.
        query_cameras (Sequence | str | int, optional): Camera or cameras whose
            pictures are queries. Defaults to None: ``QUERY_CAMERAS``; where that is
            None too, every picture is a query, and in the gallery as well.
        **kwargs: Further arguments of :class:`ReIDDataset`.

    Raises:
        ValueError: When an argument is out of range, or leaves a part empty.
    """

    FOLDERS = dict(train='', query='', gallery='')
    NUM_SPLITS = 10
    #: Cameras whose pictures are queries; None: all.
    QUERY_CAMERAS: Sequence[Label] | None = None

    def __init__(
        self,
        data_root: str | os.PathLike | None = None,
        split: str = 'train',
        split_index: int = 0,
        train_fraction: float = 0.5,
        query_cameras: Sequence[Label] | Label | None = None,
        **kwargs: Any,
    ) -> None:
        if split_index not in range(self.NUM_SPLITS):
            raise ValueError(
                f'split_index must be from 0 to {self.NUM_SPLITS - 1}, but got '
                f'{split_index!r}'
            )
        if not 0 < train_fraction < 1:
            raise ValueError(
                f'train_fraction must be between 0 and 1, but got {train_fraction!r}'
            )
        self.split_index = split_index
        self.train_fraction = train_fraction
        cameras = self.QUERY_CAMERAS if query_cameras is None else query_cameras
        if isinstance(cameras, str | int | float):
            cameras = [cameras]
        self.query_cameras = None if cameras is None else {*map(read_label, cameras)}
        described = dict(split_index=split_index, train_fraction=train_fraction)
        kwargs['metainfo'] = {**described, **(kwargs.get('metainfo') or {})}
        super().__init__(data_root, split=split, **kwargs)

    def read_part(self, part: str) -> list[Row]:
        """Read all pictures and keep those of a part.

        Args:
            part (str): One of the parts of ``SPLITS``.

        Returns:
            list[Row]: A row for each picture.
        """
        rows = self._read_all(part)
        labels = [str(row.person) for row in rows]
        paths = [row.path for row in rows]
        numbers = number_persons(labels, self.person_offset, paths)
        spelled = sorted(zip(labels, numbers, strict=True), reverse=True)
        # A person of several spellings, 1 and 001, goes by the first of them.
        persons = {number: label for label, number in spelled if number > 0}
        chosen = choose(persons.values(), self.train_fraction, self.split_index)
        trained = {number for number, label in persons.items() if label in chosen}
        numbered = [*zip(rows, numbers, strict=True)]
        if part == 'train':
            return [row for row, number in numbered if number in trained]
        tested = [(row, number) for row, number in numbered if number not in trained]
        if part == 'query':
            queries = [row for row, number in tested if number > 0]
            return self._of_cameras(queries, wanted=True)
        return self._of_cameras([row for row, _ in tested], wanted=False)

    def _read_all(self, part: str) -> list[Row]:
        """Read every picture once, whatever part a table says it is in."""
        if self.table is None:
            return super().read_part(part)
        parts = read_table(self.table, self.data_root, strict=self.check).values()
        return [*{row.path: row for rows in parts for row in rows}.values()]

    def _of_cameras(self, rows: list[Row], wanted: bool) -> list[Row]:
        """Keep the pictures of the query cameras, or of the others."""
        if self.query_cameras is None:
            return rows
        cameras = self.query_cameras
        kept = [row for row in rows if (read_label(row.camera) in cameras) == wanted]
        if not kept:
            there = {read_label(row.camera) for row in rows}
            raise ValueError(
                f'no picture for the {"queries" if wanted else "gallery"}: '
                f'query_cameras are {sorted(cameras, key=sort_key)}, the cameras '
                f'{sorted(there, key=sort_key)}'
            )
        return kept


def choose(persons: Iterable[Label], fraction: float, seed: int) -> set[Label]:
    """Choose a random part of the persons, the same everywhere.

    They are taken in the order of a hash of their label and the seed, because a
    generator's numbers may differ between versions of a library.

    Args:
        persons: Labels.
        fraction: Which part of them; at least one is chosen, at least one is not.
        seed: Another one gives another part.

    Raises:
        ValueError: There are fewer than two persons.
    """

    def key(person: Label) -> str:
        return hashlib.sha256(f'{seed} {person}'.encode()).hexdigest()

    shuffled = sorted(persons, key=key)
    if len(shuffled) < 2:
        raise ValueError(
            f'at least two persons are needed, one to train on and one to test, but '
            f'there are {len(shuffled)}'
        )
    number = round(len(shuffled) * fraction)
    return set(shuffled[: min(max(number, 1), len(shuffled) - 1)])
