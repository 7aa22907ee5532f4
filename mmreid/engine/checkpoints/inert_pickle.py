"""Unpickling that looks nothing up and calls nothing.

A pickle is a program: it names functions and classes and has them called. Here every
name becomes a class of this file, so that a call only notes its arguments. What is
left is a description of the pickled object, from which tensors can be read.
"""

import pickle
from collections.abc import Mapping
from typing import IO, Any, NamedTuple

# Called by every file of weights; what they make is read from their arguments.
TENSORS = {'torch._utils._rebuild_tensor', 'torch._utils._rebuild_tensor_v2'}
PARAMETERS = {
    'torch._utils._rebuild_parameter',
    'torch._utils._rebuild_parameter_with_state',
    'torch.nn.parameter.Parameter',
    'torch.nn.parameter.Buffer',
}
DICTS = {'collections.OrderedDict', 'collections.defaultdict', 'builtins.dict'}
SETS = {'builtins.set', '__builtin__.set'}
_UNDERSTOOD = TENSORS | PARAMETERS | DICTS | SETS
_OBJECTS = ('copyreg.', 'copy_reg.')  # helpers that make an object of a class


class Named(type):
    """What stands for a global of the file; pickle may call it or make instances."""

    path = ''
    calls = 0

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """Note that the file asked for a call."""
        cls.calls += 1
        return type.__call__(cls, *args, **kwargs)


class Inert(metaclass=Named):
    """What a call or a construction would have made: its name, arguments and state."""

    args: tuple[Any, ...]
    state: Any
    items: dict[Any, Any]

    def __new__(cls, *args: Any, **_: Any) -> 'Inert':
        """Keep the arguments."""
        self = object.__new__(cls)
        self.args, self.state, self.items = args, None, {}
        return self

    def __setstate__(self, state: Any) -> None:
        """Keep the state."""
        self.state = state

    def __setitem__(self, key: Any, value: Any) -> None:
        """Keep an item, as pickle fills a dictionary."""
        self.items[key] = value

    def append(self, value: Any) -> None:
        """Let go of an element, as pickle fills a list."""


class Storage(NamedTuple):
    """Where a tensor's numbers are: what torch pickles in their place."""

    kind: str
    key: str
    size: int


class InertUnpickler(pickle.Unpickler):
    """Describe the next object of a file.

    Args:
        file (IO[bytes]): Where the pickle is; it is left behind the object.
    """

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file, encoding='latin1')
        self.names: dict[str, Named] = {}

    def find_class(self, module: str, name: str) -> Named:
        """Make a stand-in for a global, and import nothing."""
        path = f'{module}.{name}'
        if path not in self.names:
            self.names[path] = Named(path, (Inert,), dict(path=path, calls=0))
        return self.names[path]

    def persistent_load(self, pid: Any) -> Any:
        """Describe what torch keeps outside the pickle: storages and source code."""
        match pid:
            case ('storage', Named() as kind, key, _, int(size), *views):
                if any(view is not None for view in views):
                    raise pickle.UnpicklingError('views of storages are not read')
                return Storage(kind.path.rpartition('.')[2], str(key), size)
            case ('module', Named() as container, *_):
                return container
        raise pickle.UnpicklingError(f'it refers to something unknown, {pid!r}')

    def calls_refused(self) -> tuple[str, ...]:
        """Name the functions that the file asked to call, apart from torch's own."""
        return tuple(
            path
            for path, name in self.names.items()
            if name.calls and path not in _UNDERSTOOD and not path.startswith(_OBJECTS)
        )

    def classes_refused(self) -> tuple[str, ...]:
        """Name the classes that the file asked to make objects of, or named."""
        known = {*_UNDERSTOOD, *self.calls_refused()}
        return tuple(
            path
            for path in self.names
            if path not in known
            and not path.startswith(_OBJECTS)
            and not path.endswith('Storage')
        )


def mapping_of(node: Any) -> Mapping[Any, Any] | None:
    """Read a dictionary, of whichever kind, or return None."""
    if isinstance(node, dict):
        return node
    if not isinstance(node, Inert) or type(node).path not in DICTS:
        return None
    pairs = node.args[-1] if node.args and isinstance(node.args[-1], list) else ()
    return {**dict(pairs), **node.items}


def members_of(node: Any) -> set[Any]:
    """Read a set, of whichever kind; what is none has no members."""
    if isinstance(node, Inert) and type(node).path in SETS and node.args:
        return set(node.args[0])
    return node if isinstance(node, set) else set()
