"""Pages of classes and functions: which of them, in which order.

What is written here are the lines ``::: NAME`` that mkdocstrings fills in.
"""

import inspect
from importlib import import_module
from types import ModuleType

from mmengine.registry import Registry

from mmreid import registry


def format_package(package: str) -> str:
    """List the public names of a package, by the module or room that they are from.

    Args:
        package (str): Such as ``'mmreid.apis'``; its ``__all__`` is what is public.

    Returns:
        str: Markdown with a section for each room.
    """
    module = import_module(package)
    rooms: dict[str, list[str]] = {}
    for name in module.__all__:
        full = _full_name(module, name)
        if full is None:
            continue
        rooms.setdefault(_room(package, full.rpartition('.')[0]), []).append(full)
    sections = []
    for room in sorted(rooms):
        text = inspect.getdoc(import_module(room)) or ''
        title = room.rpartition('.')[2].replace('_', ' ').capitalize()
        sections.append(_section(title, text.split('\n\n')[0], rooms[room]))
    return '\n\n'.join(sections)


def registered_types(name: str, folder: str = '') -> list[type]:
    """Find the types of mmreid in one of its registries.

    Args:
        name (str): The registry's, such as ``'MODELS'``.
        folder (str): Only those of modules that begin with it, such as
            ``'mmreid.models.necks'``. Defaults to ``''``: all of mmreid's.

    Returns:
        list[type]: Each once, by the name of their module, then of the type.
    """
    node: Registry = getattr(registry, name)
    node.import_from_location()
    types = {
        value
        for value in node.module_dict.values()
        if value.__module__.startswith(folder or 'mmreid.')
    }
    return sorted(types, key=lambda t: (t.__module__, t.__name__))


def format_registry(name: str, folder: str = '') -> str:
    """List the types of a registry.

    Args:
        name (str): The registry's, such as ``'MODELS'``.
        folder (str): As in :func:`registered_types`.

    Returns:
        str: Markdown, a line for mkdocstrings for each type.
    """
    types = registered_types(name, folder)
    return '\n\n'.join(f'::: {t.__module__}.{t.__qualname__}' for t in types)


def _full_name(module: ModuleType, name: str) -> str | None:
    """Where a public name is defined; None for a module, and for a plain value."""
    value = getattr(module, name)
    if inspect.isclass(value) or inspect.isfunction(value):
        return f'{value.__module__}.{value.__qualname__}'
    return None


def _room(package: str, module: str) -> str:
    """The part of the package that a module is in, one level below it."""
    if not module.startswith(f'{package}.'):
        return module
    return '.'.join(module.split('.')[: package.count('.') + 2])


def _section(title: str, text: str, names: list[str]) -> str:
    lines = '\n\n'.join(f'::: {name}' for name in names)
    return f'## {title}\n\n{text}\n\n{lines}'
