"""Where checkpoints come from: every path of mmengine, led through the safe loader."""

import difflib
import http.client
import os
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlparse

import torch
from mmengine.dist import barrier
from mmengine.runner.checkpoint import CheckpointLoader, get_torchvision_models

from mmreid.engine.checkpoints.safe_loading import (
    CheckpointError,
    UnreadableCheckpointError,
    load_safely,
)
from mmreid.engine.checkpoints.safetensors_files import read_safetensors


class CheckpointDownloadError(CheckpointError, ConnectionError):
    """A checkpoint on the network could not be fetched."""


def _fetch(url: str, check_hash: bool) -> Path:
    """Return the cached file of a URL, downloading it first where it is missing."""
    folder = Path(torch.hub.get_dir()) / 'checkpoints'
    path = folder / Path(urlparse(url).path).name
    if path.is_file():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    # torchvision writes the first digits of the file's SHA-256 into its name.
    digits = torch.hub.HASH_REGEX.search(path.name) if check_hash else None
    prefix = digits.group(1) if digits else None
    try:
        torch.hub.download_url_to_file(url, str(path), prefix, progress=os.isatty(2))
    except (OSError, http.client.HTTPException, RuntimeError) as error:
        raise CheckpointDownloadError(
            f'{url} could not be downloaded: {error}. Without a network, put the file '
            f'at {path}, give a local one with '
            '`--cfg-options model.backbone.init_cfg.checkpoint=FILE`, or train from '
            'scratch with `--cfg-options model.backbone.init_cfg=None`.'
        ) from error
    return path


def _read(path: Path, map_location: Any) -> Any:
    """Read a file by the kind that its name tells."""
    read = read_safetensors if path.suffix == '.safetensors' else load_safely
    content = read(path, map_location)
    meta = content.get('meta') if isinstance(content, dict) else None
    if isinstance(meta, dict):
        # mmcv once wrote a config's text here, which mmengine runs when it resumes.
        meta.pop('config', None)
    return content


def load_from_local(filename: str, map_location: Any = None) -> Any:
    """Load a checkpoint from a path of this machine, a ``.safetensors`` file too.

    Raises:
        FileNotFoundError: There is no such file.
    """
    path = Path(filename).expanduser()
    if not path.is_file():
        raise FileNotFoundError(f'there is no checkpoint file {path}; check the path.')
    return _read(path, map_location)


def load_from_http(
    filename: str, map_location: Any = None, check_hash: bool = False
) -> Any:
    """Download a checkpoint into torch's cache, once per machine, and load it.

    Raises:
        CheckpointDownloadError: The file could not be fetched.
    """
    try:
        if int(os.environ.get('LOCAL_RANK', 0)) == 0:
            _fetch(filename, check_hash)
    finally:
        # Whether it worked or not: nobody is left waiting.
        barrier()
    return _read(_fetch(filename, check_hash), map_location)


def load_from_torchvision(filename: str, map_location: Any = None) -> Any:
    """Load the weights that torchvision publishes under a model's name.

    Raises:
        UnreadableCheckpointError: torchvision has no weights of that name.
    """
    name = filename.partition('://')[2]
    urls = get_torchvision_models()
    if name not in urls:
        raise UnreadableCheckpointError(
            f'torchvision publishes no weights named {name!r} ({filename}); '
            f'close names: {difflib.get_close_matches(name, urls)}.'
        )
    return load_from_http(urls[name], map_location, check_hash=True)


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
    """Replace every loader of mmengine's ``CheckpointLoader``.

    mmengine calls ``torch.load`` without ``weights_only``: on torch < 2.6 that runs
    whatever code a file carries, and on later ones it cannot read the files mmengine
    itself has written. The replacement serves ``Runner`` (``load_from``, ``resume``),
    ``init_cfg=dict(type='Pretrained')`` and mmpretrain's ``get_model``. Schemes that
    mmreid does not need are refused.
    """
    for prefix in {*CheckpointLoader._schemes, *_LOADERS}:
        loader = _LOADERS.get(prefix, load_from_refused)
        CheckpointLoader.register_scheme(prefix, loader, force=True)
