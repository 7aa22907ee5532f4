"""What a folder holds: pictures, and what is passed over."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from mmengine.logging import MMLogger

from mmreid.datasets.reading.file_names import SUFFIXES, quote_first
from mmreid.datasets.reading.special_files import is_special

# Files that lie beside pictures and are none.
DOCUMENTS = (
    *('.txt', '.list', '.md', '.rst', '.pdf', '.html', '.log', '.csv', '.tsv', '.json'),
    *('.xml', '.yaml', '.yml', '.ini', '.db', '.xlsx', '.mat', '.npy', '.npz', '.h5'),
    *('.pkl', '.pth', '.py', '.m', '.sh', '.zip', '.rar', '.7z', '.tar', '.gz'),
)
# Folders in which systems and programs keep their own copies of pictures.
SYSTEM_FOLDERS = ('@eaDir', '#recycle', '$RECYCLE.BIN', '__MACOSX', 'lost+found')


@dataclass(frozen=True)
class Contents:
    """The files of a folder, by name, sorted; in folders below with their path.

    Attributes:
        pictures: Pictures.
        below: Pictures in folders below that are not searched.
        dangling: Links with the name of a picture that lead to nothing.
        others: What may be a picture and is not read as one.
    """

    pictures: list[str] = field(default_factory=list)
    below: list[str] = field(default_factory=list)
    dangling: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    @property
    def unread(self) -> list[str]:
        """All that is not read."""
        return [*self.below, *self.dangling, *self.others]

    def describe_unread(self) -> str:
        """Count what is not read, nothing if all is."""
        kinds = [os.path.splitext(name)[1].lower() for name in self.others]
        descriptions = [
            f'{number:,} {kind or "without suffix"}'
            for kind, number in sorted(Counter(kinds).items())
        ]
        if self.below:
            descriptions.append(f'{len(self.below):,} in folders below')
        if self.dangling:
            descriptions.append(f'{len(self.dangling):,} links that lead to nothing')
        return ', '.join(descriptions)


def list_contents(folder: str, recursive: bool = False) -> Contents:
    """List what is in a folder and below it, in the same order everywhere.

    Hidden files, documents and the folders of systems count as nothing.

    Args:
        folder (str): The folder.
        recursive (bool): Pictures in folders below count as pictures, too.

    Raises:
        ValueError: A pipe, socket or device has the name of a picture.
    """
    contents = Contents()
    for name, entry in _walk(folder, '', frozenset({_identity(folder)})):
        suffix = os.path.splitext(name)[1].lower()
        if suffix in SUFFIXES:
            _find_list(contents, entry, recursive or '/' not in name).append(name)
        elif suffix not in DOCUMENTS:
            contents.others.append(name)
    for names in (contents.pictures, contents.below, contents.dangling):
        names.sort()
    contents.others.sort()
    return contents


def list_pictures(folder: str, recursive: bool = False) -> list[str]:
    """List the file names of a folder's pictures, in the same order everywhere.

    Args:
        folder (str): The folder.
        recursive (bool): Also those in folders below, with their path, ``/`` between
            its parts.

    Raises:
        ValueError: As :func:`list_contents`.
    """
    return list_contents(folder, recursive).pictures


def describe_folder(root: str) -> str:
    """Say what is where something was looked for.

    Args:
        root (str): The folder.
    """
    if not os.path.isdir(root):
        return f'{root!r} does not exist'
    return f'{root!r} holds {quote_first(sorted(os.listdir(root))) or "nothing"}'


@lru_cache(1024)
def warn_once(text: str) -> None:
    """Log a warning, unless this process has said the same before.

    Args:
        text (str): The warning.
    """
    MMLogger.get_current_instance().warning(text)


def _find_list(contents: Contents, entry: os.DirEntry, searched: bool) -> list[str]:
    """Return the list that a file with the name of a picture belongs to."""
    if entry.is_symlink() and not os.path.exists(entry.path):
        return contents.dangling
    # Listing the folder told what is a file; to ask for each of them takes long on
    # network file systems.
    if not entry.is_file() and is_special(entry.path):
        raise ValueError(f'{entry.path!r} is a pipe, socket or device; remove it.')
    return contents.pictures if searched else contents.below


def _walk(
    folder: str, start: str, above: frozenset[tuple[int, int]]
) -> Iterator[tuple[str, os.DirEntry]]:
    """Yield all that is no folder; links to folders around it are not followed."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith('.') or entry.name in SYSTEM_FOLDERS:
                continue
            name = start + entry.name
            # A link that leads to itself makes entry.is_dir() raise.
            inside = os.path.isdir(entry.path) if entry.is_symlink() else entry.is_dir()
            if not inside:
                yield name, entry
            elif (identity := _identity(entry.path)) not in above:
                yield from _walk(entry.path, f'{name}/', above | {identity})


def _identity(folder: str) -> tuple[int, int]:
    status = os.stat(folder)
    return status.st_dev, status.st_ino
