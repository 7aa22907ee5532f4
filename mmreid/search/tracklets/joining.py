"""Tracklets of one camera or several become identities."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from mmreid.arguments import check_choice, check_number
from mmreid.search.tracklets.candidates import Progress, near_pairs, possible_groups
from mmreid.search.tracklets.constraints import Constraints, group_linked
from mmreid.search.tracklets.dense import LINKAGES, merge_dense
from mmreid.search.tracklets.given import Pairs, read_pairs, read_transitions
from mmreid.search.tracklets.sparse import SparseMerger
from mmreid.search.vectors import check_length, unit_vectors

# Tracklets whose distances are held at once, in float64: 200 MB.
DENSE_LIMIT = 5_000
# Near pairs that can be held with their distances, some 200 bytes each; where there are
# more, all distances take less, up to this many tracklets (7 GB).
_MOST_PAIRS, _MOST_DENSE = 5_000_000, 20_000


def join_tracklets(
    vectors: np.ndarray,
    cameras: Any,
    starts: np.ndarray,
    ends: np.ndarray,
    threshold: float,
    linkage: str = 'average',
    *,
    cannot_link: Pairs | None = None,
    must_link: Pairs | None = None,
    transitions: Mapping[tuple[Any, Any], float] | None = None,
    overlap: float | None = 0.0,
    dense_limit: int = DENSE_LIMIT,
    progress: Progress | None = None,
) -> np.ndarray:
    """Tell which tracklets are one person.

    Agglomerative clustering under constraints: of all pairs of clusters that may be
    one, the nearest is merged, until none is nearer than the threshold. Two clusters
    may be one where no member of the one is forbidden with a member of the other
    (Davidson and Ravi, PKDD 2005): a person is not in two places of one camera at
    once, and needs time to get from a camera to another. Without any constraint this
    is the hierarchy of ``scipy.cluster.hierarchy.linkage``, cut at the threshold.

    Two clusters below the threshold have two members below it, so that what no chain
    of near pairs connects is clustered apart; the result is the same, and memory is
    that of the largest part.

    Args:
        vectors (np.ndarray): ``(N, D)``, one for each tracklet.
        cameras (Any): ``(N,)`` names or numbers.
        starts (np.ndarray): ``(N,)`` seconds on one clock of all cameras.
        ends (np.ndarray): ``(N,)`` seconds, not before the starts.
        threshold (float): Cosine distance below which two are one person, such as
            that of an operating point.
        linkage (str): ``'average'``, ``'complete'`` or ``'single'``: how far two
            clusters are. Defaults to ``'average'``.
        cannot_link (Iterable[tuple[int, int]] | np.ndarray | None): Further pairs that
            are two persons. Defaults to None.
        must_link (Iterable[tuple[int, int]] | np.ndarray | None): Pairs that are one
            person, however far. Defaults to None.
        transitions (Mapping | None): Two cameras that do not overlap -> seconds that
            lie at least between leaving the one and appearing in the other. Defaults
            to None.
        overlap (float | None): Tracklets of one camera that share that many seconds,
            or a moment, are two persons; None leaves this aside, for cameras seen
            from both sides or for ``cannot_link`` of :func:`shared_frames`. Defaults
            to 0.
        dense_limit (int): From this many connected tracklets on distances are not all
            held at once, which is slower, unless most of them are near. Defaults to
            5,000.
        progress (Callable | None): Called with rows compared and in all. Defaults to
            None.

    Returns:
        np.ndarray: ``(N,)`` int64 number of the identity, from 1 on, in the order in
        which they start, by the smallest row where several start at once.

    Raises:
        ValueError: A vector has no direction, a list has another length, a tracklet
            ends before it starts, constraints contradict each other, an option is
            unknown, or more than 20,000 connected tracklets are nearly all near.
    """
    check_choice('linkage', linkage, LINKAGES)
    check_number('threshold', threshold)
    unit = unit_vectors(vectors)
    count = len(unit)
    starts, ends = _read_times(starts, ends, count)
    names, places = _read_cameras(cameras, count)
    if overlap is not None:
        check_number('overlap', overlap)
    constraints = Constraints(
        places,
        starts,
        ends,
        overlap,
        read_transitions(transitions, names),
        read_pairs('cannot_link', cannot_link, count),
    )
    linked = read_pairs('must_link', must_link, count)
    groups = group_linked(linked, count, constraints)
    pairs = near_pairs(unit, threshold, constraints, progress)
    parts = possible_groups(groups, pairs)
    labels = np.arange(count)
    order = np.argsort(parts, kind='stable')
    for rows in np.split(order, np.flatnonzero(np.diff(parts[order])) + 1):
        if len(rows) > 1:
            is_sparse = len(rows) > dense_limit and not _is_crowded(
                unit[rows], threshold
            )
            merge = _merge_sparse if is_sparse else _merge_dense
            found = merge(
                unit[rows], groups[rows], rows, constraints, threshold, linkage
            )
            labels[rows] = rows[found]
    return _number(labels, starts)


def _is_crowded(unit: np.ndarray, threshold: float) -> bool:
    """Tell, by some rows, whether so many are near that all distances take less."""
    some = unit[:: max(1, len(unit) // 256)]
    share = float((1 - some @ unit.T < threshold).mean())
    if share * len(unit) ** 2 / 2 <= _MOST_PAIRS:
        return False
    if len(unit) > _MOST_DENSE:
        raise ValueError(
            f'threshold must tell tracklets apart, got {threshold:g}, below which '
            f'{share:.0%} of the pairs of {len(unit):,} connected tracklets lie; lower '
            'it.'
        )
    return True


def _read_cameras(cameras: Any, count: int) -> tuple[list[Any], np.ndarray]:
    """Return the cameras' names, and the place of each tracklet's among them."""
    array = np.asarray(cameras)
    check_length('cameras', array, count)
    names, places = np.unique(array, return_inverse=True)
    return names.tolist(), places


def _read_times(
    starts: np.ndarray, ends: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return times as numbers, checked."""
    starts, ends = np.asarray(starts, np.float64), np.asarray(ends, np.float64)
    check_length('starts', starts, count)
    check_length('ends', ends, count)
    right = np.isfinite(starts) & np.isfinite(ends) & (starts <= ends)
    if not right.all():
        row = int(np.argmin(right))
        raise ValueError(
            f'ends must be finite and not before starts, got {starts[row]:g} to '
            f'{ends[row]:g} in row {row}.'
        )
    return starts, ends


def _members(groups: np.ndarray) -> list[np.ndarray]:
    """Return rows of each group, in the order of their first row."""
    _, first, places = np.unique(groups, return_index=True, return_inverse=True)
    order = np.argsort(places, kind='stable')
    rows = np.split(order, np.flatnonzero(np.diff(places[order])) + 1)
    return [rows[place] for place in np.argsort(first)]


def _merge_dense(
    unit: np.ndarray,
    groups: np.ndarray,
    rows: np.ndarray,
    constraints: Constraints,
    threshold: float,
    linkage: str,
) -> np.ndarray:
    """Return the first member of each one's cluster, with all distances in memory."""
    distances = 1 - unit @ unit.T
    for start in range(0, len(rows), 1024):
        block = rows[start : start + 1024]
        distances[start : start + 1024][constraints.forbidden(block, rows)] = np.inf
    members = _members(groups)
    if len(members) < len(rows):
        distances = _between(distances, members, linkage)
    sizes = np.array([len(group) for group in members])
    clusters = merge_dense(distances, sizes, threshold, linkage)
    return _spread(clusters, members, len(rows))


def _between(
    distances: np.ndarray, members: list[np.ndarray], linkage: str
) -> np.ndarray:
    """Return the distances between groups of points."""
    cuts = np.cumsum([0, *map(len, members)])[:-1]
    order = np.concatenate(members)
    ordered = distances[np.ix_(order, order)]
    never = np.isinf(ordered)
    apart = np.logical_or.reduceat(np.logical_or.reduceat(never, cuts, 0), cuts, 1)
    ordered[never] = 0
    reduce = {'average': np.add, 'complete': np.maximum, 'single': np.minimum}[linkage]
    joined = reduce.reduceat(reduce.reduceat(ordered, cuts, 0), cuts, 1)
    if linkage == 'average':
        sizes = np.array([len(group) for group in members])
        joined = joined / sizes[:, None] / sizes
    joined[apart] = np.inf
    return joined


def _merge_sparse(
    unit: np.ndarray,
    groups: np.ndarray,
    rows: np.ndarray,
    constraints: Constraints,
    threshold: float,
    linkage: str,
) -> np.ndarray:
    """Return the first member of each one's cluster, with near pairs in memory."""
    members = _members(groups)
    place = np.zeros(len(rows), np.int64)
    for number, group in enumerate(members):
        place[group] = number
    near = np.concatenate([*near_pairs(unit, threshold, constraints.part(rows))])
    ends = np.sort(place[near], 1)
    ends = np.unique(ends[ends[:, 0] < ends[:, 1]], axis=0)

    def forbidden(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return constraints.forbidden(rows[one], rows[other])

    merger = SparseMerger(unit, members, forbidden, threshold, linkage)
    return _spread(merger.merge(ends), members, len(rows))


def _spread(clusters: np.ndarray, members: list[np.ndarray], count: int) -> np.ndarray:
    """Return the first row of each row's cluster, from the clusters of groups."""
    labels = np.zeros(count, np.int64)
    for cluster, group in zip(clusters, members, strict=True):
        labels[group] = members[cluster][0]
    return labels


def _number(labels: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Number identities from 1 on, in the order of their first start."""
    _, places = np.unique(labels, return_inverse=True)
    first = np.full(places.max(initial=-1) + 1, len(labels))
    ranks = np.zeros(len(labels), np.int64)
    ranks[np.lexsort((np.arange(len(labels)), starts))] = np.arange(len(labels))
    np.minimum.at(first, places, ranks)
    numbers = np.zeros(len(first), np.int64)
    numbers[np.argsort(first)] = np.arange(1, len(first) + 1)
    return numbers[places]
