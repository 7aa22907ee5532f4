"""What a pickle describes: names, calls that were not made, and plain containers."""

from collections.abc import Mapping
from typing import Any, NamedTuple

# Called by every file of weights; what they make is read from their arguments.
TENSORS = {'torch._utils._rebuild_tensor', 'torch._utils._rebuild_tensor_v2'}
PARAMETERS = {
    'torch._utils._rebuild_parameter',
    'torch._utils._rebuild_parameter_with_state',
    'torch.nn.parameter.Parameter',
    'torch.nn.parameter.Buffer',
}
DICTS = {'collections.OrderedDict', 'collections.defaultdict', 'builtins.dict'}
SETS = {'builtins.set'}
# Larger ones can be chosen so that a dictionary of them takes hours.
_LARGEST_KEY = 2**32


class Name:
    """A function or class that the file names."""

    __slots__ = ('calls', 'path')

    def __init__(self, path: str) -> None:
        self.path = path
        self.calls = 0


class Inert:
    """What a call or a construction would have made: its name, arguments and state."""

    __slots__ = ('args', 'items', 'path', 'state')

    def __init__(self, path: str, args: Any) -> None:
        if not isinstance(args, tuple):
            raise ValueError(f'it calls {path} without a tuple of arguments')
        self.path = path
        self.args = args
        self.state: Any = None
        self.items: dict[Any, Any] = {}


class Storage(NamedTuple):
    """Where a tensor's numbers are: what torch pickles in their place."""

    kind: str
    key: str
    size: int


def key_of(value: Any) -> Any:
    """Check a key of a dictionary or a member of a set.

    Args:
        value (Any): What the pickle takes for one.

    Returns:
        Any: The same.

    Raises:
        ValueError: Finding it in the dictionary could take hours.
    """
    parts = value if isinstance(value, tuple) else (value,)
    if any(isinstance(part, tuple) and not isinstance(part, Storage) for part in parts):
        raise ValueError('it has a dictionary whose keys are nested')
    if any(isinstance(part, int) and abs(part) >= _LARGEST_KEY for part in parts):
        raise ValueError('it has a dictionary with a number beyond 32 bits for a key')
    # Many rows of three numbers, or with a fraction, can be chosen to have one hash.
    is_row = isinstance(value, tuple) and not isinstance(value, Storage)
    if is_row and (len(parts) > 2 or any(isinstance(part, float) for part in parts)):
        raise ValueError('it has a dictionary whose keys are rows of numbers')
    return value


def pairs_of(items: list[Any]) -> dict[Any, Any]:
    """Make a dictionary of keys and values in turn.

    Args:
        items (list[Any]): Key, value, key, value, ...

    Returns:
        dict[Any, Any]: The dictionary.

    Raises:
        ValueError: The last value is missing, or a key is not to be one.
    """
    if len(items) % 2:
        raise ValueError('it has a dictionary with a key and no value')
    return {key_of(k): v for k, v in zip(items[::2], items[1::2], strict=True)}


def mapping_of(node: Any) -> Mapping[Any, Any] | None:
    """Read a dictionary, of whichever kind, or return None."""
    if isinstance(node, dict):
        return node
    if not isinstance(node, Inert) or node.path not in DICTS:
        return None
    pairs = node.args[-1] if node.args and isinstance(node.args[-1], list) else ()
    return {**pairs_of([part for pair in pairs for part in pair]), **node.items}


def members_of(node: Any) -> set[Any]:
    """Read a set, of whichever kind; what is none has no members."""
    if isinstance(node, Inert) and node.path in SETS and node.args:
        return set(map(key_of, node.args[0]))
    return node if isinstance(node, set) else set()
