"""The stack that signals are handled on, which OpenVINO changes and may not give back.

Each ``openvino.Core`` that computes has signals of its thread handled on a stack of
its own (``SigAltStackSetup``, openvinotoolkit/openvino#11894), which is freed with
it. Of two that end in the order in which they began, the second puts back the freed
stack of the first: the next signal, be it Ctrl-C or the end of a data loader's
worker, is then a segmentation fault. A ``Core`` whose stack is not in use any more
changes nothing.
"""

import contextlib
import ctypes
import sys
from collections.abc import Callable, Iterator


class _Stack(ctypes.Structure):
    """``stack_t`` of Linux."""

    _fields_ = (
        ('start', ctypes.c_void_p),
        ('flags', ctypes.c_int),
        ('size', ctypes.c_size_t),
    )


@contextlib.contextmanager
def kept_signal_stack() -> Iterator[Callable[[], None]]:
    """Have the calling thread handle signals afterwards on the stack of before.

    Elsewhere than on Linux OpenVINO does nothing of the kind, and neither does this.

    Yields:
        Callable: Puts the stack of before back at once. A library that makes one
        ``Core`` after the other is long inside, and calls what is given to it.
    """
    if sys.platform != 'linux':
        yield lambda: None
        return
    change = ctypes.CDLL(None).sigaltstack
    before = _Stack()
    change(None, ctypes.byref(before))

    def put_back() -> None:
        change(ctypes.byref(before), None)

    try:
        yield put_back
    finally:
        put_back()
