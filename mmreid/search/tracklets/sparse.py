"""Agglomerative clustering of many points, of which few pairs are near."""

import heapq
from collections.abc import Callable

import numpy as np

_Block = Callable[[np.ndarray, np.ndarray], np.ndarray]


class SparseMerger:
    """Merges clusters as ``merge_dense`` does, without all distances in memory.

    Two clusters nearer than the threshold have two members that are, whatever the
    linkage; so only clusters with such members are looked at. The average distance of
    unit vectors is one minus the product of the clusters' means, and needs no distance
    of members.

    Args:
        unit (np.ndarray): ``(N, D)`` unit vectors.
        groups (list[np.ndarray]): Members of the clusters at the start.
        forbidden (Callable): Of two lists of members: who cannot be who.
        threshold (float): Merge below it.
        linkage (str): ``'average'``, ``'complete'`` or ``'single'``.
    """

    def __init__(
        self,
        unit: np.ndarray,
        groups: list[np.ndarray],
        forbidden: _Block,
        threshold: float,
        linkage: str,
    ) -> None:
        self._unit, self._groups, self._forbidden = unit, [*groups], forbidden
        self._threshold, self._linkage = threshold, linkage
        self._sums = np.stack([unit[group].sum(0) for group in groups])
        self._sizes = np.array([len(group) for group in groups], np.float64)
        self._alive = np.ones(len(groups), bool)
        self._version = np.zeros(len(groups), np.int64)
        self._near: list[dict[int, float]] = [{} for _ in groups]
        self._heap: list[tuple[float, int, int, int, int]] = []

    def merge(self, near: np.ndarray) -> np.ndarray:
        """Merge all that can be.

        Args:
            near (np.ndarray): ``(M, 2)`` clusters with two members below the threshold.

        Returns:
            np.ndarray: ``(G,)`` number of the cluster that each one at the start ends
            in, the smallest of its parts.
        """
        parent = np.arange(len(self._groups))
        near = near[np.argsort(near[:, 0], kind='stable')]
        ends = np.flatnonzero(np.diff(near[:, 0])) + 1
        for pairs in np.split(near, ends) if len(near) else []:
            self._look_at(int(pairs[0, 0]), pairs[:, 1])
        while self._heap:
            _, keep, gone, *versions = heapq.heappop(self._heap)
            pair = [keep, gone]
            if not self._alive[pair].all() or versions != [*self._version[pair]]:
                continue
            if self._forbidden(self._groups[keep], self._groups[gone]).any():
                del self._near[keep][gone], self._near[gone][keep]
                continue
            self._join(keep, gone)
            parent[parent == gone] = keep
        return parent

    def _join(self, keep: int, gone: int) -> None:
        others = {*self._near[keep], *self._near[gone]} - {keep, gone}
        for other in others:
            self._near[other].pop(keep, None)
            self._near[other].pop(gone, None)
        before = self._near[keep], self._near[gone]
        self._near[keep] = self._near[gone] = {}
        self._alive[gone] = False
        self._version[keep] += 1
        self._groups[keep] = np.concatenate([self._groups[keep], self._groups[gone]])
        self._groups[gone] = self._groups[gone][:0]
        self._sums[keep] += self._sums[gone]
        self._sizes[keep] += self._sizes[gone]
        if self._linkage == 'complete':
            others = {*before[0]} & {*before[1]} - {keep, gone}
        self._look_at(keep, np.array(sorted(others), np.int64), before)

    def _look_at(
        self,
        one: int,
        others: np.ndarray,
        before: tuple[dict[int, float], dict[int, float]] | None = None,
    ) -> None:
        """Note how far clusters are, those that are near enough."""
        if not len(others):
            return
        for other, far in zip(
            others.tolist(), self._distances(one, others, before), strict=True
        ):
            # With the average, what is too far may come nearer when others join.
            if self._linkage != 'average' and not far < self._threshold:
                continue
            self._near[one][other] = self._near[other][one] = far
            if far < self._threshold:
                i, j = sorted((one, other))
                versions = int(self._version[i]), int(self._version[j])
                heapq.heappush(self._heap, (far, i, j, *versions))

    def _distances(
        self,
        one: int,
        others: np.ndarray,
        before: tuple[dict[int, float], dict[int, float]] | None,
    ) -> list[float]:
        if self._linkage == 'average':
            products = self._sums[others] @ self._sums[one]
            return (1 - products / self._sizes[others] / self._sizes[one]).tolist()
        if before is None:
            farthest = np.max if self._linkage == 'complete' else np.min
            mine = self._unit[self._groups[one]]
            return [
                float(farthest(1 - mine @ self._unit[self._groups[other]].T))
                for other in others
            ]
        best = max if self._linkage == 'complete' else min
        return [
            best(near[other] for near in before if other in near)
            for other in others.tolist()
        ]
