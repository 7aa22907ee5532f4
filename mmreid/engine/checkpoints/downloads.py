"""Fetching checkpoints, once per address, and comparing the digits in their names."""

import hashlib
import http.client
import os
import re
from pathlib import Path
from urllib.parse import unquote, urlparse

import torch

from mmreid.engine.checkpoints.errors import CheckpointError, UnreadableCheckpointError

# torch's rule for names (NAME-0676ba61.pth), with as many digits as it writes: fewer
# may be a word. The digits of a day are none of a checksum.
_DIGITS = re.compile(r'-([0-9a-f]{8,64})\.')
_DAY = re.compile(r'20\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])')


class CheckpointDownloadError(CheckpointError, ConnectionError):
    """A checkpoint on the network could not be fetched."""


def fetch(url: str) -> Path:
    """Return the cached file of a URL, downloading it first where it is missing.

    A name with the first digits of its file's SHA-256 lies where ``torch.hub`` puts
    it, and the digits are compared whenever the file is used. Any other lies in a
    folder for its whole address: many are called ``model.pth``.

    Args:
        url (str): An address with ``http://`` or ``https://``.

    Returns:
        Path: The file.

    Raises:
        CheckpointDownloadError: It could not be fetched.
        UnreadableCheckpointError: The digits are not those of the file.
    """
    name = Path(unquote(urlparse(url).path)).name or 'checkpoint'
    folder = Path(torch.hub.get_dir(), 'checkpoints')
    digits = digits_of(name)
    if digits is None:
        folder /= hashlib.sha256(url.encode()).hexdigest()[:16]
    path = folder / name
    if not path.is_file():
        _download(url, path, digits)
    if digits is not None:
        _compare(path, digits)
    return path


def digits_of(name: str) -> str | None:
    """Find the digits of a SHA-256 in a file's name.

    Args:
        name (str): Such as ``resnet50-0676ba61.pth``.

    Returns:
        str | None: The digits, if it has some.
    """
    match = _DIGITS.search(name)
    return None if match is None or _DAY.fullmatch(match[1]) else match[1]


def _download(url: str, path: Path, digits: str | None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        # It writes aside, compares and renames.
        torch.hub.download_url_to_file(url, str(path), digits, progress=os.isatty(2))
    except (OSError, http.client.HTTPException, RuntimeError, ValueError) as error:
        raise CheckpointDownloadError(
            f'{url} could not be downloaded: {error}. Without a network, put the file '
            f'at {path}, give a local one with '
            '`--cfg-options model.backbone.init_cfg.checkpoint=FILE`, or train from '
            'scratch with `--cfg-options model.backbone.init_cfg=None`.'
        ) from error


def _compare(path: Path, digits: str) -> None:
    with path.open('rb') as file:
        digest = hashlib.file_digest(file, 'sha256').hexdigest()
    if not digest.startswith(digits):
        raise UnreadableCheckpointError(
            f'{path} is not the file that its name tells: its SHA-256 begins with '
            f'{digest[: len(digits)]}. Remove it to have it fetched again.'
        )
