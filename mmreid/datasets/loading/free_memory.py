"""How much memory is left for data that processes share."""

import os
from collections.abc import Iterator
from pathlib import Path

CGROUPS = Path('/sys/fs/cgroup')
SHARED = '/dev/shm'
# The files of a control group by version: its limit, what it uses, and the entry of
# memory.stat with what was read from files and makes room when it is needed.
VERSIONS = {
    1: ('memory.limit_in_bytes', 'memory.usage_in_bytes', 'total_inactive_file'),
    2: ('memory.max', 'memory.current', 'inactive_file'),
}


def free_memory() -> int:
    """Return how many bytes of shared memory this process can still fill.

    The least of what the machine has left, of what the limit of a container or batch
    job (Linux control groups) leaves, and of the room in ``/dev/shm``, where the
    system keeps shared memory; divided by the processes that a distributed run has on
    this machine, because each of them asks. Without limit where nothing is known.
    """
    sizes = [_of_machine(), *_of_groups(), _of_folder(SHARED)]
    least = min((size for size in sizes if size is not None), default=2**63)
    return least // int(os.environ.get('LOCAL_WORLD_SIZE', '1'))


def _of_machine() -> int | None:
    try:
        lines = Path('/proc/meminfo').read_text('ascii').splitlines()
    except OSError:
        return None
    sizes = dict(line.split(':') for line in lines)
    return int(sizes['MemAvailable'].split()[0]) * 1024


def _of_groups() -> Iterator[int | None]:
    """Yield what the control groups of this process, and those around them, leave."""
    try:
        lines = Path('/proc/self/cgroup').read_text('utf-8').splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(':', 2)
        if controllers and 'memory' not in controllers.split(','):
            continue
        top = CGROUPS / 'memory' if controllers else CGROUPS
        group = top / path.lstrip('/')
        while group.is_relative_to(top):  # in a container, only the top may be visible
            yield _of_group(group, *VERSIONS[1 if controllers else 2])
            group = group.parent


def _of_group(group: Path, limit: str, usage: str, files: str) -> int | None:
    try:
        most = int((group / limit).read_text('ascii'))
        used = int((group / usage).read_text('ascii'))
        stat = (group / 'memory.stat').read_text('ascii').split()
    except (OSError, ValueError):  # no such group, or its limit is 'max'
        return None
    return most - used + int(dict(zip(stat[::2], stat[1::2], strict=True))[files])


def _of_folder(path: str) -> int | None:
    try:
        room = os.statvfs(path)
    except (OSError, AttributeError):  # no such folder; not a Unix system
        return None
    return room.f_bavail * room.f_frsize
