"""Unpickling that looks nothing up and calls nothing.

A pickle is a program: it names functions and classes and has them called. Here the
program is followed opcode by opcode, a name stays a name, and a call is noted with its
arguments. What is left is a description of the pickled object, from which tensors can
be read. Python's own unpickler is not used: a few bytes let it reserve gigabytes or
hash for hours.
"""

import pickletools
from collections.abc import Callable, Container
from typing import IO, Any

from mmreid.engine.checkpoints.errors import RefusedContentError
from mmreid.engine.checkpoints.reading.descriptions import (
    DICTS,
    PARAMETERS,
    SETS,
    TENSORS,
    Inert,
    Name,
    Storage,
    key_of,
    pairs_of,
)

_UNDERSTOOD = TENSORS | PARAMETERS | DICTS | SETS
_OBJECTS = 'copyreg.'  # helpers that make an object of a class
# What pickles of protocol 2 and below, which torch writes, call by Python 2's names.
_RENAMED = {'__builtin__': 'builtins', 'copy_reg': 'copyreg'}
# A checkpoint of a ResNet-50 has 26,000 with the memory of Adam.
_MOST_STEPS = 500_000


class InertUnpickler:
    """Describe the next object of a file.

    Args:
        file (IO[bytes]): Where the pickle is; it is left behind the object.
        allowed (Container[str] | None): Full names that the file may ask for; None
            allows all, since none is looked up. Defaults to None.
    """

    def __init__(self, file: IO[bytes], allowed: Container[str] | None = None) -> None:
        self._file = file
        self._allowed = allowed
        self._stack: list[Any] = []
        self._marked: list[list[Any]] = []
        self._memo: dict[int, Any] = {}
        self.names: dict[str, Name] = {}
        self.storages: dict[str, Storage] = {}

    def load(self) -> Any:
        """Follow the program to its end.

        Returns:
            Any: The description: numbers, text, containers, ``Name``, ``Inert`` and
            ``Storage``.

        Raises:
            RefusedContentError: It asks for a name that is not allowed.
            Exception: Whatever a damaged program leads to.
        """
        for count, (opcode, argument, _) in enumerate(pickletools.genops(self._file)):
            if count > _MOST_STEPS:
                raise ValueError(f'its pickle has more than {_MOST_STEPS} steps')
            if opcode.name == 'STOP':
                break
            step = _STEPS.get(opcode.name)
            if step is None:
                raise ValueError(f'its pickle has the opcode {opcode.name}')
            step(self, argument)
        return self._stack.pop()

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

    def _push(self, value: Any) -> None:
        self._stack.append(value)

    def _mark(self, _: Any) -> None:
        self._marked.append(self._stack)
        self._stack = []

    def _since_mark(self) -> list[Any]:
        items, self._stack = self._stack, self._marked.pop()
        return items

    def _last(self, count: int) -> tuple[Any, ...]:
        """Take so many objects from the stack, in the order in which they came."""
        taken = tuple(self._stack[-count:])
        if len(taken) < count:
            raise ValueError('its pickle takes more than it has')
        del self._stack[-count:]
        return taken

    def _name(self, module: str, name: str) -> None:
        path = f'{_RENAMED.get(module, module)}.{name}'
        if self._allowed is not None and path not in self._allowed:
            raise RefusedContentError(path)
        self._push(self.names.setdefault(path, Name(path)))

    def _name_of_stack(self, _: Any) -> None:
        module, name = self._last(2)
        if not (isinstance(module, str) and isinstance(name, str)):
            raise ValueError('its pickle looks up what is no name')
        self._name(module, name)

    def _make(self, of: Any, args: Any, called: bool) -> None:
        """Note a call of a function or the construction of an object."""
        if not isinstance(of, Name):
            raise ValueError('its pickle calls what is no function')
        of.calls += called
        self._push(Inert(of.path, args))

    def _reduce(self, _: Any) -> None:
        of, args = self._last(2)
        self._make(of, args, called=True)

    def _new(self, _: Any) -> None:
        of, args = self._last(2)
        self._make(of, args, called=False)

    def _new_with_keywords(self, _: Any) -> None:
        of, args, _keywords = self._last(3)
        self._make(of, args, called=False)

    def _instance(self, path: str) -> None:
        args = tuple(self._since_mark())
        self._name(*path.split(' ', 1))
        self._make(self._stack.pop(), args, called=bool(args))

    def _object(self, _: Any) -> None:
        of, *args = self._since_mark()
        self._make(of, tuple(args), called=bool(args))

    def _build(self, _: Any) -> None:
        state = self._stack.pop()
        target = self._stack[-1]
        if not isinstance(target, Inert):
            raise ValueError('its pickle gives attributes to what has none')
        if target.state is not None:
            raise RefusedContentError(f'attributes of {target.path}, given twice')
        target.state = state

    def _append(self, items: list[Any]) -> None:
        target = self._stack[-1]
        if isinstance(target, list):
            target.extend(items)
        elif not isinstance(target, Inert):
            raise ValueError('its pickle appends to what is no list')

    def _set_items(self, items: list[Any]) -> None:
        target = self._stack[-1]
        content = target.items if isinstance(target, Inert) else target
        if not isinstance(content, dict):
            raise ValueError('its pickle sets items of what is no dictionary')
        content.update(pairs_of(items))

    def _add_items(self, _: Any) -> None:
        items = self._since_mark()
        target = self._stack[-1]
        if not isinstance(target, set):
            raise ValueError('its pickle adds to what is no set')
        target.update(map(key_of, items))

    def _refer(self, _: Any) -> None:
        """Describe what torch keeps outside the pickle: storages and source code."""
        match self._stack.pop():
            case ('storage', Name() as kind, key, _, int(size), *views):
                if any(view is not None for view in views):
                    raise ValueError('views of storages are not read')
                storage = Storage(kind.path.rpartition('.')[2], str(key), size)
                self.storages[storage.key] = storage
                self._push(storage)
            case ('module', Name() as container, *_):
                self._push(container)
            case _:
                raise ValueError('it refers to something unknown')

    def _remember(self, place: int | None) -> None:
        self._memo[len(self._memo) if place is None else place] = self._stack[-1]


_VALUES = (
    *('INT', 'BININT', 'BININT1', 'BININT2', 'LONG', 'LONG1', 'LONG4'),
    *('FLOAT', 'BINFLOAT', 'STRING', 'BINSTRING', 'SHORT_BINSTRING'),
    *('BINBYTES', 'SHORT_BINBYTES', 'BINBYTES8', 'BYTEARRAY8'),
    *('UNICODE', 'BINUNICODE', 'SHORT_BINUNICODE', 'BINUNICODE8'),
)


def _steps() -> dict[str, Callable[[InertUnpickler, Any], Any]]:
    """List what every opcode does to the stack."""
    us = InertUnpickler
    steps: dict[str, Callable[[InertUnpickler, Any], Any]] = {
        'PROTO': lambda _us, _: None,
        'FRAME': lambda _us, _: None,
        'MARK': us._mark,
        'POP': lambda us, _: us._stack.pop() if us._stack else us._since_mark(),
        'POP_MARK': lambda us, _: us._since_mark(),
        'DUP': lambda us, _: us._push(us._stack[-1]),
        'NONE': lambda us, _: us._push(None),
        'NEWTRUE': lambda us, _: us._push(True),
        'NEWFALSE': lambda us, _: us._push(False),
        'EMPTY_LIST': lambda us, _: us._push([]),
        'EMPTY_TUPLE': lambda us, _: us._push(()),
        'EMPTY_DICT': lambda us, _: us._push({}),
        'EMPTY_SET': lambda us, _: us._push(set()),
        'LIST': lambda us, _: us._push(us._since_mark()),
        'TUPLE': lambda us, _: us._push(tuple(us._since_mark())),
        'TUPLE1': lambda us, _: us._push(us._last(1)),
        'TUPLE2': lambda us, _: us._push(us._last(2)),
        'TUPLE3': lambda us, _: us._push(us._last(3)),
        'DICT': lambda us, _: us._push(pairs_of(us._since_mark())),
        'FROZENSET': lambda us, _: us._push(set(map(key_of, us._since_mark()))),
        'APPEND': lambda us, _: us._append([us._stack.pop()]),
        'APPENDS': lambda us, _: us._append(us._since_mark()),
        'SETITEM': lambda us, _: us._set_items(list(us._last(2))),
        'SETITEMS': lambda us, _: us._set_items(us._since_mark()),
        'ADDITEMS': us._add_items,
        'GLOBAL': lambda us, path: us._name(*path.split(' ', 1)),
        'STACK_GLOBAL': us._name_of_stack,
        'REDUCE': us._reduce,
        'NEWOBJ': us._new,
        'NEWOBJ_EX': us._new_with_keywords,
        'INST': us._instance,
        'OBJ': us._object,
        'BUILD': us._build,
        'BINPERSID': us._refer,
        'MEMOIZE': us._remember,
    }
    for prefix in ('', 'BIN', 'LONG_BIN'):
        steps[f'{prefix}GET'] = lambda us, place: us._push(us._memo[place])
        steps[f'{prefix}PUT'] = us._remember
    for value in _VALUES:
        steps[value] = us._push
    return steps


_STEPS = _steps()
