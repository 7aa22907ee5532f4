"""Where checkpoints come from: every path of mmengine, led through the safe loader."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from mmengine.dist import barrier
from mmengine.runner.checkpoint import CheckpointLoader, get_torchvision_models

from mmreid.engine.checkpoints.downloads import fetch
from mmreid.engine.checkpoints.safe_loading import load_safely
from mmreid.engine.checkpoints.safetensors_files import read_safetensors
from mmreid.engine.checkpoints.training.runner_loading import replace_runner_loading
from mmreid.errors import UnreadableCheckpointError
from mmreid.nearest_names import end_with_hint, nearest_name


def _read(path: Path, map_location: Any) -> Any:
    """Read a file by the kind that its name tells."""
    read = read_safetensors if path.suffix == '.safetensors' else load_safely
    content = read(path, map_location)
    meta = content.get('meta') if isinstance(content, dict) else None
    if meta is not None:
        _check_meta(meta, path)
        # mmcv once wrote a config's text here, which mmengine runs when it resumes.
        meta.pop('config', None)
    return content


def _check_meta(meta: Any, path: Path) -> None:
    """Refuse metadata of another form than mmengine's, which all its readers expect."""
    if not isinstance(meta, dict) or not all(isinstance(key, str) for key in meta):
        raise UnreadableCheckpointError(
            f'{path} has metadata (meta) that is no dictionary of names; leave it out: '
            "torch.save({'state_dict': weights}, FILE)."
        )
    trained_on = meta.get('dataset_meta')
    parts = trained_on.get('parts') if isinstance(trained_on, Mapping) else None
    whole = all(
        isinstance(part, Mapping | None)
        for part in (trained_on, *(parts if isinstance(parts, list | tuple) else ()))
    )
    if not (whole and isinstance(parts, list | tuple | None)):
        raise UnreadableCheckpointError(
            f"{path} tells of its training data (meta['dataset_meta']) in another form "
            'than a dictionary; leave it out.'
        )


# Whoever knows models by name: gives the file of a word, or None.
_Finder = Callable[[str], Path | None]
_finders: list[_Finder] = []


def know_names(finder: _Finder) -> None:
    """Have names of models taken wherever a checkpoint is.

    Args:
        finder (Callable[[str], Path | None]): Is asked about what is no file; returns
            the file with the weights, or None for what is no name of its models.
    """
    if finder not in _finders:
        _finders.append(finder)


def load_from_local(filename: str, map_location: Any = None) -> Any:
    """Load a checkpoint from a path of this machine, or of a model by name.

    Raises:
        FileNotFoundError: There is no such file, nor a model of that name.
    """
    path = Path(filename).expanduser()
    if path.is_file():
        return _read(path, map_location)
    for finder in _finders:
        found = _first_in_first_process(finder, filename)
        if found is not None:
            return _read(found, map_location)
    if path.is_dir():
        raise FileNotFoundError(
            f'A checkpoint must be a file, got the folder {path}; give a file in it.'
        )
    raise FileNotFoundError(f'There is no checkpoint file {path}; check the path.')


def load_from_http(filename: str, map_location: Any = None) -> Any:
    """Download a checkpoint into torch's cache, once per machine, and load it.

    Raises:
        CheckpointDownloadError: The file could not be fetched.
    """
    return _read(_first_in_first_process(fetch, filename), map_location)


def _first_in_first_process(find: Callable[[str], Any], word: str) -> Any:
    """Find a file in one process of a machine, then in the others, who have it then."""
    found, is_first = None, int(os.environ.get('LOCAL_RANK', 0)) == 0
    try:
        if is_first:
            found = find(word)
    finally:
        # Whether it worked or not: nobody is left waiting.
        barrier()
    return found if is_first else find(word)


def load_from_torchvision(filename: str, map_location: Any = None) -> Any:
    """Load the weights that torchvision publishes under a model's name.

    Raises:
        UnreadableCheckpointError: torchvision has no weights of that name.
    """
    name = filename.partition('://')[2]
    urls = get_torchvision_models()
    if name not in urls:
        raise UnreadableCheckpointError(
            f'torchvision publishes no weights named {name!r} ({filename})'
            f'{end_with_hint(nearest_name(name, urls))}'
        )
    return load_from_http(urls[name], map_location)


def load_from_refused(filename: str, map_location: Any = None) -> NoReturn:
    """Refuse a kind of address whose loader would unpickle code."""
    raise UnreadableCheckpointError(
        f'{filename} cannot be loaded: mmreid reads local files, http(s):// and '
        'torchvision:// addresses. Fetch the file and give its path.'
    )


_LOADERS = {
    '': load_from_local,
    'http://': load_from_http,
    'https://': load_from_http,
    'torchvision://': load_from_torchvision,
    'modelzoo://': load_from_torchvision,
}


def install_safe_loaders() -> None:
    """Replace every loader of mmengine's ``CheckpointLoader``, and what uses them.

    mmengine calls ``torch.load`` without ``weights_only``: on torch < 2.6 that runs
    whatever code a file carries, and on later ones it cannot read the files mmengine
    itself has written. The replacement serves ``Runner`` (``load_from``, ``resume``),
    ``init_cfg=dict(type='Pretrained')`` and mmpretrain's ``get_model``. Schemes that
    mmreid does not need are refused. Weights that do not fit are an error in the first
    two (:mod:`.training.runner_loading`).
    """
    for prefix in {*CheckpointLoader._schemes, *_LOADERS}:
        loader = _LOADERS.get(prefix, load_from_refused)
        CheckpointLoader.register_scheme(prefix, loader, force=True)
    replace_runner_loading()
