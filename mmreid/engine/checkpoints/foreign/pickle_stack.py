"""The stack of a pickle's program, on which descriptions lie instead of objects."""

from collections.abc import Container
from typing import Any

from mmreid.engine.checkpoints.foreign.descriptions import (
    Inert,
    Name,
    Storage,
    key_of,
    pairs_of,
)
from mmreid.errors import RefusedContentError

# What pickles of protocol 2 and below, which torch writes, call by Python 2's names.
_RENAMED = {'__builtin__': 'builtins', 'copy_reg': 'copyreg'}


class PickleStack:
    """What the opcodes of a pickle do, where nothing is looked up or called.

    Args:
        allowed (Container[str] | None): Full names that the program may ask for; None
            allows all, since none is looked up. Defaults to None.
    """

    def __init__(self, allowed: Container[str] | None = None) -> None:
        self._allowed = allowed
        self._objects: list[Any] = []
        self._marked: list[list[Any]] = []
        self._memo: dict[int, Any] = {}
        #: All that was named and all that torch keeps outside the pickle.
        self.names: dict[str, Name] = {}
        self.storages: dict[str, Storage] = {}

    def pop(self) -> Any:
        """Take the last object."""
        return self._objects.pop()

    def drop(self, _: Any) -> None:
        """Take the last object away, or the row that has none."""
        if self._objects:
            self._objects.pop()
        else:
            self.since_mark()

    def repeat(self, _: Any) -> None:
        """Put the last object on the stack once more."""
        self.push(self._objects[-1])

    def recall(self, place: int) -> None:
        """Put an object on the stack that was kept."""
        self.push(self._memo[place])

    def push(self, value: Any) -> None:
        """Put an object on the stack."""
        self._objects.append(value)

    def mark(self, _: Any) -> None:
        """Begin a row of objects."""
        self._marked.append(self._objects)
        self._objects = []

    def since_mark(self) -> list[Any]:
        """Take the objects of the last row."""
        items, self._objects = self._objects, self._marked.pop()
        return items

    def take(self, count: int) -> tuple[Any, ...]:
        """Take so many objects from the stack, in the order in which they came."""
        items = tuple(self._objects[-count:])
        if len(items) < count:
            raise ValueError('its pickle takes more than it has')
        del self._objects[-count:]
        return items

    def name(self, module: str, name: str) -> None:
        """Put a name on the stack, which is not looked up."""
        path = f'{_RENAMED.get(module, module)}.{name}'
        if self._allowed is not None and path not in self._allowed:
            raise RefusedContentError(path)
        self.push(self.names.setdefault(path, Name(path)))

    def name_of_stack(self, _: Any) -> None:
        """Put a name on the stack whose parts lie there."""
        module, name = self.take(2)
        if not (isinstance(module, str) and isinstance(name, str)):
            raise ValueError('its pickle looks up what is no name')
        self.name(module, name)

    def _make(self, of: Any, args: Any, called: bool) -> None:
        """Note a call of a function or the construction of an object."""
        if not isinstance(of, Name):
            raise ValueError('its pickle calls what is no function')
        of.calls += called
        self.push(Inert(of.path, args))

    def reduce(self, _: Any) -> None:
        """Note a call."""
        of, args = self.take(2)
        self._make(of, args, called=True)

    def new(self, _: Any) -> None:
        """Note a construction."""
        of, args = self.take(2)
        self._make(of, args, called=False)

    def new_with_keywords(self, _: Any) -> None:
        """Note a construction with keywords, which are let go."""
        of, args, _keywords = self.take(3)
        self._make(of, args, called=False)

    def instance(self, path: str) -> None:
        """Note a construction whose class the opcode names."""
        args = tuple(self.since_mark())
        self.name(*path.split(' ', 1))
        self._make(self._objects.pop(), args, called=bool(args))

    def object(self, _: Any) -> None:
        """Note a construction whose class lies in the row."""
        of, *args = self.since_mark()
        self._make(of, tuple(args), called=bool(args))

    def build(self, _: Any) -> None:
        """Note the attributes of an object."""
        state = self._objects.pop()
        target = self._objects[-1]
        if not isinstance(target, Inert):
            raise ValueError('its pickle gives attributes to what has none')
        if target.state is not None:
            raise RefusedContentError(f'attributes of {target.path}, given twice')
        target.state = state

    def append(self, items: list[Any]) -> None:
        """Append to a list."""
        target = self._objects[-1]
        if isinstance(target, list):
            target.extend(items)
        elif not isinstance(target, Inert):
            raise ValueError('its pickle appends to what is no list')

    def set_items(self, items: list[Any]) -> None:
        """Set items of a dictionary, given as keys and values in turn."""
        target = self._objects[-1]
        content = target.items if isinstance(target, Inert) else target
        if not isinstance(content, dict):
            raise ValueError('its pickle sets items of what is no dictionary')
        content.update(pairs_of(items))

    def add_items(self, _: Any) -> None:
        """Add the row to a set."""
        items = self.since_mark()
        target = self._objects[-1]
        if not isinstance(target, set):
            raise ValueError('its pickle adds to what is no set')
        target.update(map(key_of, items))

    def refer(self, _: Any) -> None:
        """Describe what torch keeps outside the pickle: storages and source code."""
        match self._objects.pop():
            case ('storage', Name() as kind, key, _, int(size), *views):
                if any(view is not None for view in views):
                    raise ValueError('views of storages are not read')
                storage = Storage(kind.path.rpartition('.')[2], str(key), size)
                self.storages[storage.key] = storage
                self.push(storage)
            case ('module', Name() as container, *_):
                self.push(container)
            case _:
                raise ValueError('it refers to something unknown')

    def remember(self, place: int | None) -> None:
        """Keep the last object for later."""
        self._memo[len(self._memo) if place is None else place] = self._objects[-1]
