"""Errors that tell what is wrong, and end a program by it instead of a traceback.

What a command catches is here, and imports nothing but Python's own library: a command
that needs no network does not wait for torch.
"""

import errno
import inspect
import pickle
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import Any

from mmreid.nearest_names import end_with_hint, nearest_name

_ARGUMENT = re.compile(
    r"(?P<place>[\w.]+)\(\) got an unexpected keyword argument '(?P<key>\w+)'"
)
_TYPE = re.compile(
    r'(?P<type>\S+) is not in the (?:\w+::)?(?P<registry>[\w ]+) registry'
)


class CheckpointError(Exception):
    """A checkpoint cannot be used; the message says why and what to do."""


class UnsafeCheckpointError(CheckpointError, pickle.UnpicklingError):
    """The checkpoint asks for something that could run code; it was not loaded."""


class UnreadableCheckpointError(CheckpointError, ValueError):
    """The file is no checkpoint, or a damaged one."""


class RefusedContentError(Exception):
    """A file asks for more than data: ``str(error)`` names what."""


def explain(error: Exception) -> str:
    """Return an error's message, as it was before torch passed it on.

    torch raises an error of a data loader's worker process anew, with the worker's
    whole traceback for a message. A file that is not there is told with the nearest
    name in its folder.

    Args:
        error (Exception): The error.

    Returns:
        str: What the place that raised it had to say.
    """
    text = str(error)
    if isinstance(error, OSError) and error.errno == errno.ENOENT and error.filename:
        return _explain_missing(Path(str(error.filename)))
    if 'Original Traceback' not in text:
        return text
    start = rf'^(?:\w+\.)*{type(error).__name__}: '
    return ' '.join(re.split(start, text, flags=re.MULTILINE)[-1].split())


def _explain_missing(path: Path) -> str:
    """Tell the folder that is not there, or the nearest name in one that is."""
    if path.is_dir():
        return f'{str(path)!r} is a folder, where a file is needed.'
    text = f'There is no file {str(path)!r}'
    try:  # the names of a folder with all pictures are too many to compare
        names = [entry.name for entry in islice(path.parent.iterdir(), 1000)]
    except OSError:
        return f'{text}, nor a folder {str(path.parent)!r} that can be read.'
    near = nearest_name(path.name, names)
    if not near:
        return f'{text}; check the path.'
    return text + end_with_hint(repr(str(path.with_name(near))))


def explain_config(error: Exception) -> str:
    """Tell what a config gives to a class or function that has no such thing.

    Args:
        error (Exception): The error, as raised.

    Returns:
        str: The argument or type, and the nearest that there is; '' for an error of
        another kind.
    """
    if isinstance(error, KeyError):
        return _explain_type(str(error.args[0]))
    match, trace = _ARGUMENT.search(str(error)), error.__traceback__
    if not isinstance(error, TypeError) or match is None or trace is None:
        return ''
    while trace.tb_next is not None:
        trace = trace.tb_next
    known = _list_arguments(match['place'], trace.tb_frame)
    place = match['place'].removesuffix('.__init__')
    return f'{place} has no argument {match["key"]!r}{_hint(match["key"], known)}'


def _explain_type(text: str) -> str:
    """Tell which type a config names that no registry has, or that it names none."""
    if 'must contain the key "type"' in text:
        return f'an entry of the config has no type: {text.splitlines()[0]}.'
    match = _TYPE.search(text)
    if match is None:
        return ''
    from mmengine.registry import Registry

    import mmreid.registry as registries

    nodes = [v for v in vars(registries).values() if isinstance(v, Registry)]
    known: list[str] = []
    for node in [node for node in nodes if node.name == match['registry']]:
        while node is not None:
            known += node.module_dict
            node = node.parent
    place = match['registry']
    return f'there is no {place} {match["type"]!r}{_hint(match["type"], known)}'


def _hint(word: str, known: Sequence[str]) -> str:
    near = nearest_name(word, known)
    return end_with_hint(repr(near) if near else '')


def _list_arguments(place: str, frame: FrameType) -> list[str]:
    """List the arguments of what a frame calls, those of a class's parents included."""
    name, _, method = place.rpartition('.')
    values = [*frame.f_locals.values(), *frame.f_globals.values()]
    if not name:
        return [
            parameter
            for value in values
            if inspect.isfunction(value) and value.__name__ == method
            for parameter in inspect.signature(value).parameters
        ]
    kinds = [value if isinstance(value, type) else type(value) for value in values]
    for kind in kinds:
        if name in [parent.__name__ for parent in kind.__mro__]:
            makers = [getattr(parent, method, None) for parent in kind.__mro__[:-1]]
            return [p for m in makers if m for p in inspect.signature(m).parameters]
    return []


@contextmanager
def short_errors(
    leave: Callable[[int, str], Any], *kinds: type[Exception], debug: bool
) -> Iterator[None]:
    """End the program with an error's message alone, where the message is enough.

    That of an argument or a type which a config names and nothing has always is, with
    the nearest one.

    Args:
        leave (Callable[[int, str], Any]): Ends the program with a status and a
            message, as ``argparse.ArgumentParser.exit`` does.
        *kinds (type[Exception]): Errors that explain themselves.
        debug (bool): Let the error pass, with its traceback.

    Yields:
        None: Inside, the errors end the program with status 2.
    """
    caught: tuple[type[Exception], ...] = (*kinds, TypeError, KeyError, ImportError)
    try:
        yield
    except caught as error:
        config = explain_config(error)
        # An optional package that is missing, see mmreid.optional.
        is_missing = isinstance(error.__cause__, ImportError)
        if debug or not (config or is_missing or isinstance(error, kinds)):
            raise
        text = config or explain(error)
        leave(2, f'error: {text}\n(--debug shows where it was raised)\n')
