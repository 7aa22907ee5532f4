"""Files on Google Drive, which most authors publish weights on, fetched by gdown."""

import importlib.util
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from mmreid.optional import import_optional

_FILE = re.compile(
    r'https://(?:drive|docs)\.google\.com/'
    r'(?:file/d/|(?:open|uc)\?(?:\w+=\w+&)*id=)([\w-]+)'
)
_PATIENCE = 30.0  # seconds without an answer


class DriveError(ConnectionError):
    """Google Drive did not give the file."""


def drive_id(address: str) -> str | None:
    """Find the number of a file on Google Drive.

    Args:
        address (str): Such as ``https://drive.google.com/file/d/ID/view``.

    Returns:
        str | None: The number; None of a folder or another address.
    """
    match = _FILE.match(address)
    return None if match is None else match[1]


def can_fetch(address: str) -> bool:
    """Whether an address is of a file on Google Drive, and gdown is installed.

    Args:
        address (str): The address.
    """
    return bool(drive_id(address)) and bool(importlib.util.find_spec('gdown'))


def fetch_from_drive(address: str, path: Path) -> None:
    """Fetch a file, whole or not at all.

    Args:
        address (str): For which :func:`can_fetch` is true.
        path (Path): The file to write; folders are made.

    Raises:
        DriveError: It was not given: there is no network, the file is gone, or too
            many have asked for it today.
        OSError: It cannot be written.
    """
    gdown = import_optional('gdown', 'Fetching from Google Drive')
    with TemporaryDirectory(dir=_folder(path)) as folder:
        fetched = Path(folder, 'weights')
        try:
            gdown.download(
                id=drive_id(address),
                output=str(fetched),
                use_cookies=False,
                timeout=_PATIENCE,
            )
        except Exception as error:  # of gdown, and of requests below it
            reason = str(error).strip().partition('\n')[0] or type(error).__name__
            raise DriveError(reason) from error
        if not fetched.is_file():
            raise DriveError('nothing came')
        fetched.replace(path)


def _folder(path: Path) -> Path:
    """Make the folder of a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.parent
