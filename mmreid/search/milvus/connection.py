"""Reaching Milvus: a server over the network, or Milvus Lite inside this process."""

import logging
import logging.config
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from mmreid.optional import import_optional
from mmreid.search.milvus.address import MilvusAddress
from mmreid.search.milvus.lite import LiteServer, acquire_server, release_server

_USE = 'A gallery in Milvus'
TOKEN_VARIABLE = 'MILVUS_TOKEN'
_import_lock = threading.Lock()


def import_pymilvus() -> Any:
    """Return the module ``pymilvus``, without the logging that it sets up.

    That would close the log files of all that runs in this process, such as a training,
    which writes to them.
    """
    # Of two threads at once the second would keep the replacement, and put it back.
    with _import_lock:
        set_up = logging.config.dictConfig
        logging.config.dictConfig = lambda config: None
        try:
            return import_optional('pymilvus', _USE)
        finally:
            logging.config.dictConfig = set_up


@contextmanager
def explained(address: MilvusAddress) -> Iterator[None]:
    """Say which gallery Milvus complains of.

    Args:
        address (MilvusAddress): Where it is.

    Yields:
        None: Inside, pymilvus is used.

    Raises:
        OSError: Milvus could not do it.
    """
    try:
        yield
    except import_pymilvus().MilvusException as error:
        raise OSError(
            f'{address.text}: Milvus answers {str(error.message).strip()!r} (code '
            f'{error.code}); what had been returned for is kept.'
        ) from error


class Connection:
    """A client and, for Milvus Lite, a share of its server.

    Args:
        address (MilvusAddress): Where.
        token (str, optional): ``user:password`` or an API key. Defaults to None: what
            the environment's ``MILVUS_TOKEN`` says, if anything.
        timeout (float): Seconds within which a server must answer.
        create (bool): Whether a folder of Milvus Lite may be made. Defaults to False.

    Attributes:
        client: The ``MilvusClient``.
        address: Where.

    Raises:
        FileNotFoundError: There is no such folder of Milvus Lite.
        OSError: Nobody answers, or another process has the folder open.
    """

    def __init__(
        self,
        address: MilvusAddress,
        token: str | None,
        timeout: float,
        create: bool = False,
    ) -> None:
        self.address = address
        self._lite: LiteServer | None = None
        pymilvus = import_pymilvus()
        if address.path is None:
            uri = _server_uri(address, timeout)
        else:
            if not create and not os.path.isdir(address.path):
                raise FileNotFoundError(
                    f'{address.text}: there is no folder {address.path} of Milvus '
                    'Lite; make the gallery first.'
                )
            self._lite = acquire_server(address)
            uri = f'http://127.0.0.1:{self._lite.port}'
        options: dict[str, Any] = dict(db_name=address.database)
        token = os.environ.get(TOKEN_VARIABLE, '') if token is None else token
        if token and address.path is None:
            options['token'] = token
        try:
            self.client = pymilvus.MilvusClient(uri=uri, timeout=timeout, **options)
        except pymilvus.MilvusException as error:
            self._release()
            raise OSError(
                f'{address.text} does not let us in: {error.message}. Look at the '
                f'address, and at the token or {TOKEN_VARIABLE}.'
            ) from error
        except BaseException:
            self._release()
            raise

    @contextmanager
    def opening(self) -> Iterator[None]:
        """Open collections, of Milvus Lite one thread after the other.

        Yields:
            None: Inside, collections may be used for the first time.
        """
        alone = self._lite.opening if self._lite else nullcontext()
        with alone, explained(self.address):
            yield

    @contextmanager
    def indexing(self) -> Iterator[None]:
        """Make or replace collections or their index, and nobody opens them meanwhile.

        Yields:
            None: pymilvus tries ``AllocTimestamp``, which Milvus Lite lacks, and does
            without it; grpc does not print that.
        """
        logger = logging.getLogger('grpc._server')

        def hush(record: logging.LogRecord) -> bool:
            return self._lite is None

        logger.addFilter(hush)
        try:
            with self.opening():
                yield
        finally:
            logger.removeFilter(hush)

    def close(self) -> None:
        """Let go; the last gallery of a folder of Milvus Lite unlocks it."""
        if self.client is not None:
            self.client.close()
            self.client = None
            self._release()

    def _release(self) -> None:
        if self._lite is not None:
            release_server(self._lite)
            self._lite = None


def _server_uri(address: MilvusAddress, timeout: float) -> str:
    """Look whether anybody listens, which gRPC would be slow and vague about."""
    try:
        socket.create_connection((address.host, address.port), timeout).close()
    except OSError as reason:
        raise OSError(
            f'{address.text} does not answer at {address.host}, port {address.port} '
            f'({reason}); start the server, or correct the address.'
        ) from reason
    scheme = 'https' if address.secure else 'http'
    host = f'[{address.host}]' if ':' in str(address.host) else address.host
    return f'{scheme}://{host}:{address.port}'
