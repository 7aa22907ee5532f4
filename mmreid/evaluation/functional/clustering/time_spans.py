"""Who is seen at one time, without looking at all pairs."""

import numpy as np

# Their pairs would take a gigabyte.
_MOST_PAIRS = 1 << 26


class TimeSpans:
    """From when to when each group of pictures lasts, in which camera.

    Args:
        groups (np.ndarray): ``(N,)`` groups of the pictures, from 0 on.
        cameras (np.ndarray): ``(N,)`` numbers of cameras, -1 unknown.
        times (np.ndarray): ``(N,)`` float64, NaN unknown.
    """

    def __init__(
        self, groups: np.ndarray, cameras: np.ndarray, times: np.ndarray
    ) -> None:
        count = groups.max(initial=-1) + 1
        known = np.isfinite(times)
        self._starts, self._ends = np.full(count, np.inf), np.full(count, -np.inf)
        np.minimum.at(self._starts, groups[known], times[known])
        np.maximum.at(self._ends, groups[known], times[known])
        self._cameras = np.full(count, -1)
        self._cameras[groups] = cameras
        self._known = (self._starts <= self._ends) & (self._cameras >= 0)

    def in_one_camera(
        self, of_tracklet: np.ndarray, overlap: float
    ) -> list[np.ndarray]:
        """Return pairs of groups that a camera has at one time, ``(n, 2)`` of each.

        Args:
            of_tracklet (np.ndarray): ``(G,)`` bool, the groups to be looked at.
            overlap (float): How long they last together at least.
        """
        tracklets = np.flatnonzero(self._known & of_tracklet)
        order = tracklets[np.argsort(self._cameras[tracklets], kind='stable')]
        cuts = np.flatnonzero(np.diff(self._cameras[order])) + 1
        return [self._meeting(part, -overlap) for part in np.split(order, cuts)]

    def between_cameras(
        self, travel_time: float, excepted: set[tuple[int, int]]
    ) -> np.ndarray:
        """Return pairs of groups that different cameras have at one time, ``(n, 2)``.

        Args:
            travel_time (float): The largest time between them.
            excepted (set[tuple[int, int]]): Pairs of cameras to be left out, the lesser
                first.
        """
        pairs = self._meeting(np.flatnonzero(self._known), travel_time)
        cameras = np.sort(self._cameras[pairs], axis=1)
        apart = cameras[:, 0] < cameras[:, 1]
        for pair in excepted:
            apart &= (cameras != pair).any(axis=1)
        return pairs[apart]

    def _meeting(self, groups: np.ndarray, gap: float) -> np.ndarray:
        pairs = meeting_pairs(self._starts[groups], self._ends[groups], gap)
        return groups[pairs]


def meeting_pairs(starts: np.ndarray, ends: np.ndarray, gap: float) -> np.ndarray:
    """Return the pairs of intervals that have at most a gap between them.

    Args:
        starts (np.ndarray): ``(N,)`` when intervals begin.
        ends (np.ndarray): ``(N,)`` when they end, not before.
        gap (float): The largest gap; 0: they touch at least; below 0: they last
            together for that long at least.

    Returns:
        np.ndarray: ``(n, 2)`` int64 indices, each pair once.

    Raises:
        ValueError: Nearly all intervals meet all others, so that there is no memory for
            their pairs.
    """
    order = np.argsort(starts, kind='stable')
    starts, ends = starts[order], ends[order]
    # Behind an interval in this order, those that begin before it ends, and the gap.
    reach = np.searchsorted(starts, ends + gap, 'right')
    counts = np.maximum(reach - np.arange(1, len(starts) + 1), 0)
    total = int(counts.sum())
    if total > _MOST_PAIRS:
        raise ValueError(
            f'{total:,} pairs of the {len(starts):,} tracklets and pictures are at one '
            'time, too many for times to tell persons apart; use a finer time, or none.'
        )
    first = np.repeat(np.arange(len(starts)), counts)
    second = np.arange(total) - np.repeat(counts.cumsum() - counts, counts) + first + 1
    if gap < 0:
        # They must not only begin, but last until then.
        together = np.minimum(ends[first], ends[second]) - starts[second]
        first, second = first[together >= -gap], second[together >= -gap]
    return np.column_stack((order[first], order[second]))
