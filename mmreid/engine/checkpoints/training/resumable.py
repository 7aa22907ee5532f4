"""Finding the checkpoint from which a training goes on."""

import errno
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PureWindowsPath
from typing import TypeVar

from mmreid.engine.checkpoints.safe_loading import (
    CheckpointError,
    UnsafeCheckpointError,
    load_safely,
)
from mmreid.engine.checkpoints.training.saved_parts import why_not_resumable

# What CheckpointHook and ResumableTrainLoop write; not the best ones, which have no
# optimizer.
_FAMILIES = (r'epoch_(\d+)\.pth', r'iter_(\d+)\.pth', r'(resume_point)\.pth')
# Seconds before each new attempt. A network's file system comes back, or does not.
_PAUSES = (1, 3, 6)
# Another attempt would give the same.
_LASTING = (errno.EACCES, errno.EPERM, errno.EISDIR, errno.ENOTDIR, errno.ELOOP)
_Result = TypeVar('_Result')


def find_resumable(*folders: str | Path) -> tuple[Path | None, dict[Path, str]]:
    """Find the checkpoint of some folders that has come furthest and can be resumed.

    First the one whose name ``last_checkpoint`` holds; then all others, by the steps
    that they have trained. Each is read whole. Where ``last_checkpoint`` says that the
    file lies makes no difference: a copied folder goes on from its own files.

    Args:
        *folders (str | Path): The work folder of a training, then others to which it
            writes checkpoints.

    Returns:
        tuple[Path | None, dict[Path, str]]: The checkpoint, None if there is none, and
        files that were passed over as damaged or incomplete, with the reason.

    Raises:
        UnsafeCheckpointError: A file carries code: somebody else has written it.
        OSError: A folder or a file cannot be read, also after some attempts. That it is
            there and holds a training's progress is then not in doubt.
    """
    passed_over: dict[Path, str] = {}
    paths = [path for folder in reversed(folders) for path in _list(Path(folder))]
    files = {path.name: path for path in paths}
    named = files.get(_noted_name(files.get('last_checkpoint')))
    if named is not None and _progress(named, passed_over) is not None:
        return named, passed_over
    heads = [_furthest(family, files, passed_over) for family in _FAMILIES]
    furthest = max((head for head in heads if head), default=None)
    return furthest[1] if furthest else None, passed_over


def _list(folder: Path) -> Iterator[Path]:
    """List the files of a folder; a folder that is not there has none."""

    def scan() -> list[Path]:
        with os.scandir(folder) as entries:
            return [Path(entry.path) for entry in entries if _is_file(entry)]

    try:
        yield from _patiently(scan, folder)
    except FileNotFoundError:
        return


def _is_file(entry: os.DirEntry) -> bool:
    try:
        return entry.is_file()
    except OSError as error:
        if error.errno == errno.ELOOP:  # a link to itself
            return False
        raise


def _noted_name(pointer: Path | None) -> str:
    """Read the name of a file, of what may be a path on another machine."""
    if pointer is None:
        return ''

    def read() -> bytes:
        with pointer.open('rb') as file:
            return file.read(4096)

    text = _patiently(read, pointer).decode('utf-8', 'replace').strip()
    return PureWindowsPath(text).name  # which knows both kinds of slashes


def _furthest(
    family: str, files: Mapping[str, Path], passed_over: dict[Path, str]
) -> tuple[tuple[int, int], Path] | None:
    """Find the last checkpoint of a row that can be resumed, by the number in names."""
    matches = {name: re.fullmatch(family, name) for name in files}
    row = [(_number(match[1]), name) for name, match in matches.items() if match]
    for _, name in sorted(row, reverse=True):
        progress = _progress(files[name], passed_over)
        if progress is not None:
            return progress, files[name]
    return None


def _number(text: str) -> int:
    # More digits than python converts are no training's.
    return int(text) if text.isdecimal() and len(text) < 20 else -1


def _progress(path: Path, passed_over: dict[Path, str]) -> tuple[int, int] | None:
    """Read a checkpoint's step and epoch, or note why it is passed over."""
    if path in passed_over:
        return None
    try:
        checkpoint = _patiently(lambda: load_safely(path, map_location='cpu'), path)
    except UnsafeCheckpointError:
        raise
    except (CheckpointError, FileNotFoundError) as error:
        passed_over[path] = str(error)
        return None
    if lacking := why_not_resumable(checkpoint):
        passed_over[path] = f'{path} has {lacking}'
        return None
    return checkpoint['meta']['iter'], checkpoint['meta']['epoch']


def _patiently(read: Callable[[], _Result], path: Path) -> _Result:
    """Read, and where that fails for a reason that may pass, try again."""
    for pause in (*_PAUSES, None):
        try:
            return read()
        except FileNotFoundError:
            raise
        except OSError as error:
            if pause is None or error.errno in _LASTING:
                reason = error.strerror or error
                advice = (
                    'a training may have its progress there, so that none is begun '
                    'anew; resume when it can be read'
                )
                text = f'{reason}: {advice}'
                raise OSError(error.errno, text, str(path)) from error
            time.sleep(pause)
    raise AssertionError('the last attempt returns or raises')
