"""What cameras and times tell of who is whom: pictures of one person, and of two."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from mmreid.arguments import check_number
from mmreid.evaluation.functional.clustering.time_spans import TimeSpans


@dataclass(frozen=True, eq=False)
class Links:
    """Groups of pictures of one person each, and pairs of groups of two persons.

    Attributes:
        groups (np.ndarray): ``(N,)`` int64, the group of every picture, from 0 on.
            Pictures of one group are one person (must-link).
        apart (np.ndarray): ``(M, 2)`` int64, pairs of groups that are two persons
            (cannot-link), the lesser first, in order, each once.

    Args:
        groups (np.ndarray): ``(N,)`` whole numbers from 0 on.
        apart (np.ndarray): ``(M, 2)`` pairs of them, in any order.

    Raises:
        ValueError: Arrays of another shape, a negative or unknown group, or a group
            apart from itself.
    """

    groups: np.ndarray
    apart: np.ndarray

    def __post_init__(self) -> None:
        groups, apart = (_whole_numbers(x) for x in (self.groups, self.apart))
        apart = apart if apart.size else apart.reshape(0, 2)
        if groups.ndim != 1 or apart.ndim != 2 or apart.shape[1] != 2:
            raise ValueError(
                'groups must be (N,) and apart (M, 2), got '
                f'{groups.shape} and {apart.shape}.'
            )
        unknown = np.setdiff1d(apart, groups)
        if groups.min(initial=0) < 0 or len(unknown):
            raise ValueError(
                'Groups are numbered from 0 on, and apart has groups that pictures '
                f'have, got groups from {groups.min(initial=0)} on, and '
                f'{len(unknown)} unknown ones in apart.'
            )
        itself = np.flatnonzero(apart[:, 0] == apart[:, 1])
        if len(itself):
            raise ValueError(
                f'Group {apart[itself[0], 0]} cannot be apart from itself: its '
                'pictures are one person.'
            )
        ordered = np.unique(np.sort(apart, axis=1), axis=0)
        object.__setattr__(self, 'groups', groups)
        object.__setattr__(self, 'apart', ordered)

    def __len__(self) -> int:
        return len(self.groups)

    @classmethod
    def from_labels(
        cls,
        camera: Sequence[Hashable] | np.ndarray | None = None,
        tracklet: Sequence[Hashable] | np.ndarray | None = None,
        time: Sequence[float | None] | np.ndarray | None = None,
        *,
        overlap: float | None = 0.0,
        travel_time: float | None = None,
        overlapping_cameras: Iterable[tuple[Hashable, Hashable]] = (),
    ) -> 'Links':
        """Tell from cameras, tracklets and times who is whom.

        * Pictures of one tracklet of one camera are one person.
        * Two tracklets that one camera has at the same time are two persons. A
          tracklet lasts from its first picture to its last, whatever is between.
        * With ``travel_time``: who is in one camera is not in another one at the same
          time, or a little before or after. The clocks of the cameras must agree.

        Of pictures without a tracklet one camera's times tell nothing: a time in whole
        seconds may have two pictures of a person.

        Args:
            camera (Sequence[Hashable] | np.ndarray, optional): Of every picture; None
                or a number below 0: unknown. Defaults to None: all unknown.
            tracklet (Sequence[Hashable] | np.ndarray, optional): Of every picture,
                likewise. Defaults to None.
            time (Sequence[float | None] | np.ndarray, optional): Of every picture,
                frames or seconds; None or NaN: unknown. Defaults to None.
            overlap (float, optional): How long two tracklets of a camera must last
                together, in units of ``time``, to be two persons; where a unit is
                longer than a frame, 1 is safe, as one may end in the second in which
                the next begins. None uses nothing of this. Defaults to 0: one frame.
            travel_time (float, optional): How long nobody takes less from one camera to
                another, in units of ``time``; 0 forbids the same time alone.
                Defaults to None: nothing is known.
            overlapping_cameras (Iterable[tuple[Hashable, Hashable]]): Pairs of cameras
                that see one place, to which ``travel_time`` does not apply.
                Defaults to none.

        Raises:
            ValueError: Nothing is given, lengths differ, a negative ``overlap`` or
                ``travel_time``, one that lacks camera or time, or so many pairs at one
                time that time tells nothing.
        """
        given = dict(camera=camera, tracklet=tracklet, time=time)
        count = _count(given)
        for name, value in dict(overlap=overlap, travel_time=travel_time).items():
            if value is not None and value != 0:
                check_number(name, value, above=0)
        if travel_time is not None and (camera is None or time is None):
            raise ValueError(
                'travel_time needs the camera and the time of pictures, which are None.'
            )
        cameras = _number(camera, count)
        groups, of_tracklet = _group(cameras, _number(tracklet, count))
        times = np.array([np.nan] * count if time is None else time, np.float64)
        spans = TimeSpans(groups, cameras, times)
        apart = [np.empty((0, 2), np.int64)]
        if overlap is not None:
            apart += spans.in_one_camera(of_tracklet, overlap)
        if travel_time is not None:
            excepted = _camera_pairs(camera, cameras, overlapping_cameras)
            apart.append(spans.between_cameras(travel_time, excepted))
        return cls(groups, np.concatenate(apart))


def _whole_numbers(values: Any) -> np.ndarray:
    array = np.asarray(values)
    if array.size and array.dtype.kind not in 'iu':
        raise ValueError(f'Groups must be whole numbers, got {array.dtype}.')
    return array.astype(np.int64)


def _count(given: dict[str, Any]) -> int:
    lengths = {name: len(value) for name, value in given.items() if value is not None}
    if not lengths:
        raise ValueError('Links need a camera, a tracklet or a time of every picture.')
    if len(set(lengths.values())) > 1:
        raise ValueError(f'Links need one entry for every picture each, got {lengths}.')
    return next(iter(lengths.values()))


def _is_unknown(label: Any) -> bool:
    if label is None:
        return True
    # NaN is not equal to itself.
    return isinstance(label, Real) and bool(label != label or label < 0)


def _number(labels: Iterable[Any] | None, count: int) -> np.ndarray:
    """Number labels in the order in which they come, ``(N,)``; -1 the unknown."""
    if labels is None:
        return np.full(count, -1)
    numbers: dict[Any, int] = {}
    values = labels.tolist() if isinstance(labels, np.ndarray) else labels
    return np.array(
        [-1 if _is_unknown(x) else numbers.setdefault(x, len(numbers)) for x in values],
        np.int64,
    )


def _group(cameras: np.ndarray, tracklets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the groups of pictures, and which groups are tracklets."""
    single = tracklets < 0
    # A number of its own for each picture without a tracklet.
    own = np.where(single, np.arange(len(tracklets)), -1)
    keys = np.column_stack((own, cameras, tracklets))
    _, first, groups = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    return groups.reshape(-1), ~single[first]


def _camera_pairs(
    labels: Iterable[Any] | None, cameras: np.ndarray, pairs: Iterable[tuple[Any, Any]]
) -> set[tuple[int, int]]:
    """Return pairs of camera labels as pairs of numbers, the lesser first."""
    values = labels.tolist() if isinstance(labels, np.ndarray) else (labels or ())
    numbers = dict(zip(values, cameras.tolist(), strict=True))
    found = set()
    for pair in pairs:
        unknown = [label for label in pair if label not in numbers]
        if len(pair) != 2 or unknown:
            raise ValueError(
                'overlapping_cameras must be pairs of cameras that pictures have, got '
                f'{pair!r}.'
            )
        lesser, greater = sorted(numbers[label] for label in pair)
        found.add((lesser, greater))
    return found
