"""Where a gallery in Milvus is: ``milvus:FILE.db#NAME``, ``http://host:19530#NAME``."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_LITE = 'milvus:'
_SERVERS = ('http://', 'https://')
_DEFAULT_NAME = 'gallery'
_DEFAULT_PORT = 19530
# What Milvus takes as the name of a collection; ours adds a suffix to it.
_NAME = re.compile(r'[A-Za-z_][A-Za-z0-9_]{0,199}')


def is_milvus(address: Any) -> bool:
    """Tell an address of Milvus from a file.

    Args:
        address (Any): What a user gives as a gallery.

    Returns:
        bool: Whether it begins as one.
    """
    return isinstance(address, str) and address.startswith((_LITE, *_SERVERS))


@dataclass(frozen=True)
class MilvusAddress:
    """An address, taken apart.

    Attributes:
        text: As it was given; it holds nothing secret.
        name: Of the collection, ``gallery`` unless it was given.
        path: The folder of Milvus Lite, None for a server.
        host: Of the server, None for Milvus Lite.
        port: Of the server.
        secure: Whether the server is reached by TLS.
        database: Of the server, ``''`` for its default one.
    """

    text: str
    name: str
    path: str | None = None
    host: str | None = None
    port: int = _DEFAULT_PORT
    secure: bool = False
    database: str = ''

    @classmethod
    def parse(cls, text: str) -> 'MilvusAddress':
        """Read an address.

        Args:
            text (str): ``milvus:FILE.db`` or ``http(s)://host:port/database``, with
                ``#NAME`` behind it if the gallery has a name.

        Returns:
            MilvusAddress: Its parts.

        Raises:
            ValueError: It is none.
        """
        place, _, name = text.partition('#')
        name = name or _DEFAULT_NAME
        if not _NAME.fullmatch(name):
            raise ValueError(
                f'The name behind # must be letters, digits and _ , got {name!r} in '
                f'{text}.'
            )
        if place.startswith(_LITE):
            path = place.removeprefix(_LITE)
            if not path:
                raise ValueError(f'{text} must name a file: milvus:FILE.db.')
            return cls(text, name, path=path)
        if not place.startswith(_SERVERS):
            raise ValueError(
                'A Milvus address must be milvus:FILE.db or http://host:19530, got '
                f'{text!r}.'
            )
        return cls._parse_server(text, place, name)

    @classmethod
    def _parse_server(cls, text: str, place: str, name: str) -> 'MilvusAddress':
        parts = urlsplit(place)
        if '@' in parts.netloc:
            raise ValueError(
                'A Milvus address must not hold a user or password, since addresses '
                'are printed; set MILVUS_TOKEN to user:password, or give token.'
            )
        try:
            port = parts.port or _DEFAULT_PORT
        except ValueError as reason:
            raise ValueError(f'{text}: {reason}.') from reason
        if not parts.hostname:
            raise ValueError(f'{text} must name a host: http://host:19530.')
        return cls(
            text,
            name,
            host=parts.hostname,
            port=port,
            secure=parts.scheme == 'https',
            database=parts.path.strip('/'),
        )
