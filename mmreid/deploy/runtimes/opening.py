"""From a path to the runtime of the file."""

import os
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mmreid.deploy.facts import ExportedFileError
from mmreid.deploy.runtimes.exported_model import ExportedModel
from mmreid.deploy.runtimes.onnx_runtime import OnnxModel
from mmreid.deploy.runtimes.openvino_runtime import OpenVinoModel
from mmreid.deploy.runtimes.torch_runtime import TorchModel
from mmreid.files import check_file, expand_home

# None of these imports the package that runs its files before a file is opened.
_RUNTIMES: dict[str, Callable[[Path, int | None], ExportedModel]] = {
    '.onnx': OnnxModel,
    '.xml': OpenVinoModel,
    '.pt2': TorchModel,
}
#: What the names of exported files end in.
ENDINGS = tuple(_RUNTIMES)
# Reading a config asks a file for its facts, before a network is built of it.
_OPEN: weakref.WeakValueDictionary[tuple, ExportedModel] = weakref.WeakValueDictionary()


def is_exported(path: object) -> bool:
    """Whether a name is one of an exported file: ``.onnx``, ``.xml`` or ``.pt2``.

    Args:
        path (object): A path, or anything else.
    """
    if not isinstance(path, str | os.PathLike):
        return False
    return Path(path).suffix.lower() in _RUNTIMES


def open_exported(
    path: str | os.PathLike, *, threads: int | None = None
) -> ExportedModel:
    """Open an exported file with its own runtime.

    Args:
        path (str | PathLike): A file ending in ``.onnx`` (ONNX Runtime), ``.xml``
            (OpenVINO, its ``.bin`` beside it) or ``.pt2`` (torch).
        threads (int, optional): How many compute. Defaults to None: what the runtime
            takes, which is all processors.

    Returns:
        ExportedModel: Pictures to vectors.

    Raises:
        FileNotFoundError: There is no such file.
        ExportedFileError: It is damaged, none of mmreid's, or of a later version.
        ImportError: Its runtime is not installed.
        ValueError: ``threads`` is less than 1, or the path ends in something else.
    """
    if threads is not None and threads < 1:
        raise ValueError(f'threads must be at least 1 or None, got {threads}.')
    file = expand_home(Path(path))
    if not is_exported(file):
        raise ExportedFileError(
            f'path must end in one of {", ".join(ENDINGS)}, as exported files do, got '
            f'{str(path)!r}.'
        )
    check_file(file)
    return _RUNTIMES[file.suffix.lower()](file, threads)


def open_once(path: str | os.PathLike, threads: int | None = None) -> ExportedModel:
    """Open an exported file, or give it back where it is open and has not changed.

    Args:
        path (str | PathLike): As of :func:`open_exported`.
        threads (int, optional): As of that. Defaults to None.

    Returns:
        ExportedModel: Pictures to vectors.
    """
    file = expand_home(Path(path)).absolute()
    key: tuple[Any, ...] = (file, threads)
    if file.is_file():
        known = file.stat()
        key = (*key, known.st_mtime_ns, known.st_size, known.st_ino)
    model = _OPEN.get(key)
    if model is None:
        model = open_exported(path, threads=threads)
        _OPEN[key] = model
    return model
