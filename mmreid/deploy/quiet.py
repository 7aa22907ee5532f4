"""Libraries that print, kept from the terminal while they work."""

import contextlib
import io
import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import ParamSpec, TypeVar

_P = ParamSpec('_P')
_R = TypeVar('_R')
# NNCF's import regrets, by the second, that there is no GPU; ONNX Runtime's comparison
# tells the root logger of every bias that its own optimisation has renamed.
_LEVELS = {
    'nncf': logging.ERROR,
    'torch.utils.cpp_extension': logging.ERROR,
    '': logging.CRITICAL,
}


@contextlib.contextmanager
def quiet(levels: Mapping[str, int] = _LEVELS) -> Iterator[None]:
    """Drop what is printed, and what is logged of no use.

    Args:
        levels (Mapping[str, int]): Of a logger's name, the level from which on it is
            heard. Defaults to those of the libraries for int8.
    """
    loggers = {logging.getLogger(name): level for name, level in levels.items()}
    before = [logger.level for logger in loggers]
    for logger, level in loggers.items():
        logger.setLevel(level)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


def aloud(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Let a function print to the terminal of now, wherever it is called.

    Args:
        function (Callable): Somebody's, which a quiet library calls.

    Returns:
        Callable: The same, aloud.
    """
    terminal = sys.stdout

    def call(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        with contextlib.redirect_stdout(terminal):
            return function(*args, **kwargs)

    return call
