"""Which tracklets cannot be one person, or must be."""

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components


class Constraints:
    """What is known of tracklets besides their vectors.

    Args:
        cameras (np.ndarray): ``(N,)`` whole numbers of the cameras.
        starts (np.ndarray): ``(N,)`` seconds.
        ends (np.ndarray): ``(N,)`` seconds, not before the starts.
        overlap (float | None): Seconds that two tracklets of one camera may share and
            still be one person; None to leave times of one camera aside.
        travel (np.ndarray): ``(C, C)`` seconds that lie at least between a person's
            tracklets of two cameras, -inf where nothing is known.
        cannot_link (np.ndarray): ``(M, 2)`` further pairs that are not one person.
    """

    def __init__(
        self,
        cameras: np.ndarray,
        starts: np.ndarray,
        ends: np.ndarray,
        overlap: float | None,
        travel: np.ndarray,
        cannot_link: np.ndarray,
    ) -> None:
        self._cameras, self._starts, self._ends = cameras, starts, ends
        self._overlap, self._travel = overlap, travel
        count = len(cameras)
        both = np.concatenate([cannot_link, cannot_link[:, ::-1]])
        ones = np.ones(len(both), bool)
        self._pairs: csr_matrix = coo_matrix(
            (ones, (both[:, 0], both[:, 1])), shape=(count, count)
        ).tocsr()
        self._pairs.sum_duplicates()
        self._keys = np.unique(both[:, 0] * count + both[:, 1])

    def part(self, rows: np.ndarray) -> 'Constraints':
        """Return what is known of some tracklets, which are numbered anew.

        Args:
            rows (np.ndarray): ``(R,)`` tracklets.

        Returns:
            Constraints: Of those alone.
        """
        inside = self._pairs[rows][:, rows].tocoo()
        return Constraints(
            self._cameras[rows],
            self._starts[rows],
            self._ends[rows],
            self._overlap,
            self._travel,
            np.stack([inside.row, inside.col], 1).astype(np.int64),
        )

    def forbidden_pairs(self, pairs: np.ndarray) -> np.ndarray:
        """Tell which pairs are not one person.

        Args:
            pairs (np.ndarray): ``(M, 2)`` pairs of different tracklets.

        Returns:
            np.ndarray: ``(M,)`` bool.
        """
        one, other = pairs[:, 0], pairs[:, 1]
        wrong = self._in_time(one, other)
        if len(self._keys):
            keys = one * len(self._cameras) + other
            places = np.searchsorted(self._keys, keys)
            wrong |= self._keys[np.minimum(places, len(self._keys) - 1)] == keys
        return wrong

    def forbidden(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Tell who cannot be who.

        Args:
            rows (np.ndarray): ``(R,)`` tracklets.
            columns (np.ndarray): ``(C,)`` tracklets.

        Returns:
            np.ndarray: ``(R, C)`` bool; a tracklet and itself are one person.
        """
        wrong = self._in_time(rows[:, None], columns)
        if self._pairs.nnz:
            wrong |= self._pairs[rows][:, columns].toarray()
        return wrong & (rows[:, None] != columns)

    def _in_time(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Tell which times cannot be one person's."""
        # Seconds between two tracklets; below 0 they overlap, by as many.
        between = np.maximum(self._starts[one], self._starts[other])
        between = between - np.minimum(self._ends[one], self._ends[other])
        cameras = self._cameras[one], self._cameras[other]
        wrong = between < self._travel[cameras]
        if self._overlap is not None:
            same = cameras[0] == cameras[1]
            wrong |= same & (between <= 0) & (-between >= self._overlap)
        return wrong


def group_linked(
    must_link: np.ndarray, count: int, constraints: Constraints
) -> np.ndarray:
    """Join what must be one person.

    Args:
        must_link (np.ndarray): ``(M, 2)`` pairs.
        count (int): Number of tracklets.
        constraints (Constraints): What cannot be.

    Returns:
        np.ndarray: ``(N,)`` number of the group of each tracklet.

    Raises:
        ValueError: Two tracklets must and cannot be one person; they are named.
    """
    ones = np.ones(len(must_link), bool)
    graph = coo_matrix((ones, (must_link[:, 0], must_link[:, 1])), shape=(count, count))
    _, groups = connected_components(graph, directed=False)
    order = np.argsort(groups, kind='stable')
    for rows in np.split(order, np.flatnonzero(np.diff(groups[order])) + 1):
        if len(rows) < 2:
            continue
        wrong = np.argwhere(constraints.forbidden(rows, rows))
        if len(wrong):
            one, other = sorted(rows[wrong[0]].tolist())
            raise ValueError(
                f'must_link makes tracklets {one} and {other} one person, got a '
                'constraint (two places at once, or cannot_link) that forbids it; '
                'take one of the two away.'
            )
    return groups


def shared_frames(
    cameras: np.ndarray, frames: np.ndarray, tracklets: np.ndarray
) -> np.ndarray:
    """Find tracklets that have boxes in one frame of one camera.

    Args:
        cameras (np.ndarray): ``(N,)`` camera of each box.
        frames (np.ndarray): ``(N,)`` number of its frame.
        tracklets (np.ndarray): ``(N,)`` number of its tracklet.

    Returns:
        np.ndarray: ``(M, 2)`` pairs of tracklets that are not one person, each once,
        the smaller number first, sorted.
    """
    _, cameras = np.unique(cameras, return_inverse=True)
    order = np.lexsort((frames, cameras))
    keys = np.stack([cameras[order], np.asarray(frames)[order]], 1)
    ends = np.flatnonzero((np.diff(keys, axis=0) != 0).any(1)) + 1
    found = set()
    for rows in np.split(order, ends):
        here = np.unique(np.asarray(tracklets)[rows])
        if len(here) > 1:
            found.add(tuple(here.tolist()))
    pairs = {
        (one, other)
        for here in found
        for place, one in enumerate(here)
        for other in here[place + 1 :]
    }
    return np.array(sorted(pairs), np.int64).reshape(-1, 2)
