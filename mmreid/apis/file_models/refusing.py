"""What an exported file cannot do, and what can."""

from collections.abc import Mapping
from typing import Any

from mmengine.config import Config

from mmreid.apis.file_models.config import is_run_by_file
from mmreid.deploy import is_exported
from mmreid.deploy.exported_network import ExportedNetwork


def refuse_exported(purpose: str, *given: Any) -> None:
    """Refuse an exported file where parameters are needed.

    Args:
        purpose (str): What cannot be done with it, such as ``'trained'``.
        *given (Any): Paths, configs, networks or anything else.

    Raises:
        ValueError: One is such a file, or has it for a network.
    """
    for thing in given:
        file = _file_of(thing)
        if file is not None:
            raise ValueError(
                f'{file} cannot be {purpose}: an exported file turns pictures into '
                'vectors, and neither its weights nor its maps are to be had. Give the '
                'checkpoint that it was made of.'
            )


def _file_of(given: Any) -> Any:
    """Return the exported file that is meant, None for none."""
    if isinstance(given, ExportedNetwork):
        return given.exported.path
    if isinstance(given, Mapping | Config):
        return given['model']['file'] if is_run_by_file(given) else None
    return given if is_exported(given) else None
