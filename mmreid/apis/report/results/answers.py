"""The first answers of queries, with what the protocol leaves out among them."""

import numpy as np

from mmreid.evaluation.functional import RankLists
from mmreid.evaluation.functional.ranking.first_answers import TopRanks
from mmreid.report.results import Answers, Verdict

#: Of what is left out, so many of a query at most stand in its list.
MOST_LEFT_OUT = 10

# Indices, distances, verdicts.
_Columns = tuple[np.ndarray, np.ndarray, np.ndarray]


def judge_answers(lists: RankLists, queries: np.ndarray, places: np.ndarray) -> Answers:
    """Put what is right, wrong, junk and ignored into one list, the nearest first.

    All answers that count are there, so that a camera that has filmed its person for
    long does not fill the list; of the others the nearest :data:`MOST_LEFT_OUT`, as far
    as they are nearer than the last that counts.

    Args:
        lists (RankLists): A ranking.
        queries (np.ndarray): ``(n,)`` indices of its queries.
        places (np.ndarray): ``(m,)``, where its gallery pictures are in the page's.

    Returns:
        Answers: Of these queries.
    """
    found = lists.take(queries)
    counted = _columns(found, np.where(found.correct, Verdict.RIGHT, Verdict.WRONG))
    junk = lists.nearest_junk(queries, MOST_LEFT_OUT)
    ignored = lists.nearest_ignored(queries, MOST_LEFT_OUT)
    left_out = _nearest(
        [
            _columns(junk, np.full(junk.indices.shape, Verdict.JUNK)),
            _columns(ignored, np.full(ignored.indices.shape, Verdict.IGNORED)),
        ],
        MOST_LEFT_OUT,
    )
    # Infinity where the list ends: the gallery has nothing else that counts.
    beyond = left_out[1] > found.distances[:, -1:]
    left_out[0][beyond], left_out[1][beyond] = -1, np.inf
    width = found.indices.shape[1] + MOST_LEFT_OUT
    indices, distances, verdicts = _nearest([counted, left_out], width)
    there = indices >= 0
    used = max(1, int(there.any(axis=0).sum()))
    return Answers(
        np.where(there, places[indices], -1)[:, :used],
        np.where(there, distances, np.nan)[:, :used],
        np.where(there, verdicts, Verdict.NOTHING).astype(np.uint8)[:, :used],
    )


def _columns(found: TopRanks, verdicts: np.ndarray) -> _Columns:
    return found.indices, found.distances, verdicts


def _nearest(parts: list[_Columns], width: int) -> _Columns:
    """Join lists; of equal distances the first picture of the gallery comes first."""
    indices, distances, verdicts = (
        np.concatenate(columns, axis=1) for columns in zip(*parts, strict=True)
    )
    # Re-ranked distances may be infinite: what is not there comes behind them.
    order = np.lexsort((indices, distances, indices < 0), axis=1)[:, :width]
    indices, distances, verdicts = (
        np.take_along_axis(array, order, axis=1)
        for array in (indices, distances, verdicts)
    )
    return indices, distances, verdicts
