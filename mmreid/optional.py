"""Packages that few users need: imported where they are used, or asked for by name."""

from importlib import import_module
from typing import Any


def import_optional(
    module: str,
    use: str,
    *,
    install: str = 'mmreid[optional]',
    instead: str = '',
    error: type[ImportError] = ImportError,
) -> Any:
    """Import a package that mmreid runs without.

    Args:
        module (str): Its full name, such as ``'pyarrow.parquet'``.
        use (str): What needs it, the beginning of a sentence: ``"search='faiss'"``.
        install (str): What to give to ``pip install``.
            Defaults to ``'mmreid[optional]'``.
        instead (str): What can be done without it, the end of a sentence.
            Defaults to ``''``: nothing.
        error (type[ImportError]): Raised where it is missing. Defaults to
            ``ImportError``.

    Returns:
        Any: The module.

    Raises:
        ImportError: It is not installed; the message says how to change that.
    """
    try:
        return import_module(module)
    except ImportError as reason:
        package = module.partition('.')[0]
        remedy = f', or {instead}' if instead else ''
        raise error(
            f'{use} needs the package {package}: pip install {install}{remedy}.'
        ) from reason
