"""Making the collections of a gallery, and finding them again."""

import json
from typing import Any

from mmreid.search.milvus.address import MilvusAddress
from mmreid.search.milvus.connection import import_pymilvus
from mmreid.search.milvus.journal import Journal
from mmreid.search.milvus.schema import (
    JOURNAL_SUFFIX,
    VERSION,
    journal_schema,
    vector_schema,
)

_ABOUT = 'about'


def create_collections(
    client: Any, address: MilvusAddress, about: dict[str, Any], timeout: float
) -> None:
    """Make an empty gallery.

    Args:
        client (Any): A ``MilvusClient``.
        address (MilvusAddress): Where, and what name.
        about (dict): What is told of it: ``dim``, ``dtype``, ``model_key`` and
            ``model_name``.
        timeout (float): Seconds for each request.

    Raises:
        FileExistsError: There is a gallery, or another collection, of this name.
    """
    types = import_pymilvus().DataType
    names = (address.name + JOURNAL_SUFFIX, address.name)
    there = [client.has_collection(name, timeout=timeout) for name in names]
    journal = Journal(client, names[0], address.text, timeout)
    if there[0]:
        client.load_collection(names[0], timeout=timeout)
    # The journal is made first: vectors without one are somebody else's. What the
    # gallery is, is written last: without that it is ours, and unfinished.
    if there[0] and journal.read(_ABOUT) is not None:
        raise FileExistsError(
            f'{address.text}: there is a gallery of this name; open it, or give '
            'another name behind #.'
        )
    if there[1] and not there[0]:
        raise FileExistsError(
            f'{address.text}: there is a collection {address.name} that is no gallery; '
            'give another name behind #.'
        )
    for name, exists in zip(names, there, strict=True):
        if exists:
            client.drop_collection(name, timeout=timeout)
    schemas = (
        journal_schema(client, types),
        vector_schema(client, types, about['dim']),
    )
    for name, (schema, index) in zip(names, schemas, strict=True):
        client.create_collection(
            name,
            schema=schema,
            index_params=index,
            consistency_level='Strong',
            timeout=timeout,
        )
    journal.write(_ABOUT, json.dumps({**about, 'version': VERSION}))


def read_about(
    client: Any, address: MilvusAddress, journal: Journal, timeout: float
) -> dict[str, Any]:
    """Read what is told of a gallery.

    Args:
        client (Any): A ``MilvusClient``.
        address (MilvusAddress): Where, and what name.
        journal (Journal): Its records.
        timeout (float): Seconds for each request.

    Returns:
        dict[str, Any]: As of :func:`create_collections`.

    Raises:
        FileNotFoundError: There is none.
        ValueError: It is of a newer version.
    """
    name = address.name + JOURNAL_SUFFIX
    kept = None
    if client.has_collection(name, timeout=timeout):
        # Milvus Lite has released what it opens anew, and a server whatever somebody
        # has released; where it is loaded, this does nothing.
        client.load_collection(name, timeout=timeout)
        kept = journal.read(_ABOUT)
    if kept is None:
        raise FileNotFoundError(
            f'{address.text}: there is no gallery {address.name}; make it first, or '
            'give its name behind #.'
        )
    about = json.loads(kept)
    if about['version'] > VERSION:
        raise ValueError(
            f'{address.text} has version {about["version"]} of the format, this '
            f'program knows {VERSION}; install a newer mmreid.'
        )
    client.load_collection(address.name, timeout=timeout)
    return about
