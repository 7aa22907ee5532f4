"""How much memory a run needs."""

import importlib
import sys

import torch


def peak_memory() -> int:
    """Return the most memory that was in use so far, in MB.

    Returns:
        int: On a CUDA device what tensors occupied there (since the last line of
        mmengine's log, which sets it back); else what the process occupied, without its
        data loading processes. 0 where the system does not tell.
    """
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() // 2**20
    try:
        resource = importlib.import_module('resource')
    except ImportError:  # Windows
        return 0
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used // (2**20 if sys.platform == 'darwin' else 2**10)
