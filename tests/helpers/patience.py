"""How long a test waits for what another process or thread does.

Nothing here is measured: the limits only end a test that would hang, and are far above
what a machine needs that is ten times slower than usual, or busy with other tests.
"""

import time
from collections.abc import Callable

#: Seconds.
PATIENCE = 300


def wait_until(
    condition: Callable[[], object],
    ended: Callable[[], object] = lambda: None,
    pause: float = 0.01,
) -> None:
    """Wait until something is so.

    Args:
        condition (Callable): Whether it is.
        ended (Callable): Tells, by anything but None, that it can no longer become so:
            ``Popen.poll`` of the process that is waited for. Defaults to never.
        pause (float): Seconds between two looks. Defaults to 0.01.
    """
    deadline = time.monotonic() + PATIENCE
    while not condition():
        status = ended()
        # What came with the end counts, too.
        assert status is None or condition(), f'ended before: {status}'
        assert time.monotonic() < deadline, f'not so after {PATIENCE} s'
        time.sleep(pause)
