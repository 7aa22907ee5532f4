"""What may be wrong with clusters, ranked, the oddest first."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from mmreid.apis.adaptation.folder import OwnPictures
from mmreid.evaluation.functional.label_noise.near_pairs import find_near_pairs

#: Entries of a list.
LARGEST = 60
# Rows of cosines computed at once, and pictures of a cluster that are compared.
_ROWS, _MOST = 1024, 8192


@dataclass(frozen=True)
class FoundSuspects:
    """Suspects of one kind among all pictures.

    Attributes:
        kind: What they are called.
        rule: How they were found, a sentence.
        pairs: Index, index and text of those to show.
        found: How many there are.
    """

    kind: str
    rule: str
    pairs: list[tuple[int, int, str]]
    found: int


def find_far_apart(
    vectors: np.ndarray, labels: np.ndarray, kind: str, rule: str
) -> FoundSuspects:
    """Find in each cluster the two pictures that are least alike.

    Args:
        vectors (np.ndarray): ``(N, D)``.
        labels (np.ndarray): ``(N,)`` clusters, -1 noise.
        kind (str): What they are called.
        rule (str): What the vectors are of, a sentence.
    """
    units = unit_vectors(vectors)
    found = []
    for rows in members(labels):
        kept = rows[:: -(-len(rows) // _MOST)]
        first, second, cosine = _least_alike(units[kept])
        found.append((cosine, int(kept[first]), int(kept[second])))
    found.sort()
    pairs = [(one, two, f'cosine {cosine:.3f}') for cosine, one, two in found[:LARGEST]]
    return FoundSuspects(kind, rule, pairs, len(found))


def find_meetings(pictures: OwnPictures, labels: np.ndarray) -> FoundSuspects | None:
    """Find pictures of one cluster that one camera took at one time.

    Args:
        pictures (OwnPictures): The pictures.
        labels (np.ndarray): ``(N,)`` clusters, -1 noise.

    Returns:
        FoundSuspects | None: None where cameras or times are unknown.
    """
    if pictures.cam_id is None or pictures.time is None:
        return None
    tracklet = pictures.tracklet
    rows = np.flatnonzero((labels >= 0) & ~np.isnan(pictures.time))
    keys = (pictures.time[rows], pictures.cam_id[rows], labels[rows])
    order = rows[np.lexsort(keys)]
    pairs: list[tuple[int, int, str]] = []
    found = 0
    for one, two in pairwise(order):
        same = labels[one] == labels[two] and pictures.time[one] == pictures.time[two]
        if not same or pictures.cam_id[one] != pictures.cam_id[two]:
            continue
        if tracklet is not None and tracklet[one] == tracklet[two] >= 0:
            continue
        found += 1
        if len(pairs) < LARGEST:
            pairs.append((int(one), int(two), f'time {pictures.time[one]:.15g}'))
    rule = (
        'Nobody is twice before one camera at one time: one of the two is somebody '
        'else, unless times are so coarse that one person was taken twice in one.'
    )
    return FoundSuspects('one camera at one time, in one cluster', rule, pairs, found)


def find_torn(
    vectors: np.ndarray,
    labels: np.ndarray,
    progress: Callable[[int, int], Any] | None = None,
) -> FoundSuspects:
    """Find pairs of clusters that look like one.

    Args:
        vectors (np.ndarray): ``(N, D)``.
        labels (np.ndarray): ``(N,)`` clusters, -1 noise.
        progress (Callable, optional): Called with clusters done and in all.
            Defaults to None.
    """
    units, rows = unit_vectors(vectors), [*members(labels)]
    kind = 'two clusters that look like one'
    if len(rows) < 2:
        return FoundSuspects(kind, 'There are no two clusters.', [], 0)
    centres = unit_vectors(np.stack([units[own].mean(axis=0) for own in rows]))
    own_cosines = [units[r] @ c for r, c in zip(rows, centres, strict=True)]
    least = float(np.median(np.concatenate(own_cosines)))
    pairs, cosines, found = find_near_pairs(
        centres, np.arange(len(rows)), least, progress=progress
    )
    shown = []
    for (one, two), cosine in zip(pairs[:LARGEST], cosines, strict=False):
        near = units[rows[one][:_ROWS]] @ units[rows[two][:_ROWS]].T
        first, second = np.unravel_index(near.argmax(), near.shape)
        pair = int(rows[one][first]), int(rows[two][second])
        shown.append((*pair, f'centres: cosine {cosine:.3f}'))
    rule = (
        f'The centres have a cosine of at least {least:.3f}, as near as half of all '
        'pictures are to the centre of their own cluster. Shown are the two nearest '
        'pictures.'
    )
    return FoundSuspects(kind, rule, shown, found)


def list_duplicates(
    pairs: np.ndarray, bits: np.ndarray, labels: np.ndarray, rule: str
) -> FoundSuspects:
    """List near duplicates, those in two clusters first.

    Args:
        pairs (np.ndarray): ``(n, 2)`` indices of pictures, the nearest first.
        bits (np.ndarray): ``(n,)`` by how many bits their hashes differ.
        labels (np.ndarray): ``(N,)`` clusters, -1 noise.
        rule (str): How they were found, a sentence.
    """
    apart = labels[pairs[:, 0]] != labels[pairs[:, 1]]
    order = np.argsort(~apart, kind='stable')
    shown = [
        (int(one), int(two), f'{n} of 64 bits differ')
        for (one, two), n in zip(pairs[order], bits[order], strict=True)
    ]
    split = f'{int(apart.sum()):,} of them are not in one cluster'
    return FoundSuspects(
        'near duplicates', f'{rule} {split}.', shown[:LARGEST], len(pairs)
    )


def members(labels: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the indices of each cluster's pictures, cluster 0 first.

    Args:
        labels (np.ndarray): ``(N,)`` clusters, -1 noise.
    """
    order = np.argsort(labels, kind='stable')
    order = order[labels[order] >= 0]
    cuts: Iterable = np.flatnonzero(np.diff(labels[order])) + 1
    if len(order):
        yield from np.split(order, [*cuts])


def unit_vectors(vectors: np.ndarray) -> np.ndarray:
    """Return vectors of length 1, float32; one of zeros stays.

    Args:
        vectors (np.ndarray): ``(N, D)``.
    """
    own = np.asarray(vectors, np.float32)
    return own / np.maximum(np.linalg.norm(own, axis=1, keepdims=True), 1e-12)


def _least_alike(units: np.ndarray) -> tuple[int, int, float]:
    """Return two of some vectors, with the least cosine."""
    best = (0, 0, np.inf)
    for start in range(0, len(units), _ROWS):
        cosines = units[start : start + _ROWS] @ units.T
        place = np.unravel_index(cosines.argmin(), cosines.shape)
        if cosines[place] < best[2]:
            best = (start + int(place[0]), int(place[1]), float(cosines[place]))
    return best
