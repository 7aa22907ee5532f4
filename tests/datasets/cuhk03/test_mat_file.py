"""Both formats of MATLAB files give what was written; others are refused."""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from cuhk03_release import cells, write_5, write_73

from mmreid.datasets.conversion import mat_file, open_mat
from mmreid.datasets.conversion.mat_file import Cells

WRITERS = {'5': write_5, '7.3': write_73}
both = pytest.mark.parametrize('write', WRITERS.values(), ids=WRITERS)
Write = Callable[[Path, dict], None]


def nested(depth: int = 2) -> np.ndarray:
    """A cell array of everything: numbers, text, nothing, cells."""
    rng = np.random.default_rng(np.random.randint(2**31))
    content = [
        rng.integers(256, size=(5, 3, 3), dtype=np.uint8),
        rng.normal(size=(4, 2)),
        np.zeros((0, 0)),
        '1_001_1_01.png',
        'Fußgänger',
        nested(depth - 1) if depth else np.float64([[7]]),
    ]
    whole = cells(3, 2)
    for (row, column), value in zip(np.ndindex(3, 2), content, strict=True):
        whole[row, column] = value
    return whole


def same(found: object, written: object) -> bool:
    """Compare, element by element."""
    if isinstance(found, Cells):
        return found.shape == written.shape and all(
            same(found[index], written[index]) for index in np.ndindex(written.shape)
        )
    if isinstance(written, str):
        return found == written
    return (
        found.shape == written.shape
        and found.dtype == written.dtype
        and bool((found == written).all())
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / 'Füßgänger 行人.mat'


@both
def test_what_was_written_is_read(path: Path, write: Write) -> None:
    written = dict(all=nested(), labels=np.arange(6.0).reshape(2, 3), name=cells(1, 1))
    written['name'][0, 0] = 'a'
    write(path, written)
    with open_mat(path) as mat:
        assert mat.names() == ['all', 'labels', 'name']
        assert all(same(mat.read(name), value) for name, value in written.items())


@both
def test_cells_are_walked_through_by_column(path: Path, write: Write) -> None:
    grid = cells(2, 3)
    for row, column in np.ndindex(2, 3):
        grid[row, column] = np.array([[10.0 * row + column]])
    write(path, dict(grid=grid))
    with open_mat(path) as mat:
        assert [int(x.item()) for x in mat.read('grid')] == [0, 10, 1, 11, 2, 12]


def test_elements_survive_that_the_file_is_opened_anew(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mat_file, 'MAX_READS', 2)
    written = nested(3)
    write_73(path, dict(all=written))
    with open_mat(path) as mat:
        assert same(mat.read('all'), written)


@both
def test_a_missing_variable_is_named(path: Path, write: Write) -> None:
    write(path, dict(labels=np.ones((2, 1))))
    with open_mat(path) as mat, pytest.raises(ValueError, match=r"'x', only.*labels"):
        mat.read('x')


def read_all(path: Path) -> None:
    def walk(element: object) -> None:
        for inner in element if isinstance(element, Cells) else ():
            walk(inner)

    with open_mat(path) as mat:
        for name in mat.names():
            walk(mat.read(name))


@both
def test_a_truncated_file_is_told(path: Path, write: Write) -> None:
    write(path, dict(all=nested()))
    content = path.read_bytes()
    lengths = {len(content) - 1, 600, 520, 500, *range(200, len(content), 777)}
    for length in lengths - {len(content)}:
        path.write_bytes(content[:length])
        with pytest.raises(ValueError, match='is truncated or damaged') as caught:
            read_all(path)
        assert f'({length:,} bytes)' in str(caught.value)
        assert str(path) in str(caught.value)


def test_a_damaged_picture_is_told(path: Path) -> None:
    picture = cells(1, 1)
    picture[0, 0] = np.zeros((64, 32, 3), dtype=np.uint8)
    write_73(path, dict(all=picture))
    content = path.read_bytes()
    start = content.index(b'\x78\x5e')  # where zlib's data begin
    path.write_bytes(content[: start + 2] + b'\xff' * 8 + content[start + 10 :])
    with pytest.raises(ValueError, match='is truncated or damaged'):
        read_all(path)


@pytest.mark.parametrize('content', [b'', b'<!DOCTYPE html><html>' * 50])
def test_what_is_no_matlab_file_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(ValueError, match='no MATLAB file'), open_mat(path):
        pass


def test_a_missing_file_is_missing(path: Path) -> None:
    with pytest.raises(FileNotFoundError), open_mat(path):
        pass


def test_only_version_7_3_takes_h5py(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, 'h5py', None)
    write_5(path, dict(labels=np.ones((2, 1))))
    read_all(path)
    path.write_bytes(b'MATLAB 7.3 MAT-file'.ljust(512) + b'\x89HDF\r\n\x1a\n')
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'mmreid\[hdf5\]'"):
        read_all(path)


@both
def test_an_error_of_the_reader_is_its_own(path: Path, write: Write) -> None:
    write(path, dict(labels=np.ones((2, 1))))
    for error in (KeyError, OSError):
        with pytest.raises(error), open_mat(path):
            raise error('not of the file')
