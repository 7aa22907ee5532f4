"""What a user names as pictures, one by one: files, folders, arrays and frames."""

import glob
import os
from collections.abc import Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from mmreid.apis.inference.records import Failure
from mmreid.datasets.reading.file_names import SUFFIXES
from mmreid.datasets.reading.folders import describe_folder, list_pictures

_WILD = ('*', '?', '[')


@dataclass(frozen=True, slots=True)
class Item:
    """A picture before it is read.

    Attributes:
        index: Its number among all, from 0.
        picture: Array, tensor or PIL picture; None of a file.
        path: Its file; None of an array.
        frame: Its number in a video, where that was told.
        failure: Why there is no picture; None where there may be one.
    """

    index: int
    picture: Any = None
    path: str | None = None
    frame: int | None = None
    failure: Failure | None = None


def list_items(pictures: Any) -> Iterable[Item]:
    """List pictures; what is no list, such as a video, is taken when it is its turn.

    Args:
        pictures (Any): See :class:`mmreid.apis.ReIDInferencer`.

    Returns:
        Iterable[Item]: A list, where their number is known before.

    Raises:
        FileNotFoundError: A single path, folder or pattern leads to no picture.
        ValueError: A folder holds a pipe or device under the name of a picture.
        TypeError: It is nothing that can hold pictures.
    """
    if isinstance(pictures, str | os.PathLike):
        paths = find_files(pictures)
        return [Item(index, path=path) for index, path in enumerate(paths)]
    if _is_single(pictures):
        items = _split_batch(pictures)
        return [Item(index, picture) for index, picture in enumerate(items)]
    if isinstance(pictures, dict | set | bytes) or not isinstance(pictures, Iterable):
        raise TypeError(
            'pictures must be a path, a folder, a pattern, an array, a tensor, a PIL '
            f'picture, a list of such or frames, got {type(pictures).__name__}.'
        )
    numbered = _number(pictures)
    return [*numbered] if isinstance(pictures, Sequence) else numbered


def count_items(items: Iterable[Item]) -> int | None:
    """Tell how many there are, None where only their end tells.

    Args:
        items (Iterable[Item]): Of :func:`list_items`.
    """
    return len(items) if isinstance(items, Sized) else None


def find_files(source: str | os.PathLike) -> list[str]:
    """Find the pictures of a path, a folder (all below it, too) or a pattern.

    Args:
        source (str | os.PathLike): The path; ``~`` is the home folder. ``**`` in a
            pattern stands for any folders.

    Returns:
        list[str]: Paths in the order of their names; a path that is no folder alone,
        whatever it holds.

    Raises:
        FileNotFoundError: There is nothing there, or no picture in it.
        ValueError: A folder holds a pipe or device under the name of a picture.
    """
    path = os.path.expanduser(os.fspath(source))
    if os.path.isdir(path):
        names = list_pictures(path, recursive=True)
        if not names:
            raise FileNotFoundError(
                f'There is no picture: {describe_folder(path)}; names of pictures end '
                f'in {", ".join(SUFFIXES)}.'
            )
        return [os.path.join(path, name) for name in names]
    if os.path.lexists(path):
        return [path]
    if not any(sign in path for sign in _WILD):
        raise FileNotFoundError(f'There is no file {path!r}.')
    found = sorted(glob.glob(path, recursive=True))
    files = [name for name in found if name.lower().endswith(SUFFIXES)]
    files = [name for name in files if not os.path.isdir(name)]
    if not files:
        other = f'; {len(found)} other files and folders do' if found else ''
        raise FileNotFoundError(f'No picture fits the pattern "{path}"{other}.')
    return files


def _number(pictures: Iterable[Any]) -> Iterator[Item]:
    """Number what a list or a video holds."""
    index = 0
    for entry in pictures:
        frame, picture = _frame(entry)
        for found in _expand(index, picture, frame):
            yield found
            index += 1


def _frame(entry: Any) -> tuple[int | None, Any]:
    """Part a frame from its number, where it comes with one."""
    is_pair = isinstance(entry, tuple) and len(entry) == 2
    if is_pair and isinstance(entry[0], int | np.integer):
        return int(entry[0]), entry[1]
    return None, entry


def _expand(index: int, picture: Any, frame: int | None) -> Iterator[Item]:
    """Yield the pictures of an entry; a path that leads to none is a failure."""
    if isinstance(picture, str | os.PathLike):
        try:
            paths = find_files(picture)
        except (OSError, ValueError) as error:
            failure = Failure(index, os.fspath(picture), str(error))
            yield Item(index, path=os.fspath(picture), failure=failure)
            return
        for number, path in enumerate(paths):
            yield Item(index + number, path=path, frame=frame)
        return
    for number, single in enumerate(_split_batch(picture)):
        yield Item(index + number, single, frame=frame)


def _is_single(pictures: Any) -> bool:
    """Whether it is a picture or an array of some, and no list."""
    return isinstance(pictures, np.ndarray | torch.Tensor) or is_pil(pictures)


def _split_batch(picture: Any) -> Sequence[Any]:
    """Part an array of several pictures, four axes, into them."""
    is_array = isinstance(picture, np.ndarray | torch.Tensor)
    return [*picture] if is_array and picture.ndim == 4 else [picture]


def is_pil(picture: Any) -> bool:
    """Whether it is a picture of PIL, without importing that.

    Args:
        picture (Any): Whatever was given.
    """
    return any(
        kind.__module__.partition('.')[0] == 'PIL' and kind.__name__ == 'Image'
        for kind in type(picture).__mro__
    )
