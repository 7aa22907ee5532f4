"""Persons in one place, divided at random into those to train on and those to test."""

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mmreid.datasets.reading.divisions import (
    HALVES,
    Division,
    divide_persons,
    divide_pictures,
    read_divisions,
)
from mmreid.datasets.reading.folders import warn_once
from mmreid.datasets.reading.labels import read_label, sort_key
from mmreid.datasets.reading.numbering import number_persons
from mmreid.datasets.reading.rows import Label, Row, read_table
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
            see :func:`mmreid.datasets.reading.divisions.read_divisions`, in place of
            random ones; or ``dict(file=..., start=..., train_half=...)``, where
            ``start`` (0 or 1) is the number of the first person in a file whose numbers
            count the sorted persons, and ``train_half`` (``'first'`` or ``'second'``)
            the half of a permutation that is for training. Persons in no part are left
            out; a file that names pictures tells queries and gallery, too. Defaults to
            None.
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
        division: Mapping[str, Any] | str | os.PathLike | None = None,
        **kwargs: Any,
    ) -> None:
        self.division = None if division is None else _read_settings(division)
        number = self.count_splits(dict(division=division))
        if split_index not in range(number):
            raise ValueError(
                f'split_index must be from 0 to {number - 1}, but got {split_index!r}'
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
        described: dict = dict(split_index=split_index)
        if self.division is None:
            described['train_fraction'] = train_fraction
        else:
            described['division'] = os.path.basename(self.division['file'])
        kwargs['metainfo'] = {**described, **(kwargs.get('metainfo') or {})}
        super().__init__(data_root, split=split, **kwargs)

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
        return len(_read_file(_read_settings(arguments['division'])))

    def read_part(self, part: str) -> list[Row]:
        """Read all pictures and keep those of a part.

        Args:
            part (str): One of the parts of ``SPLITS``.

        Returns:
            list[Row]: A row for each picture.
        """
        rows = self._read_all(part)
        self._require_cameras(rows)
        division = None
        if self.division is not None:
            division = _read_file(self.division)[self.split_index]
            if division.pictures:
                return self._of_division(division, rows)[part]
        labels = [str(row.person) for row in rows]
        paths = [row.path for row in rows]
        numbers = number_persons(labels, self.person_offset, paths)
        trained, used = self._divide([*zip(labels, numbers, strict=True)], division)
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

    def _divide(
        self, labels: Sequence[tuple[str, int]], division: Division | None
    ) -> tuple[set[int], set[int]]:
        """Return the numbers of the persons to train on, and of all that are used."""
        if division is not None and self.division is not None:
            chosen = divide_persons(division, dict(labels), self.division.get('start'))
            return chosen['train'], chosen['train'] | chosen['test']
        # A person of several spellings, 1 and 001, goes by the first of them.
        spelled = sorted(labels, reverse=True)
        persons = {number: label for label, number in spelled if number > 0}
        drawn = choose(persons.values(), self.train_fraction, self.split_index)
        trained = {number for number, label in persons.items() if label in drawn}
        return trained, {*persons}

    def _read_all(self, part: str) -> list[Row]:
        """Read every picture once, whatever part a table says it is in."""
        if self.table is not None:
            parts = read_table(self.table, self.data_root, strict=self.check)
            tables = [*parts.values()]
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
                f'{sorted(there, key=sort_key)}'
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


def _join(rows: Iterable[Row]) -> list[Row]:
    """Keep each picture once.

    Raises:
        ValueError: A picture has different labels.
    """
    found: dict[str, Row] = {}
    for row in rows:
        first = found.setdefault(row.path, row)
        if [*map(read_label, first[1:])] != [*map(read_label, row[1:])]:
            raise ValueError(
                f'{row.path!r} is there twice with different labels, {first[1:]} and '
                f'{row[1:]}; correct or remove one of the two'
            )
    return [*found.values()]


def _read_settings(division: Mapping[str, Any] | str | os.PathLike) -> dict[str, Any]:
    """Return how to read divisions, checked."""
    settings = dict(division if isinstance(division, Mapping) else {'file': division})
    if 'file' not in settings or not {*settings} <= {'file', 'start', 'train_half'}:
        raise ValueError(
            'division must be a file or dict(file=..., start=..., train_half=...), but '
            f'got {division!r}'
        )
    if settings.get('start') not in (None, 0, 1):
        raise ValueError(f'start must be 0 or 1, but got {settings["start"]!r}')
    if settings.get('train_half') not in (None, *HALVES):
        raise ValueError(
            f'train_half must be one of {HALVES}, but got {settings["train_half"]!r}'
        )
    return {**settings, 'file': os.path.expanduser(os.fspath(settings['file']))}


def _read_file(settings: Mapping[str, Any]) -> list[Division]:
    return read_divisions(settings['file'], settings.get('train_half'))
