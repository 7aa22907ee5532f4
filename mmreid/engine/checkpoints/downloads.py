"""Fetching checkpoints, once per address, and comparing their checksums."""

import hashlib
import http.client
import re
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote, urlparse
from urllib.request import Request

import torch

from mmreid.errors import CheckpointError, UnreadableCheckpointError
from mmreid.files import digest_of, whole_file
from mmreid.progress import ProgressBar

# torch's rule for names (NAME-0676ba61.pth), with as many digits as it writes: fewer
# may be a word. The digits of a day are none of a checksum.
_DIGITS = re.compile(r'-([0-9a-f]{8,64})\.')
_DAY = re.compile(r'20\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])')
# Seconds without a byte after which a server is taken for unreachable.
_PATIENCE = 60
_CHUNK = 2**20
_TRUNK_REMEDY = (
    'put the file at {path}, give a local one with '
    '`--cfg-options model.backbone.init_cfg.checkpoint=FILE`, or '
    'train from scratch with `--cfg-options model.backbone.init_cfg=None`'
)


class CheckpointDownloadError(CheckpointError, ConnectionError):
    """A checkpoint on the network could not be fetched."""


def fetch(url: str, digest: str | None = None, remedy: str = _TRUNK_REMEDY) -> Path:
    """Return the cached file of a URL, downloading it first where it is missing.

    Whenever the file is used, its SHA-256 is compared with the digits in its name, as
    ``torch.hub`` writes them, or with ``digest``.

    Args:
        url (str): An address with ``http://`` or ``https://``.
        digest (str | None): SHA-256 that was published beside the file, or its first
            digits. Defaults to None: what the name has.
        remedy (str): What a user without network can do, for the error, with
            ``{path}`` for the place of the file. Defaults to words about a trunk.

    Returns:
        Path: The file.

    Raises:
        CheckpointDownloadError: It could not be fetched, or is another one.
        UnreadableCheckpointError: The checksum is not that of the cached file.
    """
    path = place_of(url)
    digits = digest or digits_of(path.name)
    if not path.is_file():
        _download(url, path, digits, remedy)
    elif digits is not None:
        _compare(path, digits)
    return path


def place_of(url: str) -> Path:
    """Name the place of a URL's file in the cache.

    A name with the first digits of its file's SHA-256 lies where ``torch.hub`` puts
    it. Any other lies in a folder for its whole address: many are called ``model.pth``.

    Args:
        url (str): The address.

    Returns:
        Path: The file, which may not be there yet.
    """
    name = Path(unquote(urlparse(url).path)).name or 'checkpoint'
    folder = Path(torch.hub.get_dir(), 'checkpoints')
    if digits_of(name) is None:
        folder /= hashlib.sha256(url.encode()).hexdigest()[:16]
    return folder / name


def digits_of(name: str) -> str | None:
    """Find the digits of a SHA-256 in a file's name.

    Args:
        name (str): Such as ``resnet50-0676ba61.pth``.

    Returns:
        str | None: The digits, if it has some.
    """
    match = _DIGITS.search(name)
    return None if match is None or _DAY.fullmatch(match[1]) else match[1]


def _download(url: str, path: Path, digits: str | None, remedy: str) -> None:
    """Fetch a file; what is not whole, or not the one, is not kept."""
    request = Request(url, headers={'User-Agent': 'mmreid'})
    try:
        with (
            torch.hub.urlopen(request, timeout=_PATIENCE) as answer,
            whole_file(path) as unfinished,
        ):
            with unfinished.open('wb') as file:
                found = _copy(answer, file, path.name)
            if digits is not None and not found.startswith(digits):
                raise ValueError(
                    f'invalid hash: its SHA-256 should begin with {digits} and is '
                    f'{found}; nothing was kept'
                )
    except (OSError, http.client.HTTPException, RuntimeError, ValueError) as error:
        raise CheckpointDownloadError(
            f'{url} could not be downloaded: {error}. Without a network, '
            f'{remedy.replace("{path}", str(path))}.'
        ) from error


def _copy(answer: Any, file: BinaryIO, name: str) -> str:
    """Copy what a server sends into a file; return its SHA-256.

    Raises:
        ValueError: It is a page for a browser, or less than the server has announced.
    """
    head = answer.info()
    if head.get_content_type() == 'text/html':
        raise ValueError('the server sent a page to be read in a browser, and no file')
    size = int(head.get('Content-Length') or 0)
    show = ProgressBar(f'fetching {name}')
    digest, done = hashlib.sha256(), 0
    while chunk := answer.read(_CHUNK):
        file.write(chunk)
        digest.update(chunk)
        done += len(chunk)
        show(done, size)
    if size and done != size:
        raise ValueError(f'only {done} of {size} bytes came')
    return digest.hexdigest()


def _compare(path: Path, digits: str) -> None:
    digest = digest_of(path)
    if not digest.startswith(digits):
        raise UnreadableCheckpointError(
            f'{path} is not the file that was published: its SHA-256 begins with '
            f'{digest[: len(digits)]}, and should with {digits}. Remove it to have it '
            'fetched again.'
        )
