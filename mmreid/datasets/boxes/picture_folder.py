"""Frames that are kept as pictures in a folder."""

import configparser
import os
import re
from collections.abc import Callable, Iterator

import cv2
import numpy as np

from mmreid.datasets.boxes.box_table import BoxTable
from mmreid.datasets.boxes.frames import Frames
from mmreid.datasets.reading.file_names import SUFFIXES
from mmreid.pictures import to_eight_bits

_NUMBER = re.compile(r'\d+')


class PictureFolder(Frames):
    """A folder of pictures, or MOTChallenge's folder of a sequence with ``img1``.

    The last number in a name (``000012.jpg``, ``cam1_frame12.png``) is the frame's;
    where a name has none, or two have the same, the order of the names numbers them.
    ``seqinfo.ini`` tells frames a second.

    Args:
        source (str): The folder.
        first_frame (int, optional): The number of the first frame; frames are then
            numbered in the order of their names. Defaults to None.

    Attributes:
        numbers: The number of each picture.
        paths: The pictures, in order.

    Raises:
        FileNotFoundError: There is no picture in the folder.
        ValueError: The first picture, or ``seqinfo.ini``, cannot be read.
    """

    def __init__(
        self, source: str | os.PathLike, first_frame: int | None = None
    ) -> None:
        source = os.fspath(source)
        info = _read_seqinfo(source)
        folder = os.path.join(source, info.get('imDir', 'img1'))
        folder = folder if os.path.isdir(folder) else source
        names = [
            entry.name
            for entry in os.scandir(folder)
            if entry.name.lower().endswith(SUFFIXES) and entry.name[0] != '.'
        ]
        if not names:
            raise FileNotFoundError(f'{folder!r} has no picture.')
        found = [_NUMBER.findall(os.path.splitext(name)[0]) for name in names]
        numbers = [int(digits[-1]) if digits else -1 for digits in found]
        self._named = first_frame is None and -1 not in numbers
        self._named &= len({*numbers}) == len(names)
        if not self._named:
            names.sort(key=_natural)
            start = 1 if first_frame is None else first_frame
            numbers = [*range(start, start + len(names))]
        pairs = sorted(zip(numbers, names, strict=True))
        self.numbers = [number for number, _ in pairs]
        self.paths = [os.path.join(folder, name) for _, name in pairs]
        super().__init__(source, self.numbers[0])
        self.fps = _read_rate(source, info)
        picture = read_frame(self.paths[0])
        if picture is None:
            raise ValueError(f'{self.paths[0]!r} cannot be read as a picture.')
        self.size = (picture.shape[1], picture.shape[0])

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.paths)

    def locate(self, table: BoxTable) -> tuple[np.ndarray, str]:
        """Tell which picture each row of a table means, see :meth:`Frames.locate`.

        Names of pictures in the table count most; then its numbers, where the names of
        the pictures have them; else its first frame is the first picture.

        Args:
            table (BoxTable): Boxes of these pictures.

        Returns:
            tuple[np.ndarray, str]: The number of the picture of each row, and what had
            to be assumed.
        """
        if 'name' in table.extra:
            pairs = zip(self.paths, self.numbers, strict=True)
            by_stem = {_stem(path): number for path, number in pairs}
            found = [by_stem.get(_stem(str(name)), -1) for name in table.extra['name']]
            if -1 not in found:
                return np.array(found, np.int64), ''
        usual = self.first_frame in (0, 1) and table.first_frame is not None
        numbers, said = super().locate(table)
        if self._named and not usual:
            by_name = np.isin(table.frame, self.numbers).sum()
            if by_name >= np.isin(numbers, self.numbers).sum():
                return table.frame, ''
        return numbers, said

    def visit(
        self, wanted: Callable[[int], bool], last: float, first: int | None = None
    ) -> Iterator[tuple[int, np.ndarray | None]]:
        """Read some frames, see :meth:`Frames.visit`.

        Args:
            wanted (Callable[[int], bool]): Which, by number.
            last (float): The largest number that is wanted.
            first (int, optional): Not needed here. Defaults to None.

        Yields:
            tuple[int, np.ndarray | None]: Number and picture.
        """
        for number, path in zip(self.numbers, self.paths, strict=True):
            if number <= last and wanted(number):
                yield number, read_frame(path)


def read_frame(path: str) -> np.ndarray | None:
    """Read a picture, whatever signs are in its path.

    Args:
        path (str): The file.

    Returns:
        np.ndarray | None: ``(height, width, 3)``, BGR; None where it cannot be read. Of
        16 bits the upper eight of those in use count, as of ``LoadImage``.

    Raises:
        ValueError: The picture has another type than 8 or 16 bits a channel.
    """
    try:
        content = np.fromfile(path, np.uint8)
    except OSError:
        return None
    if not content.size:
        return None
    picture = cv2.imdecode(content, cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH)
    return None if picture is None else to_eight_bits(picture)


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0]


def _natural(name: str) -> list:
    """Sort 2 before 10."""
    parts = re.split(r'(\d+)', name)
    return [(part.isdigit(), int(part) if part.isdigit() else part) for part in parts]


def _read_seqinfo(source: str) -> dict[str, str]:
    """Read ``seqinfo.ini`` in the folder or, where that is ``img1``, above."""
    for folder in (source, os.path.dirname(os.path.abspath(source))):
        path = os.path.join(folder, 'seqinfo.ini')
        if os.path.isfile(path):
            parser = configparser.ConfigParser()
            parser.optionxform = str  # type: ignore[method-assign, assignment]
            try:
                parser.read(path, encoding='utf-8-sig')
                return dict(parser['Sequence'])
            except (configparser.Error, KeyError, UnicodeDecodeError) as error:
                raise ValueError(f'{path!r} is no seqinfo.ini: {error}.') from error
    return {}


def _read_rate(source: str, info: dict[str, str]) -> float | None:
    if 'frameRate' not in info:
        return None
    try:
        return float(info['frameRate'])
    except ValueError:
        raise ValueError(
            f'seqinfo.ini of {source!r}: frameRate must be a number, got '
            f'{info["frameRate"]!r}.'
        ) from None
