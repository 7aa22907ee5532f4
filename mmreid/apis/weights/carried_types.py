"""Which types the config in a checkpoint may name: a file may be anybody's."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mmengine import registry as root
from mmengine.registry import Registry

from mmreid import registry as own
from mmreid.apis.weights.errors import WrongWeightsError

# Where types are looked for, by the part of the config.
_REGISTRIES = ('MODELS', 'DATASETS', 'TRANSFORMS', 'DATA_SAMPLERS', 'METRICS', 'LOOPS')
_WORDS = ('default_collate', 'pseudo_collate', 'Pretrained', 'Evaluator')
# Types of other packages whose constructors compute and fetch, read or write nothing.
_MODULES = (
    *('torch.nn.', 'mmcv.cnn.', 'mmcv.transforms.', 'mmengine.dataset.'),
    *('mmengine.runner.loops', 'mmengine.model.base_model.', 'mmengine.utils.dl_utils'),
    *('mmpretrain.models.backbones.', 'mmpretrain.models.losses.'),
    *('mmpretrain.models.necks.', 'mmpretrain.models.utils.'),
    *('mmpretrain.datasets.transforms.', 'mmpretrain.datasets.samplers.'),
)
# These fetch weights, look names up in other packages, or read or write files.
_NOT = (
    *('TIMMBackbone', 'Albumentations', 'Albu', 'DumpEmbeddings', 'ParrotsWrapper'),
    'ExportedNetwork',
)
_SCOPES = ('mmreid', 'mmpretrain', 'mmengine')
_NAME = re.compile(r'(?:(\w+)\.)?(\w+)')
_ADDRESS = re.compile(r'\w+:/')
_READERS = ('backend_args', 'file_client_args')


def check_types(config: Mapping[str, Any], source: str, imports: Any = None) -> None:
    """Refuse a config that names more than known types with plain values.

    mmengine imports and calls whatever a ``type`` names with dots, and packages that
    a scope names.

    Args:
        config (Mapping): Values by name.
        source (str): The checkpoint, for the message.
        imports (Any): The config's ``custom_imports``, which are not imported.
            Defaults to None.

    Raises:
        WrongWeightsError: It names a type that is unknown, or not for a file.
    """
    for place, key, value in _entries(config, ''):
        if key == 'type' and not _is_known(value):
            raise WrongWeightsError(
                f'{source}: its config names the type {str(value)[:80]!r} at {place}, '
                f'which is not known, or not to be had from a file{_remedy(imports)}'
            )
        if key == '_scope_' and value not in _SCOPES:
            raise WrongWeightsError(
                f'{source}: its config names the package {str(value)[:80]!r} at '
                f'{place}, which is not imported{_remedy(None)}'
            )
        if key in _READERS and value not in (None, {'backend': 'local'}):
            raise WrongWeightsError(
                f'{source}: its config has pictures read from elsewhere, by {place}'
                f'{_remedy(None)}'
            )
        is_address = isinstance(value, str) and _ADDRESS.match(value)
        if is_address and '.init_cfg' not in f'.{place}':
            raise WrongWeightsError(
                f'{source}: its config names the address {value[:80]!r} at {place}'
                f'{_remedy(None)}'
            )


def _remedy(imports: Any) -> str:
    """Tell what to do instead."""
    modules = imports.get('imports') if isinstance(imports, Mapping) else imports
    modules = [modules] if isinstance(modules, str) else modules
    if isinstance(modules, list | tuple) and modules:
        names = ', '.join(map(str, modules))[:200]
        return (
            f'. The config imports {names}, which a file may not do: import that '
            'yourself before, or give the config that it was trained with.'
        )
    return '; give the config that it was trained with.'


def _entries(node: Any, place: str) -> Iterator[tuple[str, Any, Any]]:
    """Walk through dicts and lists: place, key and value of each entry."""
    pairs = node.items() if isinstance(node, Mapping) else enumerate(node)
    for key, value in pairs:
        inner = f'{place}.{key}'.removeprefix('.')
        yield inner, key, value
        if isinstance(value, Mapping | list | tuple):
            yield from _entries(value, inner)


def _is_known(name: Any) -> bool:
    """Whether a type is one of ours, or a harmless one of the packages below."""
    match = _NAME.fullmatch(name) if isinstance(name, str) else None
    if match is None or match[2] in _NOT or match[1] not in (None, *_SCOPES):
        return False
    if match[2] in _WORDS:
        return match[1] in (None, 'mmengine')
    return any(
        node is registry or kind.__module__.startswith(_MODULES)
        for registry, node in _nodes()
        if (kind := node.module_dict.get(match[2])) is not None
    )


def _nodes() -> Iterator[tuple[Registry, Registry]]:
    """Pair each registry of ours with all of its name, itself included."""
    from mmpretrain import registry as theirs

    for name in _REGISTRIES:
        registry = getattr(own, name)
        for place in (own, root, theirs):
            node = getattr(place, name)
            node.import_from_location()
            yield registry, node
