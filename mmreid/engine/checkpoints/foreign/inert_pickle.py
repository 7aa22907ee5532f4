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

from mmreid.engine.checkpoints.foreign.descriptions import (
    DICTS,
    PARAMETERS,
    SETS,
    TENSORS,
    Storage,
    key_of,
    pairs_of,
)
from mmreid.engine.checkpoints.foreign.pickle_stack import PickleStack

_UNDERSTOOD = TENSORS | PARAMETERS | DICTS | SETS
_OBJECTS = 'copyreg.'  # helpers that make an object of a class
# A checkpoint of a ResNet-50 has 26,000 with the memory of Adam.
_MOST_STEPS = 500_000

_Step = Callable[[PickleStack, Any], Any]
_IGNORED = ('PROTO', 'FRAME')
_VALUES = (
    *('INT', 'BININT', 'BININT1', 'BININT2', 'LONG', 'LONG1', 'LONG4'),
    *('FLOAT', 'BINFLOAT', 'STRING', 'BINSTRING', 'SHORT_BINSTRING'),
    *('BINBYTES', 'SHORT_BINBYTES', 'BINBYTES8', 'BYTEARRAY8'),
    *('UNICODE', 'BINUNICODE', 'SHORT_BINUNICODE', 'BINUNICODE8'),
)
_CONSTANTS: dict[str, _Step] = {
    'NONE': lambda stack, _: stack.push(None),
    'NEWTRUE': lambda stack, _: stack.push(True),
    'NEWFALSE': lambda stack, _: stack.push(False),
    'EMPTY_LIST': lambda stack, _: stack.push([]),
    'EMPTY_TUPLE': lambda stack, _: stack.push(()),
    'EMPTY_DICT': lambda stack, _: stack.push({}),
    'EMPTY_SET': lambda stack, _: stack.push(set()),
}
_CONTAINERS: dict[str, _Step] = {
    'LIST': lambda stack, _: stack.push(stack.since_mark()),
    'TUPLE': lambda stack, _: stack.push(tuple(stack.since_mark())),
    'TUPLE1': lambda stack, _: stack.push(stack.take(1)),
    'TUPLE2': lambda stack, _: stack.push(stack.take(2)),
    'TUPLE3': lambda stack, _: stack.push(stack.take(3)),
    'DICT': lambda stack, _: stack.push(pairs_of(stack.since_mark())),
    'FROZENSET': lambda stack, _: stack.push(set(map(key_of, stack.since_mark()))),
    'APPEND': lambda stack, _: stack.append([stack.pop()]),
    'APPENDS': lambda stack, _: stack.append(stack.since_mark()),
    'SETITEM': lambda stack, _: stack.set_items(list(stack.take(2))),
    'SETITEMS': lambda stack, _: stack.set_items(stack.since_mark()),
    'ADDITEMS': PickleStack.add_items,
}
_CALLS: dict[str, _Step] = {
    'GLOBAL': lambda stack, path: stack.name(*path.split(' ', 1)),
    'STACK_GLOBAL': PickleStack.name_of_stack,
    'REDUCE': PickleStack.reduce,
    'NEWOBJ': PickleStack.new,
    'NEWOBJ_EX': PickleStack.new_with_keywords,
    'INST': PickleStack.instance,
    'OBJ': PickleStack.object,
    'BUILD': PickleStack.build,
    'BINPERSID': PickleStack.refer,
}
_STEPS: dict[str, _Step] = {
    **dict.fromkeys(_IGNORED, lambda _stack, _: None),
    **dict.fromkeys(_VALUES, PickleStack.push),
    **_CONSTANTS,
    **_CONTAINERS,
    **_CALLS,
    'MARK': PickleStack.mark,
    'POP': PickleStack.drop,
    'POP_MARK': lambda stack, _: stack.since_mark(),
    'DUP': PickleStack.repeat,
    'MEMOIZE': PickleStack.remember,
    **dict.fromkeys(('GET', 'BINGET', 'LONG_BINGET'), PickleStack.recall),
    **dict.fromkeys(('PUT', 'BINPUT', 'LONG_BINPUT'), PickleStack.remember),
}


class InertUnpickler:
    """Describe the next object of a file.

    Args:
        file (IO[bytes]): Where the pickle is; it is left behind the object.
        allowed (Container[str] | None): Full names that the file may ask for; None
            allows all, since none is looked up. Defaults to None.
    """

    def __init__(self, file: IO[bytes], allowed: Container[str] | None = None) -> None:
        self._file = file
        self._stack = PickleStack(allowed)

    @property
    def storages(self) -> dict[str, Storage]:
        """What torch keeps outside the pickle, by key."""
        return self._stack.storages

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
            step(self._stack, argument)
        return self._stack.pop()

    def calls_refused(self) -> tuple[str, ...]:
        """Name the functions that the file asked to call, apart from torch's own."""
        return tuple(
            path
            for path, name in self._stack.names.items()
            if name.calls and path not in _UNDERSTOOD and not path.startswith(_OBJECTS)
        )

    def classes_refused(self) -> tuple[str, ...]:
        """Name the classes that the file asked to make objects of, or named."""
        known = {*_UNDERSTOOD, *self.calls_refused()}
        return tuple(
            path
            for path in self._stack.names
            if path not in known
            and not path.startswith(_OBJECTS)
            and not path.endswith('Storage')
        )
