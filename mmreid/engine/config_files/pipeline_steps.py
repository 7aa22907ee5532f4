"""Finding the steps of a config's pipelines, wherever they are written."""

from collections.abc import Iterator, Mapping
from typing import Any

from mmengine.config import Config


def steps_of(node: Any) -> Iterator[Any]:
    """List the dicts of a nest that have a type.

    Args:
        node (Any): A config, the ``_base_`` of one, or a part of it.

    Yields:
        Any: A dict with ``type``, itself and no copy.
    """
    if isinstance(node, Config):
        node = node._cfg_dict
    if isinstance(node, Mapping):
        if 'type' in node:
            yield node
        node = [*node.values()]
    if isinstance(node, list | tuple):
        for entry in node:
            yield from steps_of(entry)


def kind_of(step: Mapping) -> str:
    """Name a transform without the package it is from."""
    return str(step['type']).rpartition('.')[2]
