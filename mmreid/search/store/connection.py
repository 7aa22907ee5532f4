"""Opening a gallery's file, and what goes wrong with it, in sentences."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mmreid.search.store.schema import APPLICATION_ID, PAGE_SIZE, TABLES, VERSION


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Say which file SQLite complains of, and what to do.

    Args:
        path (Path): The file.

    Yields:
        None: Inside, SQLite is used.

    Raises:
        TimeoutError: Another process writes for too long.
        OSError: The disk is full, or the file cannot be read or written.
        ValueError: The file is damaged or no gallery.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise _translate(path, error) from error


def _translate(path: Path, error: sqlite3.DatabaseError) -> Exception:
    code = getattr(error, 'sqlite_errorcode', 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return TimeoutError(
            f'{path} is being written by another process for too long; nothing was '
            'changed. Wait for it, or give a longer timeout.'
        )
    if code == sqlite3.SQLITE_FULL:
        return OSError(f'{path}: the disk is full ({error}); nothing was changed.')
    if code == sqlite3.SQLITE_READONLY:
        return OSError(f'{path} cannot be written ({error}); open it with read_only.')
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR):
        return OSError(
            f'{path} cannot be read or written ({error}); what add had returned for '
            'is kept. Look at the disk and the permissions of file and folder.'
        )
    if code == sqlite3.SQLITE_NOTADB:
        return ValueError(f'{path} is no gallery: no SQLite file.')
    if code == sqlite3.SQLITE_CORRUPT:
        return ValueError(f'{path} is damaged ({error}); take a copy of it.')
    return ValueError(f'{path}: {error}.')


def create(path: Path, meta: dict[str, str], timeout: float) -> None:
    """Make a new file with empty tables, whole or not there.

    Args:
        path (Path): Where.
        meta (dict[str, str]): What is written into ``meta``.
        timeout (float): Seconds to wait for others.

    Raises:
        FileExistsError: There is something.
        OSError: It cannot be written.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(f'{path.parent} must be a folder, to keep {path.name}.')
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except FileExistsError as error:
        raise FileExistsError(f'{path} exists; open it, or remove it.') from error
    try:
        with explained(path):
            connection = sqlite3.connect(path, timeout, isolation_level=None)
            try:
                connection.execute(f'PRAGMA page_size = {PAGE_SIZE}')
                connection.execute('PRAGMA journal_mode = WAL')
                connection.execute('PRAGMA synchronous = FULL')
                connection.execute('BEGIN IMMEDIATE')
                for statement in filter(str.strip, TABLES.split(';')):
                    connection.execute(statement)
                connection.executemany('INSERT INTO meta VALUES (?, ?)', meta.items())
                connection.execute(f'PRAGMA application_id = {APPLICATION_ID}')
                connection.execute(f'PRAGMA user_version = {VERSION}')
                connection.execute('COMMIT')
            finally:
                connection.close()
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def connect(path: Path, read_only: bool, timeout: float) -> sqlite3.Connection:
    """Open a gallery's file.

    Args:
        path (Path): The file.
        read_only (bool): Whether nothing will be written.
        timeout (float): Seconds to wait for another writer.

    Returns:
        sqlite3.Connection: Without transactions of its own.

    Raises:
        FileNotFoundError: There is none.
        ValueError: It is no gallery, or of a newer version.
        OSError: It cannot be read.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f'{path} does not exist or is no file; make it with Gallery.create.'
        )
    mode = 'ro' if read_only else 'rw'
    wal = path.with_name(path.name + '-wal')
    if read_only and not wal.exists() and not os.access(path.parent, os.W_OK):
        # Without other processes' files SQLite would have to make its own.
        mode = 'ro&immutable=1'
    with explained(path):
        connection = sqlite3.connect(
            f'{path.absolute().as_uri()}?mode={mode}',
            timeout,
            isolation_level=None,
            check_same_thread=False,
            uri=True,
        )
        try:
            _check(path, connection)
            if not read_only:
                connection.execute('PRAGMA synchronous = FULL')
        except BaseException:
            connection.close()
            raise
    return connection


def _check(path: Path, connection: sqlite3.Connection) -> None:
    found = connection.execute('PRAGMA application_id').fetchone()[0]
    version = connection.execute('PRAGMA user_version').fetchone()[0]
    if found != APPLICATION_ID:
        raise ValueError(f'{path} is no gallery, but another or an unfinished file.')
    if version > VERSION:
        raise ValueError(
            f'{path} has version {version} of the format, this program knows '
            f'{VERSION}; install a newer mmreid.'
        )
