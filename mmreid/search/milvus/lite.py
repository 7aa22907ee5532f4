"""Milvus Lite: one server in this process for each folder, shared by its galleries."""

import os
import threading
from dataclasses import dataclass, field
from typing import Any

from mmreid.optional import import_optional
from mmreid.search.milvus.address import MilvusAddress

_USE = 'A gallery in Milvus Lite'


@dataclass(eq=False)
class LiteServer:
    """The server of a folder, which Milvus Lite locks for this process.

    Attributes:
        path: The folder.
        server: Of grpc.
        database: What it serves.
        port: Where it listens, on this machine only.
        opening: Held while collections are opened or made, or an index is. Milvus Lite
            opens a collection at its first use, and where two threads come first at
            once it opens two over the same files: what the first has loaded and
            written, whoever is given the second does not see.
        users: Connections that share it.
    """

    path: str
    server: Any
    database: Any
    port: int
    opening: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0


_servers: dict[str, LiteServer] = {}
_servers_lock = threading.Lock()


def acquire_server(address: MilvusAddress) -> LiteServer:
    """Return the server of a folder, started where nobody of this process uses it.

    Args:
        address (MilvusAddress): Of a gallery in Milvus Lite.

    Returns:
        LiteServer: To be given back to :func:`release_server`.

    Raises:
        OSError: Another process has the folder open, or it is a file.
    """
    path = os.path.realpath(address.path or '')
    with _servers_lock:
        if path not in _servers:
            _servers[path] = _start(path, address.text)
        _servers[path].users += 1
        return _servers[path]


def release_server(lite: LiteServer) -> None:
    """Let go of a server; the last one who does ends it and unlocks the folder.

    Args:
        lite (LiteServer): Of :func:`acquire_server`.
    """
    with _servers_lock:
        lite.users -= 1
        if not lite.users:
            del _servers[lite.path]
            lite.server.stop(grace=2).wait()
            lite.database.close()


def _start(path: str, text: str) -> LiteServer:
    server = import_optional('milvus_lite.adapter.grpc.server', _USE)
    locked = import_optional('milvus_lite', _USE)
    if os.path.exists(path) and not os.path.isdir(path):
        raise OSError(
            f'{text}: {path} is a file and no folder of Milvus Lite, from version 3 '
            'on; give another name.'
        )
    try:
        return LiteServer(path, *server.start_server_in_thread(path, '127.0.0.1', 0))
    except locked.DataDirLockedError as reason:
        raise OSError(
            f'{text} is open in another process, and Milvus Lite allows one; close it '
            'there, or start a Milvus server.'
        ) from reason
