"""What the published files of CUHK03 hold.

``cuhk-03.mat`` (Li et al., `DeepReID
<https://www.cv-foundation.org/openaccess/content_cvpr_2014/html/Li_DeepReID_Deep_Filter_2014_CVPR_paper.html>`_,
CVPR 2014) has cell arrays ``labeled`` and ``detected``, of five pairs of cameras, with
a row for each person and ten columns: up to five pictures of the first view, then up
to five of the second; missing ones are empty. Its ``testsets`` are twenty lists of
pair and person, counted from 1. The new protocol (Zhong et al., `Re-ranking Person
Re-identification with k-reciprocal Encoding <https://arxiv.org/abs/1701.08398>`_, CVPR
2017) comes as ``cuhk03_new_protocol_config_{labeled,detected}.mat``.
"""

import os
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from mmreid.datasets.conversion.mat_file import Cells, Element, MatFile, open_mat

VIEWS, PER_VIEW = 2, 5
MAT_FILE = 'cuhk-03.mat'
CONFIG_FILE = 'cuhk03_new_protocol_config_{}.mat'
CONFIG_SOURCE = 'https://github.com/zhunzhong07/person-re-ranking/tree/master/evaluation/data/CUHK03'
_PARTS = dict(train='train_idx', query='query_idx', gallery='gallery_idx')


class Slot(NamedTuple):
    """Where a picture stands in ``cuhk-03.mat``, counted from 1."""

    pair: int
    person: int
    column: int

    @property
    def view(self) -> int:
        """Which of the pair's two cameras took it."""
        return 1 + (self.column - 1) // PER_VIEW

    @property
    def file_name(self) -> str:
        """The name by which the new protocol's file lists know it."""
        return f'{self.pair}_{self.person:03d}_{self.view}_{self.column:02d}.png'


class Entry(NamedTuple):
    """A picture of the new protocol."""

    file_name: str
    person: int
    camera: int


def parse_slot(file_name: str) -> Slot:
    """Tell where a picture stood, from its name.

    Args:
        file_name (str): One that :attr:`Slot.file_name` made.

    Raises:
        ValueError: It is another name.
    """
    try:
        pair, person, _, column = map(int, os.path.splitext(file_name)[0].split('_'))
    except ValueError:
        slot = None
    else:
        slot = Slot(pair, person, column)
    if slot is None or slot.file_name != file_name:
        raise ValueError(
            f'Names of pictures must be like {Slot(1, 1, 1).file_name!r} (pair, '
            f'person, view, number), got {file_name!r}; move this file elsewhere.'
        )
    return slot


def read_pairs(mat: MatFile, boxes: str) -> list[Cells]:
    """Read the cell array of each pair of cameras: persons x 10 pictures.

    Args:
        mat (MatFile): ``cuhk-03.mat``.
        boxes (str): ``'labeled'`` or ``'detected'``.

    Raises:
        ValueError: It is another structure.
    """
    whole = mat.read(boxes)
    pairs = [*whole] if isinstance(whole, Cells) else []
    width = VIEWS * PER_VIEW
    if not pairs or any(
        not isinstance(pair, Cells) or pair.shape[1:] != (width,) for pair in pairs
    ):
        raise ValueError(
            f'{boxes!r} of {MAT_FILE} must be a cell array that holds one of persons x '
            f'{width} pictures for each pair of cameras; is it the published file?'
        )
    return pairs


def number_persons(pairs: Sequence[Cells]) -> dict[tuple[int, int], int]:
    """Number all persons from 1, pair after pair; the same in every split.

    Args:
        pairs (Sequence[Cells]): What :func:`read_pairs` returns.

    Returns:
        dict: The number by pair and person.
    """
    persons = [
        (pair, person)
        for pair, cells in enumerate(pairs, start=1)
        for person in range(1, cells.shape[0] + 1)
    ]
    return {person: number for number, person in enumerate(persons, start=1)}


def read_picture(cells: Cells, slot: Slot) -> np.ndarray | None:
    """Read a picture; None if there is none at this place.

    Args:
        cells (Cells): The pictures of the slot's pair.
        slot (Slot): The place.

    Returns:
        np.ndarray, optional: ``(H, W, 3)``, RGB, uint8.

    Raises:
        ValueError: Something else is there.
    """
    value = cells[slot.person - 1, slot.column - 1]
    if not isinstance(value, np.ndarray):
        raise _no_picture(slot, type(value).__name__)
    if value.size == 0 or value.ndim < 3:  # some programs write [] as two zeros
        return None
    if value.shape[2] != 3 or value.dtype != np.uint8:
        raise _no_picture(slot, f'{value.dtype} of shape {value.shape}')
    return value


def _no_picture(slot: Slot, content: str) -> ValueError:
    return ValueError(
        f'Pair {slot.pair}, person {slot.person}, picture {slot.column} of {MAT_FILE} '
        f'must be uint8 of shape (height, width, 3), but is {content}.'
    )


def read_test_sets(mat: MatFile) -> list[set[tuple[int, int]]]:
    """Read who is tested in each split of the classic protocol.

    Args:
        mat (MatFile): ``cuhk-03.mat``.

    Returns:
        list[set[tuple[int, int]]]: Pairs and persons, counted from 1.

    Raises:
        ValueError: It is another structure.
    """
    sets = mat.read('testsets')
    lists = [*sets] if isinstance(sets, Cells) else []
    if not lists or any(np.ndim(one) != 2 or one.shape[1] != 2 for one in lists):
        raise ValueError(
            f"'testsets' of {MAT_FILE} must be a cell array of lists of pair and "
            'person; is it the published file?'
        )
    return [{(int(pair), int(person)) for pair, person in one} for one in lists]


def read_new_protocol(path: str) -> dict[str, list[Entry]]:
    """Read the new protocol's division into training, queries and gallery.

    Args:
        path (str): ``cuhk03_new_protocol_config_{labeled,detected}.mat``.

    Returns:
        dict[str, list[Entry]]: The pictures of ``train``, ``query`` and ``gallery``.

    Raises:
        ValueError: It is another structure.
    """
    with open_mat(path) as mat:
        names = mat.read('filelist')
        files = [*names] if isinstance(names, Cells) else []
        persons, cameras = (_integers(mat.read(key)) for key in ('labels', 'camId'))
        chosen = {part: _integers(mat.read(key)) for part, key in _PARTS.items()}
    if not all(isinstance(file, str) for file in files) or not (
        len(files) == len(persons) == len(cameras) > 0
    ):
        raise ValueError(
            f'{path!r} must have as many names in filelist as labels and camId, but '
            f'has {len(files)}, {len(persons)} and {len(cameras)}.'
        )
    if wrong := {i for part in chosen.values() for i in part} - {
        *range(1, len(files) + 1)
    }:
        raise ValueError(
            f'The indices in {path!r} must lie between 1 and {len(files)}, the length '
            f'of filelist, but there is {min(wrong)}.'
        )
    return {
        part: [Entry(files[i - 1], persons[i - 1], cameras[i - 1]) for i in own]
        for part, own in chosen.items()
    }


def _integers(value: Element) -> list[int]:
    """Return the whole numbers of an array; MATLAB keeps them as floats."""
    return [int(number) for number in np.asarray(value).ravel()]


def find_file(name: str, places: Iterable[str], remedy: str) -> str:
    """Find a file that may lie in one of several folders.

    Args:
        name (str): Its name.
        places (Iterable[str]): The folders.
        remedy (str): How to get it.

    Raises:
        FileNotFoundError: It is in none of them.
    """
    places = [*places]
    for place in places:
        path = os.path.join(place, name)
        if os.path.isfile(path):
            return path
    raise FileNotFoundError(f'No {name} in {", ".join(map(repr, places))}; {remedy}.')
