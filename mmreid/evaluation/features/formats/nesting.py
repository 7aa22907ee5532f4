"""Arrays inside of structures, groups and dicts, under the names that tell them."""

from collections.abc import Mapping
from typing import Any

from mmreid.evaluation.features.formats.damage import FeaturesFileError

# Halves of a test set, whose name is part of what their arrays are.
_HALVES = ('query', 'gallery', 'q', 'g')
_DEEPEST = 4


def flatten(nested: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    """Bring what is nested to one level.

    A field keeps its own name (``result.feat`` is ``feat``), behind that of its half
    where a structure is one (``query.feat`` is ``query_feat``).

    Args:
        nested (Mapping[str, Any]): Arrays and further mappings by name.
        depth (int): Number of mappings around it. Defaults to 0.

    Raises:
        FeaturesFileError: Two arrays of one name, or mappings nested too deeply.
    """
    if depth > _DEEPEST:
        raise FeaturesFileError(f'its structures are nested more than {_DEEPEST} deep.')
    flat: dict[str, Any] = {}
    for name, value in nested.items():
        fields = {name: value}
        if isinstance(value, Mapping):
            half = f'{name}_' if name.lower() in _HALVES else ''
            inner = flatten(value, depth + 1)
            fields = {f'{half}{key}': item for key, item in inner.items()}
        for key, item in fields.items():
            if key in flat:
                raise FeaturesFileError(f'two of its arrays are called {key!r}.')
            flat[key] = item
    return flat
