"""CUHK03's published files in their real structure, with few and small pictures."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import scipy.io

BOXES = ('labeled', 'detected')
SPLITS = 20
Place = tuple[int, int, int]  # pair, person, column, from 1


def name_of(place: Place) -> str:
    pair, person, column = place
    return f'{pair}_{person:03d}_{1 if column <= 5 else 2}_{column:02d}.png'


@dataclass
class Release:
    """What is published: pictures, tested persons, the new protocol's choice."""

    pairs: Sequence[int]
    pictures: Mapping[str, dict[Place, np.ndarray]]
    testsets: Sequence[Sequence[tuple[int, int]]]
    test_ids: frozenset[int]

    def number(self, place: Sequence[int]) -> int:
        return sum(self.pairs[: place[0] - 1]) + place[1]

    def parts(self, boxes: str) -> dict[str, list[Place]]:
        """The new protocol: one query of each person and view, the last one."""
        places = sorted(self.pictures[boxes])
        tested = [p for p in places if self.number(p) in self.test_ids]
        last = {(p[:2], p[2] <= 5): p for p in tested}
        query = sorted(last.values())
        return dict(
            train=[p for p in places if self.number(p) not in self.test_ids],
            query=query,
            gallery=[p for p in tested if p not in set(query)],
        )

    def mat_file(self) -> dict[str, np.ndarray]:
        """The variables of cuhk-03.mat."""
        variables = {boxes: cells(len(self.pairs), 1) for boxes in BOXES}
        for boxes in BOXES:
            for pair, persons in enumerate(self.pairs, start=1):
                block = cells(persons, 10)
                for person in range(1, persons + 1):
                    for column in range(1, 11):
                        found = self.pictures[boxes].get((pair, person, column))
                        block[person - 1, column - 1] = (
                            np.zeros((0, 0)) if found is None else found
                        )
                variables[boxes][pair - 1, 0] = block
        variables['testsets'] = cells(len(self.testsets), 1)
        for index, tested in enumerate(self.testsets):
            variables['testsets'][index, 0] = np.array(tested, dtype=float)
        return variables

    def config(self, boxes: str) -> dict[str, np.ndarray]:
        """The variables of cuhk03_new_protocol_config_{boxes}.mat."""
        places = sorted(self.pictures[boxes])
        index = {place: number for number, place in enumerate(places, start=1)}
        files = cells(len(places), 1)
        files[:, 0] = [name_of(place) for place in places]
        parts = {
            f'{part}_idx': column([index[place] for place in chosen])
            for part, chosen in self.parts(boxes).items()
        }
        return dict(
            camId=column([1 if place[2] <= 5 else 2 for place in places]),
            filelist=files,
            labels=column([self.number(place) for place in places]),
            **parts,
        )

    def write(self, root: Path, mat: str = '7.3', configs: str = '5') -> Path:
        """Write the three files as they are unpacked, in MATLAB's two formats."""
        root.mkdir(parents=True, exist_ok=True)
        writers = {'7.3': write_73, '5': write_5}
        writers[mat](root / 'cuhk-03.mat', self.mat_file())
        for boxes in BOXES:
            path = root / f'cuhk03_new_protocol_config_{boxes}.mat'
            writers[configs](path, self.config(boxes))
        return root


def make_release(
    rng: np.random.Generator,
    pairs: Sequence[int] = (4, 3, 1, 1, 1),
    tested: int = 3,
    test_ids: int = 4,
    missing: Mapping[str, tuple[int, int]] = dict(labeled=(7, 3), detected=(6, 3)),
    size: int = 16,
) -> Release:
    """Draw a release.

    ``missing`` says how many places of training and test persons have no picture; of
    the latter every view keeps one, as the new protocol needs.
    """
    persons = [(i, j) for i, m in enumerate(pairs, 1) for j in range(1, m + 1)]
    numbers = {person: n for n, person in enumerate(persons, start=1)}
    chosen = frozenset(rng.permutation(len(persons))[:test_ids].tolist())
    chosen = frozenset(number + 1 for number in chosen)
    pictures = {}
    for boxes in BOXES:
        places = [(*person, column) for person in persons for column in range(1, 11)]
        training = [p for p in places if numbers[p[:2]] not in chosen]
        spare = [p for p in places if numbers[p[:2]] in chosen and p[2] not in (2, 8)]
        empty: set[Place] = set()
        for number, candidates in zip(missing[boxes], (training, spare), strict=True):
            picked = rng.permutation(len(candidates))[:number]
            empty |= {candidates[i] for i in picked}
        pictures[boxes] = {
            place: draw(rng, size) for place in places if place not in empty
        }
    testsets = [
        [persons[i] for i in rng.permutation(len(persons))[:tested]]
        for _ in range(SPLITS)
    ]
    return Release(pairs, pictures, testsets, chosen)


def draw(rng: np.random.Generator, size: int) -> np.ndarray:
    """A picture, RGB, with the proportions of a person."""
    height, width = size + rng.integers(5), size // 2 + rng.integers(3)
    return rng.integers(256, size=(height, width, 3), dtype=np.uint8)


def cells(rows: int, columns: int) -> np.ndarray:
    return np.empty((rows, columns), dtype=object)


def column(numbers: Sequence[int]) -> np.ndarray:
    return np.array(numbers, dtype=float).reshape(-1, 1)


def write_5(path: Path, variables: Mapping[str, np.ndarray]) -> None:
    scipy.io.savemat(path, variables, do_compression=True)


def write_73(path: Path, variables: Mapping[str, np.ndarray]) -> None:
    """Write HDF5 behind a header of text, axes reversed, cells as references."""
    with h5py.File(path, 'w', userblock_size=512) as file:
        heap = file.create_group('#refs#')
        for name, value in variables.items():
            _put(heap, file, name, value)
    text = b'MATLAB 7.3 MAT-file, Platform: GLNXA64, HDF5 schema 1.00 .'
    with open(path, 'r+b') as header:
        header.write(text.ljust(124) + b'\x00\x02IM')


def _put(heap: h5py.Group, group: h5py.Group, name: str, value: object) -> h5py.Dataset:
    if isinstance(value, np.ndarray) and value.dtype == object:
        references = np.empty(value.shape[::-1], dtype=h5py.ref_dtype)
        for (row, col), element in np.ndenumerate(value):
            references[col, row] = _put(heap, heap, f'{name}_{row}_{col}', element).ref
        stored, kind = group.create_dataset(name, data=references), 'cell'
    elif isinstance(value, str):
        codes = np.array([[ord(letter)] for letter in value], dtype=np.uint16)
        stored, kind = group.create_dataset(name, data=codes), 'char'
    elif value.size == 0:
        shape = np.array(value.shape, dtype=np.uint64)
        stored, kind = group.create_dataset(name, data=shape), 'double'
        stored.attrs['MATLAB_empty'] = np.uint8(1)
    else:
        packed = dict(compression='gzip', chunks=True) if value.ndim == 3 else {}
        stored = group.create_dataset(name, data=value.T, **packed)
        kind = 'uint8' if value.dtype == np.uint8 else 'double'
    stored.attrs['MATLAB_class'] = np.bytes_(kind)
    return stored


def folder_bytes(root: Path) -> dict[str, bytes]:
    """All files below a folder, hidden ones too."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob('*'))
        if path.is_file()
    }


@contextmanager
def unprivileged() -> Iterator[None]:
    """Without the rights of root, who may write everywhere."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
