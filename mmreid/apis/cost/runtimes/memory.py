"""How much memory the process takes, where Linux tells."""

from pathlib import Path

_STATUS, _CLEAR = Path('/proc/self/status'), Path('/proc/self/clear_refs')
# See proc(5): the peak becomes what is in use.
_FORGET_PEAK = '5'


def forget_peak() -> int | None:
    """Have the system measure the peak anew.

    Returns:
        int | None: Bytes in use now; None where the system measures no peak.
    """
    try:
        _CLEAR.write_text(_FORGET_PEAK)
        return _read('VmRSS')
    except OSError:
        return None


def peak_since(before: int | None) -> int | None:
    """Tell how much more was in use at most than before.

    Args:
        before (int | None): Of :func:`forget_peak`.

    Returns:
        int | None: Bytes, None where it is not known.
    """
    return None if before is None else max(0, _read('VmHWM') - before)


def _read(key: str) -> int:
    """Read a number of bytes out of the process's status."""
    lines = _STATUS.read_text().splitlines()
    words = next(line.split() for line in lines if line.startswith(f'{key}:'))
    return int(words[1]) * 1024
