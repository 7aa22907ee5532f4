"""Work that is done in parts, told as that done so far."""

from collections.abc import Callable


def count_up(
    progress: Callable[[int, int], None] | None, total: int
) -> Callable[[int], None]:
    """Return what takes the work done since its last call, and tells that done so far.

    Args:
        progress (Callable[[int, int], None] | None): Called with the work done so far
            and in all; None is not called.
        total (int): Work in all.
    """
    done = 0

    def advance(work: int) -> None:
        nonlocal done
        done += work
        if progress is not None:
            progress(done, total)

    return advance
