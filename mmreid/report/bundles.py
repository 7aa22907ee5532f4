"""Where a page goes: a folder, or one file that holds everything."""

import base64
import json
import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from mmreid.files import whole_file
from mmreid.report.templates import (
    read_asset,
    render,
    render_linked,
    script_json,
    styles_of,
)
from mmreid.version import __version__

# Tells a folder of ours, which may be written over.
_MARK = 'mmreid-report.json'
# Names of files may be no Unicode; then their bytes are shown by number.
_UNICODE: Any = dict(encoding='utf-8', errors='backslashreplace')
_TYPES = {'.jpg': 'image/jpeg', '.png': 'image/png'}
#: Bytes of one file at most; browsers are slow to open a larger one.
LARGEST_FILE = 64 * 2**20


class Bundle(ABC):
    """Takes the data and the pictures of a page, and at last its text.

    The page's script asks for data by ``mmreid.load(name)`` and for a picture's address
    by ``mmreid.picture(name)``, whichever form the page has.
    """

    @abstractmethod
    def add_data(self, name: str, value: Any) -> None:
        """Add values for the page's script, which asks for them when it needs them.

        Args:
            name (str): Letters, digits and ``/ - _``, such as ``'ranks/12'``.
            value (Any): What :func:`mmreid.files.to_json` takes.
        """

    @abstractmethod
    def add_picture(self, name: str, content: bytes) -> None:
        """Add a picture.

        Args:
            name (str): Such as ``'thumbnails/12.jpg'``; ``.jpg`` or ``.png``.
            content (bytes): The encoded picture.
        """

    @abstractmethod
    def finish(
        self, template: str, scripts: tuple[str, ...] = (), **values: Any
    ) -> None:
        """Write the page itself, after all that belongs to it.

        Args:
            template (str): In ``assets/``; it extends ``base.html``. The style sheet
                of its name is taken too where there is one.
            scripts (tuple[str, ...]): In ``assets/``, beside ``base.js``, in the order
                in which they run. Defaults to none.
            **values (Any): What the template names.
        """


@contextmanager
def open_bundle(path: str | os.PathLike, overwrite: bool = False) -> Iterator[Bundle]:
    """Have a page written, the whole of it or none.

    Args:
        path (str | os.PathLike): A folder, or a file that ends in ``.html``.
        overwrite (bool): Whether an earlier page of mmreid there may be replaced.
            Defaults to False.

    Yields:
        Bundle: Where to put it.

    Raises:
        FileExistsError: There is something, and it is no page of mmreid's or
            ``overwrite`` is False.
        ValueError: One file would be too large.
    """
    target = Path(path)
    check_place(target, overwrite)
    if _is_file(target):
        with whole_file(target) as unfinished:
            yield _FileBundle(target, unfinished)
        return
    unfinished = target.with_name(f'{target.name}.unfinished-{os.getpid()}')
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        yield _FolderBundle(unfinished)
        if target.exists():
            shutil.rmtree(target)
        unfinished.replace(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _is_file(target: Path) -> bool:
    return target.suffix.lower() in ('.html', '.htm')


def check_place(path: str | os.PathLike, overwrite: bool = False) -> None:
    """Refuse to write over anything that is not ours; long work asks it before.

    Args:
        path (str | os.PathLike): As of :func:`open_bundle`.
        overwrite (bool): As there. Defaults to False.

    Raises:
        FileExistsError: As of :func:`open_bundle`.
    """
    target = Path(path)
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return
    ours = (
        target.is_file()
        and 'content="mmreid' in target.read_text('utf-8', 'replace')[:2000]
        if _is_file(target)
        else (target / _MARK).is_file()
    )
    if ours and overwrite:
        return
    remedy = 'overwrite it (--overwrite)' if ours else 'give another place'
    raise FileExistsError(f'{target} exists already: {remedy}.')


def _check_name(name: str) -> None:
    plain = name.replace('/', '').replace('-', '').replace('_', '').replace('.', '')
    if not (plain.isascii() and plain.isalnum()) or '..' in PurePosixPath(name).parts:
        raise ValueError(f'A part of a page must have a plain name, got {name!r}.')


class _FolderBundle(Bundle):
    """A folder with ``index.html``, ``assets/``, ``data/`` and ``pictures/``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add_data(self, name: str, value: Any) -> None:
        _check_name(name)
        text = f'mmreid.receive({json.dumps(name)},{script_json(value)});\n'
        self._write(f'data/{name}.js', text.encode())

    def add_picture(self, name: str, content: bytes) -> None:
        _check_name(name)
        self._write(f'pictures/{name}', content)

    def finish(
        self, template: str, scripts: tuple[str, ...] = (), **values: Any
    ) -> None:
        """Write the page, and its scripts and style sheets beside it."""
        page, assets = render_linked(template, scripts, **values)
        for name in assets:
            self._write(f'assets/{name}', read_asset(name).encode())
        self._write('index.html', page.encode(**_UNICODE))
        self._write(_MARK, json.dumps(dict(version=__version__)).encode())

    def _write(self, name: str, content: bytes) -> None:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


class _FileBundle(Bundle):
    """One file with all inside."""

    def __init__(self, target: Path, unfinished: Path) -> None:
        self._target, self._unfinished = target, unfinished
        self._data: dict[str, str] = {}
        self._pictures: dict[str, str] = {}
        self._size = 0

    def add_data(self, name: str, value: Any) -> None:
        _check_name(name)
        self._data[name] = script_json(value)
        self._count(len(self._data[name]))

    def add_picture(self, name: str, content: bytes) -> None:
        _check_name(name)
        kind = _TYPES[PurePosixPath(name).suffix]
        address = f'data:{kind};base64,{base64.b64encode(content).decode()}'
        self._pictures[name] = address
        self._count(len(address))

    def finish(
        self, template: str, scripts: tuple[str, ...] = (), **values: Any
    ) -> None:
        """Write the page, with everything in it."""
        names = ('base.js', *scripts)
        page = render(
            template,
            **values,
            parts=dict(
                is_file=True,
                scripts=[read_asset(name) for name in names],
                styles=[read_asset(name) for name in styles_of(template)],
                data=self._data,
                pictures=script_json(self._pictures),
            ),
            version=__version__,
        )
        self._unfinished.write_bytes(page.encode(**_UNICODE))

    def _count(self, size: int) -> None:
        self._size += size
        if self._size > LARGEST_FILE:
            raise ValueError(
                f'{self._target} must be at most {LARGEST_FILE // 2**20} MB to open '
                'quickly, and would be more; give a folder (a name without .html), or '
                'fewer pictures.'
            )
