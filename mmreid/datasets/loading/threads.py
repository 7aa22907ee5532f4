"""Work on many files at once, in threads."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar('Item')
Result = TypeVar('Result')
AT_ONCE = 1024


def map_in_threads(
    function: Callable[[Item], Result], items: Sequence[Item]
) -> Iterator[Result]:
    """Yield the results for all items in their order.

    Reading, decoding and hashing leave Python to other threads meanwhile. The items
    are taken by the thousand, so that few results wait for whoever takes them.

    Args:
        function: What to do with an item. The first error that it raises ends all.
        items: The items.
    """
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        for start in range(0, len(items), AT_ONCE):
            yield from pool.map(function, items[start : start + AT_ONCE])
