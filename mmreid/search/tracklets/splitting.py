"""Tracks that change person inside are cut where they do."""

import numpy as np

from mmreid.arguments import check_number
from mmreid.search.vectors import check_length, lengths_of


def split_tracklets(
    vectors: np.ndarray,
    tracks: np.ndarray,
    times: np.ndarray,
    threshold: float,
    window: int = 4,
) -> np.ndarray:
    """Cut tracks where what comes before and what comes after are two persons.

    A tracker that loses a person behind another goes on with the other. At each place
    of a track the mean of up to ``window`` vectors before is compared with that of up
    to ``window`` after; where they are farthest apart, and by ``threshold`` or more,
    the track is cut, and so are its pieces. A window has at least half of its vectors,
    so that a single bad picture at an end is no person.

    Args:
        vectors (np.ndarray): ``(N, D)``.
        tracks (np.ndarray): ``(N,)`` whole numbers of the tracks.
        times (np.ndarray): ``(N,)`` when, in any unit.
        threshold (float): Cosine distance of two windows from which on they are two
            persons.
        window (int): Vectors on each side. Defaults to 4.

    Returns:
        np.ndarray: ``(N,)`` int64, the piece of its track that each vector is in,
        from 0 on in the order of time; 0 everywhere in a track that is not cut.

    Raises:
        ValueError: A vector has no direction, lists are of other lengths, or
            ``window`` is below 1.
    """
    vectors, tracks, times = map(np.asarray, (vectors, tracks, times))
    lengths = lengths_of(vectors)
    check_length('tracks', tracks, len(vectors))
    check_length('times', times, len(vectors))
    check_number('threshold', threshold)
    if window < 1:
        raise ValueError(f'window must be at least 1, got {window}.')
    pieces = np.zeros(len(vectors), np.int64)
    order = np.lexsort((times, tracks))
    ends = np.flatnonzero(np.diff(tracks[order])) + 1
    for rows in np.split(order, ends):
        cuts = _cuts(vectors[rows] / lengths[rows, None], threshold, window)
        pieces[rows] = np.searchsorted(cuts, np.arange(len(rows)), side='right')
    return pieces


def _cuts(unit: np.ndarray, threshold: float, window: int) -> list[int]:
    """Return the first places of the second and later pieces, ascending."""
    # Sums of all vectors before each place: a window's is a difference of two.
    sums = np.concatenate([np.zeros((1, unit.shape[1])), np.cumsum(unit, axis=0)])
    cuts: list[int] = []
    todo = [(0, len(unit))]
    least = (window + 1) // 2
    while todo:
        start, end = todo.pop()
        places = np.arange(start + least, end - least + 1)
        if not len(places):
            continue
        before = sums[places] - sums[np.maximum(start, places - window)]
        after = sums[np.minimum(end, places + window)] - sums[places]
        apart = _apart(before, after)
        best = int(np.argmax(apart))
        if apart[best] >= threshold:
            place = int(places[best])
            cuts.append(place)
            todo += [(start, place), (place, end)]
    return sorted(cuts)


def _apart(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return the cosine distances of rows; a sum of opposites has no direction."""
    lengths = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    products = np.einsum('nd,nd->n', before, after)
    return 1 - products / np.where(lengths > 0, lengths, 1)
