"""The rank of a right answer among wrong ones that come before it by chance."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

# Galleries are computed together up to this many probabilities, which the second-level
# cache still holds.
_BATCH_SIZE = 1 << 15


@dataclass(frozen=True, eq=False)
class DrawnGallery:
    """What a single-shot gallery of one query may be, seen from each of its matches.

    Attributes:
        query: Index of the query.
        fixed: ``(m,)`` int64, wrong answers that come before each match in any case.
        nearer: ``(m, k)`` int64, for each identity that may or may not come before
            some match, how many of its pictures come before each.
        sizes: ``(k,)`` int64, how many pictures these identities have.
    """

    query: int
    fixed: np.ndarray
    nearer: np.ndarray
    sizes: np.ndarray

    @classmethod
    def of_query(
        cls, query: int, fixed: np.ndarray, nearer: np.ndarray, sizes: np.ndarray
    ) -> 'DrawnGallery':
        """Sort out the identities about which there is no doubt.

        Args:
            query (int): Index of the query.
            fixed (np.ndarray): ``(m,)`` wrong answers that come before each match in
                any case.
            nearer (np.ndarray): ``(m, num_identities)`` pictures that come before each
                match.
            sizes (np.ndarray): ``(num_identities,)`` pictures of each identity.
        """
        before = (nearer == sizes) & (sizes > 0)
        sure = (before | (nearer == 0)).all(axis=0)
        fixed = fixed + before[:, sure].sum(axis=1)
        return cls(query, fixed, nearer[:, ~sure], sizes[~sure])


def rank_density(chances: np.ndarray) -> np.ndarray:
    """Return how probable each number of events is, row by row.

    The events of a row are independent, each with a probability of its own, so their
    number follows a Poisson binomial distribution. It is built up event by event from
    sums of positive numbers; nothing cancels.

    Args:
        chances (np.ndarray): ``(n, k)`` float64 in ``[0, 1]``.

    Returns:
        ``(n, k + 1)``: the probability of 0, 1, ..., k events.
    """
    num_rows, num_events = chances.shape
    # Events first: what one step works on is contiguous.
    density = np.zeros((num_events + 1, num_rows))
    density[0] = 1
    happens = np.empty_like(density)
    for event, chance in enumerate(chances.T):
        before = density[: event + 1]
        moved = np.multiply(before, chance, out=happens[: event + 1])
        before *= 1 - chance
        density[1 : event + 2] += moved
    return density.T


def score_all_draws(
    galleries: Iterable[DrawnGallery], ranks: tuple[int, ...], values: np.ndarray
) -> None:
    """Compute what the rank of a drawn match is worth on average over all galleries.

    One of the ``m`` matches is drawn, and one picture of each other identity, all
    pictures of an identity with equal probability.

    Args:
        galleries (Iterable[DrawnGallery]): One of each query that has a match.
        ranks (tuple[int, ...]): Ranks of the CMC.
        values (np.ndarray): ``(num_query, 2 + len(ranks))``, written to: the mean of
            one over the rank, the mean rank, and the probability of each rank or a
            better one.
    """
    limits = np.array(ranks)
    for batch in _batches(galleries):
        fixed = np.concatenate([gallery.fixed for gallery in batch])
        chances = _stack_chances(batch)
        density = rank_density(chances)
        rank = fixed[:, None] + np.arange(1, density.shape[1] + 1)
        scores = np.empty((len(fixed), 2 + len(ranks)))
        scores[:, 0] = (density / rank).sum(axis=1)
        scores[:, 1] = 1 + fixed + chances.sum(axis=1)
        # Up to how many events the rank is still good enough; -1: it never is.
        enough = np.clip(limits - 1 - fixed[:, None], -1, chances.shape[1])
        below = np.pad(density.cumsum(axis=1), ((0, 0), (1, 0)))
        scores[:, 2:] = np.take_along_axis(below, enough + 1, axis=1)
        lengths = np.array([len(gallery.fixed) for gallery in batch])
        sums = np.add.reduceat(scores, lengths.cumsum() - lengths)
        values[[gallery.query for gallery in batch]] = sums / lengths[:, None]


def score_some_draws(
    galleries: Iterable[DrawnGallery],
    ranks: tuple[int, ...],
    values: np.ndarray,
    draws: int,
    seed: int,
) -> None:
    """Estimate what :func:`score_all_draws` computes by drawing galleries.

    Args:
        galleries (Iterable[DrawnGallery]): One of each query that has a match.
        ranks (tuple[int, ...]): Ranks of the CMC.
        values (np.ndarray): ``(num_query, 2 + len(ranks))``, written to.
        draws (int): How often each query's gallery is drawn.
        seed (int): Of the draws.
    """
    for gallery in galleries:
        generator = np.random.default_rng((seed, gallery.query))
        drawn = generator.integers(0, len(gallery.fixed), draws)
        rank = 1 + gallery.fixed[drawn]
        step = max(1, (1 << 20) // max(1, len(gallery.sizes)))
        for start in range(0, draws, step):
            part = slice(start, start + step)
            # An identity's pictures in the order of their distance: the first
            # `nearer` of them come before the match.
            nearer = gallery.nearer[drawn[part]]
            pictures = generator.integers(0, gallery.sizes, nearer.shape)
            rank[part] += (pictures < nearer).sum(axis=1)
        cmc = [(rank <= limit).mean() for limit in ranks]
        values[gallery.query] = [(1 / rank).mean(), rank.mean(), *cmc]


def _batches(galleries: Iterable[DrawnGallery]) -> Iterator[list[DrawnGallery]]:
    """Group galleries: a step of the computation costs little more for many."""
    batch: list[DrawnGallery] = []
    rows = width = 0
    for gallery in galleries:
        batch.append(gallery)
        rows += len(gallery.fixed)
        width = max(width, len(gallery.sizes))
        if rows * (width + 1) > _BATCH_SIZE:
            yield batch
            batch, rows, width = [], 0, 0
    if batch:
        yield batch


def _stack_chances(batch: list[DrawnGallery]) -> np.ndarray:
    """Return the probabilities of all matches, filled up with impossible events."""
    rows = sum(len(gallery.fixed) for gallery in batch)
    chances = np.zeros((rows, max(len(gallery.sizes) for gallery in batch)))
    start = 0
    for gallery in batch:
        count, width = gallery.nearer.shape
        chances[start : start + count, :width] = gallery.nearer / gallery.sizes
        start += count
    return chances
