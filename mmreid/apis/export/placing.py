"""Files of one or two parts put where they belong, in whole or not at all."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mmreid.deploy.export import endings_of, parts_of
from mmreid.files import force, locked_folder


def choose_target(out: str | os.PathLike | None, to: str, name: str) -> Path:
    """Name the file to write.

    Args:
        out (str | PathLike | None): What was asked for; None for the model's name,
            here.
        to (str): ``'onnx'``, ``'openvino'`` or ``'torch'``.
        name (str): What the file is called where nothing was asked for.

    Returns:
        Path: With the ending of ``to``.

    Raises:
        ValueError: ``out`` has another ending.
    """
    ending = endings_of(to)[0]
    path = Path(out).expanduser() if out is not None else Path(f'{name}{ending}')
    if path.is_dir():
        path = path / f'{name}{ending}'
    if path.suffix != ending:
        raise ValueError(
            f'out must end in {ending} for {to}, got {str(out)!r}; runtimes know files '
            'by their endings.'
        )
    return path


def check_free(paths: Sequence[Path], overwrite: bool) -> None:
    """Refuse to write over files.

    Args:
        paths (Sequence[Path]): What will be written.
        overwrite (bool): Whether that is meant.

    Raises:
        FileExistsError: One is there.
    """
    taken = [path for path in paths if path.exists()]
    if taken and not overwrite:
        raise FileExistsError(
            f'{taken[0]} is there already; give another name, or overwrite=True '
            '(--overwrite).'
        )


def check_folder(target: Path) -> None:
    """Make the folder of a file, and see that it can be written into.

    Args:
        target (Path): The file.

    Raises:
        OSError: It cannot; the message names the file.
    """
    with _naming(target):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except FileExistsError as error:
            why = f'{target.parent} is no folder'
            raise NotADirectoryError(errno.ENOTDIR, why) from error
        with tempfile.TemporaryFile(dir=target.parent):
            pass


def place(made: Path, target: Path, overwrite: bool = False) -> None:
    """Give a file its name, its parts whole; the one that is opened comes last.

    Args:
        made (Path): The file, wherever it was made.
        target (Path): Its name, of the same ending.
        overwrite (bool): Whether a file may be there. Defaults to False.

    Raises:
        FileExistsError: One is there since the export has begun.
        OSError: It cannot be written; the message names the target.
    """
    names = parts_of(target)
    with (
        _naming(target),
        tempfile.TemporaryDirectory(dir=target.parent, prefix='.mmreid-') as folder,
    ):
        near = [Path(folder, name.name) for name in names]
        for part, copy in zip(parts_of(made), near, strict=True):
            shutil.copyfile(part, copy)
            with copy.open('rb') as file:
                force(file.fileno())
        # Two parts of two exports would be no file, and one that is there stays.
        with locked_folder(target.parent):
            check_free(names, overwrite)
            for copy, name in reversed([*zip(near, names, strict=True)]):
                copy.replace(name)


@contextmanager
def _naming(target: Path) -> Iterator[None]:
    """Name the file that was asked for in errors of those that become it."""
    try:
        yield
    except FileExistsError:
        raise
    except OSError as error:
        reason = f'{error.strerror or error}; nothing was written'
        raise type(error)(error.errno, reason, str(target)) from error
