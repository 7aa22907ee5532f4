"""Single linkage that never joins what is known to be two persons."""

import numpy as np


def link_apart(
    groups: np.ndarray, apart: np.ndarray, pairs: np.ndarray, distances: np.ndarray
) -> np.ndarray:
    """Join groups over pairs of pictures, the nearest first, except those apart.

    Args:
        groups (np.ndarray): ``(N,)`` the group of every picture, from 0 on.
        apart (np.ndarray): ``(M, 2)`` pairs of groups that are not to be joined.
        pairs (np.ndarray): ``(2, n)`` pairs of pictures, the lesser first.
        distances (np.ndarray): ``(n,)`` their distances; equal ones are in the order of
            the pictures.

    Returns:
        np.ndarray: The part of every group, named after one of its groups.
    """
    parts = _Parts(groups.max(initial=-1) + 1, apart)
    order = np.lexsort((pairs[1], pairs[0], distances))
    first, second = groups[pairs[:, order]].tolist()
    for one, other in zip(first, second, strict=True):
        parts.join(one, other)
    return np.array([parts.find(group) for group in range(len(parts))], np.int64)


class _Parts:
    """Disjoint sets, each of which knows the sets that it is apart from."""

    def __init__(self, count: int, apart: np.ndarray) -> None:
        self._above = list(range(count))
        self._apart: dict[int, set[int]] = {}
        for one, other in apart.tolist():
            self._apart.setdefault(one, set()).add(other)
            self._apart.setdefault(other, set()).add(one)

    def __len__(self) -> int:
        return len(self._above)

    def find(self, group: int) -> int:
        """Return the group that the set of a group is named after."""
        above = self._above
        while above[group] != group:
            above[group] = above[above[group]]
            group = above[group]
        return group

    def join(self, one: int, other: int) -> None:
        """Join the sets of two groups, unless they are apart."""
        one, other = self.find(one), self.find(other)
        kept, lost = self._apart.get(one, set()), self._apart.get(other, set())
        if one == other or other in kept:
            return
        if len(kept) < len(lost):
            one, other, kept, lost = other, one, lost, kept
        self._above[other] = one
        # The shorter list is moved.
        for rival in lost:
            self._apart[rival].remove(other)
            self._apart[rival].add(one)
        if lost:
            kept |= lost
            self._apart.pop(other)
