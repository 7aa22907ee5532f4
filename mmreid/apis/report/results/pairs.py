"""Distances of all pairs of a query and a picture that may answer it, counted."""

from dataclasses import dataclass

import numpy as np

from mmreid.evaluation.functional.distances.measures import stream_distances
from mmreid.evaluation.functional.distances.streamed import StreamedDistances
from mmreid.evaluation.functional.ranking.relevance import Relevance
from mmreid.evaluation.test_set import TestSet
from mmreid.report.results import DetCurve, PairDistances

_FINE, _SHOWN = 1 << 14, 128
# Points of a curve that are evenly spread by either of its rates.
_POINTS = 300
_BUDGET = 256 << 20


@dataclass(frozen=True, eq=False)
class CountedPairs:
    """Pairs in many bins.

    Attributes:
        pairs: In bins of equal width, from zero to what no distance exceeds.
        error: How far a distance may be from the one that was counted.
    """

    pairs: PairDistances
    error: float


def count_pairs(test_set: TestSet, distance: str) -> CountedPairs | None:
    """Count the distances of pairs of one person and of two, without keeping them.

    Args:
        test_set (TestSet): Queries and gallery; of junk there are no pairs, nor of the
            query's person in the query's camera.
        distance (str): ``'cosine'`` or ``'euclidean'``.

    Returns:
        CountedPairs | None: None where there are no pairs of one person, or none of
        two.
    """
    relevance = Relevance(test_set)
    streamed = stream_distances(test_set, distance, _BUDGET)
    highest = 2.0
    if distance == 'euclidean':
        longest = streamed.query.norms.max() + streamed.gallery.norms.max()
        highest = float(longest) or 1.0
    counts, margin = _count(streamed, relevance, distance, highest)
    if not counts.any(axis=1).all():
        return None
    pairs = PairDistances(np.linspace(0, highest, _FINE + 1), *counts)
    error = margin
    if distance == 'euclidean':  # the margin is that of a square
        nearest = pairs.edges[max(1, int(counts.any(axis=0).argmax()))]
        error = margin / float(2 * nearest)
    return CountedPairs(pairs, max(error, float(np.finfo(np.float32).eps)))


def _count(
    streamed: StreamedDistances, relevance: Relevance, distance: str, highest: float
) -> tuple[np.ndarray, float]:
    """Return the two rows of counts, and by how much values may be wrong."""
    counts, error = np.zeros((2, _FINE), np.int64), 0.0
    zero = float(streamed.key(0.0))
    unit = float(streamed.key(1.0)) - zero
    scale = _FINE / highest
    # Junk is infinitely far: it has a place of its own, behind all others.
    dtype = streamed.precisions[0]
    last = np.where(relevance.junk, _FINE, _FINE - 1).astype(dtype)
    everyone = np.arange(len(relevance.num_matches))
    for query, values, margin in streamed.rows(everyone, dtype):
        error = max(error, margin / 2 / unit)
        values += values.dtype.type(float(streamed.shift(query)) - zero)
        if distance == 'euclidean':
            np.sqrt(np.maximum(values, 0, out=values), out=values)
            values /= values.dtype.type(np.sqrt(unit))
        values *= values.dtype.type(scale)
        np.clip(values, 0, last, out=values)
        bins = values.astype(np.int64)
        own = np.bincount(bins[relevance.same_person(query)], minlength=_FINE + 1)
        counts[0] += np.bincount(bins[relevance.matches(query)], minlength=_FINE)
        counts[1] += (np.bincount(bins, minlength=_FINE + 1) - own)[:_FINE]
    return counts, error


def det_curve(counted: CountedPairs) -> DetCurve:
    """Tell the errors at edges of the bins.

    Args:
        counted (CountedPairs): Of :func:`count_pairs`.

    Returns:
        DetCurve: Each point counts all pairs; the points are spread evenly by either
        rate, on a logarithmic scale.
    """
    pairs = counted.pairs
    one, two = pairs.one_person, pairs.two_persons
    accepted = np.cumsum(two) / two.sum()
    missed = (one.sum() - np.cumsum(one)) / one.sum()
    places = [np.array([0, _FINE - 1])]
    for rates, total in ((accepted, two.sum()), (missed[::-1], one.sum())):
        wanted = np.geomspace(1 / total, 1, _POINTS) * (1 - 1e-12)
        found = np.searchsorted(rates, wanted).clip(max=_FINE - 1)
        places.append(found if rates is accepted else _FINE - 1 - found)
    told = np.unique(np.concatenate(places))
    return DetCurve(
        thresholds=pairs.edges[1:][told],
        false_positive_rates=accepted[told],
        false_negative_rates=missed[told],
        accuracy=f'Each of the {len(told)} points counts all {one.sum():,} pairs of '
        f'one person and {two.sum():,} of two; a distance is told from a threshold '
        f'where they are {counted.error:.1g} apart.',
    )


def coarser(counted: CountedPairs) -> PairDistances:
    """Join the bins that hold pairs, as a picture shows them.

    Args:
        counted (CountedPairs): Of :func:`count_pairs`.

    Returns:
        PairDistances: In 128 bins at most.
    """
    pairs = counted.pairs
    held = np.flatnonzero(pairs.one_person + pairs.two_persons)
    start, stop = int(held[0]), int(held[-1]) + 1
    step = -(-(stop - start) // _SHOWN)
    starts = np.arange(start, stop, step)
    edges = pairs.edges[1] * np.append(starts, starts[-1] + step)
    rows = (pairs.one_person[:stop], pairs.two_persons[:stop])
    return PairDistances(edges, *(np.add.reduceat(row, starts) for row in rows))
