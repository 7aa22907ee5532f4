"""Persons in one place, divided at random into those to train on and those to test."""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mmreid.datasets.divisions.division import (
    Division,
    divide_persons,
    divide_pictures,
    draw_persons,
)
from mmreid.datasets.divisions.division_files import parse_division
from mmreid.datasets.reading.folders import warn_once
from mmreid.datasets.reading.labels import read_label, sort_key
from mmreid.datasets.reading.rows import Label, Row
from mmreid.datasets.records.label_numbers import number_persons
from mmreid.datasets.reid_dataset import ReIDDataset
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
        division (dict | str | os.PathLike, optional): A file of published divisions,
            see :func:`mmreid.datasets.divisions.division_files.read_divisions`, in
            place of random ones; or ``dict(file=..., start=..., train_half=...)``,
            where ``start`` (0 or 1) is the number of the first person in a file whose
            numbers count the sorted persons, and ``train_half`` (``'first'`` or
            ``'second'``) the half of a permutation that is for training. Persons in no
            part are left out; a file that names pictures tells queries and gallery,
            too. Defaults to None.
        **kwargs (Any): Further arguments of :class:`ReIDDataset`.

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
        division: Mapping[str, Any] | str | os.PathLike | None = None,
        **kwargs: Any,
    ) -> None:
        self.division_file = None if division is None else parse_division(division)
        divisions = None if self.division_file is None else self.division_file.read()
        number = self.NUM_SPLITS if divisions is None else len(divisions)
        if split_index not in range(number):
            raise ValueError(
                f'split_index must be from 0 to {number - 1}, got {split_index!r}.'
            )
        self.division = None if divisions is None else divisions[split_index]
        if not 0 < train_fraction < 1:
            raise ValueError(
                f'train_fraction must be between 0 and 1, got {train_fraction!r}.'
            )
        self.split_index = split_index
        self.train_fraction = train_fraction
        cameras = self.QUERY_CAMERAS if query_cameras is None else query_cameras
        if isinstance(cameras, str | int | float):
            cameras = [cameras]
        self.query_cameras = None if cameras is None else {*map(read_label, cameras)}
        super().__init__(data_root, split=split, **kwargs)

    def describe_arguments(self) -> dict[str, Any]:
        """Return which division it is."""
        described: dict[str, Any] = dict(split_index=self.split_index)
        if self.division_file is None:
            described['train_fraction'] = self.train_fraction
        else:
            described['division'] = os.path.basename(self.division_file.file)
        return described

    @classmethod
    def count_splits(cls, arguments: Mapping[str, Any]) -> int:
        """Tell how many divisions there are.

        Args:
            arguments (Mapping): Arguments of the constructor, of which ``division``
                matters.

        Returns:
            int: Those of the file, ``NUM_SPLITS`` without one.
        """
        if arguments.get('division') is None:
            return cls.NUM_SPLITS
        return len(parse_division(arguments['division']).read())

    def read_part(self, part: str) -> list[Row]:
        """Read all pictures and keep those of a part.

        Args:
            part (str): One of the parts of ``SPLITS``.

        Returns:
            list[Row]: A row for each picture.
        """
        rows = self._read_all(part)
        self._require_cameras(rows)
        if self.division is not None and self.division.pictures:
            return self._of_division(self.division, rows)[part]
        labels = [str(row.person) for row in rows]
        paths = [row.path for row in rows]
        numbers = number_persons(labels, self.person_offset, paths)
        trained, used = self._divide([*zip(labels, numbers, strict=True)])
        if unused := {n for n in numbers if n > 0} - used:
            warn_once(
                f'{self._title}: left out {len(unused)} persons, who are in no part of '
                'the division'
            )
        numbered = [*zip(rows, numbers, strict=True)]
        if part == 'train':
            return [row for row, number in numbered if number in trained]
        tested = [(row, n) for row, n in numbered if n in used - trained or n <= 0]
        if part == 'query':
            queries = [row for row, number in tested if number > 0]
            return self._of_cameras(queries, wanted=True)
        return self._of_cameras([row for row, _ in tested], wanted=False)

    def _of_division(
        self, division: Division, rows: Sequence[Row]
    ) -> dict[str, list[Row]]:
        """Return the pictures of each part; say how many are in none."""
        parts = divide_pictures(division, rows)
        used = {row for own in parts.values() for row in own}
        if unused := len(rows) - len(used):
            warn_once(
                f'{self._title}: left out {unused:,} of {len(rows):,} pictures, which '
                'are in no part of the division'
            )
        return parts

    def _divide(self, labels: Sequence[tuple[str, int]]) -> tuple[set[int], set[int]]:
        """Return the numbers of the persons to train on, and of all that are used."""
        if self.division is not None and self.division_file is not None:
            start = self.division_file.start
            chosen = divide_persons(self.division, dict(labels), start)
            return chosen['train'], chosen['train'] | chosen['test']
        # A person of several spellings, 1 and 001, goes by the first of them.
        spelled = sorted(labels, reverse=True)
        persons = {number: label for label, number in spelled if number > 0}
        drawn = draw_persons(persons.values(), self.train_fraction, self.split_index)
        trained = {number for number, label in persons.items() if label in drawn}
        return trained, {*persons}

    def _read_all(self, part: str) -> list[Row]:
        """Read every picture once, whatever part a table says it is in."""
        if self.table is not None:
            tables = [*self.read_own_table(self.table).values()]
        elif self.lists:
            tables = [self.read_list(name) for name in self.lists]
        else:
            return super().read_part(part)
        return _join(row for rows in tables for row in rows)

    def _require_cameras(self, rows: Sequence[Row]) -> None:
        """Raise when no picture is of a query camera."""
        there = {read_label(row.camera) for row in rows}
        if unknown := (self.query_cameras or set()) - there:
            raise ValueError(
                f'query_cameras must be cameras of pictures, but no picture is of '
                f'{sorted(unknown, key=sort_key)}, only of '
                f'{sorted(there, key=sort_key)}.'
            )

    def _of_cameras(self, rows: list[Row], wanted: bool) -> list[Row]:
        """Keep the pictures of the query cameras, or of the others."""
        if self.query_cameras is None:
            return rows
        cameras = self.query_cameras
        kept = [row for row in rows if (read_label(row.camera) in cameras) == wanted]
        if not kept:
            there = {read_label(row.camera) for row in rows}
            raise ValueError(
                f'No picture for the {"queries" if wanted else "gallery"}: '
                f'query_cameras are {sorted(cameras, key=sort_key)}, the cameras '
                f'{sorted(there, key=sort_key)}.'
            )
        return kept


def _join(rows: Iterable[Row]) -> list[Row]:
    """Keep each picture once.

    Raises:
        ValueError: A picture has different labels.
    """
    first_rows: dict[str, Row] = {}
    for row in rows:
        first = first_rows.setdefault(row.path, row)
        if [*map(read_label, first[1:])] != [*map(read_label, row[1:])]:
            raise ValueError(
                f'{row.path!r} is there twice with different labels, {first[1:]} and '
                f'{row[1:]}; correct or remove one of the two.'
            )
    return [*first_rows.values()]
