"""The data loaders of a config, whether it has one for a purpose or several."""

from collections.abc import Mapping
from typing import Any

LOADERS = ('train_dataloader', 'val_dataloader', 'test_dataloader')


def list_loaders(config: Mapping[str, Any], name: str) -> list[Any]:
    """List the data loaders that a config has for one purpose.

    Args:
        config (Mapping[str, Any]): The config.
        name (str): One of ``LOADERS``.

    Returns:
        list[Any]: The settings themselves, not copies of them; none where there is no
        such loader.
    """
    loaders = config.get(name)
    if loaders is None:
        return []
    return [*loaders] if isinstance(loaders, list | tuple) else [loaders]
